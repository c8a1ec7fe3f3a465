/**
 * As much of Google's JSON API as its own client asks for. https://cloud.google.com/storage/docs/json_api/v1
 */
import { answer, cached, errorAnswer, headOf } from './answers.mjs';
import { contentFrom, digestOf } from './content.mjs';
import { hashHeader } from './google-xml-routes.mjs';

/** @typedef {import('./answers.mjs').Answer} Answer @typedef {import('./request.mjs').Request} Request */

const JSON_TYPE = 'Content-Type: application/json; charset=UTF-8';
const PATH = /^\/(upload\/)?storage\/v1\/b\/([^/]+)\/o(?:\/([^/]+))?$/;
const GENERATION = '1704067200000000';
const PAGE_ROWS = 1000;

/** True for a request of the JSON API. @param {Request} request */
export function isJsonApi({ path }) {
  return path.startsWith('/storage/v1/') || path.startsWith('/upload/storage/v1/');
}

/** @param {string} bucket @param {string} name @param {number} size @param {string} md5Hash @param {string} crc32c */
function resource(bucket, name, size, md5Hash, crc32c) {
  const time = '2024-01-01T00:00:00.000Z';
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${GENERATION}`,
    selfLink: `https://www.googleapis.com/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`,
    mediaLink: `https://storage.googleapis.com/download/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}?generation=${GENERATION}&alt=media`,
    ...{ name, bucket, generation: GENERATION, metageneration: '1', contentType: 'application/octet-stream' },
    ...{ storageClass: 'STANDARD', size: String(size), md5Hash, crc32c, etag: 'CICAgICAgICAAxAB' },
    ...{ timeCreated: time, updated: time, timeStorageClassUpdated: time },
  };
}

/** @param {string} bucket @param {string} name @param {number} size */
function resourceOf(bucket, name, size) {
  const [md5, crc32c] = /** @type {const} */ (['md5', 'crc32c']).map((digest) =>
    digestOf(digest, 0, size).toString('base64'),
  );
  return JSON.stringify(resource(bucket, name, size, md5 ?? '', crc32c ?? ''));
}

/** A listing's rows, each with digests of their own length. @param {Request} request @param {string} bucket */
function list(request, bucket) {
  const total = Number(/^list-(\d+)$/.exec(bucket)?.[1] ?? 0);
  const first = Number(request.parameters.get('pageToken') ?? 0);
  const end = Math.min(total, first + PAGE_ROWS);
  const page = String(first / PAGE_ROWS).padStart(6, '0');
  const items = Array.from({ length: end - first }, (_, row) => {
    const name = `photos/2024/${page}/image-${String(row).padStart(3, '0')}.jpg`;
    return resource(bucket, name, 1024 + row * 37, 'XUFAKrxLKna5cZ2REBfFkg==', 'AAAAAA==');
  });
  const body = { kind: 'storage#objects', ...(end < total && { nextPageToken: String(end) }), items };
  return answer(200, [JSON_TYPE], JSON.stringify(body));
}

/** `multipart/related`: a document, and then the content. @param {Request} request @param {string} bucket */
function upload(request, bucket) {
  const bytes = request.body?.kept?.bytes ?? Buffer.alloc(0);
  const boundary = /boundary="?([^";]+)/i.exec(request.header('content-type') ?? '')?.[1];
  const [, document, media] = boundary === undefined ? [] : bytes.toString('latin1').split(`--${boundary}`);
  const bodyOf = (/** @type {string} */ part) => part.slice(part.indexOf('\r\n\r\n') + 4, -2);
  if (document === undefined || media === undefined) return undefined;
  const content = Buffer.from(bodyOf(media), 'latin1');
  if (!content.equals(contentFrom(0, content.length)))
    return errorAnswer(400, 'BadDigest', 'The body is not what the measurements send.');
  const name = request.parameters.get('name') ?? JSON.parse(bodyOf(document)).name;
  return cached(`google POST ${content.length}`, () =>
    answer(200, [JSON_TYPE], resourceOf(bucket, name, content.length)),
  );
}

/** @param {Request} request @returns {Answer | undefined} undefined for what no client was expected to send */
export function answerJson(request) {
  const [, isUpload, bucket = '', escaped] = PATH.exec(request.path) ?? [];
  if (isUpload !== undefined) return request.method === 'POST' ? upload(request, bucket) : undefined;
  if (request.method === 'DELETE') return cached('DELETE', () => answer(204, []));
  if (request.method !== 'GET') return undefined;
  if (escaped === undefined) return list(request, bucket);
  const name = decodeURIComponent(escaped);
  const size = Number(name.slice(0, name.indexOf('/')));
  if (!request.query.includes('alt=media'))
    return cached(`google JSON ${name}`, () => answer(200, [JSON_TYPE], resourceOf(bucket, name, size)));
  const headers = [
    ...['Content-Type: application/octet-stream', `x-goog-generation: ${GENERATION}`, 'x-goog-metageneration: 1'],
    ...['x-goog-storage-class: STANDARD', hashHeader(0, size), `Content-Length: ${size}`],
  ];
  const head = () => Buffer.from(headOf(200, headers), 'latin1');
  return cached(`google media ${size}`, () => ({ bytes: Buffer.concat([head(), contentFrom(0, size)]) }));
}
