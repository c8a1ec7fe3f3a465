import type { ChecksumAlgorithm, Checksums, ContentRange, ObjectRecord, UserMetadata } from '@stowage/core/spi';
import { contentLengthOf, parseHttpDateMs, unquote, type WireResponse } from '@stowage/http';
import { decodeMetadataValue } from './encoded-words.js';
import type { ServiceFacts } from './service.js';

const CHECKSUMS: readonly (readonly [ChecksumAlgorithm, string, string])[] = [
  ['crc64nvme', 'x-amz-checksum-crc64nvme', 'ChecksumCRC64NVME'],
  ['crc32c', 'x-amz-checksum-crc32c', 'ChecksumCRC32C'],
  ['crc32', 'x-amz-checksum-crc32', 'ChecksumCRC32'],
  ['sha256', 'x-amz-checksum-sha256', 'ChecksumSHA256'],
  ['sha1', 'x-amz-checksum-sha1', 'ChecksumSHA1'],
];

export function toBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

function toHex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}

/**
 * Digests of the whole object, where the answer has any. Composites of parts are none, and neither is an ETag that an upload in
 * parts or encryption made.
 */
export function readChecksums(
  response: WireResponse,
  etag: string | undefined,
  facts: ServiceFacts,
): Checksums | undefined {
  const found: Partial<Record<ChecksumAlgorithm, string>> = {};
  let any = false;
  if (facts.checksums && response.header('x-amz-checksum-type') !== 'COMPOSITE') {
    for (const [algorithm, header] of CHECKSUMS) {
      const value = response.header(header);
      if (value === undefined || value.includes('-')) continue;
      found[algorithm] = toHex(value);
      any = true;
    }
  }
  if (etag !== undefined && isMd5(etag, response, facts)) {
    found.md5 = etag;
    any = true;
  }
  return any ? found : undefined;
}

function isMd5(etag: string, response: WireResponse, facts: ServiceFacts): boolean {
  if (facts.etagIsMd5 !== true || etag.length !== 32 || !/^[0-9a-f]{32}$/.test(etag)) return false;
  const encryption = response.header('x-amz-server-side-encryption');
  if (encryption !== undefined && encryption !== 'AES256') return false;
  return response.header('x-amz-server-side-encryption-customer-algorithm') === undefined;
}

/** As `readChecksums`, for the elements of a document. */
export function checksumsOf(elements: ReadonlyMap<string, string>): Checksums {
  const rows = CHECKSUMS.flatMap(([algorithm, , element]) => {
    const value = elements.get(element);
    return value === undefined || value.includes('-') ? [] : [[algorithm, toHex(value)] as const];
  });
  return Object.fromEntries(rows);
}

/** Names come in lower case; the object has no prototype, since names are the user's. */
function readMetadata(response: WireResponse): UserMetadata {
  const metadata = Object.create(null) as Record<string, string>;
  const pairs = response.headersWithPrefix('x-amz-meta-');
  for (let at = 0; at < pairs.length; at += 2) {
    metadata[pairs[at] as string] = decodeMetadataValue(pairs[at + 1] as string);
  }
  return metadata;
}

const EXTRA: readonly (readonly [string, string])[] = [
  ['serverSideEncryption', 'x-amz-server-side-encryption'],
  ['kmsKeyId', 'x-amz-server-side-encryption-aws-kms-key-id'],
  ['websiteRedirectLocation', 'x-amz-website-redirect-location'],
  ['expiration', 'x-amz-expiration'],
  ['restore', 'x-amz-restore'],
  ['replicationStatus', 'x-amz-replication-status'],
  ['partsCount', 'x-amz-mp-parts-count'],
  ['tagCount', 'x-amz-tagging-count'],
  ['objectLockMode', 'x-amz-object-lock-mode'],
  ['objectLockRetainUntil', 'x-amz-object-lock-retain-until-date'],
  ['legalHold', 'x-amz-object-lock-legal-hold'],
  ['expires', 'expires'],
];

function readExtra(response: WireResponse): Readonly<Record<string, unknown>> {
  const extra: Record<string, unknown> = {};
  for (const [name, header] of EXTRA) {
    const value = response.header(header);
    if (value !== undefined) extra[name] = value;
  }
  return extra;
}

/** The size of the whole object: of what was sent, or what `Content-Range` tells. */
function readSize(response: WireResponse): number {
  const total = /\/(\d+)$/.exec(response.header('content-range') ?? '')?.[1];
  return total === undefined ? (contentLengthOf(response) ?? response.bytes.length) : Number(total);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_ResponseElements */
export function toObjectRecord(key: string, response: WireResponse, facts: ServiceFacts): ObjectRecord {
  const etag = unquote(response.header('etag'));
  const isPart = response.status === 206;
  return {
    key,
    size: readSize(response),
    etag,
    modifiedAtMs: parseHttpDateMs(response.header('last-modified')),
    contentType: response.header('content-type'),
    contentEncoding: response.header('content-encoding'),
    contentDisposition: response.header('content-disposition'),
    contentLanguage: response.header('content-language'),
    cacheControl: response.header('cache-control'),
    metadata: readMetadata(response),
    checksums: isPart ? undefined : readChecksums(response, etag, facts),
    versionId: response.header('x-amz-version-id'),
    storageClass: response.header('x-amz-storage-class') ?? 'STANDARD',
    extra: readExtra(response),
  };
}

/** What a put tells of the object that it wrote. */
export function toWrittenRecord(
  key: string,
  size: number | undefined,
  response: WireResponse,
  facts: ServiceFacts,
): ObjectRecord {
  const etag = unquote(response.header('etag'));
  return {
    key,
    size: size ?? 0,
    etag,
    checksums: readChecksums(response, etag, facts),
    versionId: response.header('x-amz-version-id'),
  };
}

/** Where the answered bytes lie. */
export function readContentRange(response: WireResponse, record: ObjectRecord): ContentRange {
  const match = response.status === 206 ? /^bytes (\d+)-(\d+)\//.exec(response.header('content-range') ?? '') : null;
  return match ? { start: Number(match[1]), end: Number(match[2]) + 1 } : { start: 0, end: record.size };
}
