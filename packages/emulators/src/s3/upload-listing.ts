import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { compareBytes } from '../key-walk.js';
import type { Bucket, Upload } from './store.js';
import { toXml } from './xml.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export function listUploads(bucket: Bucket, request: EmulatedRequest): EmulatedResponse {
  const { query } = request;
  const prefix = query.get('prefix') ?? '';
  const maxUploads = Math.min(Number(query.get('max-uploads') ?? 1000), 1000);
  const [keyMarker, idMarker] = [query.get('key-marker') ?? '', query.get('upload-id-marker') ?? ''];
  const order = (upload: Upload): string => `${upload.key}\0${upload.id}`;
  const behind = [...bucket.uploads.values()]
    .filter((upload) => upload.key.startsWith(prefix))
    .filter((upload) =>
      idMarker === ''
        ? keyMarker === '' || compareBytes(upload.key, keyMarker) > 0
        : compareBytes(order(upload), `${keyMarker}\0${idMarker}`) > 0,
    )
    .sort((a, b) => compareBytes(order(a), order(b)));
  const shown = behind.slice(0, maxUploads);
  const isTruncated = behind.length > shown.length;
  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : (text: string) => text;
  const body = toXml('ListMultipartUploadsResult', {
    Bucket: bucket.name,
    Prefix: encode(prefix),
    ...(query.has('encoding-type') && { EncodingType: 'url' }),
    ...(isTruncated && { NextKeyMarker: encode(shown.at(-1)?.key ?? ''), NextUploadIdMarker: shown.at(-1)?.id }),
    MaxUploads: maxUploads,
    IsTruncated: isTruncated,
    Upload: shown.map((upload) => ({
      Key: encode(upload.key),
      UploadId: upload.id,
      StorageClass: upload.storageClass,
      Initiated: new Date(upload.startedAtMs).toISOString(),
    })),
  });
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}
