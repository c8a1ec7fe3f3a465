import { digestOf } from '../checksum/digest.js';
import { StorageError } from '../errors/storage-error.js';
import type { Checksum, ChecksumAlgorithm, Verification } from '../spi/checksums.js';
import type { Checksums, ObjectRecord } from '../spi/records.js';
import type { ContentRange } from '../spi/requests.js';

/** `auto` compares whatever digests a store takes or reports; `never` spends no time on digests. Default `auto`. */
export type VerifyMode = 'auto' | 'never';

/** All algorithms, the fastest first: any of them finds damage. */
const BY_SPEED: readonly ChecksumAlgorithm[] = ['crc32', 'crc32c', 'sha1', 'sha256', 'crc64nvme', 'md5'];

/** The digest among those reported that is computed fastest; undefined when there is none. */
export function fastestOf(reported: Checksums | undefined): Checksum | undefined {
  if (reported === undefined) return undefined;
  for (const algorithm of BY_SPEED) {
    const value = reported[algorithm];
    if (value !== undefined) return { algorithm, value };
  }
  return undefined;
}

/** A body as Stowage sent it. */
export interface SentBody {
  readonly size: number;
  /** Digests that are known of it. */
  readonly digests: Checksums;
  /** The body itself, where a further digest may be computed of it. */
  readonly bytes?: Buffer | undefined;
}

/**
 * Compares what a store tells of an object with what was sent. `service` says that the store compared a digest itself.
 * Throws `checksum-mismatch`.
 */
export function verifyStored(record: ObjectRecord, sent: SentBody, service: boolean): Verification {
  if (record.size !== sent.size) throw damaged(`${record.size} bytes are stored, and ${sent.size} were sent`);
  const reported = record.checksums;
  const compared = reported !== undefined && compareKnown(reported, sent.digests);
  if (service) return 'service';
  if (compared) return 'client';
  const fastest = sent.bytes && fastestOf(reported);
  if (!fastest) return hasLikely(record, sent) ? 'client' : 'size';
  checkReported(fastest.algorithm, fastest.value, digestOf(fastest.algorithm, sent.bytes));
  return 'client';
}

/** True when a body has the digest that the store's object probably has. Another digest proves nothing, so that it is no damage. */
function hasLikely({ likelyChecksum }: ObjectRecord, { digests, bytes }: SentBody): boolean {
  if (likelyChecksum === undefined) return false;
  const { algorithm, value } = likelyChecksum;
  return (digests[algorithm] ?? (bytes && digestOf(algorithm, bytes))) === value;
}

/** Compares digests that are known already; tells whether there was one to compare. */
function compareKnown(reported: Checksums, known: Checksums): boolean {
  let compared = false;
  for (const name in reported) {
    const algorithm = name as ChecksumAlgorithm;
    const own = known[algorithm];
    if (own === undefined) continue;
    checkReported(algorithm, reported[algorithm] as string, own);
    compared = true;
  }
  return compared;
}

function checkReported(algorithm: ChecksumAlgorithm, reported: string, own: string): void {
  if (reported !== own) throw damaged(`its ${algorithm} is ${reported}, and ${own} was sent`);
}

function damaged(what: string): StorageError {
  return new StorageError('checksum-mismatch', `The object was stored damaged: ${what}.`);
}

/** Compares the digest that the user gave with that of the body. Throws `checksum-mismatch`. */
export function checkGiven(given: Checksum, own: string): void {
  if (given.value === own) return;
  const message = `The body's ${given.algorithm} is ${own}, and "checksum" says ${given.value}; nothing was stored.`;
  throw new StorageError('checksum-mismatch', message);
}

/** Compares the digest of what was read with the one that the store reports. Throws `checksum-mismatch`. */
export function checkRead(reported: Checksum, own: string): void {
  if (reported.value === own) return;
  const message = `What was read has the ${reported.algorithm} ${own}, and the store reports ${reported.value}: it is damaged.`;
  throw new StorageError('checksum-mismatch', message);
}

/** The digest that the store reports for exactly the bytes that are read. */
export function expectedDigest(
  record: ObjectRecord,
  range: ContentRange,
  verify: VerifyMode | undefined,
): Checksum | undefined {
  const whole = range.start === 0 && range.end === record.size;
  return whole && verify !== 'never' ? fastestOf(record.checksums) : undefined;
}

/** How far bytes were checked that fit the expected digest, if there was one. */
export function verifiedBy(expected: Checksum | undefined): Verification {
  return expected ? 'client' : 'size';
}

/** How far the whole of an object that was read is proved by a digest that it only probably has. */
export function verifiedByLikely(
  record: ObjectRecord,
  range: ContentRange,
  bytes: Buffer,
  verify: VerifyMode | undefined,
): Verification {
  const isWhole = range.start === 0 && range.end === record.size;
  return isWhole && verify !== 'never' && hasLikely(record, { size: bytes.length, digests: {}, bytes })
    ? 'client'
    : 'size';
}
