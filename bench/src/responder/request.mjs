/** The head of a request. Only what an answer needs is looked up. */
export class Request {
  /** As it came, without the empty line. @type {string} */
  head;
  /** @type {string} */
  method;
  /** Without the query, still escaped. @type {string} */
  path;
  /** Without the question mark. @type {string} */
  query;
  /** @type {import('./request-body.mjs').RequestBody | undefined} */
  body;
  /** @type {string} */
  #lowerCase;

  /** @param {string} head */
  constructor(head) {
    this.head = head;
    const methodEnd = head.indexOf(' ');
    const targetEnd = head.indexOf(' ', methodEnd + 1);
    const target = head.slice(methodEnd + 1, targetEnd);
    const queryAt = target.indexOf('?');
    this.method = head.slice(0, methodEnd);
    this.path = queryAt === -1 ? target : target.slice(0, queryAt);
    this.query = queryAt === -1 ? '' : target.slice(queryAt + 1);
    this.#lowerCase = head.toLowerCase();
  }

  /** @param {string} name in lower case @returns {string | undefined} */
  header(name) {
    const at = this.#lowerCase.indexOf(`\r\n${name}:`);
    if (at === -1) return undefined;
    const start = at + name.length + 3;
    const end = this.head.indexOf('\r\n', start);
    return this.head.slice(start, end === -1 ? undefined : end).trim();
  }

  get isChunked() {
    return this.header('transfer-encoding')?.toLowerCase() === 'chunked';
  }

  get contentLength() {
    return Number(this.header('content-length') ?? 0);
  }

  get hasBody() {
    if (this.method === 'GET' || this.method === 'HEAD') return false;
    return this.contentLength > 0 || this.isChunked;
  }

  /** True when the body is an object's content: of a PUT, and of the POSTs with which Atmos and Nimbus.io create objects. */
  get hasContent() {
    if (this.method === 'PUT') return true;
    return this.method === 'POST' && /^\/(?:rest\/namespace|data)\//.test(this.path);
  }

  get parameters() {
    return new URLSearchParams(this.query);
  }
}
