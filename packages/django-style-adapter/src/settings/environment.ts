import { ImproperlyConfigured } from '../errors.js';

/** A value that stands in the environment instead of in the settings: `{ env: 'AWS_SECRET' }`. */
export interface EnvironmentReference {
  readonly env: string;
}

/** The variables to read, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** `${NAME}`, and `$${NAME}` for the text `${NAME}` itself. */
const PLACEHOLDER = /\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isReference(value: Readonly<Record<string, unknown>>): value is { readonly env: string } {
  return typeof value.env === 'string' && Object.keys(value).length === 1;
}

function readVariable(name: string, environment: Environment, where: string): string {
  const value = environment[name];
  if (value !== undefined && value !== '') return value;
  const state = value === undefined ? 'not set' : 'empty';
  throw new ImproperlyConfigured(`${where} needs the environment variable ${name}, which is ${state}.`);
}

/**
 * Puts the environment's values in place of `{ env: 'NAME' }` and `${NAME}`, at any depth of plain objects and arrays.
 * `where` names the setting in messages, which never show a value.
 * Throws `ImproperlyConfigured` for a variable that is not set or empty.
 */
export function resolveEnvironment(value: unknown, environment: Environment, where: string): unknown {
  if (typeof value === 'string') {
    return value.replace(PLACEHOLDER, (text, name: string) =>
      text.startsWith('$$') ? text.slice(1) : readVariable(name, environment, where),
    );
  }
  if (Array.isArray(value))
    return value.map((item, index) => resolveEnvironment(item, environment, `${where}[${index}]`));
  if (!isPlainObject(value)) return value;
  if (isReference(value)) return readVariable(value.env, environment, where);
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, resolveEnvironment(item, environment, `${where}.${key}`)]),
  );
}
