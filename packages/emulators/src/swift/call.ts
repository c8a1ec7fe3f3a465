import { createHash } from 'node:crypto';
import { Bytes } from './bytes.js';
import { SwiftError } from './errors.js';
import type { Session } from './identity/directory.js';
import type { SwiftStore } from './store.js';

/** Who asks, and by what right. */
export type Authority =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'session'; readonly session: Session }
  /** A signed URL or form: all of an account, or one container of it. */
  | { readonly kind: 'signed'; readonly account: string; readonly container: string | undefined }
  /** The server's own requests, such as those to a container of old versions. */
  | { readonly kind: 'system' };

/** What one storage service is made of; every region has its own. */
export interface Site {
  readonly store: SwiftStore;
  readonly limits: SwiftLimits;
  readonly policies: readonly string[];
  nowMs(): number;
}

export interface SwiftLimits {
  readonly maxFileBytes: number;
  readonly maxSegments: number;
  readonly maxManifestBytes: number;
  readonly maxDeletesPerRequest: number;
  readonly maxListing: number;
}

export interface Received {
  readonly bytes: Bytes;
  readonly md5: string;
}

/** A body that is still to be read. */
export interface CallBody {
  /** Missing when it comes in chunks. */
  readonly length: number | undefined;
  /** Refuses with 413 what is longer than `maxBytes`. */
  read(maxBytes: number): Promise<Received>;
}

/** A storage request as the layers see it. Header names are in lower case. */
export interface Call {
  readonly site: Site;
  readonly method: string;
  readonly account: string;
  readonly container: string | undefined;
  readonly object: string | undefined;
  /** Whether the path ended with a slash as it was sent. */
  readonly hasSlash?: boolean;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: CallBody;
  readonly authority: Authority;
  /** What the object's listing row says beside or instead of the usual. */
  readonly listing?: Readonly<Record<string, string | number | boolean>>;
  readonly client: { readonly address: string; readonly origin: string };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes;
  /** The whole of an object: conditions and ranges of the request are still to be applied. */
  readonly isWhole?: boolean;
  /** Parts of the body that could not be had, from the first byte up to, not including, the second. */
  readonly holes?: readonly (readonly [start: number, end: number])[];
  /** Bytes that are announced behind the body and never come. */
  readonly missingBytes?: number;
}

export type Handler = (call: Call) => Promise<Answer>;
/** One concern of the service; what lies within is asked through `next`, as Swift's middleware does. */
export type Layer = (call: Call, next: Handler) => Promise<Answer>;

/** Layers from the outermost to the innermost around a base. A refusal thrown inside is an answer outside. */
export function compose(layers: readonly Layer[], base: Handler): Handler {
  const inner: Handler = (call) => answered(() => base(call));
  return layers.reduceRight<Handler>((next, layer) => (call) => answered(() => layer(call, next)), inner);
}

async function answered(run: () => Promise<Answer>): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof SwiftError) return error.toAnswer();
    throw error;
  }
}

export function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

export const NO_QUERY: ReadonlyMap<string, string> = new Map();

export function bodyOf(bytes: Bytes): CallBody {
  return {
    length: bytes.size,
    read: (maxBytes) => {
      if (bytes.size > maxBytes) return Promise.reject(new SwiftError(413));
      return Promise.resolve({ bytes, md5: md5Of(bytes) });
    },
  };
}

export const NO_BODY: CallBody = bodyOf(Bytes.empty);

function md5Of(bytes: Bytes): string {
  const hash = createHash('md5');
  for (const chunk of bytes.chunks) hash.update(chunk);
  return hash.digest('hex');
}

/** The same request for another object, with nothing of the first one's headers, query or body. */
export function subCall(call: Call, changes: Partial<Call>): Call {
  return { ...call, headers: {}, query: NO_QUERY, body: NO_BODY, ...changes };
}

export function textAnswer(status: number, text: string, type = 'text/plain; charset=UTF-8'): Answer {
  return { status, headers: { 'content-type': type }, body: Bytes.of(text) };
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'text/html; charset=UTF-8', ...headers }, body: Bytes.empty };
}

/** What Swift says to changes of metadata and of containers that are there. */
export const ACCEPTED: Answer = {
  status: 202,
  headers: { 'content-type': 'text/html; charset=UTF-8' },
  body: Bytes.of('<html><h1>Accepted</h1><p>The request is accepted for processing.</p></html>'),
};

/** What Swift takes for true: `true`, `1`, `yes`, `on`, `t`, `y`, in any case. */
export function isTrue(text: string | undefined): boolean {
  return text !== undefined && /^(true|1|yes|on|t|y)$/i.test(text);
}

export function withoutQuotes(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}
