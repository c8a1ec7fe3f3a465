import { RequestBody } from './request-body.mjs';
import { Request } from './request.mjs';
import { answerRequest } from './routes.mjs';
import { sendContent } from './send-content.mjs';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** One connection: takes requests one after the other and answers each. */
export class Connection {
  /** @type {import('node:net').Socket} */
  #socket;
  /** @type {import('./pace.mjs').Pace | undefined} */
  #pace;
  /** Bytes that no request has taken yet. @type {Buffer | undefined} */
  #rest;
  /** The request whose body is arriving. @type {Request | undefined} */
  #request;
  #isAnswering = false;

  /** @param {import('node:net').Socket} socket @param {import('./pace.mjs').Pace | undefined} pace */
  constructor(socket, pace) {
    this.#socket = socket;
    this.#pace = pace;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#take(chunk));
    // A client that goes away is the client's business.
    socket.on('error', () => socket.destroy());
  }

  /** @param {Buffer} chunk */
  #take(chunk) {
    this.#pace?.holdReads(this.#socket, chunk.length);
    let bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#rest = undefined;
    while (bytes.length > 0) {
      const taken = this.#isAnswering ? 0 : this.#takeSome(bytes);
      if (taken === 0) {
        this.#rest = bytes;
        return;
      }
      bytes = bytes.subarray(taken);
    }
  }

  /** @param {Buffer} bytes @returns {number} how many were used; 0 when more must come first */
  #takeSome(bytes) {
    const taken = this.#request ? this.#takeBody(this.#request, bytes) : this.#takeHead(bytes);
    if (this.#request && this.#request.body?.isDone !== false) this.#answer(this.#request);
    return taken;
  }

  /** @param {Buffer} bytes */
  #takeHead(bytes) {
    const end = bytes.indexOf('\r\n\r\n');
    if (end === -1) return 0;
    const request = new Request(bytes.toString('latin1', 0, end));
    this.#request = request;
    if (request.hasBody) {
      request.body = new RequestBody(request);
      if (request.header('expect') !== undefined) this.#socket.write(CONTINUE);
    }
    return end + 4;
  }

  /** @param {Request} request @param {Buffer} bytes */
  #takeBody(request, bytes) {
    return /** @type {RequestBody} */ (request.body).write(bytes);
  }

  /** @param {Request} request */
  #answer(request) {
    this.#request = undefined;
    const { bytes, range } = answerRequest(request);
    this.#socket.write(bytes);
    if (!range) return;
    this.#isAnswering = true;
    sendContent(this.#socket, range, this.#pace, () => this.#goOn());
  }

  #goOn() {
    this.#isAnswering = false;
    const rest = this.#rest;
    if (!rest) return;
    this.#rest = undefined;
    this.#take(rest);
  }
}
