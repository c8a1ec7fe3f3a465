/**
 * Google's XML API, for requests that are signed or authorized as Google has it. Objects are those of the S3 routes.
 * https://cloud.google.com/storage/docs/xml-api/reference-methods
 */
import { answer, cached, errorAnswer, headOf } from './answers.mjs';
import { contentFrom, digestOf, etagOf } from './content.mjs';

/** @typedef {import('./answers.mjs').Answer} Answer @typedef {import('./request.mjs').Request} Request */

const GENERATION = '1704067200000000';
const NAMESPACE = 'http://doc.s3.amazonaws.com/2006-03-01';
const PAGE_ROWS = 1000;
const HASH = /(crc32c|md5)=([A-Za-z0-9+/=]+)/g;

/** True for a request of a client of Google's service. @param {Request} request */
export function isGoogle(request) {
  return /^(?:GOOG|Bearer )/.test(request.header('authorization') ?? '');
}

/** @param {number} phase @param {number} size */
export function hashHeader(phase, size) {
  const [crc32c, md5] = ['crc32c', 'md5'].map((name) =>
    digestOf(/** @type {'crc32c' | 'md5'} */ (name), phase, size).toString('base64'),
  );
  return `x-goog-hash: crc32c=${crc32c},md5=${md5}`;
}

/** @param {number} size */
function facts(size) {
  return [
    'Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT',
    `ETag: "${etagOf(0, size)}"`,
    `x-goog-generation: ${GENERATION}`,
    'x-goog-metageneration: 1',
    'x-goog-storage-class: STANDARD',
    'x-goog-stored-content-encoding: identity',
    `x-goog-stored-content-length: ${size}`,
    hashHeader(0, size),
    'Accept-Ranges: bytes',
    'Content-Type: application/octet-stream',
    `Content-Length: ${size}`,
  ];
}

/** @param {Request} request @returns {Answer} */
function put(request) {
  const body = request.body?.compared;
  const [size, phase] = [body?.size ?? 0, body?.phase ?? 0];
  if (body && !body.isContent) return errorAnswer(400, 'BadDigest', 'The body is not what the measurements send.');
  for (const [, name, value] of (request.header('x-goog-hash') ?? '').matchAll(HASH)) {
    const own = digestOf(/** @type {'crc32c' | 'md5'} */ (name), phase, size).toString('base64');
    if (own !== value) return errorAnswer(400, 'BadDigest', `The ${name} is ${own}.`);
  }
  const told = () =>
    answer(200, [
      `ETag: "${etagOf(phase, size)}"`,
      `x-goog-generation: ${GENERATION}`,
      'x-goog-metageneration: 1',
      `x-goog-stored-content-length: ${size}`,
      hashHeader(phase, size),
    ]);
  return cached(`google PUT ${phase} ${size}`, told);
}

/** @param {number} row @param {number} page */
function rowOf(page, row) {
  const number = String(row).padStart(3, '0');
  const etag = (row * 2_654_435_761).toString(16).padStart(32, '0');
  const time = `2024-05-${String((row % 28) + 1).padStart(2, '0')}T10:20:30.000Z`;
  return (
    `<Contents><Key>photos/2024/${String(page).padStart(6, '0')}/image-${number}.jpg</Key>` +
    `<Generation>${GENERATION}</Generation><MetaGeneration>1</MetaGeneration><LastModified>${time}</LastModified>` +
    `<ETag>"${etag}"</ETag><Size>${1024 + row * 37}</Size></Contents>`
  );
}

/** @param {Request} request @param {string} bucket @returns {Answer | undefined} */
function list(request, bucket) {
  const { parameters } = request;
  const total = Number(/^list-(\d+)$/.exec(bucket)?.[1] ?? 0);
  if (request.method !== 'GET' || parameters.get('list-type') !== '2') return undefined;
  const first = Number(parameters.get('continuation-token') ?? 0);
  const end = Math.min(total, first + PAGE_ROWS);
  const rows = Array.from({ length: end - first }, (_, index) => rowOf(Math.floor(first / PAGE_ROWS), index));
  const more = end < total ? `<NextContinuationToken>${end}</NextContinuationToken>` : '';
  const document =
    `<?xml version='1.0' encoding='UTF-8'?><ListBucketResult xmlns='${NAMESPACE}'><Name>${bucket}</Name><Prefix></Prefix>` +
    `${more}<IsTruncated>${end < total}</IsTruncated>${rows.join('')}</ListBucketResult>`;
  return answer(200, ['Content-Type: application/xml; charset=UTF-8'], document);
}

/** @param {Request} request @param {string} bucket @param {string} key @returns {Answer | undefined} */
export function answerGoogle(request, bucket, key) {
  if (key === '') return list(request, bucket);
  const { method } = request;
  if (method === 'PUT') return put(request);
  if (method === 'DELETE') return cached('DELETE', () => answer(204, []));
  const size = Number(key.slice(0, key.indexOf('/')));
  if (!Number.isSafeInteger(size) || request.header('range') !== undefined) return undefined;
  const head = () => Buffer.from(headOf(200, facts(size)), 'latin1');
  if (method === 'HEAD') return cached(`google HEAD ${size}`, () => ({ bytes: head() }));
  return cached(`google GET ${size}`, () => ({ bytes: Buffer.concat([head(), contentFrom(0, size)]) }));
}
