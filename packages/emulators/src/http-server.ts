import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
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
}

export interface EmulatedResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: Buffer | string;
}

export interface Protocol {
  /** Names the call for fault rules and the request log. */
  operationOf(request: EmulatedRequest): string;
  handle(request: EmulatedRequest): Promise<EmulatedResponse>;
  /** An error in the protocol's own form. */
  fail(status: number, code: string, message: string): EmulatedResponse;
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
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #scheme: 'http' | 'https';
  #count = 0;

  protected constructor(protocol: Protocol, options: EmulatorOptions) {
    this.#protocol = protocol;
    this.#scheme = options.tls ? 'https' : 'http';
    const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void =>
      void this.#serve(incoming, outgoing);
    this.#server = options.tls
      ? createTlsServer(options.tls, listener)
      : createServer({ keepAliveTimeout: 60_000 }, listener);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket.setNoDelay(true));
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  protected async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Such as `http://127.0.0.1:34567`. */
  get endpoint(): string {
    return `${this.#scheme}://${this.#scheme === 'https' ? 'localhost' : '127.0.0.1'}:${String(this.port)}`;
  }

  forget(): void {
    this.requests.length = 0;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
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
      const summary = { method: request.method, target: incoming.url ?? '', operation, count: this.#count };
      this.requests.push(summary);
      await this.#answer(request, outgoing, this.faults.take(summary));
    } catch (error) {
      if (outgoing.headersSent || outgoing.destroyed) outgoing.destroy();
      else send(outgoing, request, this.#protocol.fail(500, 'InternalError', String(error)));
    }
  }

  async #answer(request: EmulatedRequest, outgoing: ServerResponse, fault: Fault | undefined): Promise<void> {
    if (fault && this.#strikesFirst(request, outgoing, fault)) return;
    if (fault?.kind === 'delay') await delay(fault.delayMs);
    const answer = await this.#protocol.handle(request);
    if (fault?.kind === 'reset' && fault.at === 'after-work') {
      request.incoming.socket.resetAndDestroy();
    } else if (fault?.kind === 'error-in-body') {
      send(outgoing, request, { ...this.#protocol.fail(200, fault.code, 'The work failed late.'), status: 200 });
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
    const answer = this.#protocol.fail(fault.status, fault.code ?? 'InjectedFault', 'This failure was asked for.');
    request.incoming.resume();
    send(outgoing, request, { ...answer, headers: { ...answer.headers, 'retry-after': fault.retryAfterSeconds } });
    return true;
  }
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
  return { method, rawPath, rawQuery, query: parseQuery(rawQuery), headers, rawHeaders, incoming };
}

function parseQuery(rawQuery: string): ReadonlyMap<string, string> {
  const pairs = rawQuery.split('&').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [decodeQuery(name), decodeQuery(value.join('='))];
    }),
  );
}

function decodeQuery(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function writeHead(outgoing: ServerResponse, answer: EmulatedResponse, length?: number): void {
  const headers = Object.entries({ 'content-length': length, ...answer.headers }).filter(
    ([, value]) => value !== undefined,
  );
  outgoing.writeHead(answer.status, Object.fromEntries(headers) as Record<string, string | number>);
}

function send(outgoing: ServerResponse, request: EmulatedRequest, answer: EmulatedResponse): void {
  if (answer.status === 204 || answer.status === 304) {
    writeHead(outgoing, answer);
    outgoing.end();
    return;
  }
  const body = Buffer.from(answer.body ?? '');
  writeHead(outgoing, answer, body.length);
  outgoing.end(request.method === 'HEAD' ? undefined : body);
}

function sendFaulty(
  outgoing: ServerResponse,
  request: EmulatedRequest,
  answer: EmulatedResponse,
  fault: Fault | undefined,
): void {
  const body = Buffer.from(answer.body ?? '');
  if (fault?.kind === 'corrupt' && body.length > 0) {
    const flipped = Buffer.from(body);
    flipped.writeUInt8(flipped.readUInt8(flipped.length >> 1) ^ 1, flipped.length >> 1);
    send(outgoing, request, { ...answer, body: flipped });
    return;
  }
  const cut = cutAfter(fault, body.length);
  if (cut === undefined) {
    send(outgoing, request, answer);
    return;
  }
  writeHead(outgoing, answer, body.length);
  outgoing.write(body.subarray(0, cut), () => {
    if (fault?.kind === 'truncate') outgoing.destroy();
    else if (fault?.kind === 'reset') request.incoming.socket.resetAndDestroy();
  });
}

/** Bytes of the body that are sent before the fault strikes; undefined when the fault is another. */
function cutAfter(fault: Fault | undefined, size: number): number | undefined {
  if (fault?.kind === 'truncate') return Math.min(fault.afterBytes, size);
  if ((fault?.kind === 'reset' || fault?.kind === 'hang') && fault.at === 'mid-body') return size >> 1;
  return undefined;
}

/** Reads a request's body whole. */
export async function readBody(request: EmulatedRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request.incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
