import type { IncomingMessage } from 'node:http';

/** A request as it was sent: the path is not normalised, so that `//` and `..` in keys are seen. */
export interface EmulatedRequest {
  readonly method: string;
  /** Still percent-encoded. */
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string>>;
  /** Header names and values as sent, in turn. */
  readonly rawHeaders: readonly string[];
  readonly incoming: IncomingMessage;
  /** Fails when the connection ends before the body does. */
  readonly body: AsyncIterable<Buffer>;
}

export function readRequest(incoming: IncomingMessage): EmulatedRequest {
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const rawQuery = mark < 0 ? '' : target.slice(mark + 1);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ]),
  );
  const { method = 'GET', rawHeaders } = incoming;
  return { method, rawPath, rawQuery, query: parseQuery(rawQuery), headers, rawHeaders, incoming, body: incoming };
}

/** The first bytes of a body; then the connection is reset, also when no more would have come. */
export async function* cutBody(incoming: IncomingMessage, afterBytes: number): AsyncGenerator<Buffer> {
  let left = afterBytes;
  const { socket } = incoming;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    if (left > 0) yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) break;
  }
  socket.resetAndDestroy();
  throw new Error('The connection was cut, as it was asked for.');
}

export function parseQuery(rawQuery: string): ReadonlyMap<string, string> {
  const pairs = rawQuery.split('&').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [decodeQuery(name), decodeQuery(value.join('='))];
    }),
  );
}

/** What is not well escaped stays as it is. */
function decodeQuery(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** Reads a request's body whole; a large one lies in memory once. */
export async function readBody(request: EmulatedRequest): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > LARGE_BODY_BYTES) return readLarge(request, announced);
  const chunks: Buffer[] = [];
  for await (const chunk of request.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const LARGE_BODY_BYTES = 1024 ** 2;

async function readLarge(request: EmulatedRequest, size: number): Promise<Buffer> {
  const body = Buffer.allocUnsafe(size);
  let filled = 0;
  for await (const chunk of request.body) filled += chunk.copy(body, filled);
  return body.subarray(0, filled);
}
