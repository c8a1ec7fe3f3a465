import { type CallContext, type DriverHost, type ErrorCode, StorageError } from '@stowage/core/spi';
import {
  createTransport,
  escapePath,
  httpDate,
  originOf,
  readPlace,
  ServiceClock,
  type SignText,
  type Transport,
  type WireBody,
  type WireResponse,
} from '@stowage/http';
import { codeOf, toError } from './errors.js';
import { type AtmosOptions, readSecret, refuse, type ServiceFacts } from './options.js';
import { stringToSign, textSigner } from './sign.js';

/** A request before it is dated and signed. */
export interface AtmosCall {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** From `/rest` on, not percent-encoded. */
  readonly resource: string;
  /** In lower case, without `?`. */
  readonly query?: string | undefined;
  /** `x-emc-*`, in lower case, and values in turn. */
  readonly headers?: readonly string[] | undefined;
  readonly contentType?: string | undefined;
  readonly range?: string | undefined;
  readonly body?: Buffer | WireBody | undefined;
  readonly want?: 'bytes' | 'stream' | undefined;
  /** What it means that there is no such thing. */
  readonly notFound: ErrorCode;
  /** What it means that there is one; default `object-exists`. */
  readonly exists?: ErrorCode | undefined;
}

export const OCTETS = 'application/octet-stream';
const NO_HEADERS: readonly string[] = [];
const NO_BODY = Buffer.alloc(0);
const OUT_OF_TIME = 1031;

/** Addresses, dates, signs and sends. Remembers how far the service's clock is from ours. */
export class AtmosClient {
  readonly host: DriverHost;
  readonly facts: ServiceFacts;
  readonly uid: string;
  readonly origin: string;
  /** Stands before `/rest` and is not signed. */
  readonly prefix: string;
  readonly sign: SignText;
  readonly #transport: Transport;
  readonly #clock: ServiceClock;

  constructor(options: AtmosOptions, host: DriverHost, facts: ServiceFacts) {
    const endpoint = readPlace(options) ?? refuse('Give "endpoint" or "host": this store has no address of its own.');
    this.host = host;
    this.facts = facts;
    this.uid = options.user;
    this.origin = originOf(endpoint);
    // Some write the whole context path.
    this.prefix = (endpoint.path + (options.path ?? '')).replace(/\/+$/, '').replace(/\/rest$/, '');
    this.sign = textSigner(readSecret(options));
    this.#transport = createTransport(host, options);
    this.#clock = new ServiceClock(host);
  }

  /** The time by the service's clock, as far as it is known. */
  nowMs(): number {
    return this.#clock.nowMs();
  }

  pathOf(resource: string): string {
    return this.prefix + escapePath(resource);
  }

  /** Headers of a request, its signature among them. */
  headersOf(call: AtmosCall): string[] {
    const date = httpDate(this.nowMs());
    const { method, resource, query = '', contentType, range, headers = NO_HEADERS } = call;
    const emcHeaders = [...headers, 'x-emc-date', date, 'x-emc-uid', this.uid];
    const signature = this.sign(stringToSign({ method, resource, query, contentType, range, date, emcHeaders }));
    const sent = [...emcHeaders, 'x-emc-signature', signature, 'date', date];
    if (contentType !== undefined) sent.push('content-type', contentType);
    if (range !== undefined) sent.push('range', range);
    return sent;
  }

  /** Headers with which somebody else may send a request until they expire. Without `Date`, which browsers set themselves. */
  presignedHeaders(
    { method, resource, query = '', contentType, headers = NO_HEADERS }: AtmosCall,
    expiresAtMs: number,
  ) {
    const emcHeaders = [...headers, 'x-emc-expires', String(expiresAtMs), 'x-emc-uid', this.uid];
    const signature = this.sign(stringToSign({ method, resource, query, contentType, emcHeaders }));
    const sent: Record<string, string> = { 'x-emc-signature': signature };
    for (let at = 0; at < emcHeaders.length; at += 2) sent[emcHeaders[at] as string] = emcHeaders[at + 1] as string;
    if (contentType !== undefined) sent['content-type'] = contentType;
    return sent;
  }

  /** Sends one request. Resolves with a success only; a refusal rejects, classified. */
  async send(call: AtmosCall, ctx: CallContext): Promise<WireResponse> {
    const { method, resource, query, want = 'bytes' } = call;
    const path = this.pathOf(resource) + (query === undefined ? '' : `?${query}`);
    // A POST or PUT without a body needs a length all the same.
    const body = call.body ?? (method === 'POST' || method === 'PUT' ? NO_BODY : undefined);
    const request = { method, origin: this.origin, path, headers: this.headersOf(call), want, body };
    const response = await this.#transport.send(request, ctx);
    if (response.ok) return response;
    throw this.#learn(response, method) ?? toError(response, { ...call, nowMs: this.host.nowMs() });
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  /** A refused date teaches what the time is; the next attempt goes by it. An answer to HEAD does not say what was wrong. */
  #learn(response: WireResponse, method: string): StorageError | undefined {
    if (response.status !== 403) return undefined;
    const code = codeOf(response);
    const isSilent = method === 'HEAD' && code === undefined;
    if (code !== OUT_OF_TIME && !isSilent) return undefined;
    const lesson = this.#clock.learn(response, isSilent);
    if (lesson === undefined) return undefined;
    const facts = {
      status: response.status,
      providerCode: code === undefined ? undefined : String(code),
      mended: true,
    };
    return new StorageError('unavailable', `${lesson} The next attempt goes by it.`, facts);
  }
}
