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

/** How a signature by HMAC is made and written. */
export interface HmacForm {
  readonly digest: 'sha1' | 'sha256';
  /** How the text becomes bytes. */
  readonly text: 'latin1' | 'utf8';
  readonly signature: 'base64' | 'hex';
}

const AWS4_FORM: HmacForm = { digest: 'sha256', text: 'latin1', signature: 'hex' };
const BLOCK_BYTES = 64;
const DIGEST_BYTES = { sha1: 20, sha256: 32 } as const;
/** Longer texts, such as policies, get a buffer of their own. */
const USUAL_BYTES = 1024;
/** Bytes of the longest character. */
const MAX_WIDTH = { latin1: 1, utf8: 3 } as const;

/**
 * Signs by HMAC (RFC 2104) with a key whose two pads are made once: half the time of `createHmac`, which makes them anew for each
 * signature.
 */
export function hmacSigner(key: Buffer, form: HmacForm = AWS4_FORM): SignText {
  const { digest, text: charset, signature } = form;
  const inner = Buffer.alloc(BLOCK_BYTES + USUAL_BYTES, 0x36);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES[digest], 0x5c);
  const short = key.length > BLOCK_BYTES ? hash(digest, key, 'buffer') : key;
  short.forEach((byte, at) => {
    inner[at] = byte ^ 0x36;
    outer[at] = byte ^ 0x5c;
  });
  const maxLength = USUAL_BYTES / MAX_WIDTH[charset];
  return (stringToSign) => {
    const isUsual = stringToSign.length <= maxLength;
    const bytes = isUsual ? inner : withRoom(inner, Buffer.byteLength(stringToSign, charset));
    const length = BLOCK_BYTES + bytes.write(stringToSign, BLOCK_BYTES, charset);
    outer.write(hash(digest, bytes.subarray(0, length), 'binary'), BLOCK_BYTES, 'latin1');
    return hash(digest, outer, signature);
  };
}

function withRoom(inner: Buffer, size: number): Buffer {
  return Buffer.concat([inner.subarray(0, BLOCK_BYTES)], BLOCK_BYTES + size);
}

/** Signs with an RSA private key, as `GOOG4-RSA-SHA256` asks. */
export function rsaSigner(privateKey: KeyObject): SignText {
  return (stringToSign) => signWithKey('sha256', Buffer.from(stringToSign, 'latin1'), privateKey).toString('hex');
}
