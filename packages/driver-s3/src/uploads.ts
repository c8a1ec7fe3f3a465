import {
  type Checksum,
  createDigest,
  DIGEST_HEX_DIGITS,
  digestOf,
  type PutBody,
  type PutResult,
} from '@stowage/core/spi';
import {
  chunkedBody,
  sha256OfBytes,
  STREAMING_SIGNED,
  STREAMING_SIGNED_TRAILER,
  STREAMING_UNSIGNED_TRAILER,
  UNSIGNED_PAYLOAD,
} from '@stowage/http';
import type { BodyOf } from './client.js';
import { checksumHeader } from './requests.js';
import type { UploadDigest } from './service.js';
import { toBase64 } from './wire.js';

/** How a body is to be sent so that the service can compare it. */
export interface SignedBody {
  readonly contentHash: string;
  readonly headers: readonly string[];
  readonly bodyOf: BodyOf;
  /** True when the service compares the body with the signed hash or with Content-MD5: every S3 service does. */
  readonly isCompared: boolean;
  /** Header in which a service that knows checksums repeats the one it compared. */
  readonly echo: string | undefined;
}

export interface BodyPolicy {
  readonly digest: UploadDigest;
  /** The service knows `x-amz-checksum-*` and `aws-chunked`. */
  readonly understandsChecksums: boolean;
  /** The channel keeps what is sent from being changed: TLS, or this very machine. */
  readonly isSafeChannel: boolean;
  readonly isAnonymous: boolean;
}

/** Above this a body is hashed for its signature only where nothing else protects it: SHA-256 costs more than the rest. */
const ALWAYS_HASHED_BYTES = 64 * 1024;

/** Chooses digests and signature for a body. `checksum` is one that core or the caller has computed already. */
export function signBody(body: PutBody, checksum: Checksum | undefined, policy: BodyPolicy): SignedBody {
  const { bytes } = body;
  if (bytes) return signBytes(bytes, checksum, policy);
  return policy.understandsChecksums && policy.digest !== 'payload' && body.size !== undefined && !policy.isAnonymous
    ? signStream({ ...body, open: () => body.open(), size: body.size }, checksum, { ...policy, digest: policy.digest })
    : sendPlain(body, checksum, policy);
}

function signBytes(bytes: Buffer, checksum: Checksum | undefined, policy: BodyPolicy): SignedBody {
  const sent = chooseChecksum(bytes, checksum, policy);
  const header = sent && checksumHeader(sent, policy.understandsChecksums);
  const isProtected = header !== undefined && (policy.isSafeChannel || policy.isAnonymous);
  const isHashed = !policy.isAnonymous && (bytes.length <= ALWAYS_HASHED_BYTES || !isProtected);
  const known = checksum?.algorithm === 'sha256' ? checksum.value : undefined;
  return {
    contentHash: isHashed ? (known ?? sha256OfBytes(bytes)) : UNSIGNED_PAYLOAD,
    headers: header ?? [],
    bodyOf: () => bytes,
    isCompared: isHashed || header?.[0] === 'content-md5',
    echo: header?.[0],
  };
}

/** A digest that the caller gives goes along where the service looks at it; otherwise the configured one is computed. */
function chooseChecksum(
  bytes: Buffer,
  given: Checksum | undefined,
  { digest, understandsChecksums }: BodyPolicy,
): Checksum | undefined {
  if (given && (understandsChecksums || given.algorithm === 'md5')) return given;
  return digest === 'payload' || !understandsChecksums
    ? undefined
    : { algorithm: digest, value: digestOf(digest, bytes) };
}

/** The digest follows the body as a trailer: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html */
function signStream(
  body: PutBody & { readonly size: number },
  checksum: Checksum | undefined,
  policy: BodyPolicy & { readonly digest: Exclude<UploadDigest, 'payload'> },
): SignedBody {
  const given = checksum && checksumHeader(checksum, true);
  const algorithm = policy.digest;
  const trailer = given ? undefined : `x-amz-checksum-${algorithm}`;
  const signsChunks = !policy.isSafeChannel;
  const headers = [
    'content-encoding',
    'aws-chunked',
    'x-amz-decoded-content-length',
    String(body.size),
    ...(given ?? []),
  ];
  if (trailer !== undefined) headers.push('x-amz-trailer', trailer);
  if (!signsChunks && trailer === undefined) return sendPlain(body, checksum, policy);
  return {
    contentHash: streamHash(signsChunks, trailer !== undefined),
    headers,
    bodyOf: (signature) => {
      const digest = createDigest(algorithm);
      const trailers =
        trailer === undefined
          ? []
          : [
              {
                name: trailer,
                valueBytes: Math.ceil(DIGEST_HEX_DIGITS[algorithm] / 6) * 4,
                value: () => toBase64(digest.hex()),
              },
            ];
      return chunkedBody(body, {
        trailers,
        observe: (piece) => {
          digest.update(piece);
        },
        ...(signsChunks && signature && { seed: signature }),
      });
    },
    isCompared: signsChunks,
    echo: given?.[0] ?? trailer,
  };
}

function streamHash(signsChunks: boolean, hasTrailer: boolean): string {
  if (!signsChunks) return STREAMING_UNSIGNED_TRAILER;
  return hasTrailer ? STREAMING_SIGNED_TRAILER : STREAMING_SIGNED;
}

/** Sends a stream as it is; core compares afterwards what the service reports. */
function sendPlain(body: PutBody, checksum: Checksum | undefined, policy: BodyPolicy): SignedBody {
  const header = checksum && checksumHeader(checksum, policy.understandsChecksums);
  const isHashed = checksum?.algorithm === 'sha256' && !policy.isAnonymous;
  return {
    contentHash: isHashed ? checksum.value : UNSIGNED_PAYLOAD,
    headers: header ?? [],
    bodyOf: () => body,
    isCompared: isHashed || header?.[0] === 'content-md5',
    echo: header?.[0],
  };
}

/** `service` when the service is known to have compared a digest of this body. */
export function verificationOf(
  body: SignedBody,
  response: { header(name: string): string | undefined },
): PutResult['verified'] {
  if (body.isCompared) return 'service';
  return body.echo !== undefined && response.header(body.echo) !== undefined ? 'service' : 'none';
}
