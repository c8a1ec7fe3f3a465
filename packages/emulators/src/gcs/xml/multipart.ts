import { randomBytes } from 'node:crypto';
import type { EmulatedResponse } from '../../http-answer.js';
import type { EmulatedRequest } from '../../http-request.js';
import { compareBytes } from '../../key-walk.js';
import { listOf, parseXml, textOf, toXml } from '../../s3/xml.js';
import { Content } from '../content.js';
import { GcsError, invalid } from '../errors.js';
import { isoTime, xmlEtagOf } from '../resource.js';
import type { Bucket } from '../store.js';
import { checkDigests, checkWrite, writeObject, type WriteRequest } from '../write.js';
import { digestsOf, NAMESPACE, readBytes, writeRequestOf, writtenHeaders, XML, type XmlCall } from './objects.js';

interface Part {
  readonly number: number;
  readonly content: Content;
  readonly modifiedAtMs: number;
}

interface PartUpload {
  readonly id: string;
  readonly request: WriteRequest;
  readonly startedAtMs: number;
  readonly parts: Map<number, Part>;
}

const uploadsOf = new WeakMap<Bucket, Map<string, PartUpload>>();

function uploads(bucket: Bucket): Map<string, PartUpload> {
  const known = uploadsOf.get(bucket) ?? new Map<string, PartUpload>();
  uploadsOf.set(bucket, known);
  return known;
}

const etagOf = ({ content }: Part): string => content.md5?.toString('hex') ?? '';

/** https://cloud.google.com/storage/docs/xml-api/post-object-multipart. Conditions are refused: completion knows none. */
export function createUpload(call: XmlCall): EmulatedResponse {
  const { context, bucket, key } = call;
  const request = writeRequestOf(call);
  if (Object.values(request.conditions).some((value) => value !== undefined))
    throw invalid('Preconditions are not supported in multipart uploads.', 'invalid', 'NotImplemented');
  const startedAtMs = context.nowMs();
  checkWrite(request, startedAtMs);
  const id = randomBytes(24).toString('base64url');
  uploads(bucket).set(id, { id, request, startedAtMs, parts: new Map() });
  const document = { Bucket: bucket.name, Key: key, UploadId: id };
  return { status: 200, headers: XML, body: toXml('InitiateMultipartUploadResult', document, NAMESPACE) };
}

function findUpload({ bucket, key, request }: XmlCall): PartUpload {
  const upload = uploads(bucket).get(request.query.get('uploadId') ?? '');
  if (upload?.request.name === key) return upload;
  throw new GcsError(404, 'notFound', 'NoSuchUpload', 'The requested upload was not found.');
}

export async function uploadPart(call: XmlCall): Promise<EmulatedResponse> {
  const { request, headers, context } = call;
  const number = Number(request.query.get('partNumber'));
  if (!(Number.isInteger(number) && number >= 1 && number <= 10_000)) throw invalid('Invalid part number.');
  const upload = findUpload(call);
  if (headers['x-goog-copy-source'] !== undefined)
    throw new GcsError(501, 'notImplemented', 'NotImplemented', 'Parts cannot be copied.');
  const content = await readBytes(call);
  checkDigests(content, digestsOf(headers));
  const part = { number, content, modifiedAtMs: context.nowMs() };
  upload.parts.set(number, part);
  const hash = `crc32c=${content.crc32cBase64},md5=${content.md5Base64 ?? ''}`;
  return { status: 200, headers: { etag: `"${etagOf(part)}"`, 'x-goog-hash': hash } };
}

/** https://cloud.google.com/storage/docs/xml-api/post-object-complete */
export async function completeUpload(call: XmlCall): Promise<EmulatedResponse> {
  const { context, bucket, key, origin } = call;
  const upload = findUpload(call);
  const body = Buffer.concat((await readBytes(call)).blocks);
  const parts = chooseParts(upload, listOf(parseXml(body, 'CompleteMultipartUpload')['Part']), context.minPartBytes);
  const content = Content.joined(parts.map((part) => part.content));
  const object = writeObject(context, upload.request, content, digestsOf(call.headers), parts.length);
  uploads(bucket).delete(upload.id);
  const document = {
    Location: `${origin}/${bucket.name}/${encodeURIComponent(key)}`,
    Bucket: bucket.name,
    Key: key,
    ETag: `"${xmlEtagOf(object)}"`,
  };
  const answer = toXml('CompleteMultipartUploadResult', document, NAMESPACE);
  return { status: 200, headers: { ...writtenHeaders(object), ...XML }, body: answer };
}

