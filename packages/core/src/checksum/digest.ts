import { createHash, hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { StorageError } from '../errors/storage-error.js';
import type { ChecksumAlgorithm } from '../spi/checksums.js';
import { crc32c } from './crc32c.js';
import { Crc64Nvme } from './crc64nvme.js';

/** A digest that grows with the bytes it is shown. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** Ends the digest: lower-case hexadecimal. Call it once, last. */
  hex(): string;
}

/** How many hexadecimal digits a digest has; its keys are all algorithms that Stowage computes. */
export const DIGEST_HEX_DIGITS: Readonly<Record<ChecksumAlgorithm, number>> = {
  md5: 32,
  sha1: 40,
  sha256: 64,
  crc32: 8,
  crc32c: 8,
  crc64nvme: 16,
};

/** The digests of the nine bytes `123456789`, as their specifications print them. */
const CHECK_VALUES: Readonly<Record<ChecksumAlgorithm, string>> = {
  md5: '25f9e794323b453885f5181f1b624d0b',
  sha1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  sha256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
  crc32: 'cbf43926',
  crc32c: 'e3069283',
  crc64nvme: 'ae8b14860a799888',
};

const provided = new Map<ChecksumAlgorithm, () => Digest>();

/**
 * Computes `algorithm` by `create` from now on, in place of the built-in code; returns a function that undoes it. A package
 * with native code for CRC-32C calls it when it loads. Throws `invalid-argument` when the code computes anything else.
 */
export function provideDigest(algorithm: ChecksumAlgorithm, create: () => Digest): () => void {
  const trial = create();
  trial.update(Buffer.from('123456789'));
  const value = trial.hex();
  if (value !== CHECK_VALUES[algorithm]) {
    const message = `This code does not compute ${algorithm}: "123456789" gives ${value}, not ${CHECK_VALUES[algorithm]}.`;
    throw new StorageError('invalid-argument', message);
  }
  provided.set(algorithm, create);
  return () => {
    if (provided.get(algorithm) === create) provided.delete(algorithm);
  };
}

/** Starts a digest. */
export function createDigest(algorithm: ChecksumAlgorithm): Digest {
  const create = provided.get(algorithm);
  if (create) return create();
  switch (algorithm) {
    case 'md5':
    case 'sha1':
    case 'sha256':
      return new Hash(algorithm);
    case 'crc32':
      return new Crc32(crc32);
    case 'crc32c':
      return new Crc32(crc32c);
    case 'crc64nvme':
      return new Crc64Nvme();
  }
}

/** Digests bytes that are all there: lower-case hexadecimal. */
export function digestOf(algorithm: ChecksumAlgorithm, bytes: Uint8Array): string {
  if (!provided.has(algorithm)) {
    if (algorithm === 'crc32') return crcHex(crc32(bytes));
    if (algorithm === 'md5' || algorithm === 'sha1' || algorithm === 'sha256') return hash(algorithm, bytes);
  }
  const digest = createDigest(algorithm);
  digest.update(bytes);
  return digest.hex();
}

class Hash implements Digest {
  readonly #hash: ReturnType<typeof createHash>;

  constructor(algorithm: 'md5' | 'sha1' | 'sha256') {
    this.#hash = createHash(algorithm);
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  hex(): string {
    return this.#hash.digest('hex');
  }
}

class Crc32 implements Digest {
  readonly #continue: (bytes: Uint8Array, before: number) => number;
  #crc = 0;

  constructor(continueCrc: (bytes: Uint8Array, before: number) => number) {
    this.#continue = continueCrc;
  }

  update(bytes: Uint8Array): void {
    this.#crc = this.#continue(bytes, this.#crc);
  }

  hex(): string {
    return crcHex(this.#crc);
  }
}

function crcHex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
