import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, FaultPlan, type RequestSummary } from './faults.js';

/** A request as it was sent: the path is not normalised, so that `//` and `..` in keys are seen. */
export interface EmulatedRequest {
  readonly method: string;
  /** Still percent-encoded. */
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string>>;
  /** Header names and values as sent, in turn. */
  readonly rawHeaders: readonly string[];
  readonly incoming: IncomingMessage;
  /** Fails when the connection ends before the body does. */
  readonly body: AsyncIterable<Buffer>;
}

export interface EmulatedResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number | undefined>>;
  /** Several buffers are sent one behind the other, without a copy. */
  readonly body?: Buffer | string | readonly Buffer[];
  /** Announced behind the body but never sent: the connection ends instead. */
  readonly missingBytes?: number;
  /** Announces no length: the body ends where the connection does, so that one that is cut short looks whole. */
  readonly endsWithConnection?: boolean;
}

export interface Protocol {
  /** Names the call for fault rules and the request log. */
  operationOf(request: EmulatedRequest): string;
  handle(request: EmulatedRequest): Promise<EmulatedResponse>;
  /** An error in the protocol's own form, which may depend on what was asked. */
  fail(status: number, code: string, message: string, request: EmulatedRequest): EmulatedResponse;
}

export interface EmulatorOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly tls?: Pick<ServerOptions, 'key' | 'cert' | 'ca' | 'requestCert'>;
}

/** A server on 127.0.0.1 that is up. */
export class Emulator {
  readonly faults = new FaultPlan();
  /** Every request since the start or the last `forget`, in order of arrival. */
  readonly requests: RequestSummary[] = [];
  readonly #protocol: Protocol;
  readonly #options: EmulatorOptions;
  /** The first is the emulator's main port. */
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #count = 0;

  protected constructor(protocol: Protocol, options: EmulatorOptions) {
    this.#protocol = protocol;
    this.#options = options;
  }

  /** Opens one more port, served as the first is; resolves to its number. */
  protected async listen(port = 0): Promise<number> {
    const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void =>
      void this.#serve(incoming, outgoing);
    const server = this.#options.tls
      ? createTlsServer(this.#options.tls, listener)
      : createServer({ keepAliveTimeout: 60_000 }, listener);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket.setNoDelay(true));
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return portOf(server);
  }

  get port(): number {
    return portOf(this.#servers[0] as Server);
  }

  /** Such as `http://127.0.0.1:34567`. */
  get endpoint(): string {
    return this.originOf(this.port);
  }

  protected originOf(port: number): string {
    return this.#options.tls ? `https://localhost:${String(port)}` : `http://127.0.0.1:${String(port)}`;
  }

  forget(): void {
    this.requests.length = 0;
  }

  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    incoming.on('error', () => incoming.destroy());
    const request = readRequest(incoming);
    this.#count += 1;
    try {
      const operation = this.#protocol.operationOf(request);
      const { method } = request;
      const host = request.headers['host'] ?? '';
      const summary = { method, target: incoming.url ?? '', host, operation, count: this.#count };
      this.requests.push(summary);
      await this.#answer(request, outgoing, this.faults.take(summary));
    } catch (error) {
      if (outgoing.headersSent || outgoing.destroyed) outgoing.destroy();
      else send(outgoing, request, this.#protocol.fail(500, 'InternalError', String(error), request));
    }
  }

  async #answer(request: EmulatedRequest, outgoing: ServerResponse, fault: Fault | undefined): Promise<void> {
    if (fault && this.#strikesFirst(request, outgoing, fault)) return;
    if (fault?.kind === 'delay') await delay(fault.delayMs);
    const cut = fault?.kind === 'cut-request' ? cutBody(request.incoming, fault.afterBytes) : request.body;
    const answer = await this.#protocol.handle({ ...request, body: cut });
    if (fault?.kind === 'reset' && fault.at === 'after-work') {
      request.incoming.socket.resetAndDestroy();
    } else if (fault?.kind === 'error-in-body') {
      send(outgoing, request, {
        ...this.#protocol.fail(200, fault.code, 'The work failed late.', request),
        status: 200,
      });
    } else {
      sendFaulty(outgoing, request, answer, fault);
    }
  }

  /** True when the fault ends the request before any work is done. */
  #strikesFirst(request: EmulatedRequest, outgoing: ServerResponse, fault: Fault): boolean {
    if (fault.kind === 'hang') return fault.at === 'before-headers';
    if (fault.kind === 'reset' && fault.at === 'before-work') {
      request.incoming.socket.resetAndDestroy();
      return true;
    }
    if (fault.kind !== 'status') return false;
    const answer = this.#protocol.fail(
      fault.status,
      fault.code ?? 'InjectedFault',
      'This failure was asked for.',
      request,
    );
    request.incoming.resume();
    send(outgoing, request, { ...answer, headers: { ...answer.headers, 'retry-after': fault.retryAfterSeconds } });
    return true;
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function readRequest(incoming: IncomingMessage): EmulatedRequest {
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const rawQuery = mark < 0 ? '' : target.slice(mark + 1);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ]),
  );
  const { method = 'GET', rawHeaders } = incoming;
  return { method, rawPath, rawQuery, query: parseQuery(rawQuery), headers, rawHeaders, incoming, body: incoming };
}

