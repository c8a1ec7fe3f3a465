import { randomBytes } from 'node:crypto';
import { Bytes } from './bytes.js';
import { type Answer, type Call, withoutQuotes } from './call.js';
import { SwiftError } from './errors.js';

type Range = readonly [start: number, end: number];

/** Answers of whole objects as the request's conditions and ranges want them. */
export function applyConditions(call: Call, answer: Answer): Answer {
  if (answer.isWhole !== true)
    return call.headers['if-match'] === '*' && answer.status === 404 ? unmet(answer) : answer;
  const status = conditionStatus(call.headers, answer.headers);
  if (status === 304) return { ...answer, status, body: Bytes.empty, isWhole: false };
  if (status === 412) return unmet(answer);
  return call.method === 'HEAD' ? answer : applyRange(call, answer);
}

function unmet({ headers: { 'accept-ranges': _ranges, ...headers } }: Answer): Answer {
  return { status: 412, headers: { ...headers, 'content-type': 'text/html; charset=UTF-8' }, body: Bytes.empty };
}

function conditionStatus(
  request: Readonly<Record<string, string>>,
  answer: Readonly<Record<string, string>>,
): 304 | 412 | undefined {
  const etag = withoutQuotes(answer['etag'] ?? '');
  const noneOf = request['if-none-match'];
  if (noneOf !== undefined && isAmong(etag, noneOf)) return 304;
  const oneOf = request['if-match'];
  if (oneOf !== undefined && !isAmong(etag, oneOf)) return 412;
  const modified = Date.parse(answer['last-modified'] ?? '');
  const since = Date.parse(request['if-modified-since'] ?? '');
  if (modified <= since) return 304;
  const unmodifiedSince = Date.parse(request['if-unmodified-since'] ?? '');
  return modified > unmodifiedSince ? 412 : undefined;
}

function isAmong(etag: string, list: string): boolean {
  const tags = list.split(',').map((tag) => withoutQuotes(tag.trim()));
  return tags.includes('*') || tags.includes(etag);
}

function applyRange(call: Call, answer: Answer): Answer {
  const { size } = answer.body;
  const wanted = parseRanges(call.headers['range']);
  const ranges = wanted && satisfiable(wanted, size);
  if (!ranges || (size === 0 && ranges.length > 0)) return cutAtHole(answer, [0, size]);
  const [first] = ranges;
  if (!first) {
    const refusal = new SwiftError(416).toAnswer();
    return {
      ...refusal,
      headers: { ...refusal.headers, ...answer.headers, 'content-range': `bytes */${String(size)}` },
    };
  }
  if (ranges.length > 1) return multipart(answer, ranges);
  const headers = { ...answer.headers, 'content-range': contentRange(first, size) };
  return cutAtHole({ ...answer, status: 206, headers }, first);
}

/** Swift sends nothing before it has so much to send: a failure before is a status, one behind cuts the connection. */
const SEND_AHEAD_BYTES = 64 * 1024;

/** A large object is sent up to the first segment that is missing; when that is the very first, the answer is 409. */
function cutAtHole(answer: Answer, [start, end]: Range): Answer {
  const hole = answer.holes?.find(([from, to]) => from < end && to > start);
  const { status, headers, body } = answer;
  if (!hole) return { status, headers, body: body.slice(start, end) };
  if (hole[0] <= start) throw new SwiftError(409);
  if (hole[0] - start < SEND_AHEAD_BYTES) throw new SwiftError(500, 'Traceback (most recent call last)');
  return { status, headers, body: body.slice(start, hole[0]), missingBytes: end - hole[0] };
}

function contentRange([start, end]: Range, size: number): string {
  return `bytes ${String(start)}-${String(end - 1)}/${String(size)}`;
}

function multipart(answer: Answer, ranges: readonly Range[]): Answer {
  const boundary = randomBytes(16).toString('hex');
  const type = answer.headers['content-type'] ?? '';
  const parts = ranges.flatMap((range) => [
    Bytes.of(
      `--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${contentRange(range, answer.body.size)}\r\n\r\n`,
    ),
    answer.body.slice(...range),
    Bytes.of('\r\n'),
  ]);
  return {
    status: 206,
    headers: { ...answer.headers, 'content-type': `multipart/byteranges;boundary=${boundary}` },
    body: Bytes.join([...parts, Bytes.of(`--${boundary}--`)]),
  };
}

type WantedRange = { readonly from: number | undefined; readonly to: number | undefined };

/** Undefined for what is no list of ranges; such a header is ignored. */
export function parseRanges(header: string | undefined): readonly WantedRange[] | undefined {
  const list = /^bytes=(.+)$/i.exec((header ?? '').replaceAll(/\s/g, ''))?.[1];
  if (list === undefined) return undefined;
  const ranges = list.split(',').map((item) => {
    const [, from = '', to = ''] = /^(\d*)-(\d*)$/.exec(item) ?? [];
    return { from: from === '' ? undefined : Number(from), to: to === '' ? undefined : Number(to) };
  });
  const isBad = ({ from, to }: WantedRange): boolean =>
    from === undefined ? to === undefined : to !== undefined && to < from;
  return ranges.some(isBad) ? undefined : ranges;
}

/** What of the ranges lies within `size` bytes; none when they are too many or too tangled. */
export function satisfiable(wanted: readonly WantedRange[], size: number): readonly Range[] {
  const ranges = wanted.flatMap(({ from, to }): Range[] => {
    if (from === undefined) return to === 0 ? [] : [[Math.max(0, size - (to ?? 0)), size]];
    return from < size ? [[from, Math.min((to ?? size) + 1, size)]] : [];
  });
  const overlaps = ranges.flatMap((left, index) => ranges.slice(index + 1).filter((right) => overlap(left, right)));
  const isAscending = ranges.every(([start], index) => index === 0 || start >= (ranges[index - 1] as Range)[0]);
  const isExcessive = ranges.length > 50 || overlaps.length > 2 || (!isAscending && ranges.length >= 8);
  return isExcessive ? [] : ranges;
}

function overlap([start, end]: Range, [otherStart, otherEnd]: Range): boolean {
  return start < otherEnd && otherStart < end;
}
