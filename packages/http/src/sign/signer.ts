import { type DayKey, deriveSigningKey, hmacSigner, type KeyPair, type SignText } from './keys.js';
import type { SigningScheme } from './scheme.js';

/** Signs by other means than a secret key, such as an RSA key. */
export interface TextSigner {
  readonly accessKeyId: string;
  readonly sign: SignText;
  readonly sessionToken?: string | undefined;
}

export type SigningKeys = KeyPair | TextSigner;

export interface SignerOptions {
  readonly scheme: SigningScheme;
  /** Region of the credential scope, such as `us-east-1`. */
  readonly region: string;
  /** Service of the credential scope, such as `s3`. */
  readonly service: string;
  /** Whether the content hash travels as a header; true unless told, as S3 asks. */
  readonly sendContentHash?: boolean | undefined;
}

/** Where signatures are made for: scheme, region and service. Keeps the key of the day that was used last. */
export class Signer {
  readonly scheme: SigningScheme;
  readonly region: string;
  readonly service: string;
  readonly sendContentHash: boolean;
  #lastKeys: SigningKeys | undefined;
  #lastDay = '';
  #last: DayKey | undefined;

  constructor(options: SignerOptions) {
    this.scheme = options.scheme;
    this.region = options.region;
    this.service = options.service;
    this.sendContentHash = options.sendContentHash ?? true;
  }

  /** Gives the key of the day that begins `date`, a time as `20130524T000000Z`. The same keys object gives the same key. */
  dayKey(keys: SigningKeys, date: string): DayKey {
    if (this.#last !== undefined && keys === this.#lastKeys && date.startsWith(this.#lastDay)) return this.#last;
    const day = date.slice(0, 8);
    const parts = [day, this.region, this.service, this.scheme.terminator];
    const scope = parts.join('/');
    const sign =
      'sign' in keys ? keys.sign : hmacSigner(deriveSigningKey(this.scheme.keyPrefix, keys.secretAccessKey, parts));
    this.#last = { credential: `${keys.accessKeyId}/${scope}`, scope, sign };
    this.#lastKeys = keys;
    this.#lastDay = day;
    return this.#last;
  }
}
