/**
 * OpenStack Swift with the login of its TempAuth, below `/auth` and `/v1`. Objects are those of the S3 routes, and none is a large one.
 * https://docs.openstack.org/api-ref/object-store/
 */
import { answer, cached, headOf } from './answers.mjs';
import { contentFrom, etagOf } from './content.mjs';
import { listDocument } from './swift-listing.mjs';
import { checkUpload } from './upload-check.mjs';

/** @typedef {import('./answers.mjs').Answer} Answer @typedef {import('./request.mjs').Request} Request */

const ACCOUNT = '/v1/AUTH_bench/';
const TOKEN = 'AUTH_tk6c2f1a7e6d6f4d6e8a5d0d1b5f0f3c11';
const TRANSACTION = 'tx2d6e6c9ad1c84c0ba9a8a-0065920080';
const FIXED = `X-Trans-Id: ${TRANSACTION}\r\nX-Openstack-Request-Id: ${TRANSACTION}\r\n`;

/** @param {Request} request */
export function isSwift({ path }) {
  return path === '/auth/v1.0' || path.startsWith(ACCOUNT);
}

/** @param {Request} request */
function logIn(request) {
  if (request.header('x-auth-user') === undefined || request.header('x-auth-key') === undefined) return undefined;
  const url = `X-Storage-Url: http://${request.header('host')}${ACCOUNT.slice(0, -1)}`;
  const tokens = [`X-Auth-Token: ${TOKEN}`, `X-Storage-Token: ${TOKEN}`, 'X-Auth-Token-Expires: 86399'];
  return answer(200, [url, ...tokens, 'Content-Type: text/html; charset=UTF-8'], '', FIXED);
}

/** @param {number} size */
function facts(size) {
  return [
    'Content-Type: application/octet-stream',
    `Etag: ${etagOf(0, size)}`,
    'Last-Modified: Mon, 01 Jan 2024 00:00:01 GMT',
    'X-Timestamp: 1704067200.00000',
    'Accept-Ranges: bytes',
    `Content-Length: ${size}`,
  ];
}

/** @param {number} status */
const empty = (status) => cached(`swift ${status}`, () => answer(status, ['Content-Type: text/html'], '', FIXED));

/** @param {Request} request */
function put(request) {
  const etag = request.header('etag');
  const check = checkUpload(request, etag === undefined ? [] : [{ algorithm: 'md5', value: etag, encoding: 'hex' }]);
  if ('refusal' in check) return answer(422, [], 'The body or its ETag is not what the measurements send.', FIXED);
  const { size, phase } = check;
  const told = [`Etag: ${etagOf(phase, size)}`, 'Last-Modified: Mon, 01 Jan 2024 00:00:01 GMT'];
  return cached(`swift PUT ${phase} ${size}`, () => answer(201, [...told, 'Content-Type: text/html'], '', FIXED));
}

/** A driver looks whether a container of segments is there. @param {Request} request @param {string} container */
function answerContainer(request, container) {
  if (request.method === 'HEAD') return empty(container.endsWith('_segments') ? 404 : 204);
  const document = request.method === 'GET' ? listDocument(request, container) : undefined;
  if (document === undefined) return undefined;
  return answer(200, ['Content-Type: application/json; charset=utf-8'], document, FIXED);
}

/** @param {Request} request @param {string} key @returns {Answer | undefined} */
function answerObject(request, key) {
  const { method } = request;
  if (method === 'PUT') return put(request);
  if (method === 'DELETE') return empty(204);
  const size = Number(key.slice(0, key.indexOf('/')));
  if (!Number.isSafeInteger(size) || request.header('range') !== undefined) return undefined;
  const head = () => Buffer.from(headOf(200, facts(size), FIXED), 'latin1');
  if (method === 'HEAD') return cached(`swift HEAD ${size}`, () => ({ bytes: head() }));
  if (method !== 'GET') return undefined;
  return cached(`swift GET ${size}`, () => ({ bytes: Buffer.concat([head(), contentFrom(0, size)]) }));
}

/** @param {Request} request @returns {Answer | undefined} undefined for what no client was expected to send */
export function answerSwift(request) {
  const { method, path } = request;
  if (!path.startsWith(ACCOUNT)) return method === 'GET' ? logIn(request) : undefined;
  if (request.header('x-auth-token') !== TOKEN) return undefined;
  const place = path.slice(ACCOUNT.length);
  const slash = place.indexOf('/');
  return slash === -1 ? answerContainer(request, place) : answerObject(request, place.slice(slash + 1));
}
