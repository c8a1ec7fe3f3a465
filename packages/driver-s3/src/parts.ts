import {
  type CallContext,
  type Checksum,
  isStorageError,
  type PartPage,
  type PartRecord,
  type PartResult,
  type PartsGroup,
  type PutBody,
  type PutRequest,
  type PutResult,
  StorageError,
  type UploadPage,
  type UploadRef,
} from '@stowage/core/spi';
import {
  escapeXml,
  parsePartPage,
  parseUploadId,
  parseUploadPage,
  parseWriteResult,
  queryString,
  unquote,
} from '@stowage/http';
import { asObjectExists, storedHeaders } from './put.js';
import { addWriteConditions, call, checksumHeader, withXml } from './requests.js';
import type { S3Service } from './s3-service.js';
import { signBody, verificationOf } from './uploads.js';
import { checksumsOf, readChecksums, toBase64 } from './wire.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
export function partsGroup(service: S3Service): PartsGroup {
  return {
    begin: (ref, request, ctx) => begin(service, ref, request, ctx),
    put: (upload, part, body, ctx) => putPart(service, upload, part, { body, ctx }),
    list: (upload, { token }, ctx) => listParts(service, upload, token, ctx),
    complete: (upload, parts, request, ctx) => complete(service, upload, parts, { request, ctx }),
    async abort(upload, ctx) {
      const request = call('DELETE', upload.ref.container, upload.ref.key, queryString('uploadId', upload.uploadId));
      await service.client.send({ ...request, notFound: 'upload-not-found' }, ctx).catch(ignoreGone);
    },
    listUploads: (container, request, ctx) => listUploads(service, container, request, ctx),
  };
}

async function putPart(
  { client, facts, encryption, bodies }: S3Service,
  upload: UploadRef,
  part: { readonly number: number; readonly checksum?: Checksum | undefined },
  { body, ctx }: { readonly body: PutBody; readonly ctx: CallContext },
): Promise<PartResult> {
  const sent = signBody(body, part.checksum, bodies);
  const query = queryString('partNumber', String(part.number), 'uploadId', upload.uploadId);
  const headers = [...sent.headers, ...encryption.read];
  const request = {
    ...call('PUT', upload.ref.container, upload.ref.key, query, headers),
    contentHash: sent.contentHash,
    notFound: 'upload-not-found' as const,
  };
  const response = await client.send(request, ctx, sent.bodyOf);
  const etag = unquote(response.header('etag'));
  const checksum = checksumOfPart(readChecksums(response, etag, facts), part.checksum);
  const verified = verificationOf(sent, response);
  return { number: part.number, size: sizeOf(body), etag, ...(checksum && { checksum }), verified };
}

async function listParts(
  { client, encryption }: S3Service,
  { ref, uploadId }: UploadRef,
  token: string | undefined,
  ctx: CallContext,
): Promise<PartPage> {
  const query = queryString('uploadId', uploadId, 'part-number-marker', token);
  const request = call('GET', ref.container, ref.key, query, [...encryption.read]);
  const response = await client.send({ ...request, notFound: 'upload-not-found' }, ctx);
  const page = parsePartPage(response.bytes);
  const parts = page.parts.map(({ number, size, etag, checksums }): PartRecord => {
    const checksum = checksumOfPart(checksumsOf(checksums));
    return { number, size, etag, ...(checksum && { checksum }) };
  });
  return { parts, next: page.isTruncated ? page.nextPartNumberMarker : undefined };
}

async function listUploads(
  { client }: S3Service,
  container: string,
  { prefix, token }: { readonly prefix?: string | undefined; readonly token?: string | undefined },
  ctx: CallContext,
): Promise<UploadPage> {
  const [keyMarker, uploadMarker] = token === undefined ? [] : (JSON.parse(token) as [string, string | undefined]);
  const query = queryString(
    ...['uploads', ''],
    ...['encoding-type', 'url'],
    ...['prefix', prefix],
    ...['key-marker', keyMarker],
    ...['upload-id-marker', uploadMarker],
  );
  const page = parseUploadPage((await client.send(call('GET', container, undefined, query), ctx)).bytes);
  const uploads = page.uploads.map(({ key, uploadId, startedAtMs, storageClass }) => ({
    ref: { container, key },
    uploadId,
    startedAtMs,
    ...(storageClass !== undefined && { extra: { storageClass } }),
  }));
  return {
    uploads,
    next: page.isTruncated ? JSON.stringify([page.nextKeyMarker, page.nextUploadIdMarker]) : undefined,
  };
}

