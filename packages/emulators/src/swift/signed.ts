import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Call } from './call.js';
import { containerOf } from './containers.js';

/** A key that URLs and forms are signed with, and what it opens. */
export interface ScopedKey {
  readonly key: string;
  /** Missing for a key of the whole account. */
  readonly container: string | undefined;
}

const NAMES = ['temp-url-key', 'temp-url-key-2'];

/** Keys of the account and of the container, two of each. */
export function signingKeys(call: Call): readonly ScopedKey[] {
  const account = call.site.store.account(call.account, call.site.nowMs()).headers;
  const container = containerOf(call)?.headers;
  return NAMES.flatMap((name) => {
    const ofAccount = account.get(`x-account-meta-${name}`);
    const ofContainer = container?.get(`x-container-meta-${name}`);
    return [
      ...(ofAccount === undefined ? [] : [{ key: ofAccount, container: undefined }]),
      ...(ofContainer === undefined ? [] : [{ key: ofContainer, container: call.container }]),
    ];
  });
}

export interface Digest {
  readonly algorithm: string;
  readonly bytes: Buffer;
}

const ALGORITHM_BY_HEX_LENGTH: Readonly<Record<number, string>> = { 40: 'sha1', 64: 'sha256', 128: 'sha512' };

/** A signature as hexadecimal digits, whose number tells the algorithm, or as `sha256:` and Base64. */
export function parseDigest(text: string): Digest | undefined {
  const [, name, encoded] = /^([^:]*):(.*)$/s.exec(text) ?? [];
  if (name !== undefined && encoded !== undefined) {
    const isKnown = Object.values(ALGORITHM_BY_HEX_LENGTH).includes(name);
    return isKnown ? { algorithm: name, bytes: Buffer.from(encoded, 'base64') } : undefined;
  }
  const algorithm = ALGORITHM_BY_HEX_LENGTH[text.length];
  if (algorithm === undefined || !/^[0-9a-f]+$/i.test(text)) return undefined;
  return { algorithm, bytes: Buffer.from(text, 'hex') };
}

export function isSignatureOf({ algorithm, bytes }: Digest, text: string, key: string): boolean {
  const expected = createHmac(algorithm, key).update(text).digest();
  return expected.length === bytes.length && timingSafeEqual(expected, bytes);
}
