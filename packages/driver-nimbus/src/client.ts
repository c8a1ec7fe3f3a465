import { type CallContext, type DriverHost, type ErrorCode, StorageError } from '@stowage/core/spi';
import {
  createTransport,
  parseHttpDateMs,
  type Transport,
  type WireBody,
  type WireRequest,
  type WireResponse,
} from '@stowage/http';
import type { Addresses } from './address.js';
import type { Identity } from './auth.js';
import { toError } from './errors.js';
import type { NimbusOptions } from './options.js';
import { NimbusSigner } from './sign.js';

/** A request before it is addressed and signed. */
export interface NimbusCall {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Undefined for what is about collections as a whole. */
  readonly container?: string | undefined;
  /** Path and query, escaped. */
  readonly target: string;
  /** Names in lower case and values in turn. */
  readonly headers?: readonly string[] | undefined;
  readonly body?: Buffer | WireBody | undefined;
  readonly want?: WireRequest['want'] | undefined;
  /** What a 404 means. */
  readonly notFound: ErrorCode;
  /** What a 403 means. Default `permission-denied`. */
  readonly forbidden?: ErrorCode | undefined;
}

/** The server refuses signatures that are older or newer than ten minutes. */
const SUSPICIOUS_SKEW_MS = 9 * 60 * 1000;
/** A header tells whole seconds, and the way takes some time: clocks that differ by less may well agree. */
const NEGLIGIBLE_MS = 2000;
const CLOCK_IS_KNOWN_FOR_MS = 10 * 60 * 1000;
/** The director reads no longer head of a request. Bytes; some are left for the other headers. */
const MAX_TARGET_BYTES = 8192 - 900;

/** Addresses, signs and sends. Remembers how far the server's clock is from ours. */
export class NimbusClient {
  readonly addresses: Addresses;
  readonly identity: Identity;
  readonly host: DriverHost;
  readonly #signer: NimbusSigner;
  readonly #transport: Transport;
  #clockOffsetMs = 0;
  #clockIsOldAtMs = -Infinity;

  constructor(options: NimbusOptions, host: DriverHost, addresses: Addresses, identity: Identity) {
    this.addresses = addresses;
    this.identity = identity;
    this.host = host;
    this.#signer = new NimbusSigner(identity);
    this.#transport = createTransport(host, options);
  }

  /** The time by the server's clock, as far as it is known. */
  nowMs(): number {
    return this.host.nowMs() + this.#clockOffsetMs;
  }

  /** Sends one request. Resolves with a success only; a refusal rejects, classified. */
  async send(call: NimbusCall, ctx: CallContext): Promise<WireResponse> {
    const { method, container, target, body } = call;
    if (target.length > MAX_TARGET_BYTES) throw tooLong(target.length);
    const { origin, host } = container === undefined ? this.addresses.service : this.addresses.collection(container);
    const nowMs = this.host.nowMs();
    const timestampSeconds = Math.floor((nowMs + this.#clockOffsetMs) / 1000);
    const headers = this.#signer.headers({ method, target, timestampSeconds });
    if (host !== undefined) headers.push('host', host);
    if (call.headers) headers.push(...call.headers);
    const request = { method, origin, path: target, headers, want: call.want ?? 'bytes', body };
    const response = await this.#transport.send(request, ctx);
    if (response.ok) {
      if (nowMs >= this.#clockIsOldAtMs) this.#learnTime(response);
      return response;
    }
    throw this.#mended(response) ?? this.#refusal(response, call);
  }

  /** Sends a request whose answer is a document, and reads it. */
  async ask<T>(call: NimbusCall, ctx: CallContext, read: (bytes: Buffer) => T): Promise<T> {
    const { bytes, status } = await this.send(call, ctx);
    try {
      return read(bytes);
    } catch (cause) {
      const message = `The server answered ${String(status)} and something else than the documents of Nimbus.io. Check "endpoint" and "domain".`;
      throw new StorageError('unavailable', message, { status, requestSent: true, cause });
    }
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  #refusal(response: WireResponse, { notFound, forbidden = 'permission-denied' }: NimbusCall): StorageError {
    return toError(response, { notFound, forbidden, nowMs: this.host.nowMs() });
  }

  /** Tells by how much the clocks differ now, where the answer says. */
  #learnTime(response: WireResponse): number | undefined {
    const serverMs = parseHttpDateMs(response.header('date'));
    if (serverMs === undefined) return undefined;
    const nowMs = this.host.nowMs();
    this.#clockIsOldAtMs = nowMs + CLOCK_IS_KNOWN_FOR_MS;
    const offsetMs = serverMs - nowMs;
    this.#clockOffsetMs = Math.abs(offsetMs) < NEGLIGIBLE_MS ? 0 : offsetMs;
    return offsetMs;
  }

  /** A signature may have been refused only for its time: the next attempt is signed by the server's clock. */
  #mended(response: WireResponse): StorageError | undefined {
    if (response.status !== 401) return undefined;
    const before = this.#clockOffsetMs;
    const offsetMs = this.#learnTime(response);
    if (offsetMs === undefined || Math.abs(offsetMs - before) < SUSPICIOUS_SKEW_MS) return undefined;
    const minutes = Math.round(Math.abs(offsetMs) / 60_000);
    const fact = `The clock of this machine is ${String(minutes)} minutes ${offsetMs < 0 ? 'ahead of' : 'behind'} the server's; set it.`;
    this.host.warn(`${fact} Requests are signed with the server's time meanwhile.`);
    return new StorageError('unavailable', `${fact} The next attempt goes by it.`, { status: 401, mended: true });
  }
}

function tooLong(characters: number): StorageError {
  const message = `Key and metadata together make an address of ${String(characters)} characters, and the server takes ${String(MAX_TARGET_BYTES)}: shorten the metadata.`;
  return new StorageError('invalid-argument', message);
}
