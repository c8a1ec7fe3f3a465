import type { CallContext, DriverHost } from '@stowage/core/spi';
import { StorageError } from '@stowage/core/spi';
import { startTrace } from '../diagnostics/trace.js';
import { openWireLog } from '../diagnostics/wire-log.js';
import type { WireRequest, WireResponse } from '../wire.js';
import { createConnector } from './connect.js';
import { Exchange, type ExchangeSettings } from './exchange.js';
import { type Limits, readLimits, type TransportOptions } from './options.js';
import { type Origin, parseOrigin } from './origin.js';
import { OriginPool, type PoolRoute } from './origin-pool.js';
import { chooseProxy, type Proxy, type ProxyChoice } from './proxy.js';
import { readTlsSettings, type TlsSettings } from './tls-settings.js';
import { loadUndiciClient, type UndiciClient } from './undici-client.js';

/** Sends requests. One for each driver: it holds the driver's connections, one pool for each origin. */
export interface Transport {
  /**
   * Sends one request, once. Resolves with any answer of the server, also with a refusal; rejects with a StorageError when there
   * is none: `unavailable`, `timeout`, `aborted`, `closed`, `invalid-argument`, `unauthenticated` (proxy, client certificate).
   * `requestSent` tells whether the server may have acted. Redirects are answers like others: see `redirectTarget`.
   */
  send(request: WireRequest, ctx: CallContext): Promise<WireResponse>;
  /** Drops all connections; what is under way fails with `closed`. */
  close(): Promise<void>;
}

interface Place extends ExchangeSettings {
  readonly pool: OriginPool;
}

/** Plain requests go to a proxy whole: with the full address as their path, and with what only the proxy may see. */
function wholeRequests(target: Origin, proxy: Proxy): PoolRoute['rewrite'] {
  const host = new URL(target.href).host;
  const extra = proxy.authorization === undefined ? [] : ['proxy-authorization', proxy.authorization];
  return (path, headers) => ({ path: target.href + path, headers: ['host', host, ...headers, ...extra] });
}

class UndiciTransport implements Transport {
  readonly #limits: Limits;
  readonly #tls: TlsSettings;
  readonly #proxyFor: ProxyChoice;
  readonly #places = new Map<string, Place>();
  readonly #log: ReturnType<typeof openWireLog>;
  #UndiciClientClass: UndiciClient | undefined;
  #isClosed = false;

  constructor(host: DriverHost, options: TransportOptions) {
    const env = options.env ?? process.env;
    this.#limits = readLimits(options);
    this.#tls = readTlsSettings(host, options);
    this.#proxyFor = chooseProxy(options.proxyUrl, env);
    this.#log = openWireLog(env);
  }

  async #load(request: WireRequest, ctx: CallContext): Promise<WireResponse> {
    this.#UndiciClientClass = await loadUndiciClient();
    return this.send(request, ctx);
  }

  send(request: WireRequest, ctx: CallContext): Promise<WireResponse> {
    if (this.#UndiciClientClass === undefined) return this.#load(request, ctx);
    return new Promise((resolve, reject) => {
      // A throw in here rejects.
      const place = this.#places.get(request.origin) ?? this.#addPlace(request.origin);
      const exchange = new Exchange(request, ctx, place, startTrace(request, ctx, this.#log), resolve, reject);
      if (!exchange.isOver) place.pool.run(exchange);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const place of this.#places.values()) place.pool.close();
    this.#places.clear();
  }

  #addPlace(href: string): Place {
    if (this.#isClosed) throw new StorageError('closed', 'The storage was closed.', { requestSent: false });
    for (const [name, place] of this.#places) if (place.pool.isEmpty) this.#places.delete(name);
    const target = parseOrigin(href);
    const proxy = this.#proxyFor(target);
    const limits = this.#limits;
    const connector = createConnector({ target, proxy, tls: this.#tls, timeoutMs: limits.connectTimeoutMs });
    const isWhole = proxy !== undefined && !target.isTls;
    const route: PoolRoute = {
      href: isWhole ? `http://${proxy.origin.label}` : target.href,
      connector,
      limits,
      rewrite: isWhole ? wholeRequests(target, proxy) : undefined,
    };
    const pool = new OriginPool(route, this.#UndiciClientClass as UndiciClient);
    const place: Place = { pool, limits, label: target.label, proxy: isWhole ? proxy.origin : undefined };
    this.#places.set(href, place);
    return place;
  }
}

/**
 * Makes a transport, without a connection. Throws `invalid-argument` for options that cannot be: an unreadable CA bundle, a client
 * key that does not fit its certificate, a proxy that is none. Warns through `host` when TLS is not verified.
 */
export function createTransport(host: DriverHost, options: TransportOptions = {}): Transport {
  return new UndiciTransport(host, options);
}
