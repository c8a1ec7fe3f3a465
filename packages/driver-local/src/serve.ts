import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import {
  type ByteRange,
  type CallContext,
  createHost,
  type ErrorCode,
  isStorageError,
  type ObjectRecord,
  type ObjectRef,
  type PutBody,
  type StorageDriver,
  StorageError,
} from '@stowage/core/spi';
import { createLocalDriver, type Serving, servingOf } from './driver.js';
import { conditionalStatus, isUnsatisfiable, putRequestOf, rangeOf } from './http-request.js';
import type { LocalOptions } from './options.js';
import { contentHeaders } from './serve-headers.js';
import { checkNames } from './store.js';
import { type Permit, type Refusal, URL_METHODS } from './urls.js';

export interface RequestHandlerOptions {
  /** Serves GET and HEAD of every object to anybody, as a public bucket does. Default false: a signature is needed. */
  readonly publicRead?: boolean | undefined;
}

/** A listener of `node:http`, which Express, Connect and Fastify's middleware take too. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

const STATUSES: Partial<Readonly<Record<ErrorCode, number>>> = {
  'object-not-found': 404,
  'container-not-found': 404,
  'object-exists': 412,
  'precondition-failed': 412,
  'invalid-argument': 400,
  'checksum-mismatch': 400,
  'permission-denied': 403,
  'quota-exceeded': 507,
  unavailable: 503,
};

const REFUSALS: Readonly<Record<Exclude<Refusal, undefined>, string>> = {
  unsigned: 'This address needs a signature.',
  forged: 'The signature does not fit this address.',
  expired: 'The time of this address is over.',
  'other-method': 'This address was signed for another method.',
};

const NOTHING_THERE = 'There is no such object.';

const SENTENCES: Partial<Readonly<Record<ErrorCode, string>>> = {
  'object-not-found': NOTHING_THERE,
  'container-not-found': NOTHING_THERE,
  'object-exists': 'There is already an object.',
  'precondition-failed': 'The object is not what the request expects.',
  'checksum-mismatch': 'The body was damaged on its way.',
  unknown: 'The request failed.',
};

/** Bodies up to this size are read and sent in one piece. */
const ONE_PIECE_BYTES = 64 * 1024;
const MOST_TRIES = 5;

/**
 * Serves the URLs that the driver signs: GET, HEAD, PUT and DELETE of objects, never a listing. Give it the driver of an open storage
 * (`storage.driver`), or the options of one. Throws `invalid-argument` when the driver has no `baseUrl`.
 */
export function createRequestHandler(
  source: StorageDriver | LocalOptions,
  options: RequestHandlerOptions = {},
): RequestHandler {
  const driver = isDriver(source) ? source : createLocalDriver(source, createHost());
  const serving = servingOf(driver);
  if (!serving) {
    const message = 'createRequestHandler() needs a local driver whose option "baseUrl" tells where it is served.';
    throw new StorageError('invalid-argument', message);
  }
  const publicRead = options.publicRead ?? false;
  return (request, response) => void new Exchange({ ...serving, driver, publicRead }, request, response).answer();
}

function isDriver(source: StorageDriver | LocalOptions): source is StorageDriver {
  return 'capabilities' in source;
}

interface Server extends Serving {
  readonly driver: StorageDriver;
  readonly publicRead: boolean;
}

/** Ends an exchange with a status and a sentence for whoever asked. */
class Refused extends Error {
  constructor(
    readonly status: number,
    readonly sentence: string,
    readonly headers: OutgoingHttpHeaders = {},
  ) {
    super(sentence);
  }
}

/** One request and its answer. */
class Exchange {
  readonly #server: Server;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #ended = new AbortController();
  readonly #ctx: CallContext = { signal: this.#ended.signal, attempt: 1 };

  constructor(server: Server, request: IncomingMessage, response: ServerResponse) {
    this.#server = server;
    this.#request = request;
    this.#response = response;
  }

