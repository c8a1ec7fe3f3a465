import { escapePath, escapeUri, originOf, parseEndpoint, readPlace } from '@stowage/http';
import { type GcsOptions, refuse } from './options.js';

/** Where the service answers; buckets always stand in the path, where their dots do no harm to TLS. */
export interface GcsEndpoint {
  /** Scheme and authority. */
  readonly origin: string;
  /** Of the XML API: empty, or begins with a slash and ends without. */
  readonly basePath: string;
  /** Of the JSON API. */
  readonly jsonPath: string;
  readonly isGoogle: boolean;
}

/** Options win over `STORAGE_EMULATOR_HOST`, which may lack its scheme and is then asked without TLS, as Google's clients do. */
export function chooseEndpoint(options: GcsOptions, env: Readonly<Record<string, string | undefined>>): GcsEndpoint {
  const { universeDomain = 'googleapis.com' } = options;
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(universeDomain))
    refuse(`"universeDomain" must be a domain such as "googleapis.com", not "${universeDomain}".`);
  const emulator = env['STORAGE_EMULATOR_HOST'] ?? '';
  const place =
    readPlace(options) ?? parseEndpoint(emulator === '' ? `https://storage.${universeDomain}` : withScheme(emulator));
  const basePath = place.path;
  return {
    origin: originOf(place),
    basePath,
    jsonPath: `${basePath}/storage/v1`,
    isGoogle: place.host.endsWith('.googleapis.com') || place.host.endsWith(`.${universeDomain}`),
  };
}

function withScheme(text: string): string {
  return /^https?:\/\//i.test(text) ? text : `http://${text}`;
}

/** Path of the service, a bucket or an object in the XML API. Nothing is normalised. */
export function xmlPath({ basePath }: GcsEndpoint, bucket?: string, key?: string): string {
  if (bucket === undefined) return basePath || '/';
  const path = `${basePath}/${escapeUri(bucket)}`;
  return key === undefined ? path : `${path}/${escapePath(key)}`;
}

/** Path of a bucket, an object or something of theirs in the JSON API. */
export function jsonPath({ jsonPath: base }: GcsEndpoint, ...segments: readonly string[]): string {
  return [base, ...segments.map(escapeUri)].join('/');
}
