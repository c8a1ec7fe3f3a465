import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError } from '@stowage/core/spi';
import type { KeyPair } from '@stowage/http';
import { type GcsOptions, refuse } from './options.js';

/** How requests with an HMAC key are signed. */
export type HmacSignature = 'goog4' | 'goog1' | 'aws4';

/** What Google's own library makes tokens from. */
export type OAuthSource =
  | { readonly kind: 'service-account'; readonly email: string; readonly privateKey: string }
  | { readonly kind: 'key-file'; readonly path: string }
  | { readonly kind: 'credentials'; readonly json: Readonly<Record<string, unknown>> }
  | { readonly kind: 'metadata-server' };

/** Whose requests they are. */
export type Credential =
  | { readonly kind: 'hmac'; readonly keys: KeyPair; readonly signature: HmacSignature }
  | { readonly kind: 'oauth'; readonly source: OAuthSource; readonly impersonate: string | undefined }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'anonymous' };

/** What is looked at beside the options. */
export interface CredentialSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
}

/**
 * Chooses by settings, environment and files alone: nothing is asked over the network, and nobody is prompted. Throws
 * `invalid-argument` for settings that name two credentials, or half of one.
 */
export function chooseCredential(options: GcsOptions, surroundings: CredentialSurroundings): Credential {
  const given = givenCredential(options);
  const { impersonate, signature } = options;
  if (signature !== undefined && given?.kind !== 'hmac')
    refuse('"signature" is about HMAC keys; give "user" and "key" of one.');
  const chosen = given ?? foundCredential(surroundings);
  if (impersonate === undefined) return chosen;
  if (chosen.kind === 'oauth') return { ...chosen, impersonate };
  return refuse('"impersonate" needs the credentials of an account that may act as another.');
}

function givenCredential(options: GcsOptions): Credential | undefined {
  const { user, key, keyFile, credentials, accessToken, metadataServer, anonymous } = options;
  const named: Readonly<Record<string, boolean>> = {
    user: user !== undefined || key !== undefined,
    keyFile: keyFile !== undefined,
    credentials: credentials !== undefined,
    accessToken: accessToken !== undefined,
    metadataServer: metadataServer === true,
    anonymous: anonymous === true,
  };
  const names = Object.keys(named).filter((name) => named[name]);
  if (names.length > 1)
    refuse(`${names.map((name) => `"${name}"`).join(' and ')} name different credentials; give one of them.`);
  if (anonymous === true) return { kind: 'anonymous' };
  if (accessToken !== undefined) return { kind: 'token', token: accessToken };
  if (keyFile !== undefined) return oauth({ kind: 'key-file', path: keyFile });
  if (credentials !== undefined) return oauth({ kind: 'credentials', json: credentials });
  if (metadataServer === true) return oauth({ kind: 'metadata-server' });
  return ofUser(options);
}

function oauth(source: OAuthSource): Credential {
  return { kind: 'oauth', source, impersonate: undefined };
}

function ofUser({ user, key, signature }: GcsOptions): Credential | undefined {
  if (user === undefined && key === undefined) return undefined;
  if (user === undefined) return refuse('"key" is given without "user"; give both, or neither.');
  if (!user.includes('@')) {
    if (key === undefined) return refuse('"user" is given without "key"; give both, or neither.');
    const keys = { accessKeyId: user, secretAccessKey: key };
    return { kind: 'hmac', keys, signature: (signature as HmacSignature | undefined) ?? 'goog4' };
  }
  if (key === undefined)
    return refuse('"user" is a service account; give its private key or key file as "key", or its file as "keyFile".');
  return oauth(keyOfAccount(user, key));
}

/** Libcloud takes PEM text, JSON text, or the path of a file of either. */
function keyOfAccount(email: string, key: string): OAuthSource {
  const text = key.includes('-----BEGIN') || key.trimStart().startsWith('{') ? key : readKey(key);
  if (!text.trimStart().startsWith('{')) {
    // Settings often carry a key on one line.
    return { kind: 'service-account', email, privateKey: text.replaceAll('\\n', '\n') };
  }
  const json = parseObject(text);
  if (json === undefined) return refuse('"key" is no JSON key file of a service account.');
  return { kind: 'credentials', json: { ...json, client_email: json['client_email'] ?? email } };
}

function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The text may be a key that lost its lines, and must not be shown.
    return refuse('"key" is neither a private key in PEM nor the path of a file that can be read.');
  }
}

export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** What a JSON file of credentials holds. Throws `invalid-argument` for one that is missing, or is none. */
export async function readKeyFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new StorageError('invalid-argument', `The key file "${path}" cannot be read.`, {
      requestSent: false,
      cause,
    });
  });
  return (
    parseObject(text) ??
    refuse(`The key file "${path}" is no JSON of credentials; a key in PEM is given as "key", beside "user".`)
  );
}

/**
 * Application default credentials, in Google's order: the named file, that of `gcloud auth application-default login`, the metadata
 * server. An emulator named by the environment is asked without any, as Google's own clients do.
 * https://cloud.google.com/docs/authentication/application-default-credentials
 */
function foundCredential({ env, homeFolder }: CredentialSurroundings): Credential {
  if ((env['STORAGE_EMULATOR_HOST'] ?? '') !== '') return { kind: 'anonymous' };
  const named = env['GOOGLE_APPLICATION_CREDENTIALS'] ?? '';
  if (named !== '') return oauth({ kind: 'key-file', path: named });
  const folder = env['CLOUDSDK_CONFIG'] ?? defaultFolder(env, homeFolder);
  const path = join(folder, 'application_default_credentials.json');
  return oauth(existsSync(path) ? { kind: 'key-file', path } : { kind: 'metadata-server' });
}

function defaultFolder(env: CredentialSurroundings['env'], homeFolder: string): string {
  const appData = env['APPDATA'];
  return process.platform === 'win32' && appData !== undefined
    ? join(appData, 'gcloud')
    : join(homeFolder, '.config', 'gcloud');
}
