import type { IncomingHttpHeaders } from 'node:http';
import type { ByteRange, Checksum, ObjectRecord, PutRequest } from '@stowage/core/spi';

/*
 * What the headers of a request ask for (RFC 9110, sections 13 and 14), as functions of the headers and of the object alone.
 */

/** The status by which a conditional GET or HEAD ends early; undefined when it goes on. */
export function conditionalStatus(headers: IncomingHttpHeaders, record: ObjectRecord): 304 | 412 | undefined {
  const modified = Math.floor((record.modifiedAtMs ?? 0) / 1000);
  const ifMatch = headers['if-match'];
  const unmodifiedSince = seconds(headers['if-unmodified-since']);
  if (ifMatch !== undefined) {
    if (!namesEtag(ifMatch, record.etag, 'strong')) return 412;
  } else if (unmodifiedSince !== undefined && modified > unmodifiedSince) return 412;
  const ifNoneMatch = headers['if-none-match'];
  const modifiedSince = seconds(headers['if-modified-since']);
  if (ifNoneMatch !== undefined) return namesEtag(ifNoneMatch, record.etag, 'weak') ? 304 : undefined;
  return modifiedSince !== undefined && modified <= modifiedSince ? 304 : undefined;
}

/** The one range of bytes that is asked for. Several ranges, other units and malformed ones ask for the whole. */
export function rangeOf(headers: IncomingHttpHeaders, record: ObjectRecord): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(headers.range ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (!isRangeCurrent(headers['if-range'], record)) return undefined;
  if (first === '') return { suffix: Number(last) };
  if (last !== '' && Number(last) < Number(first)) return undefined;
  return { start: Number(first), ...(last !== '' && { end: Number(last) + 1 }) };
}

/** True when no byte of the object lies in the range. */
export function isUnsatisfiable(range: ByteRange, size: number): boolean {
  return range.suffix === undefined ? range.start >= size : range.suffix === 0 || size === 0;
}

function isRangeCurrent(ifRange: string | string[] | undefined, record: ObjectRecord): boolean {
  if (ifRange === undefined) return true;
  const text = String(ifRange);
  if (text.startsWith('"')) return namesEtag(text, record.etag, 'strong');
  return seconds(text) === Math.floor((record.modifiedAtMs ?? 0) / 1000);
}

/** True when a list of entity tags, or `*`, names this one. */
function namesEtag(list: string, etag: string | undefined, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true;
  for (const [, weak, tag] of list.matchAll(/(W\/)?"([^"]*)"/g)) {
    if (tag === etag && (comparison === 'weak' || weak === undefined)) return true;
  }
  return false;
}

function seconds(date: string | undefined): number | undefined {
  const milliseconds = date === undefined ? NaN : Date.parse(date);
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

/** What a PUT stores beside the body, and on which conditions; undefined when its headers make no sense here. */
export function putRequestOf(headers: IncomingHttpHeaders): PutRequest | undefined {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'content-md5': md5 } = headers;
  const etag = ifMatch === undefined ? undefined : /^\s*(?:"([^"]*)"|(\*))\s*$/.exec(ifMatch);
  if (etag === null || (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*')) return undefined;
  const checksum = md5 === undefined ? undefined : md5Of(String(md5));
  if (checksum === null) return undefined;
  return {
    contentType: headers['content-type'],
    contentEncoding: headers['content-encoding'],
    contentLanguage: headers['content-language'],
    contentDisposition: headers['content-disposition'],
    cacheControl: headers['cache-control'],
    ifMatch: etag?.[1] ?? etag?.[2],
    ifNoneMatch: ifNoneMatch === undefined ? undefined : '*',
    checksum,
  };
}

const MD5_BYTES = 16;

function md5Of(base64: string): Checksum | null {
  const digest = Buffer.from(base64, 'base64');
  return digest.length === MD5_BYTES ? { algorithm: 'md5', value: digest.toString('hex') } : null;
}
