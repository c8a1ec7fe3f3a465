import type { Readable } from 'node:stream';

/** A body to send; core's `PutBody` fits. */
export interface WireBody {
  /** Bytes; undefined sends the body with `transfer-encoding: chunked`. */
  readonly size: number | undefined;
  /** The whole body where it already is in memory. */
  readonly bytes?: Buffer | undefined;
  open(): Readable;
}

/** One HTTP request, ready to be sent. */
export interface WireRequest {
  readonly method: string;
  /** Scheme and authority: `https://example.com`, `http://127.0.0.1:9000`. No path, no user. */
  readonly origin: string;
  /** Path and query, escaped; they are sent exactly so and never normalised. */
  readonly path: string;
  /** Names in lower case and values in turn. The transport adds `host` and `content-length` itself. */
  readonly headers: string[];
  readonly body?: Buffer | WireBody | undefined;
  /**
   * `bytes` collects the body; `document` does too, in memory that `release` passes on; `stream` gives it as it arrives. Answers from
   * 300 on are always collected, as far as `maxErrorBytes`.
   */
  readonly want: 'bytes' | 'document' | 'stream';
  /** Longest body that is collected; a longer one is an error. Bytes; no bound unless given. */
  readonly maxBytes?: number | undefined;
  /** Replaces the transport's `headersTimeoutMs`, for calls over which a server thinks long. Milliseconds. */
  readonly headersTimeoutMs?: number | undefined;
}

/** One HTTP answer. Headers are read on demand from the bytes that arrived. */
export interface WireResponse {
  readonly status: number;
  /** True for 200 to 299. */
  readonly ok: boolean;
  /** Value of a header by its name in lower case; several are joined by `, `. UTF-8 where it is that, else Latin-1. */
  header(name: string): string | undefined;
  /** Headers whose name begins so, in lower case: the rest of the name and the value, in turn. */
  headersWithPrefix(prefix: string): string[];
  /** The body; empty for `want: 'stream'` unless the status is 300 or more. */
  readonly bytes: Buffer;
  /** Passes the memory of a `document` on to another one; no view of `bytes` may be used any more. */
  release(): void;
  /**
   * The body for `want: 'stream'` and a status below 300. Errors, rather than ends, when fewer bytes than announced arrive;
   * destroying it frees the connection. It must be read or destroyed.
   */
  readonly stream: Readable | undefined;
}