function chooseParts(
  upload: PartUpload,
  named: readonly Readonly<Record<string, unknown>>[],
  minPartBytes: number,
): Part[] {
  if (named.length === 0) throw invalid('At least one part must be specified.', 'invalid', 'MalformedXML');
  const parts = named.map((row) => {
    const part = upload.parts.get(Number(textOf(row['PartNumber'])));
    const etag = textOf(row['ETag'])?.replaceAll('"', '');
    if (part && etagOf(part) === etag) return part;
    throw invalid('One or more of the specified parts could not be found.', 'invalid', 'InvalidPart');
  });
  if (parts.some((part, index) => index > 0 && part.number <= (parts[index - 1] as Part).number))
    throw invalid('The list of parts was not in ascending order.', 'invalid', 'InvalidPartOrder');
  if (parts.slice(0, -1).some((part) => part.content.size < minPartBytes))
    throw invalid('A part is smaller than the minimum.', 'invalid', 'EntityTooSmall');
  return parts;
}

export function abortUpload(call: XmlCall): EmulatedResponse {
  uploads(call.bucket).delete(findUpload(call).id);
  return { status: 204 };
}

export function listParts(call: XmlCall): EmulatedResponse {
  const { bucket, key, request } = call;
  const upload = findUpload(call);
  const marker = Number(request.query.get('part-number-marker') ?? 0);
  const limit = Math.min(Number(request.query.get('max-parts') ?? 1000), 1000);
  const behind = [...upload.parts.values()].filter((part) => part.number > marker).sort((a, b) => a.number - b.number);
  const shown = behind.slice(0, limit);
  const isTruncated = behind.length > shown.length;
  const document = {
    Bucket: bucket.name,
    Key: key,
    UploadId: upload.id,
    StorageClass: upload.request.fields.storageClass ?? 'STANDARD',
    PartNumberMarker: marker,
    ...(isTruncated && { NextPartNumberMarker: shown.at(-1)?.number }),
    MaxParts: limit,
    IsTruncated: isTruncated,
    Part: shown.map((part) => ({
      PartNumber: part.number,
      LastModified: isoTime(part.modifiedAtMs),
      ETag: `"${etagOf(part)}"`,
      Size: part.content.size,
    })),
  };
  return { status: 200, headers: XML, body: toXml('ListPartsResult', document, NAMESPACE) };
}

export function listUploads(bucket: Bucket, { query }: EmulatedRequest): EmulatedResponse {
  const prefix = query.get('prefix') ?? '';
  const [keyMarker, idMarker] = [query.get('key-marker') ?? '', query.get('upload-id-marker') ?? ''];
  const limit = Math.min(Number(query.get('max-uploads') ?? 1000), 1000);
  const order = ({ request, id }: PartUpload): string => `${request.name}\0${id}`;
  const isBehind = (upload: PartUpload): boolean =>
    idMarker === ''
      ? keyMarker === '' || compareBytes(upload.request.name, keyMarker) > 0
      : compareBytes(order(upload), `${keyMarker}\0${idMarker}`) > 0;
  const all = [...uploads(bucket).values()]
    .filter((upload) => upload.request.name.startsWith(prefix) && isBehind(upload))
    .sort((a, b) => compareBytes(order(a), order(b)));
  const shown = all.slice(0, limit);
  const last = all.length > shown.length ? shown.at(-1) : undefined;
  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : (text: string) => text;
  const document = {
    Bucket: bucket.name,
    Prefix: encode(prefix),
    ...(query.get('encoding-type') === 'url' && { EncodingType: 'url' }),
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    ...(last && { NextKeyMarker: encode(last.request.name), NextUploadIdMarker: last.id }),
    MaxUploads: limit,
    IsTruncated: last !== undefined,
    Upload: shown.map(({ id, request, startedAtMs }) => ({
      Key: encode(request.name),
      UploadId: id,
      StorageClass: request.fields.storageClass ?? 'STANDARD',
      Initiated: isoTime(startedAtMs),
    })),
  };
  return { status: 200, headers: XML, body: toXml('ListMultipartUploadsResult', document, NAMESPACE) };
}
