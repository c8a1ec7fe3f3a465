import { type ContentHeaders, type PutAttributes, StorageError, type UserMetadata } from '@stowage/core/spi';
import { escapeUri } from '@stowage/http';
import { MAX_METADATA_CHARACTERS, OWN_METADATA } from './names.js';

/**
 * What the server does not keep and the driver keeps in metadata: the size (it stores no object without a byte), digests, a word that
 * no other write has, and the time of writing by the server's clock.
 */
export interface Facts {
  /** Bytes; undefined for uploads in parts, of which it is not known before they are sent. */
  readonly size: number | undefined;
  readonly md5: string | undefined;
  readonly crc32: string | undefined;
  /** Tells this write from all others. */
  readonly etag: string;
  /** Milliseconds since 1970; undefined for uploads in parts. */
  readonly modifiedAtMs: number | undefined;
}

/** All that is known from the metadata of an object. */
export interface Told {
  /** Undefined for an object that another client wrote. */
  readonly facts: Facts | undefined;
  readonly headers: ContentHeaders;
  readonly metadata: UserMetadata;
}

const HEADERS: readonly (readonly [keyof ContentHeaders, string])[] = [
  ['contentType', `${OWN_METADATA}.type`],
  ['contentEncoding', `${OWN_METADATA}.encoding`],
  ['contentDisposition', `${OWN_METADATA}.disposition`],
  ['contentLanguage', `${OWN_METADATA}.language`],
  ['cacheControl', `${OWN_METADATA}.cache`],
];
const HEADER_OF = new Map(HEADERS.map(([name, stored]) => [stored, name]));

const FORMAT = /^1\.(\d{1,16}|-)\.([0-9a-f]{32}|-)\.([0-9a-f]{8}|-)\.([\w-]{12,64})\.(\d{1,16}|-)$/;

function writeFacts({ size, md5, crc32, etag, modifiedAtMs }: Facts): string {
  return `1.${String(size ?? '-')}.${md5 ?? '-'}.${crc32 ?? '-'}.${etag}.${String(modifiedAtMs ?? '-')}`;
}

function readFacts(text: string): Facts | undefined {
  const match = FORMAT.exec(text);
  if (!match) return undefined;
  const [, size, md5, crc32, etag, modifiedAtMs] = match.map((field) => (field === '-' ? undefined : field));
  return {
    size: size === undefined ? undefined : Number(size),
    md5,
    crc32,
    etag: etag as string,
    modifiedAtMs: modifiedAtMs === undefined ? undefined : Number(modifiedAtMs),
  };
}

/** Query arguments, escaped, without `?`. Throws `invalid-argument` for a value that the server cannot hold. */
export function metadataQuery(facts: Facts, attributes: PutAttributes): string {
  let query = argument(OWN_METADATA, writeFacts(facts));
  for (const [name, stored] of HEADERS) {
    const value = attributes[name];
    if (value !== undefined) query += `&${argument(stored, value)}`;
  }
  for (const [name, value] of Object.entries(attributes.metadata ?? {})) query += `&${argument(name, value)}`;
  return query;
}

function argument(name: string, value: string): string {
  if (value.length > MAX_METADATA_CHARACTERS || value.includes('\0')) {
    const why = `values have at most ${String(MAX_METADATA_CHARACTERS)} characters, and none that is U+0000`;
    throw new StorageError('invalid-argument', `The value of "${name}" cannot be kept: ${why}.`);
  }
  return `__nimbus_io__${escapeUri(name)}=${escapeUri(value)}`;
}

/** Reads what `?action=meta` answers: pairs of names and values. Throws for anything else. */
export function readMetadata(bytes: Buffer): Told {
  const pairs = JSON.parse(bytes.toString()) as unknown;
  if (!Array.isArray(pairs)) throw new TypeError('The metadata are no list of pairs.');
  // Without a prototype, since names are the user's.
  const metadata = Object.create(null) as Record<string, string>;
  const headers: Partial<Record<keyof ContentHeaders, string>> = {};
  let facts: Facts | undefined;
  for (const pair of pairs as unknown[]) {
    const [name, value] = pair as readonly unknown[];
    if (typeof name !== 'string' || typeof value !== 'string')
      throw new TypeError('The metadata are no pairs of texts.');
    const header = HEADER_OF.get(name);
    if (name === OWN_METADATA) facts = readFacts(value);
    else if (header !== undefined) headers[header] = value;
    else metadata[name] = value;
  }
  return { facts, headers, metadata };
}
