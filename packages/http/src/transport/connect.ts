import { request as requestByHttp } from 'node:http';
import { request as requestByHttps } from 'node:https';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls';
import { StorageError } from '@stowage/core/spi';
import type { Origin } from './origin.js';
import type { Proxy } from './proxy.js';
import { connectError, proxyRefusal, type ConnectPlace } from './connect-errors.js';
import type { TlsSettings } from './tls-settings.js';

/** Whom to connect to, and how. */
export interface Route {
  readonly target: Origin;
  /** The proxy on the way, if any. Plain requests go to it whole, TLS goes through it. */
  readonly proxy: Proxy | undefined;
  readonly tls: TlsSettings;
  /** For everything until the connection can be used. Milliseconds. */
  readonly timeoutMs: number;
}

export type Connected = (error: Error | null, socket: Socket | null) => void;

/** Gives up a connection that does not stand yet. */
export type GiveUp = (error: Error) => void;

/** Makes one connection; `done` is called exactly once. */
export type Connector = (done: Connected) => GiveUp;

type SessionKeeper = { session: Buffer | undefined };

function secure(route: Route, to: Origin, base: Socket | undefined, kept: SessionKeeper): TLSSocket {
  const { tls } = route;
  const serverName = to === route.target ? (tls.serverName ?? to.hostname) : to.hostname;
  const context = tls.context();
  const socket = connectTls({
    ...(base ? { socket: base } : { host: to.hostname, port: to.port }),
    ...(isIP(serverName) ? {} : { servername: serverName }),
    ...(context ? { secureContext: context } : {}),
    ...(kept.session ? { session: kept.session } : {}),
    // Node would compare with the host that it connects to, which is not the server's where a proxy is on the way.
    checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
    rejectUnauthorized: tls.verify,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
  });
  socket.on('session', (session) => (kept.session = session));
  return socket;
}

/** Asks the proxy for a way through; gives the socket on which the target's TLS begins. */
function tunnel(route: Route, proxy: Proxy, done: Connected): GiveUp {
  const { target, tls } = route;
  const path = `${isIP(target.hostname) === 6 ? `[${target.hostname}]` : target.hostname}:${target.port}`;
  const send = proxy.origin.isTls ? requestByHttps : requestByHttp;
  const context = tls.context();
  const request = send({
    method: 'CONNECT',
    host: proxy.origin.hostname,
    port: proxy.origin.port,
    path,
    agent: false,
    headers: { host: path, ...(proxy.authorization ? { 'proxy-authorization': proxy.authorization } : {}) },
    ...(proxy.origin.isTls ? { rejectUnauthorized: tls.verify, ...(context ? { secureContext: context } : {}) } : {}),
  });
  request.once('connect', (response, socket: Socket, head) => {
    if (response.statusCode === 200 && head.length === 0) {
      done(null, socket);
      return;
    }
    socket.destroy();
    done(proxyRefusal(proxy.origin, response.statusCode ?? 0), null);
  });
  request.once('error', (error) => done(error, null));
  request.end();
  return (error) => request.destroy(error);
}

/** One connection in the making. */
class Attempt {
  readonly #route: Route;
  readonly #kept: SessionKeeper;
  readonly #done: Connected;
  readonly #timer: NodeJS.Timeout;
  #abandon: GiveUp | undefined;
  #isSettled = false;

  constructor(route: Route, kept: SessionKeeper, done: Connected) {
    this.#route = route;
    this.#kept = kept;
    this.#done = done;
    const { timeoutMs } = route;
    this.#timer = setTimeout(() => this.giveUp(this.#timeout()), timeoutMs);
  }

  start(): void {
    const { target, proxy } = this.#route;
    if (proxy && target.isTls) {
      this.#abandon = tunnel(this.#route, proxy, (error, socket) => {
        if (error || !socket) this.#fail(error ?? new Error('no socket'), 'proxy');
        else this.#watch(secure(this.#route, target, socket, this.#kept), 'secureConnect', 'server');
      });
      return;
    }
    const to = proxy?.origin ?? target;
    const place = proxy ? 'proxy' : 'server';
    if (to.isTls) this.#watch(secure(this.#route, to, undefined, this.#kept), 'secureConnect', place);
    else this.#watch(connectPlain({ host: to.hostname, port: to.port }), 'connect', place);
  }

  giveUp(error: Error): void {
    if (this.#isSettled) return;
    this.#settle(error, null);
    this.#abandon?.(error);
  }

  #watch(socket: Socket, event: 'connect' | 'secureConnect', place: ConnectPlace): void {
    const onError = (error: Error): void => this.#fail(error, place);
    this.#abandon = () => socket.destroy();
    if (this.#isSettled) socket.destroy();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('error', onError);
    socket.once(event, () => {
      socket.off('error', onError);
      this.#settle(null, socket);
    });
  }

  #fail(error: Error, place: ConnectPlace): void {
    const { target, proxy, tls } = this.#route;
    const to = place === 'proxy' && proxy ? proxy.origin : target;
    this.#settle(connectError(error, to, place, tls.serverName), null);
  }

  #settle(error: Error | null, socket: Socket | null): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#done(error, socket);
  }

  #timeout(): StorageError {
    const { target, proxy, timeoutMs } = this.#route;
    const through = proxy ? ` through proxy ${proxy.origin.label}` : '';
    return new StorageError('timeout', `No connection to ${target.label}${through} within ${timeoutMs} ms.`, {
      requestSent: false,
      providerCode: 'ETIMEDOUT',
    });
  }
}

/** Makes connections to one place. TLS sessions are taken up again. */
export function createConnector(route: Route): Connector {
  const kept: SessionKeeper = { session: undefined };
  return (done) => {
    const attempt = new Attempt(route, kept, done);
    attempt.start();
    return (error) => attempt.giveUp(error);
  };
}
