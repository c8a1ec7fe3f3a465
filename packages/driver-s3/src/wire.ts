import type { Checksum, ChecksumAlgorithm, Checksums, ObjectRecord, UserMetadata } from '@stowage/core/spi';
import {
  base64ToHex,
  decodeMetadataValue,
  parseHttpDateMs,
  readObjectSize,
  unquote,
  type WireResponse,
} from '@stowage/http';
import type { ServiceFacts } from './service.js';

const CHECKSUMS: readonly (readonly [ChecksumAlgorithm, string, string])[] = [
  ['crc64nvme', 'x-amz-checksum-crc64nvme', 'ChecksumCRC64NVME'],
  ['crc32c', 'x-amz-checksum-crc32c', 'ChecksumCRC32C'],
  ['crc32', 'x-amz-checksum-crc32', 'ChecksumCRC32'],
  ['sha256', 'x-amz-checksum-sha256', 'ChecksumSHA256'],
  ['sha1', 'x-amz-checksum-sha1', 'ChecksumSHA1'],
];
const MD5 = /^[0-9a-f]{32}$/;

/** The ETag without its quotes; some services send an empty one. */
export function readEtag(text: string | undefined): string | undefined {
  return unquote(text) || undefined;
}

interface Digests {
  readonly checksums: Checksums | undefined;
  readonly likelyChecksum: Checksum | undefined;
}

/**
 * Digests of the whole object, where the answer has any. Composites of parts are none, and neither is an ETag that an upload in
 * parts or encryption made.
 */
export function readDigests(response: WireResponse, etag: string | undefined, facts: ServiceFacts): Digests {
  const found: Partial<Record<ChecksumAlgorithm, string>> = {};
  let any = false;
  if (facts.checksums && response.header('x-amz-checksum-type') !== 'COMPOSITE') {
    for (const [algorithm, header] of CHECKSUMS) {
      const value = response.header(header);
      // A composite bears the number of its parts.
      if (value === undefined || value.includes('-')) continue;
      found[algorithm] = base64ToHex(value);
      any = true;
    }
  }
  const md5 = etag !== undefined && MD5.test(etag) && mayBeMd5(response) ? etag : undefined;
  if (md5 !== undefined && facts.etag === 'md5') {
    found.md5 = md5;
    any = true;
  }
  const isLikely = md5 !== undefined && facts.etag === 'likely';
  return {
    checksums: any ? found : undefined,
    likelyChecksum: isLikely ? { algorithm: 'md5', value: md5 } : undefined,
  };
}

/** Encryption makes other ETags, and so do objects that Ceph's Swift API put together from segments. */
function mayBeMd5(response: WireResponse): boolean {
  const encryption = response.header('x-amz-server-side-encryption');
  if (encryption !== undefined && encryption !== 'AES256') return false;
  return (
    response.header('x-amz-server-side-encryption-customer-algorithm') === undefined &&
    response.header('x-object-manifest') === undefined &&
    response.header('x-object-meta-static-large-object') === undefined
  );
}

/** As `readDigests`, for the elements of a document. */
export function checksumsOf(elements: ReadonlyMap<string, string>): Checksums {
  const rows = CHECKSUMS.flatMap(([algorithm, , element]) => {
    const value = elements.get(element);
    return value === undefined || value.includes('-') ? [] : [[algorithm, base64ToHex(value)] as const];
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
  ['archiveStatus', 'x-amz-archive-status'],
  ['replicationStatus', 'x-amz-replication-status'],
  ['partsCount', 'x-amz-mp-parts-count'],
  ['tagCount', 'x-amz-tagging-count'],
  ['missingMetadata', 'x-amz-missing-meta'],
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

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_ResponseElements */
export function toObjectRecord(
  key: string,
  response: WireResponse,
  facts: ServiceFacts,
  method: 'GET' | 'HEAD',
): ObjectRecord {
  const etag = readEtag(response.header('etag'));
  const digests = response.status === 206 ? undefined : readDigests(response, etag, facts);
  const plainClass = facts.name === 'aws' ? 'STANDARD' : undefined;
  return {
    key,
    size: readObjectSize(response, method),
    etag,
    modifiedAtMs: parseHttpDateMs(response.header('last-modified')),
    contentType: response.header('content-type'),
    contentEncoding: readContentEncoding(response),
    contentDisposition: response.header('content-disposition'),
    contentLanguage: response.header('content-language'),
    cacheControl: response.header('cache-control'),
    metadata: readMetadata(response),
    checksums: digests?.checksums,
    likelyChecksum: digests?.likelyChecksum,
    versionId: response.header('x-amz-version-id'),
    storageClass: response.header('x-amz-storage-class') ?? plainClass,
    extra: readExtra(response),
  };
}

/** Without `aws-chunked`, which some services keep although it says only how the body came. */
function readContentEncoding(response: WireResponse): string | undefined {
  const text = response.header('content-encoding');
  if (text === undefined || !text.includes('aws-chunked')) return text;
  const rest = text.split(',').map((word) => word.trim());
  return rest.filter((word) => word !== 'aws-chunked').join(',') || undefined;
}

/** What a put tells of the object that it wrote. */
export function toWrittenRecord(key: string, size: number, response: WireResponse, facts: ServiceFacts): ObjectRecord {
  const etag = readEtag(response.header('etag'));
  const { checksums, likelyChecksum } = readDigests(response, etag, facts);
  return { key, size, etag, checksums, likelyChecksum, versionId: response.header('x-amz-version-id') };
}
