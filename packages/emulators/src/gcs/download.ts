import { gunzipSync } from 'node:zlib';
import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { checkCustomerKey, customerKeyHeaders } from './customer-keys.js';
import { GcsError } from './errors.js';
import { etagOf, xmlEtagOf } from './resource.js';
import type { StoredObject } from './store.js';

/** Bytes of an object with the headers that both APIs send along. Conditions are checked before. */
export function downloadObject(object: StoredObject, request: EmulatedRequest, api: 'json' | 'xml'): EmulatedResponse {
  checkCustomerKey(object, request.headers);
  const common = { ...objectHeaders(object), etag: api === 'json' ? etagOf(object) : `"${xmlEtagOf(object)}"` };
  if (isTranscoded(object, request)) return transcoded(object, common);
  const { size } = object.content;
  const range = readRange(request.headers['range'], size);
  const encoding = object.fields.contentEncoding;
  return {
    status: range ? 206 : 200,
    headers: {
      ...common,
      'content-encoding': encoding,
      'accept-ranges': 'bytes',
      'content-range': range ? `bytes ${String(range.start)}-${String(range.end - 1)}/${String(size)}` : undefined,
    },
    body: range ? object.content.slice(range.start, range.end) : object.content.blocks,
  };
}

/** https://cloud.google.com/storage/docs/xml-api/reference-headers */
export function objectHeaders(object: StoredObject): Record<string, string | undefined> {
  const { fields, content } = object;
  const md5 = content.md5Base64;
  const hash = [`crc32c=${content.crc32cBase64}`, ...(md5 === undefined ? [] : [`md5=${md5}`])].join(',');
  return {
    'content-type': fields.contentType,
    'content-language': fields.contentLanguage,
    'content-disposition': fields.contentDisposition,
    'cache-control': fields.cacheControl ?? 'private, max-age=0',
    'last-modified': new Date(object.updatedAtMs).toUTCString(),
    'x-goog-generation': String(object.generation),
    'x-goog-metageneration': String(object.metageneration),
    'x-goog-hash': hash,
    'x-goog-storage-class': fields.storageClass,
    'x-goog-stored-content-encoding': fields.contentEncoding ?? 'identity',
    'x-goog-stored-content-length': String(content.size),
    'x-goog-component-count': object.componentCount === undefined ? undefined : String(object.componentCount),
    'x-goog-encryption-kms-key-name': object.kmsKeyName,
    ...customerKeyHeaders(object),
  };
}

/** https://cloud.google.com/storage/docs/transcoding */
function isTranscoded({ fields }: StoredObject, { headers }: EmulatedRequest): boolean {
  const accepts = /\bgzip\b/.test(headers['accept-encoding'] ?? '');
  const isFixed = /\bno-transform\b/.test(fields.cacheControl ?? '');
  return fields.contentEncoding === 'gzip' && !accepts && !isFixed;
}

/** The whole object unpacked, whatever range was asked for, and without a length. */
function transcoded(object: StoredObject, headers: Record<string, string | undefined>): EmulatedResponse {
  try {
    return {
      status: 200,
      headers: {
        ...headers,
        'content-length': undefined,
        vary: 'Accept-Encoding',
        warning: '214 UploadServer gunzipped',
      },
      body: gunzipSync(Buffer.concat(object.content.blocks)),
    };
  } catch {
    throw new GcsError(503, 'backendError', 'ServiceUnavailable', 'The object cannot be unpacked.');
  }
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** One range; what is none is ignored, as RFC 9110 allows. */
function readRange(header: string | undefined, size: number): Range | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first = '', last = ''] = match;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (start < size && !(first === '' && Number(last) === 0)) return start < end ? { start, end } : undefined;
  throw new GcsError(416, 'requestedRangeNotSatisfiable', 'InvalidRange', 'The requested range cannot be satisfied.', {
    headers: { 'content-range': `bytes */${String(size)}` },
    details: { Details: header ?? '' },
  });
}
