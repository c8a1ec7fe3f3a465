import { type CallContext, type DriverHost, StorageError } from '@stowage/core/spi';
import { createTransport, type Transport, type WireRequest, type WireResponse } from '@stowage/http';
import { Login } from './auth.js';
import type { Env } from './environment.js';
import { toError } from './errors.js';
import type { Address, OpenStackOptions } from './options.js';
import type { CdnCall, SwiftCall } from './requests.js';
import type { Session } from './session.js';
import { Tokens } from './tokens.js';

/** Addresses requests, adds the token, sends. A token goes to the hosts of its own session only. */
export class SwiftWire {
  readonly host: DriverHost;
  readonly transport: Transport;
  readonly tokens: Tokens;

  constructor(options: OpenStackOptions, host: DriverHost, env: Env) {
    this.host = host;
    this.transport = createTransport(host, options);
    this.tokens = new Tokens(new Login(options, host, this.transport, env), () => host.nowMs());
  }

  /** Sends one request to the storage. Resolves with a success only; a refusal rejects, classified. */
  async send(call: SwiftCall, ctx: CallContext): Promise<WireResponse> {
    const got = this.tokens.session(ctx.signal);
    const session = got instanceof Promise ? await got : got;
    return this.#send(call, session.storage, session, ctx);
  }

  /** Sends one request to the CDN management. */
  async sendCdn(call: CdnCall, ctx: CallContext): Promise<WireResponse> {
    const session = await this.tokens.session(ctx.signal);
    if (session.cdn) return this.#send(call, session.cdn, session, ctx);
    const message = 'The catalog has no CDN management; set "cdnManagementUrl", or use a provider that has a CDN.';
    throw new StorageError('unsupported', message, { requestSent: false });
  }

  /** The address of the account. Throws where nobody has logged in and no `storageUrl` is set. */
  async storage(ctx: CallContext): Promise<Address> {
    return (await this.tokens.session(ctx.signal)).storage;
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  async #send(call: SwiftCall, { origin, path }: Address, session: Session, ctx: CallContext): Promise<WireResponse> {
    const { token } = session;
    if (token !== undefined) call.headers.push('x-auth-token', token);
    const { method, headers, want, body, headersTimeoutMs } = call;
    const request: WireRequest = {
      method,
      origin,
      path: path + call.path || '/',
      headers,
      want,
      body,
      headersTimeoutMs,
    };
    const response = await this.transport.send(request, ctx);
    if (response.ok) {
      session.isProven = true;
      return response;
    }
    if (response.status === 401 && token !== undefined) throw await this.#unauthenticated(response, call, session, ctx);
    throw toError(response, call, this.host.nowMs());
  }

  /** The next attempt goes with a new token, where there can be one. */
  async #unauthenticated(
    response: WireResponse,
    call: SwiftCall,
    session: Session,
    ctx: CallContext,
  ): Promise<StorageError> {
    const error = toError(response, call, this.host.nowMs());
    if (!(await this.tokens.refuse(session, ctx.attempt))) return error;
    const { status, requestId } = error;
    const message = 'The token has expired or was revoked; the next attempt goes with a new one.';
    return new StorageError('unauthenticated', message, { status, requestId, mended: true });
  }
}