  /** Never rejects. */
  async answer(): Promise<void> {
    this.#response.once('close', () => this.#ended.abort());
    try {
      this.#response.setHeader('x-content-type-options', 'nosniff');
      await this.#run();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #run(): Promise<void> {
    const { method = '' } = this.#request;
    if (!(URL_METHODS as readonly string[]).includes(method)) {
      const allow = URL_METHODS.join(', ');
      throw new Refused(405, `Only ${allow} are served here.`, { allow });
    }
    const permit = this.#permit(method);
    if (method === 'PUT') await this.#put(permit);
    else if (method === 'DELETE') await this.#delete(permit);
    else await this.#read(permit);
  }

  /** Finds the object that is asked for and what the URL permits to do with it. */
  #permit(method: string): Permit {
    const { signer, publicRead } = this.#server;
    // Express takes the path under which a handler is mounted off `url` and keeps it in `originalUrl`.
    const target = (this.#request as { originalUrl?: string }).originalUrl ?? this.#request.url ?? '';
    const url = new URL(target.startsWith('/') ? `http://localhost${target}` : 'http://localhost/');
    const ref = signer.refOf(url.pathname);
    if (!ref) throw new Refused(404, NOTHING_THERE);
    checkNames(ref.container, ref.key);
    const { refusal, permit } = signer.check(ref, method, url.searchParams);
    if (refusal === undefined) return permit;
    const isRead = method === 'GET' || method === 'HEAD';
    if (refusal !== 'unsigned' || !publicRead || !isRead) throw new Refused(403, REFUSALS[refusal]);
    return { ...permit, responseContentType: undefined, responseContentDisposition: undefined };
  }

  async #read(permit: Permit): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#readOnce(permit);
        return;
      } catch (error) {
        // The object was replaced between its headers and its body.
        if (!isStorageError(error, 'precondition-failed') || tries === MOST_TRIES) throw error;
      }
    }
  }

  async #readOnce(permit: Permit): Promise<void> {
    const record = await this.#server.driver.stat(permit.ref, {}, this.#ctx);
    const { headers } = this.#request;
    const status = conditionalStatus(headers, record);
    if (status === 412) throw new Refused(412, 'The object is not what the request expects.');
    const range = status === undefined ? rangeOf(headers, record) : undefined;
    if (range && isUnsatisfiable(range, record.size)) {
      throw new Refused(416, 'No byte of the object is in this range.', { 'content-range': `bytes */${record.size}` });
    }
    for (const [name, value] of contentHeaders(record, permit)) this.#response.setHeader(name, value);
    if (status === 304) this.#response.writeHead(304).end();
    else if (permit.method === 'HEAD') this.#response.writeHead(200, { 'content-length': record.size }).end();
    else await this.#send(permit.ref, record, range);
  }

  async #send(ref: ObjectRef, { size, etag }: ObjectRecord, range: ByteRange | undefined): Promise<void> {
    const want = size <= ONE_PIECE_BYTES ? 'bytes' : 'stream';
    const result = await this.#server.driver.read(ref, { want, range, ifMatch: etag }, this.#ctx);
    const { start, end } = result.range;
    const partial = range && { 'content-range': `bytes ${start}-${end - 1}/${size}` };
    this.#response.writeHead(range ? 206 : 200, { 'content-length': end - start, ...partial });
    if (result.bytes) this.#response.end(result.bytes);
    else await pipeline(result.stream, this.#response);
  }

  async #put({ ref, contentType }: Permit): Promise<void> {
    const { headers } = this.#request;
    if (contentType !== undefined && headers['content-type'] !== contentType) {
      throw new Refused(403, `This address was signed for the content type "${contentType}".`);
    }
    const put = putRequestOf(headers);
    if (!put) throw new Refused(400, 'If-Match, If-None-Match or Content-MD5 cannot be understood.');
    const length = headers['content-length'];
    const size = length === undefined ? undefined : Number(length);
    const body: PutBody = { size, replayable: false, open: () => this.#request };
    const { record } = await this.#server.driver.put(ref, body, put, this.#ctx);
    this.#response.writeHead(200, { etag: `"${record.etag}"`, 'content-length': 0 }).end();
  }

  async #delete({ ref }: Permit): Promise<void> {
    await this.#server.driver.delete(ref, {}, this.#ctx);
    this.#response.writeHead(204).end();
  }

  /** Answers with a sentence of our own: messages of errors tell paths of this machine. */
  #fail(error: unknown): void {
    if (this.#ended.signal.aborted) return;
    const code = isStorageError(error) ? error.code : 'unknown';
    const refused =
      error instanceof Refused ? error : new Refused(STATUSES[code] ?? 500, SENTENCES[code] ?? `${code}.`);
    if (refused.status >= 500) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#server.host.warn(`A request for a local object failed: ${reason}`);
    }
    if (this.#response.headersSent) {
      this.#response.destroy();
      return;
    }
    for (const name of this.#response.getHeaderNames()) this.#response.removeHeader(name);
    this.#response.writeHead(refused.status, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // What is left of a body that nobody reads must not be taken for the next request.
      ...(!this.#request.complete && { connection: 'close' }),
      ...refused.headers,
    });
    this.#response.end(`${refused.sentence}\n`);
  }
}
