import { createRequire } from 'node:module';
import { type Digest, provideDigest } from '@stowage/core/spi';

type NativeCrc = (bytes: Uint8Array, before?: number) => number;

let isTried = false;

/**
 * Has CRC-32C computed by native code, where the optional package `@node-rs/crc32` is installed: Google compares it with every body, and
 * it is several times faster. Does nothing otherwise.
 */
export function useNativeCrc(): void {
  if (isTried) return;
  isTried = true;
  try {
    const { crc32c } = createRequire(import.meta.url)('@node-rs/crc32') as { readonly crc32c: NativeCrc };
    provideDigest('crc32c', () => new NativeDigest(crc32c));
  } catch {
    // It is optional: core computes the same, only slower.
  }
}

class NativeDigest implements Digest {
  readonly #continue: NativeCrc;
  #crc = 0;

  constructor(continueCrc: NativeCrc) {
    this.#continue = continueCrc;
  }

  update(bytes: Uint8Array): void {
    this.#crc = this.#continue(bytes, this.#crc);
  }

  hex(): string {
    return (this.#crc >>> 0).toString(16).padStart(8, '0');
  }
}
