import {
  type Checksums,
  type ContentRange,
  type ObjectRecord,
  StorageError,
  type UserMetadata,
} from '@stowage/core/spi';
import { contentLengthOf, parseHttpDateMs, unquote, type WireResponse } from '@stowage/http';

const MD5 = /^[0-9a-f]{32}$/;

/** The ETag without its quotes: Swift quotes only those of large objects. */
export function readEtag(response: WireResponse): string | undefined {
  return unquote(response.header('etag')) || undefined;
}

/** True for an object that is put together from segments, whose ETag is no digest of its bytes. */
export function isLarge(response: WireResponse): boolean {
  return isStaticLarge(response) || response.header('x-object-manifest') !== undefined;
}

export function isStaticLarge(response: WireResponse): boolean {
  return response.header('x-static-large-object')?.toLowerCase() === 'true';
}

/** An ETag of 32 digits is the MD5 of the object, unless the object is put together from others. */
export function readChecksums(response: WireResponse, etag: string | undefined): Checksums | undefined {
  if (etag === undefined || !MD5.test(etag) || isLarge(response)) return undefined;
  return { md5: etag };
}

/** Names come in lower case; the object has no prototype, since names are the user's. What is in `hidden` is left out. */
export function readMetadata(
  response: WireResponse,
  prefix = 'x-object-meta-',
  hidden: readonly string[] = [],
): UserMetadata {
  const metadata = Object.create(null) as Record<string, string>;
  // How the RADOS Gateway remembers what an object is, and shows it.
  const mark = isStaticLarge(response) ? 'static-large-object' : undefined;
  const pairs = response.headersWithPrefix(prefix);
  for (let at = 0; at < pairs.length; at += 2) {
    const name = pairs[at] as string;
    if (name !== mark && !hidden.includes(name)) metadata[name] = pairs[at + 1] as string;
  }
  return metadata;
}

/** Who has these keys can sign anything. */
export const TEMP_URL_KEYS: readonly string[] = ['temp-url-key', 'temp-url-key-2'];

const EXTRA: readonly (readonly [string, string])[] = [
  ['deleteAt', 'x-delete-at'],
  ['objectManifest', 'x-object-manifest'],
  ['manifestEtag', 'x-manifest-etag'],
  ['contentLocation', 'content-location'],
  ['symlinkTarget', 'x-symlink-target'],
  ['symlinkTargetEtag', 'x-symlink-target-etag'],
  ['symlinkTargetAccount', 'x-symlink-target-account'],
  ['expires', 'expires'],
  ['robotsTag', 'x-robots-tag'],
];

function readExtra(response: WireResponse): Readonly<Record<string, unknown>> {
  const extra: Record<string, unknown> = {};
  for (const [name, header] of EXTRA) {
    const value = response.header(header);
    if (value !== undefined) extra[name] = name === 'deleteAt' ? Number(value) : value;
  }
  if (isStaticLarge(response)) extra['largeObject'] = 'slo';
  else if (extra['objectManifest'] !== undefined) extra['largeObject'] = 'dlo';
  return extra;
}

/** Bytes of the whole object. Throws `unknown` where the service does not tell: no number would be right. */
function readSize(response: WireResponse, isRead: boolean): number {
  const isPart = response.status === 206;
  const total = isPart ? /\/(\d+)$/.exec(response.header('content-range') ?? '')?.[1] : undefined;
  const size = total === undefined ? (isPart ? undefined : contentLengthOf(response)) : Number(total);
  if (size !== undefined) return size;
  // What came in chunks is all here by now.
  if (isRead && !isPart && response.stream === undefined) return response.bytes.length;
  const message =
    'The service does not tell the size of the object: it sends no Content-Length. A dynamic large object of very many segments has none.';
  throw new StorageError('unknown', message, { status: response.status });
}

/** `X-Timestamp` is exact; `Last-Modified` is rounded up to the next second. */
export function readModifiedMs(response: WireResponse): number | undefined {
  const seconds = Number(response.header('x-timestamp'));
  return seconds > 0 ? Math.floor(seconds * 1000) : parseHttpDateMs(response.header('last-modified'));
}

/** https://docs.openstack.org/api-ref/object-store/#show-object-metadata */
export function toObjectRecord(key: string, response: WireResponse, isRead = false): ObjectRecord {
  const etag = readEtag(response);
  return {
    key,
    size: readSize(response, isRead),
    etag,
    modifiedAtMs: readModifiedMs(response),
    contentType: response.header('content-type'),
    contentEncoding: response.header('content-encoding'),
    contentDisposition: response.header('content-disposition'),
    contentLanguage: response.header('content-language'),
    cacheControl: response.header('cache-control'),
    metadata: readMetadata(response),
    checksums: response.status === 206 ? undefined : readChecksums(response, etag),
    versionId: readVersionId(response),
    extra: readExtra(response),
  };
}

/** Missing in containers that keep no versions. */
export function readVersionId(response: WireResponse): string | undefined {
  return response.header('x-object-version-id');
}

/** Where the answered bytes lie. */
export function readContentRange(response: WireResponse, record: ObjectRecord): ContentRange {
  if (response.status !== 206) return { start: 0, end: record.size };
  const match = /^bytes (\d+)-(\d+)\//.exec(response.header('content-range') ?? '');
  if (match) return { start: Number(match[1]), end: Number(match[2]) + 1 };
  throw new StorageError('unknown', 'The service sent a part of the object and does not say which.', { status: 206 });
}
