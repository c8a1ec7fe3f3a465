import { createHmac, hash, type KeyObject, sign as signWithKey } from 'node:crypto';

/** An access key. The fields that are secret are never printed by Stowage. */
export interface KeyPair {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Goes with temporary credentials. */
  readonly sessionToken?: string | undefined;
}

/** Signs for one day and one scope; gives the signature in lower-case hexadecimal. */
export type SignText = (stringToSign: string) => string;

/** What a signature says of its maker, with the means to make it. */
export interface DayKey {
  /** `<access key>/<scope>`. */
  readonly credential: string;
  readonly scope: string;
  readonly sign: SignText;
}

/** Derives the key of one day, region and service. Dates are `YYYYMMDD`. */
export function deriveSigningKey(keyPrefix: string, secret: string, parts: readonly string[]): Buffer {
  let key = Buffer.from(keyPrefix + secret);
  for (const part of parts) key = createHmac('sha256', key).update(part).digest();
  return key;
}

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Longer texts, such as policies, get a buffer of their own. */
const USUAL_BYTES = 1024;

/**
 * Signs by HMAC-SHA256 (RFC 2104) with a derived key, whose two pads are made once: half the time of `createHmac`, which makes
 * them anew for each signature.
 */
export function hmacSigner(key: Buffer): SignText {
  const inner = Buffer.alloc(BLOCK_BYTES + USUAL_BYTES, 0x36);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, 0x5c);
  key.forEach((byte, at) => {
    inner[at] = byte ^ 0x36;
    outer[at] = byte ^ 0x5c;
  });
  return (stringToSign) => {
    const length = BLOCK_BYTES + stringToSign.length;
    const text = length <= inner.length ? inner : Buffer.concat([inner.subarray(0, BLOCK_BYTES)], length);
    text.write(stringToSign, BLOCK_BYTES, 'latin1');
    outer.write(hash('sha256', text.subarray(0, length), 'binary'), BLOCK_BYTES, 'latin1');
    return hash('sha256', outer, 'hex');
  };
}

/** Signs with an RSA private key, as `GOOG4-RSA-SHA256` asks. */
export function rsaSigner(privateKey: KeyObject): SignText {
  return (stringToSign) => signWithKey('sha256', Buffer.from(stringToSign, 'latin1'), privateKey).toString('hex');
}
