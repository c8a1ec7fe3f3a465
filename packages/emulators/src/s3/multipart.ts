import { createHash, randomBytes } from 'node:crypto';
import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { CHECKSUM_NAMES, checkDigests, type ChecksumName, checksumOf } from './checksums.js';
import { checkWrite } from './conditions.js';
import { findCopySource } from './copy.js';
import { S3Error } from './errors.js';
import { checkCustomerKey, encryptionHeaders, etagFor, readAttributes, writtenHeaders } from './objects.js';
import type { Payload } from './payload.js';
import { type Bucket, md5Hex, type S3Store, type StoredVersion, type Upload, type UploadedPart } from './store.js';
import { listOf, parseXml, textOf, toXml } from './xml.js';

const MAX_PARTS = 10_000;
const xml = { 'content-type': 'application/xml' };

export function findUpload(bucket: Bucket, key: string, request: EmulatedRequest): Upload {
  const upload = bucket.uploads.get(request.query.get('uploadId') ?? '');
  if (upload?.key === key) return upload;
  throw new S3Error(
    404,
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  );
}

export function createUpload(bucket: Bucket, key: string, request: EmulatedRequest, nowMs: number): EmulatedResponse {
  const { headers } = request;
  const algorithm = headers['x-amz-checksum-algorithm']?.toLowerCase();
  const checksumName = CHECKSUM_NAMES.find((name) => name === algorithm);
  if (algorithm !== undefined && !checksumName)
    throw new S3Error(400, 'InvalidRequest', 'Checksum algorithm provided is unsupported.');
  const isSha = checksumName === 'sha1' || checksumName === 'sha256';
  const type =
    headers['x-amz-checksum-type'] ??
    (checksumName === undefined || checksumName === 'crc64nvme' ? 'FULL_OBJECT' : 'COMPOSITE');
  if ((type === 'FULL_OBJECT' && isSha) || (type === 'COMPOSITE' && checksumName === 'crc64nvme')) {
    throw new S3Error(
      400,
      'InvalidRequest',
      `The ${type} checksum type cannot be used with the ${String(algorithm)} checksum algorithm.`,
    );
  }
  const checksumType = type === 'COMPOSITE' ? 'COMPOSITE' : 'FULL_OBJECT';
  const id = randomBytes(24).toString('base64url');
  const attributes = readAttributes(headers);
  bucket.uploads.set(id, {
    id,
    key,
    startedAtMs: nowMs,
    checksumName,
    checksumType,
    parts: new Map(),
    ...attributes,
  });
  return {
    status: 200,
    headers: { ...xml, ...encryptionHeaders(attributes) },
    body: toXml('InitiateMultipartUploadResult', { Bucket: bucket.name, Key: key, UploadId: id }),
  };
}

