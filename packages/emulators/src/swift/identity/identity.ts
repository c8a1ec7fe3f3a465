import type { EmulatedResponse } from '../../http-answer.js';
import type { EmulatedRequest } from '../../http-request.js';
import type { Catalogs } from './catalog.js';
import type { Realm, SwiftUser } from './directory.js';
import type { Tokens } from './tokens.js';

/** What an identity service knows. */
export interface Identity {
  readonly realm: Realm;
  readonly users: readonly SwiftUser[];
  readonly tokens: Tokens;
  readonly tokenLifeMs: number;
  readonly catalogs: Catalogs;
  nowMs(): number;
}

/** A request to an identity service: `path` is what stands behind the service's own prefix, such as `/tokens`. */
export interface IdentityCall {
  readonly request: EmulatedRequest;
  readonly path: string;
  /** Scheme, host and port as the caller named them. */
  readonly origin: string;
  readonly body: unknown;
}

export type IdentityAnswer = EmulatedResponse;

export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): IdentityAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

export type Fields = Readonly<Record<string, unknown>>;

/** A field that is an object; anything else is an empty one. */
export function fieldsOf(value: unknown, name: string): Fields {
  const field = typeof value === 'object' && value !== null ? (value as Fields)[name] : undefined;
  return typeof field === 'object' && field !== null ? (field as Fields) : {};
}

export function has(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name);
}

export function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}
