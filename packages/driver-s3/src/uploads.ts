import {
  type Checksum,
  type ChecksumAlgorithm,
  createDigest,
  DIGEST_HEX_DIGITS,
  digestOf,
  type PutBody,
  type PutResult,
  StorageError,
} from '@stowage/core/spi';
import {
  chunkedBody,
  hexToBase64,
  sha256OfBytes,
  STREAMING_SIGNED,
  STREAMING_SIGNED_TRAILER,
  STREAMING_UNSIGNED_TRAILER,
  type Trailer,
  UNSIGNED_PAYLOAD,
  type WireResponse,
} from '@stowage/http';
import type { BodyOf } from './client.js';
import { checksumHeader } from './requests.js';
import { isS3Checksum, type S3Checksum, type ServiceFacts, type UploadDigest } from './service.js';
import { readEtag } from './wire.js';

/** How a body is to be sent so that the service can compare it. */
export interface SignedBody {
  readonly contentHash: string;
  readonly headers: readonly string[];
  readonly bodyOf: BodyOf;
  /** Bytes. */
  readonly size: number;
  /** The service is known to compare the body with a digest that goes with it. */
  readonly isCompared: boolean;
  /** Header in which a service that knows checksums repeats the one it compared. */
  readonly echo: string | undefined;
  /** Its MD5, where it is known: an ETag that equals it shows that the service has just these bytes. */
  readonly md5: string | undefined;
}

/** How bodies are sent to one service. */
export interface BodyPolicy {
  readonly digest: UploadDigest;
  /** Digests that the service compares when they go along. */
  readonly compared: readonly ChecksumAlgorithm[];
  readonly facts: ServiceFacts;
  /** The channel keeps what is sent from being changed: TLS, or this very machine. */
  readonly isSafeChannel: boolean;
  readonly isAnonymous: boolean;
}

/** Above this a body is hashed for its signature only where nothing else protects it: SHA-256 costs more than the rest. */
const ALWAYS_HASHED_BYTES = 64 * 1024;

/** Chooses digests and signature for a body. `checksum` is one that core or the caller has computed already. */
export function signBody(body: PutBody, checksum: Checksum | undefined, policy: BodyPolicy): SignedBody {
  checkKnown(checksum, policy);
  const { bytes, size } = body;
  if (bytes) return signBytes(bytes, checksum, policy);
  if (size === undefined)
    throw new StorageError('unsupported', 'S3 must know the size of a body before it is sent; give "size".');
  const { digest, facts, isSafeChannel, isAnonymous } = policy;
  const sized = { size, replayable: body.replayable, open: () => body.open() };
  if (isAnonymous) return sendPlain(sized, checksum, policy);
  const given = checksum && checksumHeader(checksum, facts.checksums);
  const trailer = facts.checksums && isS3Checksum(digest) && !given ? digest : undefined;
  const signsChunks = !isSafeChannel && facts.signedChunks;
  return trailer !== undefined || signsChunks
    ? signStream(sized, { given, md5: md5Of(checksum), trailer, signsChunks })
    : sendPlain(sized, checksum, policy);
}

function checkKnown(checksum: Checksum | undefined, { compared, facts }: BodyPolicy): void {
  if (checksum === undefined || compared.includes(checksum.algorithm)) return;
  const message = `${facts.name} does not compare a ${checksum.algorithm}; it compares ${compared.join(', ')}.`;
  throw new StorageError('unsupported', message, { requestSent: false });
}

function signBytes(bytes: Buffer, checksum: Checksum | undefined, policy: BodyPolicy): SignedBody {
  const { facts, isSafeChannel, isAnonymous } = policy;
  const sent = chooseChecksum(bytes, checksum, policy);
  const header = sent && checksumHeader(sent, facts.checksums);
  const isProtected = header !== undefined && (isSafeChannel || isAnonymous);
  const isHashed = !isAnonymous && (bytes.length <= ALWAYS_HASHED_BYTES || !isProtected);
  const known = checksum?.algorithm === 'sha256' ? checksum.value : undefined;
  return {
    contentHash: isHashed ? (known ?? sha256OfBytes(bytes)) : UNSIGNED_PAYLOAD,
    headers: header ?? [],
    bodyOf: () => bytes,
    size: bytes.length,
    isCompared: facts.comparesBodies && (isHashed || header?.[0] === 'content-md5'),
    echo: header?.[0],
    md5: md5Of(sent),
  };
}

