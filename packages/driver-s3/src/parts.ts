import {
  type CallContext,
  type Checksum,
  isStorageError,
  type ObjectRef,
  type PartPage,
  type PartRecord,
  type PartResult,
  type PartsGroup,
  type PutBody,
  type PutRequest,
  type UploadRef,
} from '@stowage/core/spi';
import { parsePartPage, parseUploadId, parseWriteResult, queryString } from '@stowage/http';
import { completeUpload } from './complete.js';
import { copySourceHeader, sourceCondition } from './copy.js';
import { checkEncrypted } from './encryption.js';
import { listUploads } from './list-uploads.js';
import { storedHeaders } from './put.js';
import { call, SLOW_CALL_MS, uploadCall } from './requests.js';
import type { S3Service } from './s3-service.js';
import { isS3Checksum, type UploadDigest } from './service.js';
import { type BodyPolicy, signBody, verificationOf } from './uploads.js';
import { checksumsOf, readDigests, readEtag } from './wire.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
export function partsGroup(service: S3Service): PartsGroup {
  return {
    begin: (ref, request, ctx) => begin(service, ref, request, ctx),
    put: (upload, part, body, ctx) => putPart(service, upload, part, { body, ctx }),
    copy: (upload, part, source, ctx) => copyPart(service, upload, part.number, { source, ctx }),
    list: (upload, { token }, ctx) => listParts(service, upload, token, ctx),
    complete: (upload, parts, request, ctx) => completeUpload(service, upload, parts, { request, ctx }),
    async abort(upload, ctx) {
      await service.client.send(uploadCall('DELETE', upload), ctx).catch(ignoreGone);
    },
    listUploads: (container, request, ctx) => listUploads(service, container, request, ctx),
  };
}

async function begin(service: S3Service, ref: ObjectRef, request: PutRequest, ctx: CallContext): Promise<UploadRef> {
  const { client, encryption, bodies } = service;
  const headers = [...storedHeaders(service, request), ...encryption.write];
  const { digest, facts } = bodies;
  if (facts.checksums && isS3Checksum(digest)) {
    headers.push('x-amz-checksum-algorithm', digest.toUpperCase());
    // A digest of the whole object rather than of the parts' digests, so that readers can compare it.
    if (digest !== 'sha256') headers.push('x-amz-checksum-type', 'FULL_OBJECT');
  }
  const create = { ...call('POST', ref.container, ref.key, queryString('uploads', ''), headers) };
  const [uploadId, response] = await client.ask({ ...create, notFound: 'container-not-found' }, ctx, parseUploadId);
  const upload = { ref, uploadId, state: { digest } };
  try {
    checkEncrypted(encryption, response);
  } catch (error) {
    await client.send(uploadCall('DELETE', upload), ctx).catch(() => undefined);
    throw error;
  }
  return upload;
}

async function putPart(
  { client, facts, encryption, bodies }: S3Service,
  upload: UploadRef,
  part: { readonly number: number; readonly checksum?: Checksum | undefined },
  { body, ctx }: { readonly body: PutBody; readonly ctx: CallContext },
): Promise<PartResult> {
  const sent = signBody(body, part.checksum, policyOf(upload, bodies));
  const query = ['partNumber', String(part.number)];
  const request = uploadCall('PUT', upload, { query, headers: [...sent.headers, ...encryption.read] });
  const response = await client.send({ ...request, contentHash: sent.contentHash }, ctx, sent.bodyOf);
  const etag = readEtag(response.header('etag'));
  const checksum = checksumOfPart(readDigests(response, etag, facts).checksums, part.checksum);
  const verified = verificationOf(sent, response);
  return { number: part.number, size: sent.size, etag, ...(checksum && { checksum }), verified };
}

/** All parts must have the kind of digest that the upload was begun with, maybe by a process with other options. */
function policyOf({ state }: UploadRef, bodies: BodyPolicy): BodyPolicy {
  const begun = state?.['digest'] as UploadDigest | undefined;
  return begun === undefined || begun === bodies.digest ? bodies : { ...bodies, digest: begun };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
async function copyPart(
  { client, encryption }: S3Service,
  upload: UploadRef,
  number: number,
  { source, ctx }: { readonly source: CopySource; readonly ctx: CallContext },
): Promise<PartResult> {
  const { ref, range, ifMatch } = source;
  const headers = ['x-amz-copy-source', copySourceHeader(ref), ...encryption.copySource, ...encryption.read];
  headers.push('x-amz-copy-source-range', `bytes=${String(range.start)}-${String(range.end - 1)}`);
  if (ifMatch !== undefined) headers.push('x-amz-copy-source-if-match', sourceCondition(ifMatch));
  const request = uploadCall('PUT', upload, { query: ['partNumber', String(number)], headers });
  const [result] = await client.ask({ ...request, headersTimeoutMs: SLOW_CALL_MS }, ctx, parseWriteResult);
  const checksum = checksumOfPart(checksumsOf(result.checksums));
  const size = range.end - range.start;
  return { number, size, etag: readEtag(result.etag), ...(checksum && { checksum }), verified: 'none' };
}

type CopySource = Parameters<NonNullable<PartsGroup['copy']>>[2];

async function listParts(
  { client, encryption }: S3Service,
  upload: UploadRef,
  token: string | undefined,
  ctx: CallContext,
): Promise<PartPage> {
  const request = uploadCall('GET', upload, { query: ['part-number-marker', token], headers: [...encryption.read] });
  const [page] = await client.ask(request, ctx, parsePartPage);
  const parts = page.parts.map(({ number, size, etag, checksums }): PartRecord => {
    const checksum = checksumOfPart(checksumsOf(checksums));
    return { number, size, etag: readEtag(etag), ...(checksum && { checksum }) };
  });
  return { parts, next: page.isTruncated ? (page.nextPartNumberMarker ?? String(parts.at(-1)?.number)) : undefined };
}

/** The digest that the service reports of a part; the one that was sent, where it reports several. */
function checksumOfPart(reported: Partial<Record<string, string>> | undefined, sent?: Checksum): Checksum | undefined {
  const own = sent && reported?.[sent.algorithm];
  if (sent && own !== undefined) return { algorithm: sent.algorithm, value: own };
  const [first] = Object.entries(reported ?? {}) as [Checksum['algorithm'], string][];
  return first && { algorithm: first[0], value: first[1] };
}

function ignoreGone(error: unknown): void {
  if (!isStorageError(error, 'upload-not-found')) throw error;
}
