import { ChunkDecoder } from './chunk-decoder.mjs';
import { contentFrom, phaseOf } from './content.mjs';

/** The body of an upload: compared with the content byte for byte as it arrives, and not kept. */
class ComparedBody {
  size = 0;
  isContent = true;
  phase = 0;

  /** @param {Buffer} chunk */
  write(chunk) {
    if (this.size === 0) this.phase = phaseOf(chunk);
    this.isContent &&= this.phase !== -1 && this.#matches(chunk);
    this.size += chunk.length;
  }

  /** @param {Buffer} chunk */
  #matches(chunk) {
    for (let at = 0; at < chunk.length;) {
      const expected = contentFrom(this.phase + this.size + at, chunk.length - at);
      if (chunk.compare(expected, 0, expected.length, at, at + expected.length) !== 0) return false;
      at += expected.length;
    }
    return true;
  }
}

/** Any other body: a document, kept whole. */
class KeptBody {
  size = 0;
  /** @type {Buffer[]} */
  #chunks = [];

  /** @param {Buffer} chunk */
  write(chunk) {
    this.size += chunk.length;
    this.#chunks.push(Buffer.from(chunk));
  }

  get bytes() {
    return Buffer.concat(this.#chunks);
  }

  get text() {
    return this.bytes.toString('utf8');
  }
}

/** A request's body, taken out of its encodings. */
export class RequestBody {
  isDone = false;
  /** @type {ComparedBody | undefined} */
  compared;
  /** @type {KeptBody | undefined} */
  kept;
  /** Bytes on the wire that are still to come, where their number is known. */
  #left = Infinity;
  /** @type {ChunkDecoder | undefined} */
  #transfer;
  /** @type {ChunkDecoder | undefined} */
  #signed;

  /** @param {import('./request.mjs').Request} request */
  constructor(request) {
    if (request.hasContent) this.compared = new ComparedBody();
    else this.kept = new KeptBody();
    const sink = this.compared ?? /** @type {KeptBody} */ (this.kept);
    /** @type {(data: Buffer) => void} */
    let onData = (data) => sink.write(data);
    if (request.header('x-amz-content-sha256')?.startsWith('STREAMING-')) {
      const signed = new ChunkDecoder(onData);
      this.#signed = signed;
      onData = (data) => signed.write(data);
    }
    if (request.isChunked) this.#transfer = new ChunkDecoder(onData);
    else this.#left = request.contentLength;
    this.#onData = onData;
    this.isDone = this.#left === 0;
  }

  /** @type {(data: Buffer) => void} */
  #onData;

  /** `name:value` lines that came after the body. */
  get trailers() {
    return this.#signed?.trailers ?? [];
  }

  /** @param {Buffer} bytes @returns {number} how many of them belonged to this body */
  write(bytes) {
    if (this.#transfer) {
      const taken = this.#transfer.write(bytes);
      this.isDone = this.#transfer.isDone;
      return taken;
    }
    const taken = Math.min(bytes.length, this.#left);
    this.#left -= taken;
    this.isDone = this.#left === 0;
    this.#onData(taken === bytes.length ? bytes : bytes.subarray(0, taken));
    return taken;
  }
}
