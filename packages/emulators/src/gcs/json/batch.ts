import { randomBytes } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { EmulatedResponse } from '../../http-answer.js';
import { type EmulatedRequest, parseQuery, readBody } from '../../http-request.js';
import { invalid } from '../errors.js';
import type { BodyPart } from '../../multipart-body.js';
import { splitMultipart } from '../multipart-body.js';

export const BATCH_PATH = /^\/batch(\/storage\/v1)?$/;
const MAX_CALLS = 100;

/** Up to 100 calls in one request, each answered for itself: https://cloud.google.com/storage/docs/batch */
export async function serveBatch(
  request: EmulatedRequest,
  handle: (inner: EmulatedRequest) => Promise<EmulatedResponse>,
): Promise<EmulatedResponse> {
  const parts = splitMultipart(await readBody(request), request.headers['content-type'] ?? '');
  if (parts.length > MAX_CALLS) throw invalid(`A batch may hold ${String(MAX_CALLS)} calls.`, 'badRequest');
  const boundary = `batch_${randomBytes(12).toString('hex')}`;
  const answers: string[] = [];
  for (const part of parts) answers.push(answerPart(part, await handle(innerRequest(request, part))));
  const body = `${answers.map((answer) => `--${boundary}\r\n${answer}\r\n`).join('')}--${boundary}--\r\n`;
  return { status: 200, headers: { 'content-type': `multipart/mixed; boundary=${boundary}` }, body };
}

/** A part is a request of its own, which has the outer one's credentials unless it brings some. */
function innerRequest(outer: EmulatedRequest, { body }: BodyPart): EmulatedRequest {
  const text = body.toString('utf8');
  const split = /\r?\n\r?\n/.exec(text);
  const head = split ? text.slice(0, split.index) : text.trimEnd();
  const content = split ? text.slice(split.index + split[0].length) : '';
  const [line = '', ...lines] = head.split(/\r?\n/);
  const [method = 'GET', url = '/'] = line.split(' ');
  const target = url.replace(/^https?:\/\/[^/]+/, '');
  const mark = target.indexOf('?');
  const rawQuery = mark < 0 ? '' : target.slice(mark + 1);
  const own = lines.map((header): [string, string] => [
    header.slice(0, header.indexOf(':')).trim().toLowerCase(),
    header.slice(header.indexOf(':') + 1).trim(),
  ]);
  const { authorization, host } = outer.headers;
  const headers = {
    ...(authorization !== undefined && { authorization }),
    ...(host !== undefined && { host }),
    ...Object.fromEntries(own),
  };
  return {
    method,
    rawPath: mark < 0 ? target : target.slice(0, mark),
    rawQuery,
    query: parseQuery(rawQuery),
    headers,
    rawHeaders: Object.entries(headers).flat(),
    incoming: outer.incoming,
    body: once(Buffer.from(content, 'utf8')),
  };
}

async function* once(body: Buffer): AsyncGenerator<Buffer> {
  if (body.length > 0) yield body;
}

function answerPart(part: BodyPart, answer: EmulatedResponse): string {
  const id = part.headers['content-id'];
  const body = Buffer.concat(bodyOf(answer)).toString('utf8');
  const headers: EmulatedResponse['headers'] = { ...answer.headers, 'content-length': Buffer.byteLength(body) };
  const inner = Object.entries(headers)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${String(value)}\r\n`);
  const lines = [
    'Content-Type: application/http',
    ...(id === undefined ? [] : [`Content-ID: ${id.replace(/^<?/, '<response-').replace(/>?$/, '>')}`]),
  ];
  const status = `HTTP/1.1 ${String(answer.status)} ${STATUS_CODES[answer.status] ?? ''}`;
  return `${lines.join('\r\n')}\r\n\r\n${status}\r\n${inner.join('')}\r\n${body}`;
}

function bodyOf({ body }: EmulatedResponse): readonly Buffer[] {
  if (body === undefined) return [];
  return typeof body === 'string' || Buffer.isBuffer(body) ? [Buffer.from(body)] : body;
}
