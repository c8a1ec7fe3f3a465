import { XmlReader } from '../xml/reader.js';
import { expectRoot, missing } from './documents.js';
import { decodeListed, decodeMarker } from './url-encoding.js';

/** An upload in parts that was begun and not ended. */
export interface S3Upload {
  readonly key: string;
  readonly uploadId: string;
  readonly startedAtMs: number | undefined;
  readonly storageClass: string | undefined;
}

/** One page of `ListMultipartUploads`. */
export interface S3UploadPage {
  readonly uploads: readonly S3Upload[];
  readonly isTruncated: boolean;
  readonly nextKeyMarker: string | undefined;
  readonly nextUploadIdMarker: string | undefined;
}

function readUpload(xml: XmlReader): S3Upload {
  let [key, uploadId]: (string | undefined)[] = [];
  let startedAtMs: number | undefined;
  let storageClass: string | undefined;
  for (let name = xml.child(); name !== undefined; name = xml.child()) {
    if (name === 'Key') key = xml.text();
    else if (name === 'UploadId') uploadId = xml.text();
    else if (name === 'Initiated') startedAtMs = xml.time();
    else if (name === 'StorageClass') storageClass = xml.word();
    else xml.skip();
  }
  if (key === undefined || uploadId === undefined)
    throw missing('the list of uploads', 'an upload without Key or UploadId');
  return { key, uploadId, startedAtMs, storageClass };
}

/**
 * Reads a page of uploads. `keysAreEscaped` is for services that escape keys, and only these, without saying so.
 * Throws `unknown` for anything else.
 */
export function parseUploadPage(bytes: Buffer, { keysAreEscaped = false } = {}): S3UploadPage {
  const xml = new XmlReader(bytes, 'the list of uploads');
  expectRoot(xml, 'the list of uploads', 'ListMultipartUploadsResult');
  const uploads: S3Upload[] = [];
  let isTruncated = false;
  let [nextKeyMarker, nextUploadIdMarker]: (string | undefined)[] = [];
  let isEscaped = false;
  for (let name = xml.child(); name !== undefined; name = xml.child()) {
    if (name === 'Upload') uploads.push(readUpload(xml));
    else if (name === 'IsTruncated') isTruncated = xml.flag();
    else if (name === 'NextKeyMarker') nextKeyMarker = xml.text();
    else if (name === 'NextUploadIdMarker') nextUploadIdMarker = xml.text();
    else if (name === 'EncodingType') isEscaped = xml.text() === 'url';
    else xml.skip();
  }
  xml.end();
  if (!isEscaped && !keysAreEscaped) return { uploads, isTruncated, nextKeyMarker, nextUploadIdMarker };
  const decoded = uploads.map((upload) => ({ ...upload, key: decodeListed(upload.key) }));
  const marker = nextKeyMarker === undefined || !isEscaped ? nextKeyMarker : decodeMarker(nextKeyMarker);
  return { uploads: decoded, isTruncated, nextKeyMarker: marker, nextUploadIdMarker };
}
