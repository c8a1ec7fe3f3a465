import { errorAnswer } from './answers.mjs';
import { digestOf } from './content.mjs';

/**
 * @typedef {import('./request.mjs').Request} Request
 * @typedef {import('./content.mjs').Digest} Digest
 * @typedef {{ algorithm: Digest, value: string, encoding: 'base64' | 'hex', echo?: string }} Claim
 * @typedef {{ size: number, phase: number, echo: readonly string[] }} Upload
 */

const CHECKSUM = /^x-amz-checksum-(crc32|sha1|sha256): *(\S+)$/i;
const HASH = /^[0-9a-f]{64}$/;

/** @param {string} line @returns {Claim[]} */
function checksumIn(line) {
  const [, algorithm, value = ''] = CHECKSUM.exec(line) ?? [];
  if (algorithm === undefined) return [];
  const known = /** @type {Digest} */ (algorithm.toLowerCase());
  return [{ algorithm: known, value, encoding: 'base64', echo: `x-amz-checksum-${known}: ${value}` }];
}

/** Every digest that the request gives of its body. @param {Request} request @returns {Claim[]} */
function claimsOf(request) {
  const trailers = request.body?.trailers ?? [];
  const claims = [...request.head.split('\r\n'), ...trailers.map((line) => line.replace(':', ': '))].flatMap(
    checksumIn,
  );
  const md5 = request.header('content-md5');
  if (md5 !== undefined) claims.push({ algorithm: 'md5', value: md5, encoding: 'base64' });
  const hash = request.header('x-amz-content-sha256');
  if (hash !== undefined && HASH.test(hash)) claims.push({ algorithm: 'sha256', value: hash, encoding: 'hex' });
  return claims;
}

/**
 * Compares the body with the content, and each digest that was sent with the body's own. Gives the checksums to answer with, as
 * Amazon does.
 * @param {Request} request @param {readonly Claim[]} claims every digest that the request gives, Amazon's way unless said otherwise
 * @returns {Upload | { refusal: import('./answers.mjs').Answer }}
 */
export function checkUpload(request, claims = claimsOf(request)) {
  const body = request.body?.compared;
  const size = body?.size ?? 0;
  const phase = body?.phase ?? 0;
  if (body && !body.isContent) {
    return { refusal: errorAnswer(400, 'BadDigest', 'The body is not what the measurements send.') };
  }
  for (const { algorithm, value, encoding } of claims) {
    if (digestOf(algorithm, phase, size).toString(encoding) === value) continue;
    return {
      refusal: errorAnswer(400, 'BadDigest', `The ${algorithm} you specified did not match the calculated one.`),
    };
  }
  const echo = claims.flatMap((claim) => claim.echo ?? []);
  return { size, phase, echo: echo.length > 0 ? [...echo, 'x-amz-checksum-type: FULL_OBJECT'] : [] };
}
