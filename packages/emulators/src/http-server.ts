import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, FaultPlan, type RequestSummary } from './faults.js';
import { type EmulatedResponse, send, sendFaulty } from './http-answer.js';
import { cutBody, type EmulatedRequest, readRequest } from './http-request.js';

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