/** The first bytes of a body; then the connection is reset, also when no more would have come. */
async function* cutBody(incoming: IncomingMessage, afterBytes: number): AsyncGenerator<Buffer> {
  let left = afterBytes;
  const { socket } = incoming;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    if (left > 0) yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) break;
  }
  socket.resetAndDestroy();
  throw new Error('The connection was cut, as it was asked for.');
}

export function parseQuery(rawQuery: string): ReadonlyMap<string, string> {
  const pairs = rawQuery.split('&').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [decodeQuery(name), decodeQuery(value.join('='))];
    }),
  );
}

/** What is not well escaped stays as it is. */
function decodeQuery(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function writeHead(outgoing: ServerResponse, answer: EmulatedResponse, length?: number): void {
  const { endsWithConnection = false } = answer;
  if (endsWithConnection) outgoing.useChunkedEncodingByDefault = false;
  const framing = endsWithConnection ? { connection: 'close' } : { 'content-length': length };
  const headers = Object.entries({ ...framing, ...answer.headers }).filter(([, value]) => value !== undefined);
  outgoing.writeHead(answer.status, Object.fromEntries(headers) as Record<string, string | number>);
}

function chunksOf(body: EmulatedResponse['body']): readonly Buffer[] {
  return Array.isArray(body) ? (body as readonly Buffer[]) : [Buffer.from((body as Buffer | string | undefined) ?? '')];
}

function sizeOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((size, chunk) => size + chunk.length, 0);
}

function send(outgoing: ServerResponse, request: EmulatedRequest, answer: EmulatedResponse): void {
  if (answer.status === 204 || answer.status === 304) {
    writeHead(outgoing, answer);
    outgoing.end();
    return;
  }
  const chunks = chunksOf(answer.body);
  const { missingBytes = 0 } = answer;
  writeHead(outgoing, answer, sizeOf(chunks) + missingBytes);
  if (request.method === 'HEAD') outgoing.end();
  else if (missingBytes > 0) outgoing.write(Buffer.concat(chunks), () => outgoing.destroy());
  else if (chunks.length > 1) Readable.from(chunks).pipe(outgoing);
  else outgoing.end(chunks[0]);
}

function sendFaulty(
  outgoing: ServerResponse,
  request: EmulatedRequest,
  answer: EmulatedResponse,
  fault: Fault | undefined,
): void {
  const chunks = chunksOf(answer.body);
  const size = sizeOf(chunks);
  const cut = cutAfter(fault, size);
  if (fault?.kind === 'corrupt' && size > 0) {
    send(outgoing, request, { ...answer, body: flipBit(chunks, size >> 1) });
  } else if (cut === undefined || request.method === 'HEAD') {
    send(outgoing, request, answer);
  } else {
    writeHead(outgoing, answer, size);
    outgoing.write(Buffer.concat(chunks).subarray(0, cut), () => {
      if (fault?.kind === 'truncate') outgoing.destroy();
      else if (fault?.kind === 'reset') request.incoming.socket.resetAndDestroy();
    });
  }
}

/** The same bytes with one bit of the byte at an offset changed. */
function flipBit(chunks: readonly Buffer[], offset: number): readonly Buffer[] {
  let start = 0;
  return chunks.map((chunk) => {
    const at = offset - start;
    start += chunk.length;
    if (at < 0 || at >= chunk.length) return chunk;
    const flipped = Buffer.from(chunk);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
    return flipped;
  });
}

/** Bytes of the body that are sent before the fault strikes; undefined when the fault is another. */
function cutAfter(fault: Fault | undefined, size: number): number | undefined {
  if (fault?.kind === 'truncate') return Math.min(fault.afterBytes, size);
  if ((fault?.kind === 'reset' || fault?.kind === 'hang') && fault.at === 'mid-body') return size >> 1;
  return undefined;
}

/** Reads a request's body whole; a large one lies in memory once. */
export async function readBody(request: EmulatedRequest): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > LARGE_BODY_BYTES) return readLarge(request, announced);
  const chunks: Buffer[] = [];
  for await (const chunk of request.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const LARGE_BODY_BYTES = 1024 ** 2;

async function readLarge(request: EmulatedRequest, size: number): Promise<Buffer> {
  const body = Buffer.allocUnsafe(size);
  let filled = 0;
  for await (const chunk of request.body) filled += chunk.copy(body, filled);
  return body.subarray(0, filled);
}
