/**
 * Nimbus.io: the host names the collection, keys are below `/data`. Objects are those of the S3 routes, with the metadata that Stowage
 * writes. A body has no length here either; a connection goes on, as behind a proxy that takes the place of the server's own.
 * The documentation is not online any more; @stowage/emulators has all of the protocol.
 */
import { answer, cached, headOf } from './answers.mjs';
import { contentFrom, digestOf } from './content.mjs';
import { checkUpload } from './upload-check.mjs';

/** @typedef {import('./answers.mjs').Answer} Answer @typedef {import('./request.mjs').Request} Request */

const ROOT = '/data/';
const FIXED = ['Server: nginx/1.2.4', 'Connection: keep-alive', ''].join('\r\n');
const VERSION = 'bQ8Zp3vYxK1mTz0uWcJr5sEoNfHdLgAiBjCkDlEmFnGoHpIqJrKsLt';
const JSON_TYPE = 'Content-Type: application/json';
const TIME = 'Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT';
/** Size, MD5, CRC32, a word, and the time, as the driver keeps them with an object. */
const FACTS = /^1\.(\d+)\.([0-9a-f]{32})\.([0-9a-f]{8})\.[\w-]{12,64}\.\d+$/;

/** @param {Request} request */
export function isNimbus(request) {
  return request.path.startsWith(ROOT) && request.header('authorization')?.startsWith('NIMBUS.IO ') === true;
}

/** @param {number} size */
function metadata(size) {
  const [md5, crc32] = /** @type {const} */ (['md5', 'crc32']).map((name) => digestOf(name, 0, size).toString('hex'));
  return JSON.stringify([
    ['stowage', `1.${size}.${md5}.${crc32}.Q2hhbmdlZEV0YWc0.1704067200000`],
    ['stowage.type', 'application/octet-stream'],
  ]);
}

/** @param {string} status @param {Buffer} body */
function chunked(status, body) {
  const size = Buffer.from(`${body.length.toString(16)}\r\n`);
  return Buffer.concat([Buffer.from(status, 'latin1'), size, body, Buffer.from('\r\n0\r\n\r\n')]);
}

/** @param {number} size @returns {Answer} */
function retrieve(size) {
  const head = headOf(200, [TIME, 'Content-Type: application/octet-stream', 'Transfer-Encoding: chunked'], FIXED);
  return { bytes: chunked(head, contentFrom(0, size)) };
}

/** Compares every digest: that of the header, and those in the metadata. @param {Request} request */
function archive(request) {
  const md5 = request.header('content-md5');
  const facts = FACTS.exec(request.parameters.get('__nimbus_io__stowage') ?? '');
  if (md5 === undefined || !facts || Number(facts[1]) !== request.body?.compared?.size) return undefined;
  const check = checkUpload(request, [
    { algorithm: 'md5', value: md5, encoding: 'base64' },
    { algorithm: 'md5', value: facts[2] ?? '', encoding: 'hex' },
    { algorithm: 'crc32', value: facts[3] ?? '', encoding: 'hex' },
  ]);
  if ('refusal' in check) return check.refusal;
  return cached('nimbus POST', () => answer(200, [JSON_TYPE], `{"version_identifier": "${VERSION}"}`, FIXED));
}

/** @param {Request} request @returns {Answer | undefined} undefined for what no client was expected to send */
export function answerNimbus(request) {
  const { method, path, query } = request;
  const isSigned =
    request.header('x-nimbus-io-timestamp') !== undefined && request.header('host')?.startsWith('bench.');
  if (!isSigned || request.header('range') !== undefined) return undefined;
  if (method === 'POST') return archive(request);
  if (method === 'DELETE') return cached('nimbus DELETE', () => answer(200, [JSON_TYPE], '{"success": true}', FIXED));
  const size = Number(path.slice(ROOT.length, path.indexOf('/', ROOT.length)));
  if (method !== 'GET' || !Number.isSafeInteger(size)) return undefined;
  if (query === 'action=meta')
    return cached(`nimbus meta ${size}`, () => answer(200, [JSON_TYPE], metadata(size), FIXED));
  return query === '' ? cached(`nimbus GET ${size}`, () => retrieve(size)) : undefined;
}
