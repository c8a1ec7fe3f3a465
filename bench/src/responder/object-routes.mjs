/**
 * Objects. A key `<size>/<anything>` has an object of so many bytes; every other key has none. Nothing that is put is kept.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
import { answer, cached, errorAnswer, headOf } from './answers.mjs';
import { contentFrom, digestOf, etagOf } from './content.mjs';
import { checkUpload } from './upload-check.mjs';

/** @typedef {import('./answers.mjs').Answer} Answer @typedef {import('./request.mjs').Request} Request */

/** Bodies up to this size are sent in one write with their head. */
const SMALL_BYTES = 65_536;
const RANGE = /^bytes=(\d*)-(\d*)$/;

/** @param {number} size */
function facts(size) {
  return [
    'Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT',
    `ETag: "${etagOf(0, size)}"`,
    'Accept-Ranges: bytes',
    'Content-Type: application/octet-stream',
  ];
}

/** Amazon tells the checksum of a whole object when it is asked for it. @param {number} size @param {boolean} wanted */
function checksum(size, wanted) {
  if (!wanted) return [];
  return [`x-amz-checksum-crc32: ${digestOf('crc32', 0, size).toString('base64')}`, 'x-amz-checksum-type: FULL_OBJECT'];
}

/** @param {number} size @param {boolean} wantsChecksum @returns {Answer} */
function whole(size, wantsChecksum) {
  const head = headOf(200, [...facts(size), ...checksum(size, wantsChecksum), `Content-Length: ${size}`]);
  if (size > SMALL_BYTES) return { bytes: Buffer.from(head, 'latin1'), range: { start: 0, end: size } };
  return { bytes: Buffer.concat([Buffer.from(head, 'latin1'), contentFrom(0, size)]) };
}

/** @param {string} header @param {number} size @returns {{ start: number, end: number } | undefined} `end` is exclusive */
function rangeOf(header, size) {
  const [, first = '', last = ''] = RANGE.exec(header) ?? [];
  if (first === '') return last === '' ? undefined : { start: Math.max(0, size - Number(last)), end: size };
  const range = { start: Number(first), end: last === '' ? size : Math.min(size, Number(last) + 1) };
  return range.start < range.end ? range : undefined;
}

/** @param {number} size @param {string} header @returns {Answer} */
function part(size, header) {
  const range = rangeOf(header, size);
  if (!range) return errorAnswer(416, 'InvalidRange', 'The requested range is not satisfiable');
  const length = range.end - range.start;
  const headers = [`Content-Range: bytes ${range.start}-${range.end - 1}/${size}`, `Content-Length: ${length}`];
  const head = Buffer.from(headOf(206, [...facts(size), ...headers]), 'latin1');
  if (length <= SMALL_BYTES) return { bytes: Buffer.concat([head, contentFrom(range.start, length)]) };
  return { bytes: head, range };
}

/** @param {Request} request @param {number} size @returns {Answer} */
function get(request, size) {
  const range = request.header('range');
  if (range !== undefined) return part(size, range);
  const wantsChecksum = request.header('x-amz-checksum-mode') !== undefined;
  return cached(`GET ${size} ${wantsChecksum}`, () => whole(size, wantsChecksum));
}

/** @param {Request} request @param {number} size @returns {Answer} */
function head(request, size) {
  const wantsChecksum = request.header('x-amz-checksum-mode') !== undefined;
  const lines = () => [...facts(size), ...checksum(size, wantsChecksum), `Content-Length: ${size}`];
  return cached(`HEAD ${size} ${wantsChecksum}`, () => ({ bytes: Buffer.from(headOf(200, lines()), 'latin1') }));
}

/** @param {Request} request @returns {Answer} */
function put(request) {
  const check = checkUpload(request);
  if ('refusal' in check) return check.refusal;
  const { size, phase, echo } = check;
  return cached(`PUT ${phase} ${size} ${echo.join()}`, () => answer(200, [`ETag: "${etagOf(phase, size)}"`, ...echo]));
}

/** @param {Request} request @param {string} key @returns {Answer | undefined} undefined for what no client was expected to send */
export function answerObject(request, key) {
  const { method } = request;
  if (method === 'PUT') return put(request);
  if (method === 'DELETE') return cached('DELETE', () => answer(204, []));
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const slash = key.indexOf('/');
  const size = slash === -1 ? Number.NaN : Number(key.slice(0, slash));
  if (!Number.isSafeInteger(size)) {
    return errorAnswer(404, 'NoSuchKey', 'The specified key does not exist.', method === 'GET');
  }
  return method === 'GET' ? get(request, size) : head(request, size);
}
