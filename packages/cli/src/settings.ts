import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Settings } from '@stowage/django-style-adapter';
import { UsageError } from './usage-error.js';

/** Settings, and where they came from. */
export interface LoadedSettings {
  readonly settings: Settings;
  /** For messages. */
  readonly source: string;
  /** Drivers are looked for from here first. */
  readonly resolveFrom: string;
}

/** Looked for in the working directory, in this order. */
const USUAL_FILES = ['stowage.config.js', 'stowage.config.mjs', 'stowage.config.json'] as const;

const TEXT_VARIABLES = ['DEFAULT_LIBCLOUD_PROVIDER', 'CA_CERTS_PATH'] as const;

/**
 * Finds the settings: the file that was named, else that of `STOWAGE_SETTINGS`, else the JSON in `LIBCLOUD_PROVIDERS`, else
 * `stowage.config.{js,mjs,json}` here. Throws `UsageError`.
 */
export async function loadSettings(
  named: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
  cwd: string = process.cwd(),
): Promise<LoadedSettings> {
  const file = named ?? (environment['STOWAGE_SETTINGS'] || undefined);
  if (file !== undefined) return readSettingsFile(resolve(cwd, file));
  const inline = environment['LIBCLOUD_PROVIDERS'];
  if (inline !== undefined && inline !== '') return readVariables(inline, environment, cwd);
  const usual = USUAL_FILES.map((name) => join(cwd, name)).find((path) => existsSync(path));
  if (usual !== undefined) return readSettingsFile(usual);
  throw new UsageError(
    'No settings: name a file with --settings or STOWAGE_SETTINGS, put the providers as JSON into LIBCLOUD_PROVIDERS, or make ' +
      'stowage.config.js or stowage.config.json in this directory.',
  );
}

async function readSettingsFile(path: string): Promise<LoadedSettings> {
  if (!existsSync(path)) throw new UsageError(`There is no settings file ${path}.`);
  const content = ['.js', '.mjs', '.cjs'].includes(extname(path))
    ? await importSettings(path)
    : parseJson(await readFile(path, 'utf8'), path);
  return { settings: asSettings(content, path), source: path, resolveFrom: path };
}

function readVariables(inline: string, environment: NodeJS.ProcessEnv, cwd: string): LoadedSettings {
  const providers = parseJson(inline, 'The variable LIBCLOUD_PROVIDERS');
  const others = TEXT_VARIABLES.flatMap((name) => (environment[name] ? [[name, environment[name]]] : []));
  const settings = asSettings({ LIBCLOUD_PROVIDERS: providers, ...Object.fromEntries(others) }, 'LIBCLOUD_PROVIDERS');
  return { settings, source: 'the variable LIBCLOUD_PROVIDERS', resolveFrom: join(cwd, 'stowage.config.js') };
}

/** The default export, or else everything that the module exports by name. */
async function importSettings(path: string): Promise<unknown> {
  const exported = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  const { default: whole, 'module.exports': _, ...named } = exported;
  return whole ?? named;
}

/** Node quotes the text in its message, and the text holds keys: only the place is told. */
function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const position = /at position (\d+)/.exec((error as Error).message)?.[1];
    const line = position === undefined ? '' : `, line ${text.slice(0, Number(position)).split('\n').length}`;
    throw new UsageError(`${where} is not JSON${line}.`);
  }
}

function asSettings(value: unknown, where: string): Settings {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new UsageError(`${where} must hold an object with LIBCLOUD_PROVIDERS.`);
}
