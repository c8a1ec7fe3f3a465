import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { crash } from './errors.js';

/** Turns internal ids into opaque names of 54 characters and back: 16 bytes IV, 16 bytes MAC, 8 bytes cipher. */
export class Identifiers {
  readonly #key = randomBytes(32);

  publish(id: number): string {
    const plain = Buffer.alloc(8);
    plain.writeBigUInt64BE(BigInt(id));
    const iv = this.#hash('iv', plain).subarray(0, 16);
    const cipher = this.#mask(plain, iv);
    return Buffer.concat([iv, this.#mac(iv, cipher), cipher]).toString('base64url');
  }

  /** Throws 500 for a name that this server never gave. */
  resolve(name: string): number {
    const bytes = /^[\w-]{54}$/.test(name) ? Buffer.from(name, 'base64url') : Buffer.alloc(0);
    const [iv, mac, cipher] = [bytes.subarray(0, 16), bytes.subarray(16, 32), bytes.subarray(32)];
    if (cipher.length !== 8 || !timingSafeEqual(mac, this.#mac(iv, cipher))) throw crash('HMACError');
    return Number(this.#mask(cipher, iv).readBigUInt64BE());
  }

  #hash(use: string, ...data: readonly Buffer[]): Buffer {
    return createHmac('sha256', this.#key).update(use).update(Buffer.concat(data)).digest();
  }

  #mac(iv: Buffer, cipher: Buffer): Buffer {
    return this.#hash('mac', iv, cipher).subarray(0, 16);
  }

  #mask(data: Buffer, iv: Buffer): Buffer {
    const stream = this.#hash('stream', iv);
    return Buffer.from(data.map((byte, at) => byte ^ (stream[at] as number)));
  }
}
