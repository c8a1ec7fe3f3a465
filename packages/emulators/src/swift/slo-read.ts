import { Bytes } from './bytes.js';
import { type Answer, type Call, type Handler, isSuccess, isTrue, subCall, withoutQuotes } from './call.js';
import { toJson } from './formats.js';

/** A segment as a stored manifest tells it: an object, a range of one, or bytes of its own. */
export interface Segment {
  /** `/container/object`. */
  readonly name?: string;
  readonly bytes?: number;
  readonly hash?: string;
  readonly content_type?: string;
  readonly last_modified?: string;
  readonly range?: string;
  readonly sub_slo?: boolean;
  /** Base64. */
  readonly data?: string;
}

export const MANIFEST_QUERY: ReadonlyMap<string, string> = new Map([['multipart-manifest', 'get']]);

const MAX_DEPTH = 10;

export function isStaticLarge(answer: Answer): boolean {
  return isSuccess(answer) && isTrue(answer.headers['x-static-large-object']);
}

/** Static large objects are read as their segments' content, or with `multipart-manifest=get` as their manifest. */
export async function readLargeObject(call: Call, next: Handler): Promise<Answer> {
  const answer = await next(call);
  if (!isStaticLarge(answer)) return answer;
  if (call.query.get('multipart-manifest') === 'get') return manifestAnswer(call, answer);
  const { etag = '', ...headers } = answer.headers;
  const size = Number(headers['x-object-sysmeta-slo-size']);
  const shown = { ...headers, etag: `"${headers['x-object-sysmeta-slo-etag'] ?? ''}"`, 'x-manifest-etag': etag };
  if (call.method === 'HEAD') return { ...answer, headers: shown, body: Bytes.zeros(size) };
  const pieces = await readSegments(call, parseManifest(answer), next, 1);
  return { ...answer, headers: shown, body: Bytes.join(pieces.map(({ bytes }) => bytes)), holes: holesOf(pieces) };
}

export function parseManifest(answer: Answer): readonly Segment[] {
  return JSON.parse(answer.body.toString()) as Segment[];
}

function manifestAnswer(call: Call, answer: Answer): Answer {
  if (call.query.get('format') !== 'raw') {
    return { ...answer, headers: { ...answer.headers, 'content-type': 'application/json; charset=utf-8' } };
  }
  const raw = parseManifest(answer).map(({ data, range, name, bytes, hash }) =>
    data === undefined
      ? { etag: hash, path: name, ...(range !== undefined && { range }), size_bytes: bytes }
      : { data },
  );
  return { ...answer, body: Bytes.of(toJson(raw)) };
}

interface Piece {
  readonly bytes: Bytes;
  readonly isMissing: boolean;
}

async function readSegments(
  call: Call,
  segments: readonly Segment[],
  next: Handler,
  depth: number,
): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const segment of segments) pieces.push(...(await readSegment(call, segment, next, depth)));
  return pieces;
}

async function readSegment(call: Call, segment: Segment, next: Handler, depth: number): Promise<readonly Piece[]> {
  if (segment.data !== undefined) return [{ bytes: Bytes.of(Buffer.from(segment.data, 'base64')), isMissing: false }];
  const [from, to] = rangeOf(segment);
  const answer = await next(segmentCall(call, segment));
  const missing = [{ bytes: Bytes.zeros(to - from), isMissing: true }];
  if (!isSuccess(answer)) return missing;
  if (segment.sub_slo === true) {
    if (depth >= MAX_DEPTH || !isStaticLarge(answer)) return missing;
    return slicePieces(await readSegments(call, parseManifest(answer), next, depth + 1), from, to);
  }
  const isSame = withoutQuotes(answer.headers['etag'] ?? '') === segment.hash && answer.body.size === segment.bytes;
  return isSame ? [{ bytes: answer.body.slice(from, to), isMissing: false }] : missing;
}

function segmentCall(call: Call, { name = '' }: Segment): Call {
  const [, container = '', object = ''] = /^\/?([^/]+)\/(.*)$/s.exec(name) ?? [];
  return subCall(call, { method: 'GET', container, object, query: MANIFEST_QUERY });
}

/** The bytes of its object that a segment stands for. */
export function rangeOf({ range, bytes = 0 }: Segment): readonly [number, number] {
  const [from, last] = range?.split('-').map(Number) ?? [];
  return from === undefined || last === undefined ? [0, bytes] : [from, last + 1];
}

function slicePieces(pieces: readonly Piece[], from: number, to: number): readonly Piece[] {
  let offset = 0;
  return pieces.flatMap(({ bytes, isMissing }) => {
    const [start, end] = [Math.max(from - offset, 0), Math.min(to - offset, bytes.size)];
    offset += bytes.size;
    return start < end ? [{ bytes: bytes.slice(start, end), isMissing }] : [];
  });
}

function holesOf(pieces: readonly Piece[]): readonly (readonly [number, number])[] {
  let offset = 0;
  return pieces.flatMap(({ bytes, isMissing }) => {
    const start = offset;
    offset += bytes.size;
    return isMissing ? [[start, offset] as const] : [];
  });
}

/** What a large object's listing row says instead of the facts of its manifest. */
export function largeRow(headers: Readonly<Record<string, string>>): Readonly<Record<string, string | number>> {
  const size = headers['x-object-sysmeta-slo-size'];
  const etag = headers['x-object-sysmeta-slo-etag'];
  return size === undefined || etag === undefined ? {} : { bytes: Number(size), slo_etag: `"${etag}"` };
}
