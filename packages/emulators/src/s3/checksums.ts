import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { crc32c } from '../crc32c.js';
import { S3Error } from './errors.js';

export type ChecksumName = 'crc32' | 'crc32c' | 'crc64nvme' | 'sha1' | 'sha256';
export const CHECKSUM_NAMES: readonly ChecksumName[] = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'];

/** Digest of a body in S3's form: base64 of the big-endian value. */
export function checksumOf(name: ChecksumName, body: Buffer): string {
  switch (name) {
    case 'crc32':
      return base64Of(crc32(body));
    case 'crc32c':
      return base64Of(crc32c(body));
    case 'crc64nvme':
      return crc64nvme(body);
    case 'sha1':
    case 'sha256':
      return createHash(name).update(body).digest('base64');
  }
}

function base64Of(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString('base64');
}

const CRC64NVME = makeCrc64(0x9a6c_9329_ac4b_c9b5n);

/** A reflected CRC by one 256-entry table of halves: plain rather than fast, and written apart from the one of Stowage. */
function crc64nvme(body: Buffer): string {
  const { low, high } = CRC64NVME;
  let lowPart = 0xffff_ffff;
  let highPart = 0xffff_ffff;
  for (const byte of body) {
    const index = (lowPart ^ byte) & 0xff;
    lowPart = ((lowPart >>> 8) | (highPart << 24)) ^ (low[index] as number);
    highPart = (highPart >>> 8) ^ (high[index] as number);
  }
  const result = Buffer.alloc(8);
  result.writeUInt32BE(~highPart >>> 0, 0);
  result.writeUInt32BE(~lowPart >>> 0, 4);
  return result.toString('base64');
}

function makeCrc64(polynomial: bigint): { readonly low: Uint32Array; readonly high: Uint32Array } {
  const table = { low: new Uint32Array(256), high: new Uint32Array(256) };
  for (let byte = 0; byte < 256; byte += 1) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    table.low[byte] = Number(value & 0xffff_ffffn);
    table.high[byte] = Number(value >> 32n);
  }
  return table;
}

/** The checksum that a request's headers or trailers carry, if any. */
export function sentChecksum(
  headers: Readonly<Record<string, string>>,
): { readonly name: ChecksumName; readonly value: string } | undefined {
  for (const name of CHECKSUM_NAMES) {
    const value = headers[`x-amz-checksum-${name}`];
    if (value !== undefined) return { name, value };
  }
  return undefined;
}

/** The checksum that the server adds to a body that came without; made when somebody asks for it. */
class OwnChecksum {
  readonly name = 'crc64nvme';
  readonly #body: Buffer;
  #value: string | undefined;

  constructor(body: Buffer) {
    this.#body = body;
  }

  get value(): string {
    return (this.#value ??= checksumOf(this.name, this.#body));
  }
}

/** Refuses a body that does not have the digests that were sent with it; gives the checksum to store. */
export function checkDigests(
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): { readonly name: ChecksumName; readonly value: string } {
  const md5 = headers['content-md5'];
  if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('base64')) {
    throw new S3Error(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  const sent = sentChecksum(headers);
  if (!sent) return new OwnChecksum(body);
  const value = checksumOf(sent.name, body);
  if (value === sent.value) return sent;
  throw new S3Error(
    400,
    'BadDigest',
    `The ${sent.name.toUpperCase()} you specified did not match the calculated checksum.`,
  );
}
