/**
 * Takes `size[;extension]\r\n data \r\n ... 0 \r\n [trailer \r\n ...] \r\n` apart as it arrives. HTTP's chunked encoding and
 * S3's `aws-chunked` have this one form.
 */
export class ChunkDecoder {
  isDone = false;
  /** Lines after the last chunk. @type {string[]} */
  trailers = [];
  /** @type {'size' | 'data' | 'end' | 'trailers'} */
  #state = 'size';
  #left = 0;
  /** A line of which only the beginning has come. */
  #line = '';
  /** @type {(data: Buffer) => void} */
  #onData;

  /** @param {(data: Buffer) => void} onData */
  constructor(onData) {
    this.#onData = onData;
  }

  /** @param {Buffer} bytes @returns {number} how many of them belonged to the encoding */
  write(bytes) {
    let at = 0;
    while (at < bytes.length && !this.isDone)
      at = this.#state === 'data' ? this.#takeData(bytes, at) : this.#takeLine(bytes, at);
    return at;
  }

  /** @param {Buffer} bytes @param {number} at */
  #takeData(bytes, at) {
    const end = Math.min(bytes.length, at + this.#left);
    this.#onData(bytes.subarray(at, end));
    this.#left -= end - at;
    if (this.#left === 0) this.#state = 'end';
    return end;
  }

  /** @param {Buffer} bytes @param {number} at */
  #takeLine(bytes, at) {
    const feed = bytes.indexOf(10, at);
    if (feed === -1) {
      this.#line += bytes.toString('latin1', at);
      return bytes.length;
    }
    const line = (this.#line + bytes.toString('latin1', at, feed)).replace(/\r$/, '');
    this.#line = '';
    this.#onLine(line);
    return feed + 1;
  }

  /** @param {string} line */
  #onLine(line) {
    if (this.#state === 'end') {
      this.#state = 'size';
    } else if (this.#state === 'size') {
      this.#left = Number.parseInt(line, 16);
      this.#state = this.#left === 0 ? 'trailers' : 'data';
    } else if (line === '') {
      this.isDone = true;
    } else {
      this.trailers.push(line);
    }
  }
}
