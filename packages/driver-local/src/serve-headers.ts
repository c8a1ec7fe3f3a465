import type { ObjectRecord } from '@stowage/core/spi';
import type { Permit } from './urls.js';

/** Types that a browser runs code in. */
const ACTIVE_TYPE = /html|xml|svg/i;
/** Shows a document, and gives it neither scripts nor the site's cookies. */
const NO_SCRIPTS = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
// eslint-disable-next-line no-control-regex -- they end a header, or make Node refuse it
const CONTROL_CHARACTERS = /[\x00-\x08\x0a-\x1f\x7f]/g;

/** Headers of an object; those that the URL was signed with win. */
export function contentHeaders(record: ObjectRecord, permit: Permit): [string, string][] {
  const type = permit.responseContentType ?? record.contentType ?? 'application/octet-stream';
  const headers: Record<string, string | undefined> = {
    'content-type': type,
    'content-disposition': permit.responseContentDisposition ?? record.contentDisposition,
    'content-encoding': record.contentEncoding,
    'content-language': record.contentLanguage,
    'cache-control': record.cacheControl,
    'content-security-policy': ACTIVE_TYPE.test(type) ? NO_SCRIPTS : undefined,
    'last-modified': new Date(record.modifiedAtMs ?? 0).toUTCString(),
    'accept-ranges': 'bytes',
    etag: `"${record.etag}"`,
  };
  return Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, headerText(value)]]));
}

/** A value as Node sends it: each UTF-8 byte one character, and no control character. */
function headerText(value: string): string {
  return Buffer.from(value.replace(CONTROL_CHARACTERS, '')).toString('latin1');
}
