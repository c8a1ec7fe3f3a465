import { createHmac, timingSafeEqual } from 'node:crypto';
import type { DriverHost } from '../spi/context.js';

/** Signs texts, and knows again what it signed. */
export interface Signer {
  sign(text: string): string;
  /** True for the signature of this very text, as long as its time is not over. */
  isValid(text: string, signature: string, expiresAtMs: number): boolean;
}

export function createSigner(signingKey: string | Buffer, host: DriverHost): Signer {
  const digest = (text: string): Buffer => createHmac('sha256', signingKey).update(text).digest();
  return {
    sign: (text) => digest(text).toString('base64url'),

    isValid(text, signature, expiresAtMs) {
      const given = Buffer.from(signature, 'base64url');
      const wanted = digest(text);
      return given.length === wanted.length && timingSafeEqual(given, wanted) && expiresAtMs > host.nowMs();
    },
  };
}
