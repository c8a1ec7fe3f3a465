/**
 * Listings of buckets `list-<count>`, in pages. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
import { headOf, NAMESPACE, xmlAnswer } from './answers.mjs';

/** @typedef {import('./answers.mjs').Answer} Answer @typedef {import('./request.mjs').Request} Request */

const PAGE_ROWS = 1000;
const CHUNK_BYTES = 65_536;
/** Stands in a row where the number of its page goes. */
const PAGE_MARK = '######';
/** Tokens must not look like numbers: one client takes them for such. */
const TOKEN_MARK = 'after-';

/** @param {string} page @param {number} row */
function rowOf(page, row) {
  const number = String(row).padStart(3, '0');
  const etag = (row * 2_654_435_761).toString(16).padStart(32, '0');
  const time = `2024-05-${String((row % 28) + 1).padStart(2, '0')}T10:20:30.000Z`;
  return (
    `<Contents><Key>photos/2024/${page}/image-${number}.jpg</Key><LastModified>${time}</LastModified>` +
    `<ETag>&quot;${etag}&quot;</ETag><ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>` +
    `<Size>${1024 + row * 37}</Size><StorageClass>STANDARD</StorageClass></Contents>`
  );
}

const template = Buffer.from(Array.from({ length: PAGE_ROWS }, (_, row) => rowOf(PAGE_MARK, row)).join(''));

/** Where in the template the page's number goes. */
const marks = (() => {
  const found = [];
  for (let at = template.indexOf(PAGE_MARK); at !== -1; at = template.indexOf(PAGE_MARK, at + 1)) found.push(at);
  return found;
})();

/** @param {number} page */
function fullPage(page) {
  const rows = Buffer.from(template);
  const digits = Buffer.from(String(page).padStart(PAGE_MARK.length, '0'), 'latin1');
  for (const mark of marks) rows.set(digits, mark);
  return rows;
}

/** @param {number} first @param {number} count @returns {Buffer} */
function rowsFrom(first, count) {
  if (count === PAGE_ROWS && first % PAGE_ROWS === 0) return fullPage(first / PAGE_ROWS);
  const rows = Array.from({ length: count }, (_, index) => {
    const page = String(Math.floor((first + index) / PAGE_ROWS)).padStart(PAGE_MARK.length, '0');
    return rowOf(page, (first + index) % PAGE_ROWS);
  });
  return Buffer.from(rows.join(''));
}

/** Amazon sends listings with `transfer-encoding: chunked`. @param {readonly Buffer[]} pieces @returns {Answer} */
function chunkedXml(pieces) {
  const document = Buffer.concat(pieces);
  const out = [Buffer.from(headOf(200, ['Content-Type: application/xml', 'Transfer-Encoding: chunked']), 'latin1')];
  for (let at = 0; at < document.length; at += CHUNK_BYTES) {
    const chunk = document.subarray(at, at + CHUNK_BYTES);
    out.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return { bytes: Buffer.concat([...out, Buffer.from('0\r\n\r\n')]) };
}

/** @param {Request} request @param {string} bucket @returns {Answer | undefined} */
function list(request, bucket) {
  const { parameters } = request;
  const total = Number(/^list-(\d+)$/.exec(bucket)?.[1] ?? 0);
  const folds = (parameters.get('delimiter') ?? '') !== '' || (parameters.get('prefix') ?? '') !== '';
  if (folds || parameters.get('list-type') !== '2') return undefined;
  const first = Number(parameters.get('continuation-token')?.slice(TOKEN_MARK.length) ?? 0);
  const count = Math.min(total - first, Number(parameters.get('max-keys') ?? PAGE_ROWS), PAGE_ROWS);
  const end = first + count;
  const encoding = parameters.has('encoding-type') ? '<EncodingType>url</EncodingType>' : '';
  const more = end < total ? `<NextContinuationToken>${TOKEN_MARK}${end}</NextContinuationToken>` : '';
  const head =
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="${NAMESPACE}"><Name>${bucket}</Name><Prefix></Prefix>` +
    `${more}<KeyCount>${count}</KeyCount><MaxKeys>${PAGE_ROWS}</MaxKeys>${encoding}<IsTruncated>${end < total}</IsTruncated>`;
  return chunkedXml([Buffer.from(head), rowsFrom(first, count), Buffer.from('</ListBucketResult>')]);
}

/** @param {Request} request @param {string} bucket @returns {Answer | undefined} undefined for what no client was expected to send */
export function answerBucket(request, bucket) {
  if (request.method === 'HEAD') {
    return { bytes: Buffer.from(headOf(200, ['x-amz-bucket-region: us-east-1', 'Content-Length: 0']), 'latin1') };
  }
  if (request.method !== 'GET') return undefined;
  if (request.parameters.has('location')) return xmlAnswer(`<LocationConstraint xmlns="${NAMESPACE}"/>`);
  return list(request, bucket);
}
