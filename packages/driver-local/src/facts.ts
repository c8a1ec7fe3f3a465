import type { BigIntStats } from 'node:fs';
import { closeSync } from 'node:fs';
import { lookup } from 'mrmime';
import type { Checksums, ObjectRecord, PutAttributes, UserMetadata } from '@stowage/core/spi';
import { isErrno, openFile, readChunk, removeFile, unless } from './calls.js';
import { etagOf, type Identity, identityText } from './identity.js';
import { hashName } from './keys.js';
import type { LocalStore } from './store.js';

/** What is kept with an object beside its bytes. */
export interface Facts {
  readonly attributes: StoredAttributes;
  readonly checksums: Checksums;
}

export type StoredAttributes = Omit<PutAttributes, 'storageClass' | 'acl'>;

export const ATTRIBUTE_NAMES = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
  'metadata',
  'tags',
] as const satisfies readonly (keyof StoredAttributes)[];

/*
 * Facts are a JSON file named by the key and by the identity of the bytes that they belong to. They are written before the bytes
 * are put in their place and removed after those are gone. So whoever has the bytes open finds the facts of those very bytes, and a
 * file that another program replaced has none rather than those of its predecessor.
 */

/** Directory of the facts of one key: one of 256, so that none of them grows too long. */
export function factsFolder(store: LocalStore, container: string, keyHash: string): string {
  return `${store.area.facts(container)}/${keyHash.slice(0, 2)}`;
}

export function factsPath(store: LocalStore, container: string, keyHash: string, identity: Identity): string {
  return `${factsFolder(store, container, keyHash)}/${keyHash.slice(2)}.${identityText(identity)}`;
}

/** Text of a facts file. It holds the key, so that a sweep can tell whose facts they are. */
export function factsText(key: string, { attributes, checksums }: Facts): string {
  return JSON.stringify({ key, ...attributes, checksums });
}

/** Keeps the attributes that are set. */
export function pickAttributes(source: PutAttributes): StoredAttributes {
  const picked: Record<string, unknown> = {};
  for (const name of ATTRIBUTE_NAMES) if (source[name] !== undefined) picked[name] = source[name];
  return picked;
}

/** Reads the facts of one content of a key; undefined when there are none. */
export async function readFacts(
  store: LocalStore,
  container: string,
  key: string,
  identity: Identity,
): Promise<Facts | undefined> {
  const path = factsPath(store, container, hashName(key), identity);
  try {
    const { key: owner, checksums, ...attributes } = JSON.parse(await readText(path)) as FactsFile;
    return owner === key ? { attributes, checksums: checksums ?? {} } : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    store.host.warn(`"${path}" is damaged: the content type and metadata of object "${key}" are lost. Put it again.`);
    return undefined;
  }
}

interface FactsFile extends StoredAttributes {
  readonly key: string;
  readonly checksums?: Checksums;
}

/** The key that a facts file belongs to; undefined when it is damaged or gone. */
export async function keyOfFacts(path: string): Promise<string | undefined> {
  try {
    const { key } = JSON.parse(await readText(path)) as Partial<FactsFile>;
    return typeof key === 'string' ? key : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function removeFacts(
  store: LocalStore,
  container: string,
  key: string,
  identity: Identity,
): Promise<void> {
  await unless(['ENOENT', 'ENOTDIR'], removeFile(factsPath(store, container, hashName(key), identity)));
}

/** What a stat tells. A file of another program has no facts; its name tells the content type. */
export function toRecord(key: string, stats: BigIntStats, facts: Facts | undefined): ObjectRecord {
  const { metadata, tags, ...headers } = facts?.attributes ?? { contentType: lookup(key) };
  return {
    ...headers,
    ...toListed(key, stats),
    metadata: withoutPrototype(metadata),
    checksums: facts?.checksums ?? {},
    ...(tags && { extra: { tags: withoutPrototype(tags) } }),
  };
}

/** What a listing tells: all that needs no file to be opened. */
export function toListed(key: string, stats: BigIntStats): ObjectRecord {
  return {
    key,
    size: Number(stats.size),
    etag: etagOf(stats),
    modifiedAtMs: Number(stats.mtimeMs),
    // 0 is how systems say that they do not know.
    createdAtMs: Number(stats.birthtimeMs) || undefined,
    accessedAtMs: Number(stats.atimeMs),
  };
}

function withoutPrototype(values: UserMetadata = {}): UserMetadata {
  return Object.assign(Object.create(null) as Record<string, string>, values);
}

const USUAL_BYTES = 4096;

async function readText(path: string): Promise<string> {
  const fd = await openFile(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(USUAL_BYTES);
    let length = 0;
    for (;;) {
      const { bytesRead } = await readChunk(fd, buffer, length, buffer.length - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length < buffer.length) return buffer.toString('utf8', 0, length);
      buffer = Buffer.concat([buffer], buffer.length * 2);
    }
  } finally {
    closeSync(fd);
  }
}
