import { createHmac, createSecretKey, type KeyObject, sign as signWithKey } from 'node:crypto';

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
export function deriveSigningKey(keyPrefix: string, secret: string, parts: readonly string[]): KeyObject {
  let key: string | Buffer = keyPrefix + secret;
  for (const part of parts) key = createHmac('sha256', key).update(part).digest();
  return createSecretKey(key as Buffer);
}

/** Signs by HMAC with a derived key. */
export function hmacSigner(key: KeyObject): SignText {
  return (stringToSign) => createHmac('sha256', key).update(stringToSign, 'latin1').digest('hex');
}

/** Signs with an RSA private key, as `GOOG4-RSA-SHA256` asks. */
export function rsaSigner(privateKey: KeyObject): SignText {
  return (stringToSign) => signWithKey('sha256', Buffer.from(stringToSign, 'latin1'), privateKey).toString('hex');
}
