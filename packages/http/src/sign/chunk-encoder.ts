import { createHash, type Hash } from 'node:crypto';
import { StorageError } from '@stowage/core/spi';
import { sha256OfText } from './canonical.js';
import type { HeaderSignature } from './headers.js';
import { EMPTY_SHA256 } from './scheme.js';

/** A header that follows the body, such as a checksum that is known only then. */
export interface Trailer {
  /** In lower case. */
  readonly name: string;
  /** Bytes of the value, so that the body's length is known before it is sent. */
  readonly valueBytes: number;
  /** Called once, after the last byte. */
  value(): string;
}

export interface ChunkEncoding {
  /** Bytes of the body before encoding. */
  readonly size: number;
  /** Bytes of each chunk but the last. S3 takes no less than 8 KiB. */
  readonly chunkBytes: number;
  /** Signature of the headers, on which the chunks' signatures build; undefined when chunks are not signed. */
  readonly seed?: HeaderSignature | undefined;
  readonly trailers?: readonly Trailer[] | undefined;
}

const SIGNATURE_BYTES = 64;
const CHUNK_SIGNATURE = ';chunk-signature=';
const TRAILER_SIGNATURE = 'x-amz-trailer-signature:';
const LINE_END = Buffer.from('\r\n');

function chunkOverhead(size: number, isSigned: boolean): number {
  return size.toString(16).length + (isSigned ? CHUNK_SIGNATURE.length + SIGNATURE_BYTES : 0) + 2;
}

/** Bytes that a body takes on the wire as `aws-chunked`: what `content-length` says. */
export function encodedLength(
  encoding: Pick<ChunkEncoding, 'size' | 'chunkBytes' | 'trailers'>,
  isSigned: boolean,
): number {
  const { size, chunkBytes, trailers = [] } = encoding;
  const whole = Math.floor(size / chunkBytes);
  const rest = size % chunkBytes;
  let length = whole * (chunkOverhead(chunkBytes, isSigned) + chunkBytes + 2) + chunkOverhead(0, isSigned) + 2;
  if (rest > 0) length += chunkOverhead(rest, isSigned) + rest + 2;
  for (const trailer of trailers) length += trailer.name.length + 1 + trailer.valueBytes + 2;
  if (isSigned && trailers.length > 0) length += TRAILER_SIGNATURE.length + SIGNATURE_BYTES + 2;
  return length;
}

/** Makes the signatures of chunks and trailers, each of which builds on the one before. */
class SignatureChain {
  readonly #prefix: string;
  readonly #suffix: string;
  readonly #seed: HeaderSignature;
  #previous: string;

  constructor(seed: HeaderSignature) {
    this.#seed = seed;
    this.#previous = seed.signature;
    this.#prefix = 'AWS4-HMAC-SHA256-';
    this.#suffix = `\n${seed.date}\n${seed.key.scope}\n`;
  }

  #next(kind: 'PAYLOAD' | 'TRAILER', hashes: string): string {
    this.#previous = this.#seed.key.sign(`${this.#prefix}${kind}${this.#suffix}${this.#previous}\n${hashes}`);
    return this.#previous;
  }

  chunk(hash: string): string {
    return this.#next('PAYLOAD', `${EMPTY_SHA256}\n${hash}`);
  }

  trailer(lines: string): string {
    return this.#next('TRAILER', sha256OfText(lines));
  }
}

/**
 * Encodes a body as `aws-chunked`, piece by piece. Without signatures nothing is held back; with them, at most one chunk.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export class ChunkEncoder {
  readonly #encoding: ChunkEncoding;
  readonly #chain: SignatureChain | undefined;
  #hash: Hash | undefined;
  #held: Buffer[] = [];
  /** Bytes still missing in the chunk under way, and in the body. */
  #chunkLeft = 0;
  #bodyLeft: number;

  constructor(encoding: ChunkEncoding) {
    this.#encoding = encoding;
    this.#chain = encoding.seed && new SignatureChain(encoding.seed);
    this.#bodyLeft = encoding.size;
  }

  /** Takes the next bytes of the body; gives what can be sent. Throws `invalid-argument` for more bytes than announced. */
  push(bytes: Buffer): Buffer[] {
    if (bytes.length > this.#bodyLeft) {
      throw new StorageError(
        'invalid-argument',
        `The body gives more than the ${this.#encoding.size} bytes announced.`,
      );
    }
    const out: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
      if (this.#chunkLeft === 0) this.#begin(out);
      const piece = bytes.subarray(at, at + this.#chunkLeft);
      at += piece.length;
      this.#chunkLeft -= piece.length;
      this.#bodyLeft -= piece.length;
      this.#take(piece, out);
      if (this.#chunkLeft === 0) this.#finish(out);
    }
    return out;
  }

  /** Ends the body. Throws `invalid-argument` when bytes are missing. */
  end(): Buffer[] {
    if (this.#bodyLeft > 0) {
      const { size } = this.#encoding;
      throw new StorageError(
        'invalid-argument',
        `The body ends after ${size - this.#bodyLeft} of the ${size} bytes announced.`,
      );
    }
    const chunkSignature = this.#chain ? `${CHUNK_SIGNATURE}${this.#chain.chunk(EMPTY_SHA256)}` : '';
    const lines = (this.#encoding.trailers ?? []).map((trailer) => `${trailer.name}:${checkedValue(trailer)}`);
    const signed = lines.map((line) => `${line}\n`).join('');
    if (this.#chain && lines.length > 0) lines.push(`${TRAILER_SIGNATURE}${this.#chain.trailer(signed)}`);
    return [Buffer.from([`0${chunkSignature}`, ...lines, '', ''].join('\r\n'), 'latin1')];
  }

  #begin(out: Buffer[]): void {
    this.#chunkLeft = Math.min(this.#encoding.chunkBytes, this.#bodyLeft);
    if (this.#chain) this.#hash = createHash('sha256');
    else out.push(Buffer.from(`${this.#chunkLeft.toString(16)}\r\n`));
  }

  #take(piece: Buffer, out: Buffer[]): void {
    if (!this.#hash) {
      out.push(piece);
      return;
    }
    this.#hash.update(piece);
    this.#held.push(piece);
  }

  #finish(out: Buffer[]): void {
    if (this.#chain && this.#hash) {
      const size = this.#held.reduce((sum, piece) => sum + piece.length, 0);
      const signature = this.#chain.chunk(this.#hash.digest('hex'));
      out.push(Buffer.from(`${size.toString(16)}${CHUNK_SIGNATURE}${signature}\r\n`), ...this.#held);
      this.#held = [];
    }
    out.push(LINE_END);
  }
}

function checkedValue(trailer: Trailer): string {
  const value = trailer.value();
  if (value.length === trailer.valueBytes) return value;
  throw new TypeError(
    `The value of trailer "${trailer.name}" takes ${value.length} bytes, not the ${trailer.valueBytes} announced.`,
  );
}