/** A digest that the caller gives goes along where the service looks at it; otherwise the configured one is computed. */
function chooseChecksum(
  bytes: Buffer,
  given: Checksum | undefined,
  { digest, facts }: BodyPolicy,
): Checksum | undefined {
  if (given && (facts.checksums || given.algorithm === 'md5')) return given;
  if (digest === 'payload' || (isS3Checksum(digest) && !facts.checksums)) return undefined;
  return { algorithm: digest, value: digestOf(digest, bytes) };
}

function md5Of(checksum: Checksum | undefined): string | undefined {
  return checksum?.algorithm === 'md5' ? checksum.value : undefined;
}

type SizedBody = PutBody & { readonly size: number };

/**
 * Sends a stream in chunks: each signed, or with a digest that follows the body as a trailer, or both.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
function signStream(
  body: SizedBody,
  how: {
    readonly given: readonly [string, string] | undefined;
    readonly md5: string | undefined;
    readonly trailer: S3Checksum | undefined;
    readonly signsChunks: boolean;
  },
): SignedBody {
  const { given, trailer, signsChunks } = how;
  const trailerName = trailer && `x-amz-checksum-${trailer}`;
  const length = ['x-amz-decoded-content-length', String(body.size)];
  const headers = ['content-encoding', 'aws-chunked', ...length, ...(given ?? [])];
  if (trailerName !== undefined) headers.push('x-amz-trailer', trailerName);
  return {
    contentHash: streamHash(signsChunks, trailer !== undefined),
    headers,
    bodyOf: (signature) => {
      const seed = signsChunks ? signature : undefined;
      if (trailer === undefined) return chunkedBody(body, { trailers: [], ...(seed && { seed }) });
      const { trailers, observe } = digestTrailer(trailer);
      return chunkedBody(body, { trailers, observe, ...(seed && { seed }) });
    },
    size: body.size,
    isCompared: signsChunks,
    echo: given?.[0] ?? trailerName,
    md5: how.md5,
  };
}

/** A trailer whose digest is made while the body passes; one for each attempt. */
function digestTrailer(algorithm: S3Checksum): {
  readonly trailers: readonly Trailer[];
  readonly observe: (piece: Buffer) => void;
} {
  const digest = createDigest(algorithm);
  const valueBytes = Math.ceil(DIGEST_HEX_DIGITS[algorithm] / 6) * 4;
  const value = (): string => hexToBase64(digest.hex());
  return {
    trailers: [{ name: `x-amz-checksum-${algorithm}`, valueBytes, value }],
    observe: (piece) => {
      digest.update(piece);
    },
  };
}

function streamHash(signsChunks: boolean, hasTrailer: boolean): string {
  if (!signsChunks) return STREAMING_UNSIGNED_TRAILER;
  return hasTrailer ? STREAMING_SIGNED_TRAILER : STREAMING_SIGNED;
}

/** Sends a stream as it is; core compares afterwards what the service reports. */
function sendPlain(body: SizedBody, checksum: Checksum | undefined, { facts, isAnonymous }: BodyPolicy): SignedBody {
  const header = checksum && checksumHeader(checksum, facts.checksums);
  const isHashed = checksum?.algorithm === 'sha256' && !isAnonymous;
  return {
    contentHash: isHashed ? checksum.value : UNSIGNED_PAYLOAD,
    headers: header ?? [],
    bodyOf: () => body,
    size: body.size,
    isCompared: facts.comparesBodies && (isHashed || header?.[0] === 'content-md5'),
    echo: header?.[0],
    md5: md5Of(checksum),
  };
}

/** `service` when the service is known to have compared a digest of this body, or answers with the digest that it has. */
export function verificationOf(body: SignedBody, response: WireResponse): PutResult['verified'] {
  if (body.isCompared) return 'service';
  if (body.echo !== undefined && body.echo !== 'content-md5' && response.header(body.echo) !== undefined)
    return 'service';
  return body.md5 !== undefined && readEtag(response.header('etag')) === body.md5 ? 'service' : 'none';
}
