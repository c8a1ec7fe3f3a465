/**
 * Uploads in parts. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
import { createHash, randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { answer, errorAnswer, NAMESPACE, xmlAnswer } from './answers.mjs';
import { digestOf, etagOf } from './content.mjs';
import { checkUpload } from './upload-check.mjs';

/**
 * @typedef {import('./answers.mjs').Answer} Answer @typedef {import('./request.mjs').Request} Request
 * @typedef {{ size: number, etag: string, phase: number }} Part
 * @typedef {{ parts: Map<number, Part>, hasChecksums: boolean, isFullObject: boolean }} Upload
 */

/** @type {Map<string, Upload>} */
const uploads = new Map();

/** @param {Request} request @param {string} bucket @param {string} key */
function begin(request, bucket, key) {
  const id = randomUUID();
  const algorithm = request.header('x-amz-checksum-algorithm');
  const type = request.header('x-amz-checksum-type') ?? 'COMPOSITE';
  uploads.set(id, { parts: new Map(), hasChecksums: algorithm === 'CRC32', isFullObject: type === 'FULL_OBJECT' });
  const echo = algorithm ? [`x-amz-checksum-algorithm: ${algorithm}`, `x-amz-checksum-type: ${type}`] : [];
  const fields = `<Bucket>${bucket}</Bucket><Key>${key}</Key><UploadId>${id}</UploadId>`;
  return xmlAnswer(
    `<InitiateMultipartUploadResult xmlns="${NAMESPACE}">${fields}</InitiateMultipartUploadResult>`,
    echo,
  );
}

/** @param {Request} request @param {Upload} upload @param {number} number */
function putPart(request, upload, number) {
  const check = checkUpload(request);
  if ('refusal' in check) return check.refusal;
  const { size, phase, echo } = check;
  const etag = etagOf(phase, size);
  upload.parts.set(number, { size, phase, etag });
  return answer(200, [`ETag: "${etag}"`, ...echo.filter((line) => !line.startsWith('x-amz-checksum-type'))]);
}

/** The parts that the document names, in its order; undefined when one is not there. @param {string} text @param {Upload} upload */
function namedParts(text, upload) {
  /** @type {Part[]} */
  const parts = [];
  for (const [, element = ''] of text.matchAll(/<Part>(.*?)<\/Part>/gs)) {
    const number = Number(/<PartNumber>(\d+)</.exec(element)?.[1]);
    const etag = /<ETag>(?:"|&quot;|&#34;)?([0-9a-f]+)/.exec(element)?.[1];
    const part = upload.parts.get(number);
    if (!part || part.etag !== etag) return undefined;
    parts.push(part);
  }
  return parts;
}

/** @param {readonly Part[]} parts @param {Upload} upload */
function checksumElements(parts, upload) {
  if (!upload.hasChecksums) return '';
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (upload.isFullObject) {
    const whole = digestOf('crc32', 0, size).toString('base64');
    return `<ChecksumCRC32>${whole}</ChecksumCRC32><ChecksumType>FULL_OBJECT</ChecksumType>`;
  }
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(Buffer.concat(parts.map((part) => digestOf('crc32', part.phase, part.size)))));
  return `<ChecksumCRC32>${value.toString('base64')}-${parts.length}</ChecksumCRC32><ChecksumType>COMPOSITE</ChecksumType>`;
}

/** @param {Request} request @param {string} id @param {Upload} upload @param {string} bucket @param {string} key */
function complete(request, id, upload, bucket, key) {
  const parts = namedParts(request.body?.kept?.text ?? '', upload);
  if (!parts || parts.length === 0) return errorAnswer(400, 'InvalidPart', 'A part is missing or has another ETag.');
  uploads.delete(id);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const claimed = request.header('x-amz-checksum-crc32');
  if (upload.isFullObject && claimed !== undefined && claimed !== digestOf('crc32', 0, size).toString('base64')) {
    return errorAnswer(400, 'BadDigest', 'The CRC32 of the whole object did not match.');
  }
  const digest = createHash('md5')
    .update(Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, 'hex'))))
    .digest('hex');
  const fields = `<Location>/${bucket}/${key}</Location><Bucket>${bucket}</Bucket><Key>${key}</Key><ETag>&quot;${digest}-${parts.length}&quot;</ETag>`;
  return xmlAnswer(
    `<CompleteMultipartUploadResult xmlns="${NAMESPACE}">${fields}${checksumElements(parts, upload)}</CompleteMultipartUploadResult>`,
  );
}

/**
 * @param {Request} request @param {string} bucket @param {string} key
 * @returns {Answer | undefined} undefined for what no client was expected to send
 */
export function answerMultipart(request, bucket, key) {
  const { method, parameters } = request;
  if (method === 'POST' && parameters.has('uploads')) return begin(request, bucket, key);
  const id = parameters.get('uploadId') ?? '';
  const upload = uploads.get(id);
  if (!upload) return errorAnswer(404, 'NoSuchUpload', 'The specified upload does not exist.');
  if (method === 'PUT') return putPart(request, upload, Number(parameters.get('partNumber')));
  if (method === 'POST') return complete(request, id, upload, bucket, key);
  if (method !== 'DELETE') return undefined;
  uploads.delete(id);
  return answer(204, []);
}