function partNumberOf(request: EmulatedRequest): number {
  const number = Number(request.query.get('partNumber'));
  if (Number.isInteger(number) && number >= 1 && number <= MAX_PARTS) return number;
  throw new S3Error(400, 'InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
}

export function uploadPart(
  upload: Upload,
  request: EmulatedRequest,
  payload: Payload,
  nowMs: number,
): EmulatedResponse {
  const number = partNumberOf(request);
  checkCustomerKey(upload, request.headers);
  const checksum = checkDigests(payload.body, payload.headers);
  const part = { number, body: payload.body, etag: etagFor(upload, payload.body), modifiedAtMs: nowMs, checksum };
  upload.parts.set(number, part);
  return { status: 200, headers: { etag: `"${part.etag}"`, [`x-amz-checksum-${checksum.name}`]: checksum.value } };
}

export function copyPart(store: S3Store, upload: Upload, request: EmulatedRequest, nowMs: number): EmulatedResponse {
  const number = partNumberOf(request);
  const source = findCopySource(store, request.headers);
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers['x-amz-copy-source-range'] ?? '');
  if (range && Number(range[2]) >= source.body.length)
    throw new S3Error(
      400,
      'InvalidArgument',
      `Range specified is not valid for source object of size: ${String(source.body.length)}`,
    );
  const body = range ? source.body.subarray(Number(range[1]), Number(range[2]) + 1) : source.body;
  const name = upload.checksumName ?? 'crc64nvme';
  const part = {
    number,
    body,
    etag: md5Hex(body),
    modifiedAtMs: nowMs,
    checksum: { name, value: checksumOf(name, body) },
  };
  upload.parts.set(number, part);
  return {
    status: 200,
    headers: xml,
    body: toXml('CopyPartResult', { LastModified: new Date(nowMs).toISOString(), ETag: `"${part.etag}"` }),
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export function completeUpload(
  bucket: Bucket,
  upload: Upload,
  payload: Payload,
  rules: { readonly minPartBytes: number; readonly nowMs: number },
): EmulatedResponse {
  const { headers } = payload;
  const named = listOf(parseXml(payload.body, 'CompleteMultipartUpload')['Part']);
  const parts = chooseParts(upload, named, rules.minPartBytes);
  checkWrite(upload.key, bucket.latest(upload.key), headers);
  const body = Buffer.concat(parts.map((part) => part.body));
  const size = headers['x-amz-mp-object-size'];
  if (size !== undefined && Number(size) !== body.length)
    throw new S3Error(400, 'InvalidRequest', 'The provided x-amz-mp-object-size does not match.');
  const checksum = wholeChecksum(upload, parts, body);
  const claimed = headers[`x-amz-checksum-${checksum.name}`];
  if (claimed !== undefined && claimed !== checksum.value)
    throw new S3Error(400, 'BadDigest', 'The checksum you specified did not match the calculated checksum.');
  const etag = `${createHash('md5')
    .update(Buffer.concat(parts.map((part) => Buffer.from(part.etag, 'hex'))))
    .digest('hex')}-${String(parts.length)}`;
  const { key, headers: kept, tags, storageClass, customerKeyMd5 } = upload;
  const version: StoredVersion = {
    ...{
      key,
      versionId: bucket.newVersionId(),
      isDeleteMarker: false,
      body,
      etag,
      modifiedAtMs: rules.nowMs,
      checksum,
    },
    ...{ headers: kept, tags, storageClass, customerKeyMd5 },
  };
  bucket.write(version);
  bucket.uploads.delete(upload.id);
  const type = upload.checksumType;
  const field = `Checksum${checksum.name.toUpperCase()}`;
  return {
    status: 200,
    headers: { ...xml, 'x-amz-version-id': writtenHeaders(bucket, version)['x-amz-version-id'] },
    body: toXml('CompleteMultipartUploadResult', {
      Bucket: bucket.name,
      Key: key,
      ETag: `"${etag}"`,
      [field]: checksum.value,
      ChecksumType: type,
    }),
  };
}

function chooseParts(
  upload: Upload,
  named: readonly Readonly<Record<string, unknown>>[],
  minPartBytes: number,
): UploadedPart[] {
  if (named.length === 0) throw new S3Error(400, 'MalformedXML', 'You must specify at least one part');
  const parts = named.map((row) => {
    const part = upload.parts.get(Number(textOf(row['PartNumber'])));
    const etag = textOf(row['ETag'])?.replaceAll('"', '');
    if (part?.etag === etag && part) return part;
    throw new S3Error(400, 'InvalidPart', 'One or more of the specified parts could not be found.', {
      PartNumber: textOf(row['PartNumber']) ?? '',
    });
  });
  if (parts.some((part, index) => index > 0 && part.number <= (parts[index - 1] as UploadedPart).number)) {
    throw new S3Error(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.');
  }
  if (parts.slice(0, -1).some((part) => part.body.length < minPartBytes)) {
    throw new S3Error(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
  }
  return parts;
}

function wholeChecksum(
  upload: Upload,
  parts: readonly UploadedPart[],
  body: Buffer,
): { readonly name: ChecksumName; readonly value: string } {
  const name = upload.checksumName ?? 'crc64nvme';
  if (upload.checksumType === 'FULL_OBJECT') return { name, value: checksumOf(name, body) };
  const digests = Buffer.concat(parts.map((part) => Buffer.from(checksumOf(name, part.body), 'base64')));
  return { name, value: `${checksumOf(name, digests)}-${String(parts.length)}` };
}

export function listParts(bucket: Bucket, upload: Upload, request: EmulatedRequest): EmulatedResponse {
  const marker = Number(request.query.get('part-number-marker') ?? 0);
  const maxParts = Math.min(Number(request.query.get('max-parts') ?? 1000), 1000);
  const behind = [...upload.parts.values()].filter((part) => part.number > marker).sort((a, b) => a.number - b.number);
  const shown = behind.slice(0, maxParts);
  const isTruncated = behind.length > shown.length;
  const body = toXml('ListPartsResult', {
    Bucket: bucket.name,
    Key: upload.key,
    UploadId: upload.id,
    PartNumberMarker: marker,
    ...(isTruncated && { NextPartNumberMarker: shown.at(-1)?.number }),
    MaxParts: maxParts,
    IsTruncated: isTruncated,
    ...(upload.checksumName && {
      ChecksumAlgorithm: upload.checksumName.toUpperCase(),
      ChecksumType: upload.checksumType,
    }),
    Part: shown.map((part) => ({
      PartNumber: part.number,
      LastModified: new Date(part.modifiedAtMs).toISOString(),
      ETag: `"${part.etag}"`,
      Size: part.body.length,
      ...(upload.checksumName === part.checksum.name && {
        [`Checksum${part.checksum.name.toUpperCase()}`]: part.checksum.value,
      }),
    })),
  });
  return { status: 200, headers: xml, body };
}
