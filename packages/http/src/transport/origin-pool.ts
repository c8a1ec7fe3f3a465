import type { Client, Dispatcher } from 'undici';
import type { Socket } from 'node:net';
import { StorageError } from '@stowage/core/spi';
import type { Connector, GiveUp } from './connect.js';
import type { Carrier, Exchange } from './exchange.js';
import type { Limits } from './options.js';
import { ReadGate } from './read-gate.js';
import { bodyError } from './socket-errors.js';
import type { UndiciClient } from './undici-client.js';

/** Milliseconds that an idle connection is kept when the server does not say how long it keeps it. */
const KEEP_ALIVE_MS = 15_000;

/** How the requests of one origin are written to its connections. */
export interface PoolRoute {
  /** Where undici believes it connects to; the connector knows better. */
  readonly href: string;
  readonly connector: Connector;
  readonly limits: Limits;
  /** Changes path and headers for a proxy that takes plain requests whole. */
  readonly rewrite: ((path: string, headers: readonly string[]) => { path: string; headers: string[] }) | undefined;
}

/** One connection: an undici client of its own, so that it carries one exchange at a time and can be given up alone. */
class Connection implements Carrier {
  readonly #client: Client;
  readonly #pool: OriginPool;
  readonly #route: PoolRoute;
  #giveUp: GiveUp | undefined;
  #socket: Socket | undefined;
  #gate: ReadGate | undefined;
  isIdle = false;
  socketError: Error | undefined;

  constructor(pool: OriginPool, route: PoolRoute, UndiciClientClass: UndiciClient) {
    this.#pool = pool;
    this.#route = route;
    const { limits, connector } = route;
    this.#client = new UndiciClientClass(route.href, {
      pipelining: 1,
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      bodyTimeout: limits.bodyTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connect: (_options, done) => {
        this.#giveUp = connector((error, socket: Socket | null) => {
          this.#giveUp = undefined;
          this.socketError = undefined;
          this.#socket = socket ?? undefined;
          this.#gate = undefined;
          socket?.once('error', (first) => (this.socketError = first));
          (done as (error: Error | null, socket: Socket | null) => void)(error, socket);
        });
      },
    });
    this.#client.on('disconnect', () => {
      if (this.isIdle) this.#pool.forget(this);
    });
  }

  carry(exchange: Exchange): void {
    const { request } = exchange;
    const { limits, rewrite } = this.#route;
    try {
      const { body, length } = exchange.begin(this);
      const own = length === undefined ? request.headers : [...request.headers, 'content-length', String(length)];
      const { path, headers } = rewrite ? rewrite(request.path, own) : { path: request.path, headers: own };
      const options = {
        method: request.method,
        path,
        headers,
        body: body ?? null,
        headersTimeout: request.headersTimeoutMs ?? limits.headersTimeoutMs,
        // Undici closes the connection after HEAD unless told not to. Some proxies relay one request and no more, without a word.
        reset: rewrite !== undefined,
        blocking: false,
      };
      this.#client.dispatch(options as Dispatcher.DispatchOptions, exchange);
    } catch (error) {
      exchange.fail(bodyError(error));
      this.release();
    }
  }

  holdReading(): void {
    if (!this.#socket) return;
    this.#gate ??= new ReadGate(this.#socket);
    this.#gate.hold();
  }

  goOnReading(): void {
    this.#gate?.release();
  }

  release(): void {
    this.#pool.release(this);
  }

  discard(): void {
    this.#pool.discard(this);
  }

  giveUp(error: Error): void {
    this.#giveUp?.(error);
  }

  destroy(error: Error): void {
    this.#giveUp?.(error);
    this.#client.destroy(error, () => undefined);
  }
}

const CLOSED_MESSAGE = 'The storage was closed.';

/** The connections to one origin: at most so many, used again in the order last in, first out. Requests that find none wait in turn. */
export class OriginPool {
  readonly #route: PoolRoute;
  readonly #UndiciClientClass: UndiciClient;
  readonly #all = new Set<Connection>();
  readonly #idle: Connection[] = [];
  #waiting: Exchange[] = [];
  #waitingFrom = 0;
  #isClosed = false;

  constructor(route: PoolRoute, UndiciClientClass: UndiciClient) {
    this.#route = route;
    this.#UndiciClientClass = UndiciClientClass;
  }

  /** True when no connection is left, so that the pool itself can go. */
  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  run(exchange: Exchange): void {
    if (this.#isClosed) {
      exchange.fail(new StorageError('closed', CLOSED_MESSAGE, { requestSent: false }));
      return;
    }
    const connection = this.#idle.pop();
    if (connection) {
      connection.isIdle = false;
      connection.carry(exchange);
    } else if (this.#all.size < this.#route.limits.maxConnections) {
      this.#open().carry(exchange);
    } else {
      this.#waiting.push(exchange);
    }
  }

  release(connection: Connection): void {
    if (!this.#all.has(connection)) return;
    const next = this.#next();
    if (next) {
      connection.carry(next);
    } else {
      connection.isIdle = true;
      this.#idle.push(connection);
    }
  }

  discard(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    // Undici is still at work on this client, up the stack.
    setImmediate(() => connection.destroy(new StorageError('closed', CLOSED_MESSAGE)));
    const next = this.#isClosed ? undefined : this.#next();
    if (next) this.#open().carry(next);
  }

  /** Drops an idle connection that the server closed. */
  forget(connection: Connection): void {
    this.#idle.splice(this.#idle.indexOf(connection), 1);
    this.discard(connection);
  }

  close(): void {
    this.#isClosed = true;
    const error = new StorageError('closed', CLOSED_MESSAGE);
    for (let next = this.#next(); next; next = this.#next()) next.fail(error);
    for (const connection of this.#all) connection.destroy(error);
    this.#all.clear();
    this.#idle.length = 0;
  }

  #open(): Connection {
    const connection = new Connection(this, this.#route, this.#UndiciClientClass);
    this.#all.add(connection);
    return connection;
  }

  #next(): Exchange | undefined {
    while (this.#waitingFrom < this.#waiting.length) {
      const exchange = this.#waiting[this.#waitingFrom++] as Exchange;
      if (this.#waitingFrom > 1024 && this.#waitingFrom * 2 > this.#waiting.length) {
        this.#waiting = this.#waiting.slice(this.#waitingFrom);
        this.#waitingFrom = 0;
      }
      if (!exchange.isOver) return exchange;
    }
    this.#waiting.length = 0;
    this.#waitingFrom = 0;
    return undefined;
  }
}
