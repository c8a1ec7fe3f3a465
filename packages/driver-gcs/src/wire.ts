import type { Checksums, ObjectRecord, UserMetadata } from '@stowage/core/spi';
import {
  base64ToHex,
  decodeMetadataValue,
  parseHttpDateMs,
  readObjectSize,
  unquote,
  type WireResponse,
} from '@stowage/http';

/** `crc32c=...,md5=...`, also as two headers: https://cloud.google.com/storage/docs/xml-api/reference-headers#xgooghash */
export function readHashes(text: string | undefined): Checksums | undefined {
  if (text === undefined) return undefined;
  const crc32c = base64Field(text, 'crc32c=');
  const md5 = base64Field(text, 'md5=');
  if (crc32c === undefined && md5 === undefined) return undefined;
  return {
    ...(crc32c !== undefined && { crc32c: base64ToHex(crc32c) }),
    ...(md5 !== undefined && { md5: base64ToHex(md5) }),
  };
}

function base64Field(text: string, name: string): string | undefined {
  const at = text.indexOf(name);
  if (at === -1) return undefined;
  const from = at + name.length;
  const end = text.indexOf(',', from);
  return (end === -1 ? text.slice(from) : text.slice(from, end)).trim();
}

/** Names come in lower case; the object has no prototype, since names are the user's. */
function readMetadata(response: WireResponse): UserMetadata {
  const metadata = Object.create(null) as Record<string, string>;
  for (const prefix of ['x-goog-meta-', 'x-amz-meta-']) {
    const pairs = response.headersWithPrefix(prefix);
    for (let at = 0; at < pairs.length; at += 2) {
      metadata[pairs[at] as string] = decodeMetadataValue(pairs[at + 1] as string);
    }
  }
  return metadata;
}

/** The generation, by which versions of an object are told apart. */
export function readGeneration(response: WireResponse): string | undefined {
  return response.header('x-goog-generation') ?? response.header('x-amz-version-id');
}

const EXTRA: readonly (readonly [string, string])[] = [
  ['metageneration', 'x-goog-metageneration'],
  ['componentCount', 'x-goog-component-count'],
  ['kmsKeyName', 'x-goog-encryption-kms-key-name'],
  ['customTime', 'x-goog-custom-time'],
  ['expires', 'expires'],
  ['expiration', 'x-goog-expiration'],
];

function readExtra(response: WireResponse): Record<string, unknown> {
  const extra: Record<string, unknown> = { etag: unquote(response.header('etag')) };
  for (const [name, header] of EXTRA) {
    const value = response.header(header);
    if (value !== undefined) extra[name] = value;
  }
  return extra;
}

/**
 * True when the body is not what is stored: somebody on the way removed `Accept-Encoding: gzip`, and Google unpacked the object. Its
 * digests and size are those of the packed one. https://cloud.google.com/storage/docs/transcoding
 */
function isUnpacked(response: WireResponse, encoding: string | undefined): boolean {
  const stored = response.header('x-goog-stored-content-encoding');
  return stored !== undefined && stored !== 'identity' && encoding === undefined;
}

/** https://cloud.google.com/storage/docs/xml-api/get-object-download */
export function toObjectRecord(key: string, response: WireResponse, method: 'GET' | 'HEAD'): ObjectRecord {
  const generation = readGeneration(response);
  const contentEncoding = response.header('content-encoding');
  const unpacked = method === 'GET' && isUnpacked(response, contentEncoding);
  return {
    key,
    size: unpacked ? readObjectSize(response, method) : readStoredSize(response, method),
    etag: generation,
    modifiedAtMs: parseHttpDateMs(response.header('last-modified')),
    contentType: response.header('content-type'),
    contentEncoding,
    contentDisposition: response.header('content-disposition'),
    contentLanguage: response.header('content-language'),
    cacheControl: response.header('cache-control'),
    metadata: readMetadata(response),
    checksums: unpacked ? undefined : readHashes(response.header('x-goog-hash')),
    versionId: generation,
    storageClass: response.header('x-goog-storage-class') ?? response.header('x-amz-storage-class'),
    extra: readExtra(response),
  };
}

function readStoredSize(response: WireResponse, method: 'GET' | 'HEAD'): number {
  const text = response.header('x-goog-stored-content-length');
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : readObjectSize(response, method);
}

/** What a put, or the end of an upload, tells of the object that it wrote. */
export function toWrittenRecord(key: string, size: number, response: WireResponse): ObjectRecord {
  const generation = readGeneration(response);
  return {
    key,
    size,
    etag: generation,
    checksums: readHashes(response.header('x-goog-hash')),
    versionId: generation,
    extra: { metageneration: response.header('x-goog-metageneration') ?? '1' },
  };
}
