import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Fault } from './faults.js';
import type { EmulatedRequest } from './http-request.js';

export interface EmulatedResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number | undefined>>;
  /** Several buffers are sent one behind the other, without a copy. */
  readonly body?: Buffer | string | readonly Buffer[];
  /** Announced behind the body but never sent: the connection ends instead. */
  readonly missingBytes?: number;
  /** Announces no length: the body ends where the connection does, so that one that is cut short looks whole. */
  readonly endsWithConnection?: boolean;
}

function writeHead(outgoing: ServerResponse, answer: EmulatedResponse, length?: number): void {
  const { endsWithConnection = false } = answer;
  if (endsWithConnection) outgoing.useChunkedEncodingByDefault = false;
  const framing = endsWithConnection ? { connection: 'close' } : { 'content-length': length };
  const headers = Object.entries({ ...framing, ...answer.headers }).filter(([, value]) => value !== undefined);
  outgoing.writeHead(answer.status, Object.fromEntries(headers) as Record<string, string | number>);
}

function chunksOf(body: EmulatedResponse['body']): readonly Buffer[] {
  return Array.isArray(body) ? (body as readonly Buffer[]) : [Buffer.from((body as Buffer | string | undefined) ?? '')];
}

function sizeOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((size, chunk) => size + chunk.length, 0);
}

export function send(outgoing: ServerResponse, request: EmulatedRequest, answer: EmulatedResponse): void {
  if (answer.status === 204 || answer.status === 304) {
    writeHead(outgoing, answer);
    outgoing.end();
    return;
  }
  const chunks = chunksOf(answer.body);
  const { missingBytes = 0 } = answer;
  writeHead(outgoing, answer, sizeOf(chunks) + missingBytes);
  if (request.method === 'HEAD') outgoing.end();
  else if (missingBytes > 0) outgoing.write(Buffer.concat(chunks), () => outgoing.destroy());
  else if (chunks.length > 1) Readable.from(chunks).pipe(outgoing);
  else outgoing.end(chunks[0]);
}

/** Sends an answer, or as much of it as a fault lets through. */
export function sendFaulty(
  outgoing: ServerResponse,
  request: EmulatedRequest,
  answer: EmulatedResponse,
  fault: Fault | undefined,
): void {
  const chunks = chunksOf(answer.body);
  const size = sizeOf(chunks);
  const cut = cutAfter(fault, size);
  if (fault?.kind === 'corrupt' && size > 0) {
    send(outgoing, request, { ...answer, body: flipBit(chunks, size >> 1) });
  } else if (cut === undefined || request.method === 'HEAD') {
    send(outgoing, request, answer);
  } else {
    writeHead(outgoing, answer, size);
    outgoing.write(Buffer.concat(chunks).subarray(0, cut), () => {
      if (fault?.kind === 'truncate') outgoing.destroy();
      else if (fault?.kind === 'reset') request.incoming.socket.resetAndDestroy();
    });
  }
}

/** The same bytes with one bit of the byte at an offset changed. */
function flipBit(chunks: readonly Buffer[], offset: number): readonly Buffer[] {
  let start = 0;
  return chunks.map((chunk) => {
    const at = offset - start;
    start += chunk.length;
    if (at < 0 || at >= chunk.length) return chunk;
    const flipped = Buffer.from(chunk);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
    return flipped;
  });
}

/** Bytes of the body that are sent before the fault strikes; undefined when the fault is another. */
function cutAfter(fault: Fault | undefined, size: number): number | undefined {
  if (fault?.kind === 'truncate') return Math.min(fault.afterBytes, size);
  if ((fault?.kind === 'reset' || fault?.kind === 'hang') && fault.at === 'mid-body') return size >> 1;
  return undefined;
}
