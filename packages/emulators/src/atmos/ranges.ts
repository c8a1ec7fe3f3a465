import { randomBytes } from 'node:crypto';
import type { EmulatedResponse } from '../http-answer.js';
import type { Content } from './content.js';
import { AtmosError } from './errors.js';

/** `end` is exclusive. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** Reads `bytes=0-9,20-29,-5`; unknown forms are ignored, as HTTP says. Throws 1004 where no byte is left. */
function parseRanges(header: string, size: number): Span[] | undefined {
  const match = /^bytes=(.+)$/i.exec(header.trim());
  if (!match) return undefined;
  const spans: Span[] = [];
  for (const text of (match[1] as string).split(',')) {
    const [, from = '', to = ''] = /^\s*(\d*)-(\d*)\s*$/.exec(text) ?? [];
    if (from === '' && to === '') return undefined;
    const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
    const end = from === '' || to === '' ? size : Math.min(Number(to) + 1, size);
    if (start < size && start < end) spans.push({ start, end });
  }
  if (spans.length === 0) throw new AtmosError(1004);
  return spans;
}

/** Answers a GET with the whole, one range or several. */
export function contentAnswer(
  content: Content,
  contentType: string,
  range: string | undefined,
  headers: EmulatedResponse['headers'],
): EmulatedResponse {
  const spans = range === undefined ? undefined : parseRanges(range, content.size);
  if (!spans) {
    return {
      status: 200,
      headers: { 'content-type': contentType, ...headers },
      body: content.slice(0, content.size),
    };
  }
  const [first, ...others] = spans;
  if (first && others.length === 0) {
    const told = { 'content-type': contentType, 'content-range': rangeText(first, content.size) };
    return { status: 206, headers: { ...told, ...headers }, body: content.slice(first.start, first.end) };
  }
  const boundary = randomBytes(12).toString('hex');
  const parts = spans.flatMap((span) => [
    Buffer.from(
      `\r\n--${boundary}\r\nContent-Type: ${contentType}\r\nContent-Range: ${rangeText(span, content.size)}\r\n\r\n`,
    ),
    ...content.slice(span.start, span.end),
  ]);
  return {
    status: 206,
    headers: { 'content-type': `multipart/byteranges; boundary=${boundary}`, ...headers },
    body: [...parts, Buffer.from(`\r\n--${boundary}--\r\n`)],
  };
}

function rangeText({ start, end }: Span, size: number): string {
  return `bytes ${String(start)}-${String(end - 1)}/${String(size)}`;
}

/** Where an update writes. Throws 1012 when the body is not of the extent's length, 1004 behind the object's end. */
export function extentOf(header: string, bodyBytes: number, size: number): number {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/i.exec(header.trim()) ?? [];
  if (from === undefined || to === undefined) throw new AtmosError(1002);
  if (Number(to) - Number(from) + 1 !== bodyBytes) throw new AtmosError(1012);
  if (Number(from) > size) throw new AtmosError(1004);
  return Number(from);
}
