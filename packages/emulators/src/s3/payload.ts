import { type EmulatedRequest, readBody } from '../http-request.js';
import { S3Error } from './errors.js';
import { hmac, sameText, sha256Hex, type Signer } from './signature.js';

/** A request's body as it is to be stored, and its headers with the trailers added. */
export interface Payload {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads the body, undoes `aws-chunked` and checks hash, chunk signatures and trailer. */
export async function readPayload(request: EmulatedRequest, signer: Signer | undefined): Promise<Payload> {
  const raw = await readBody(request);
  const mode = request.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
  if (mode.startsWith('STREAMING-')) return readChunked(request, raw, mode, signer);
  if (mode !== 'UNSIGNED-PAYLOAD' && mode !== sha256Hex(raw)) {
    throw new S3Error(
      400,
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  return { body: raw, headers: request.headers };
}

const EMPTY_SHA256 = sha256Hex('');

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html */
function readChunked(request: EmulatedRequest, raw: Buffer, mode: string, signer: Signer | undefined): Payload {
  const isSigned = mode.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD');
  if (!isSigned && mode !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER')
    throw new S3Error(400, 'InvalidRequest', `Unknown payload ${mode}`);
  if (isSigned && !signer) throw new S3Error(403, 'AccessDenied', 'A signed stream needs a signed request');
  const chain = isSigned && signer ? new ChunkChain(signer) : undefined;
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const lineEnd = raw.indexOf('\r\n', position);
    if (lineEnd < 0) throw incomplete();
    const [size = '', extension = ''] = raw.toString('latin1', position, lineEnd).split(';');
    const length = Number.parseInt(size, 16);
    if (!/^[0-9a-fA-F]+$/.test(size)) throw incomplete();
    const chunk = raw.subarray(lineEnd + 2, lineEnd + 2 + length);
    if (chunk.length !== length) throw incomplete();
    chain?.check(chunk, extension.replace('chunk-signature=', ''));
    position = lineEnd + 2 + length;
    if (length === 0) break;
    chunks.push(chunk);
    position += 2;
  }
  const body = Buffer.concat(chunks);
  checkLength(request, body);
  return {
    body,
    headers: { ...request.headers, ...readTrailers(request, raw.toString('latin1', position), mode, chain) },
  };
}

function readTrailers(
  request: EmulatedRequest,
  text: string,
  mode: string,
  chain: ChunkChain | undefined,
): Record<string, string> {
  if (!mode.endsWith('-TRAILER')) return {};
  const lines = text.split('\r\n').filter((line) => line !== '');
  const trailers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const announced = (request.headers['x-amz-trailer'] ?? '').split(',').map((name) => name.trim().toLowerCase());
  if (announced.some((name) => trailers[name] === undefined)) {
    throw new S3Error(
      400,
      'MalformedTrailerError',
      'The request contained trailing data that was not well-formed or did not conform.',
    );
  }
  if (chain) {
    const signed = announced.map((name) => `${name}:${trailers[name] as string}\n`).join('');
    chain.checkTrailer(signed, trailers['x-amz-trailer-signature'] ?? '');
  }
  return trailers;
}

/** Each chunk's signature covers the one before it. */
class ChunkChain {
  readonly #signer: Signer;
  #previous: string;

  constructor(signer: Signer) {
    this.#signer = signer;
    this.#previous = signer.signature;
  }

  check(chunk: Buffer, signature: string): void {
    this.#expect('AWS4-HMAC-SHA256-PAYLOAD', [EMPTY_SHA256, sha256Hex(chunk)], signature);
  }

  checkTrailer(trailers: string, signature: string): void {
    this.#expect('AWS4-HMAC-SHA256-TRAILER', [sha256Hex(trailers)], signature);
  }

  #expect(algorithm: string, hashes: readonly string[], signature: string): void {
    const { amzDate, scope, signingKey } = this.#signer;
    const expected = hmac(signingKey, [algorithm, amzDate, scope, this.#previous, ...hashes].join('\n')).toString(
      'hex',
    );
    if (!sameText(expected, signature))
      throw new S3Error(403, 'SignatureDoesNotMatch', 'A chunk does not match its signature.');
    this.#previous = expected;
  }
}

function checkLength(request: EmulatedRequest, body: Buffer): void {
  const announced = request.headers['x-amz-decoded-content-length'];
  if (announced === undefined)
    throw new S3Error(411, 'MissingContentLength', 'You must provide the x-amz-decoded-content-length header.');
  if (Number(announced) !== body.length) throw incomplete();
}

function incomplete(): S3Error {
  return new S3Error(400, 'IncompleteBody', 'The request body terminated unexpectedly.');
}
