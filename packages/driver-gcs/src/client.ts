import { type CallContext, type DriverHost, StorageError } from '@stowage/core/spi';
import {
  createTransport,
  isErrorDocument,
  parseErrorDocument,
  ServiceClock,
  type Transport,
  type WireBody,
  type WireRequest,
  type WireResponse,
} from '@stowage/http';
import type { Authorizer } from './authorize.js';
import type { GcsEndpoint } from './endpoint.js';
import { toError } from './errors.js';
import type { GcsOptions } from './options.js';
import type { GcsCall } from './requests.js';

/** Authorizes and sends. Remembers how far the service's clock is from ours. */
export class GcsClient {
  readonly endpoint: GcsEndpoint;
  readonly host: DriverHost;
  readonly transport: Transport;
  readonly clock: ServiceClock;
  readonly #authorizer: Authorizer;
  readonly #userProject: string | undefined;

  constructor(options: GcsOptions, host: DriverHost, endpoint: GcsEndpoint, authorizer: Authorizer) {
    this.endpoint = endpoint;
    this.host = host;
    this.transport = createTransport(host, options);
    this.clock = new ServiceClock(host);
    this.#authorizer = authorizer;
    this.#userProject = options.userProject;
  }

  /** Sends one request. Resolves with a success only; a refusal rejects, classified. */
  async send(call: GcsCall, ctx: CallContext, body?: Buffer | WireBody): Promise<WireResponse> {
    const request = this.#requestOf(call, body);
    const pending = this.#authorizer.authorize(request, call.contentHash, this.clock.nowMs());
    if (pending) await pending;
    const response = await this.transport.send(request, ctx);
    if (response.ok) return response;
    throw this.#learn(response, call, request.headers) ?? this.refusal(response, call);
  }

  /** Sends a request to a session: its address alone gives the right, and any answer may tell something. */
  sendBare(call: GcsCall, ctx: CallContext, body?: Buffer | WireBody): Promise<WireResponse> {
    return this.transport.send(this.#requestOf(call, body), ctx);
  }

  /** Sends a request whose answer is a document; one that cannot be read rejects, and so does one that tells of an error. */
  async ask<T>(call: GcsCall, ctx: CallContext, parse: (bytes: Buffer) => T): Promise<readonly [T, WireResponse]> {
    const response = await this.send({ ...call, want: 'document' }, ctx);
    if (isErrorDocument(response.bytes)) throw this.refusal(response, call);
    try {
      const parsed = parse(response.bytes);
      response.release();
      return [parsed, response];
    } catch (cause) {
      if (call.method === 'GET') throw cause;
      // The work may be done: only the answer is lost.
      const message = `The service answered ${String(response.status)} and did not say what became of the request.`;
      throw new StorageError('unavailable', message, { requestSent: true, cause });
    }
  }

  /** Sends a request of the JSON API. */
  async askJson<T extends object>(call: GcsCall, ctx: CallContext): Promise<T> {
    const [value] = await this.ask(call, ctx, parseJson);
    return value as T;
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  refusal(response: WireResponse, { notFound }: GcsCall): StorageError {
    return toError(response, { notFound, nowMs: this.host.nowMs() });
  }

  #requestOf(call: GcsCall, body: Buffer | WireBody | undefined): WireRequest {
    const { method, path, headers, want, headersTimeoutMs } = call;
    const { origin } = this.endpoint;
    const request = { method, origin, path, headers: [...headers], want, body: body ?? call.body, headersTimeoutMs };
    if (this.#userProject !== undefined && !headers.includes('x-goog-user-project'))
      request.headers.push('x-goog-user-project', this.#userProject);
    return request;
  }

  /** Takes what a refusal teaches: what the time is, that the token has ended. The next attempt uses it. */
  #learn(response: WireResponse, { method }: GcsCall, headers: readonly string[]): StorageError | undefined {
    const { status } = response;
    if (status !== 400 && status !== 401 && status !== 403) return undefined;
    const providerCode = parseErrorDocument(response.bytes)?.code;
    const lesson =
      status === 401 && this.#authorizer.refused(headers)
        ? 'The access token was refused and is fetched again.'
        : this.#learnTime(response, method, providerCode);
    if (lesson === undefined) return undefined;
    return new StorageError('unavailable', `${lesson} The next attempt goes by it.`, {
      status,
      providerCode,
      mended: true,
    });
  }

  #learnTime(response: WireResponse, method: string, code: string | undefined): string | undefined {
    // An answer to HEAD has no body to say what was wrong.
    const isSilent = method === 'HEAD' && code === undefined;
    return code === 'RequestTimeTooSkewed' || isSilent ? this.clock.learn(response, isSilent) : undefined;
  }
}

function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return {};
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw new StorageError('unknown', 'The service answered with something that is no JSON.', { cause });
  }
  throw new StorageError('unknown', 'The service answered with JSON that is no object.');
}