async function begin(
  service: S3Service,
  ref: UploadRef['ref'],
  request: PutRequest,
  ctx: CallContext,
): Promise<UploadRef> {
  const { client, encryption, bodies } = service;
  const headers = [...storedHeaders(service, request), ...encryption.write];
  const { digest, understandsChecksums } = bodies;
  if (understandsChecksums && digest !== 'payload') {
    headers.push('x-amz-checksum-algorithm', digest.toUpperCase());
    // A digest of the whole object rather than of the parts' digests, so that readers can compare it.
    if (digest !== 'sha256') headers.push('x-amz-checksum-type', 'FULL_OBJECT');
  }
  const response = await client.send(
    { ...call('POST', ref.container, ref.key, queryString('uploads', ''), headers), notFound: 'container-not-found' },
    ctx,
  );
  return { ref, uploadId: parseUploadId(response.bytes) };
}

interface Completion {
  readonly request: PutRequest;
  readonly ctx: CallContext;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html: a 200 may hold an error. */
async function complete(
  service: S3Service,
  upload: UploadRef,
  parts: readonly PartRecord[],
  { request, ctx }: Completion,
): Promise<PutResult> {
  const { client, facts, encryption, bodies } = service;
  const { container, key } = upload.ref;
  const headers = [...encryption.read];
  const whole =
    request.checksum && request.checksum.algorithm !== 'md5'
      ? checksumHeader(request.checksum, bodies.understandsChecksums)
      : undefined;
  if (whole) headers.push(...whole, 'x-amz-checksum-type', 'FULL_OBJECT');
  addWriteConditions(headers, request);
  const base = call('POST', container, key, queryString('uploadId', upload.uploadId), headers);
  const completion = {
    ...withXml(base, partList(parts, bodies.understandsChecksums)),
    notFound: 'upload-not-found' as const,
  };
  try {
    const response = await client.send(completion, ctx);
    client.refuseErrorDocument(response, completion);
    const result = parseWriteResult(response.bytes);
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    const checksums = facts.checksums && result.checksumType !== 'COMPOSITE' ? checksumsOf(result.checksums) : {};
    const record = { key, size, etag: result.etag, checksums, versionId: response.header('x-amz-version-id') };
    return { record, verified: whole && facts.checksums ? 'service' : 'none' };
  } catch (error) {
    throw asObjectExists(error, request);
  }
}

function partList(parts: readonly PartRecord[], withChecksums: boolean): string {
  const rows = parts.map(({ number, etag, checksum }) => {
    if (etag === undefined)
      throw new StorageError(
        'invalid-argument',
        `Part ${String(number)} has no etag; take parts as put() or list() gave them.`,
      );
    const digest =
      withChecksums && checksum && checksum.algorithm !== 'md5'
        ? checksumElement(checksum.algorithm, checksum.value)
        : '';
    return `<Part><PartNumber>${String(number)}</PartNumber><ETag>"${escapeXml(etag)}"</ETag>${digest}</Part>`;
  });
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${rows.join('')}</CompleteMultipartUpload>`;
}

function checksumElement(algorithm: string, hex: string): string {
  const name = `Checksum${algorithm.toUpperCase()}`;
  return `<${name}>${toBase64(hex)}</${name}>`;
}

/** The digest that the service reports of a part; the one that was sent, where it reports several. */
function checksumOfPart(
  reported: PutResult['record']['checksums'],
  sent?: PartRecord['checksum'],
): PartRecord['checksum'] {
  if (sent && reported?.[sent.algorithm] !== undefined)
    return { algorithm: sent.algorithm, value: reported[sent.algorithm] as string };
  const [first] = Object.entries(reported ?? {}) as [Exclude<PartRecord['checksum'], undefined>['algorithm'], string][];
  return first && { algorithm: first[0], value: first[1] };
}

function sizeOf(body: PutBody): number {
  if (body.size !== undefined) return body.size;
  throw new StorageError('invalid-argument', 'A part needs a known size.');
}

function ignoreGone(error: unknown): void {
  if (!isStorageError(error, 'upload-not-found')) throw error;
}
