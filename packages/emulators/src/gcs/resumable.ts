import { randomBytes } from 'node:crypto';
import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { ContentWriter } from './content.js';
import type { GcsContext } from './context.js';
import { GcsError, invalid } from './errors.js';
import type { StoredObject } from './store.js';
import { checkWrite, type Digests, writeObject, type WriteRequest } from './write.js';

const QUANTUM_BYTES = 256 * 1024;
const LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

export interface Session {
  readonly id: string;
  readonly request: WriteRequest;
  readonly digests: Digests;
  /** `X-Upload-Content-Length`, or the total that a chunk told. */
  totalBytes: number | undefined;
  readonly startedAtMs: number;
  readonly writer: ContentWriter;
  /** Grows with each request that brings bytes: an older one that still sends is not listened to any more. */
  turn: number;
  outcome: 'open' | 'cancelled' | StoredObject;
}

/** Uploads that are begun, by the secret in their URI. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  start(context: GcsContext, request: WriteRequest, digests: Digests, totalBytes: number | undefined): Session {
    const startedAtMs = context.nowMs();
    checkWrite(request, startedAtMs);
    const id = randomBytes(30).toString('base64url');
    const writer = new ContentWriter();
    const session: Session = {
      id,
      request,
      digests,
      totalBytes,
      startedAtMs,
      writer,
      turn: 0,
      outcome: 'open',
    };
    this.#sessions.set(id, session);
    return session;
  }

  find(id: string, nowMs: number): Session {
    const session = this.#sessions.get(id);
    if (!session) throw new GcsError(404, 'notFound', 'NoSuchUpload', 'No such resumable upload session.');
    if (session.outcome === 'cancelled') throw cancelled();
    if (nowMs - session.startedAtMs <= LIFETIME_MS) return session;
    throw new GcsError(410, 'gone', 'ResumableUploadGone', 'The resumable upload session is no longer available.');
  }
}

function cancelled(): GcsError {
  return new GcsError(499, 'clientClosedRequest', 'ClientClosedRequest', 'The upload was cancelled.');
}

/** https://cloud.google.com/storage/docs/performing-resumable-uploads#cancel-upload */
export function cancelSession(session: Session): EmulatedResponse {
  if (session.outcome === 'open') session.outcome = 'cancelled';
  return { status: 499 };
}

/** What a `Content-Range` says; `end` is exclusive and missing where the body goes to its own end. */
interface Span {
  readonly start: number;
  readonly end: number | undefined;
  readonly total: number | undefined;
  /** Asks how far the upload has come, or ends it. */
  readonly isQuery: boolean;
}

function readSpan(header: string | undefined): Span {
  if (header === undefined) return { start: 0, end: undefined, total: undefined, isQuery: false };
  const match = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(header);
  if (!match) throw invalid(`Failed to parse Content-Range header: ${header}`, 'badRequest');
  const [, first, last, all] = match;
  const total = all === '*' ? undefined : Number(all);
  if (first === undefined) return { start: 0, end: undefined, total, isQuery: true };
  const span = { start: Number(first), end: last === '*' ? undefined : Number(last) + 1, total, isQuery: false };
  const isOrdered = span.end === undefined || (span.start < span.end && span.end <= (total ?? Infinity));
  if (!isOrdered) throw invalid(`Invalid Content-Range header: ${header}`, 'badRequest');
  return span;
}

/**
 * Takes a piece of an upload, or says how far it has come. Resolves to the object when it is whole.
 * https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload
 */
export async function continueSession(
  context: GcsContext,
  session: Session,
  request: EmulatedRequest,
): Promise<StoredObject | undefined> {
  const span = readSpan(request.headers['content-range']);
  if (typeof session.outcome === 'object') return session.outcome;
  const { writer } = session;
  if (span.isQuery) {
    // A total that is not what is stored ends nothing: the answer says what is.
    const isWhole = span.total !== undefined && span.total === writer.size;
    return isWhole ? finish(context, session, request) : undefined;
  }
  noteTotal(session, span.total);
  if (span.start > writer.size)
    throw new GcsError(503, 'backendError', 'ServiceUnavailable', 'The chunk begins behind what is stored.');
  const rest = await receive(session, span, request);
  const expected =
    span.end === undefined ? (span.total ?? writer.size + rest.length) : (span.total ?? session.totalBytes);
  if (expected !== writer.size + rest.length) return undefined;
  writer.append(rest);
  return finish(context, session, request);
}

function noteTotal(session: Session, total: number | undefined): void {
  if (total === undefined) return;
  if (session.totalBytes !== undefined && session.totalBytes !== total)
    throw invalid(
      `The total of ${String(total)} bytes differs from the ${String(session.totalBytes)} that were announced.`,
    );
  session.totalBytes = total;
}

/**
 * Stores whole quanta as they come, so that a connection that breaks leaves only them behind. Resolves to the bytes behind the last
 * one, which are kept only when the upload ends with them.
 */
async function receive(session: Session, span: Span, request: EmulatedRequest): Promise<Buffer> {
  const { writer } = session;
  session.turn += 1;
  const { turn } = session;
  let known = writer.size - span.start;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let received = 0;
  for await (const chunk of request.body) {
    if (session.turn !== turn || session.outcome !== 'open') throw cancelled();
    received += chunk.length;
    const fresh = chunk.subarray(Math.min(known, chunk.length));
    known -= chunk.length - fresh.length;
    held.push(fresh);
    heldBytes += fresh.length;
    const whole = Math.floor((writer.size + heldBytes) / QUANTUM_BYTES) * QUANTUM_BYTES - writer.size;
    if (whole <= 0) continue;
    const bytes = Buffer.concat(held);
    writer.append(bytes.subarray(0, whole));
    held = [bytes.subarray(whole)];
    heldBytes -= whole;
  }
  if (span.end !== undefined && received !== span.end - span.start)
    throw invalid('The length of the body does not match its Content-Range.', 'badRequest');
  return Buffer.concat(held);
}

function finish(context: GcsContext, session: Session, { headers }: EmulatedRequest): StoredObject {
  const { writer, request, digests } = session;
  if (session.totalBytes !== undefined && session.totalBytes !== writer.size)
    throw invalid(`The upload has ${String(writer.size)} bytes instead of ${String(session.totalBytes)}.`);
  const sent = hashHeader(headers['x-goog-hash']);
  session.outcome = writeObject(context, request, writer.finish(), { ...digests, ...sent });
  return session.outcome;
}

/** `crc32c=…,md5=…`: https://cloud.google.com/storage/docs/xml-api/reference-headers#xgooghash */
export function hashHeader(header: string | undefined): Digests {
  const pairs = (header ?? '').split(',').map((pair) => pair.trim());
  const value = (name: string): string | undefined =>
    pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  const [md5, crc32c] = [value('md5'), value('crc32c')];
  return { ...(md5 !== undefined && { md5 }), ...(crc32c !== undefined && { crc32c }) };
}

/** 308 and how much is stored; no range when nothing is. */
export function incompleteAnswer(session: Session, { headers }: EmulatedRequest): EmulatedResponse {
  const { size } = session.writer;
  const range = size > 0 ? { range: `bytes=0-${String(size - 1)}` } : {};
  const answer = { 'x-guploader-uploadid': session.id, ...range };
  if (headers['x-guploader-no-308'] === 'yes')
    return { status: 200, headers: { ...answer, 'x-http-status-code-override': '308' } };
  return { status: 308, headers: answer };
}
