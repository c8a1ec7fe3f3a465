/**
 * EMC Atmos, below `/rest/namespace`. Objects are those of the S3 routes; no name is taken, and folders are never empty.
 * The Atmos Programmer's Guide is not online any more; @stowage/emulators has all of the protocol.
 */
import { answer, cached, headOf } from './answers.mjs';
import { contentFrom, digestOf } from './content.mjs';
import { checkUpload } from './upload-check.mjs';

/** @typedef {import('./answers.mjs').Answer} Answer @typedef {import('./request.mjs').Request} Request */

const ROOT = '/rest/namespace/';
const OID = '4d773b6ca10574f404d773bd3bedfc04d776693243b8';
const FIXED = ['Server: Apache', 'x-emc-policy: default', 'x-emc-utf8: true', ''].join('\r\n');
const CHECKSUM = /^(MD5|SHA1)\/(\d+)\/([0-9a-f]+)$/;
const NOT_EMPTY =
  '<Error><Code>1023</Code><Message>The directory you are attempting to delete is not empty.</Message></Error>';

/** @param {Request} request */
export function isAtmos({ path }) {
  return path.startsWith(ROOT);
}

/** @param {string} type @param {number} size */
function systemTags(type, size) {
  const times = ['atime', 'mtime', 'ctime', 'itime'].map((name) => `${name}=2024-01-01T00:00:00Z`);
  const rest = [`type=${type}`, 'uid=user1', 'gid=apache', `objectid=${OID}`, 'objname=object.bin', `size=${size}`];
  return [...times, ...rest, 'nlink=1', 'policyname=default'];
}

/** @param {number} phase @param {number} size */
function md5Of(phase, size) {
  return digestOf('md5', phase, size).toString('hex');
}

/** @param {number} size */
function facts(size) {
  return [
    'Content-Type: application/octet-stream',
    `x-emc-meta: ${[...systemTags('regular', size), `md5=${md5Of(0, size)}`].join(', ')}`,
    'x-emc-useracl: user1=FULL',
    'x-emc-groupacl: other=NONE',
    `x-emc-wschecksum: MD5/${size}/${md5Of(0, size)}`,
    `Content-Length: ${size}`,
  ];
}

/** The digests in the checksum that the store compares, and in the tag that only readers look at. @param {Request} request */
function claimsOf(request) {
  const [, name, covered, value] = CHECKSUM.exec(request.header('x-emc-wschecksum') ?? '') ?? [];
  const tag = /(?:^|, )md5=([0-9a-f]+)/.exec(request.header('x-emc-meta') ?? '')?.[1];
  const isWhole = Number(covered) === (request.body?.compared?.size ?? 0);
  return [
    { algorithm: name === 'SHA1' ? 'sha1' : 'md5', value: isWhole ? value : undefined },
    { algorithm: 'md5', value: tag },
  ];
}

/** Every put tells a digest twice, and how many bytes it is of. @param {Request} request */
function create(request) {
  const claims = claimsOf(request).flatMap(({ algorithm, value }) => {
    return value === undefined
      ? []
      : [{ algorithm: /** @type {'md5' | 'sha1'} */ (algorithm), value, encoding: /** @type {const} */ ('hex') }];
  });
  if (claims.length < 2) return undefined;
  const check = checkUpload(request, claims);
  if ('refusal' in check) return check.refusal;
  const { size, phase } = check;
  const told = [`Location: /rest/objects/${OID}`, `x-emc-delta: ${size}`];
  const checksum = `x-emc-wschecksum: ${request.header('x-emc-wschecksum')}`;
  return cached(`atmos POST ${phase} ${size}`, () => answer(201, [...told, checksum], '', FIXED));
}

/** @param {string} place @returns {Answer} */
function remove(place) {
  if (place.endsWith('/')) return cached('atmos 1023', () => answer(400, ['Content-Type: text/xml'], NOT_EMPTY, FIXED));
  return cached('atmos DELETE', () => answer(204, ['x-emc-delta: -1024'], '', FIXED));
}

/** @param {Request} request @param {string} container @returns {Answer | undefined} */
function answerDirectory(request, container) {
  if (request.method !== 'GET' || request.query !== 'metadata/system' || container.includes('/')) return undefined;
  return answer(200, [`x-emc-meta: ${systemTags('directory', 4096).join(', ')}`], '', FIXED);
}

/** @param {Request} request @returns {Answer | undefined} undefined for what no client was expected to send */
export function answerAtmos(request) {
  const { method, path } = request;
  const isSigned = request.header('x-emc-signature') !== undefined && request.header('x-emc-uid') !== undefined;
  if (!isSigned) return undefined;
  const place = path.slice(ROOT.length);
  if (method === 'DELETE') return remove(place);
  if (place.endsWith('/')) return answerDirectory(request, place.slice(0, -1));
  if (request.query !== '' || request.header('range') !== undefined) return undefined;
  if (method === 'POST') return create(request);
  const [, bytes] = place.split('/');
  const size = Number(bytes);
  if (!Number.isSafeInteger(size)) return undefined;
  const head = () => Buffer.from(headOf(200, facts(size), FIXED), 'latin1');
  if (method === 'HEAD') return cached(`atmos HEAD ${size}`, () => ({ bytes: head() }));
  if (method !== 'GET') return undefined;
  return cached(`atmos GET ${size}`, () => ({ bytes: Buffer.concat([head(), contentFrom(0, size)]) }));
}
