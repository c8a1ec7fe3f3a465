import { StorageError } from '@stowage/core/spi';
import { parseIsoDateMs } from '../dates.js';
import { parseXml, textAt, type XmlElement } from '../xml/element.js';
import type { XmlReader } from '../xml/reader.js';

/** Makes the error of a document that lacks what it must have. */
export function missing(what: string, problem: string): StorageError {
  return new StorageError('unknown', `The server sent ${what} with ${problem}.`);
}

/** Opens the root element, which must bear one of the names. */
export function expectRoot(xml: XmlReader, what: string, ...names: readonly string[]): void {
  const root = xml.root();
  if (!names.includes(root)) throw missing(what, `the root element <${root}>`);
}

/** What an S3-shaped service says of an error. */
export interface S3ErrorDocument {
  readonly code: string;
  readonly message: string | undefined;
  readonly requestId: string | undefined;
  readonly hostId: string | undefined;
  /** Where the bucket really is, with `AuthorizationHeaderMalformed` and `PermanentRedirect`. */
  readonly region: string | undefined;
  /** Host to use instead, with `PermanentRedirect` and `TemporaryRedirect`. */
  readonly endpoint: string | undefined;
  /** All children that hold text, by name. */
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * Reads an error document; undefined when the bytes are none, such as HTML of a proxy or nothing at all. Never throws: it is read
 * while an error is being made.
 */
export function parseErrorDocument(bytes: Buffer): S3ErrorDocument | undefined {
  let root: XmlElement;
  try {
    root = parseXml(bytes, 'an error');
  } catch {
    return undefined;
  }
  // Some services wrap it: <ErrorResponse><Error>.
  const error = root.name === 'Error' ? root : root.children.find((child) => child.name === 'Error');
  const code = error && textAt(error, 'Code');
  if (!error || code === undefined) return undefined;
  const fields = new Map(error.children.map((child) => [child.name, child.text]));
  return {
    code,
    message: fields.get('Message'),
    requestId: fields.get('RequestId') ?? textAt(root, 'RequestId'),
    hostId: fields.get('HostId'),
    region: fields.get('Region'),
    endpoint: fields.get('Endpoint'),
    fields,
  };
}

/** True when a document is an error, as a 200 answer to a copy or a completion may hold. */
export function isErrorDocument(bytes: Buffer): boolean {
  return /^\s*(?:<\?xml[^>]*>\s*)?<Error[\s>]/.test(bytes.toString('latin1', 0, Math.min(bytes.length, 4096)));
}

/** What a copy, a part's copy or a completed upload gives back. Checksums are as on the wire: base64, by their element's name. */
export interface S3WriteResult {
  readonly etag: string | undefined;
  readonly modifiedAtMs: number | undefined;
  readonly location: string | undefined;
  /** `FULL_OBJECT` or `COMPOSITE`. */
  readonly checksumType: string | undefined;
  /** `ChecksumCRC32` -> base64. */
  readonly checksums: ReadonlyMap<string, string>;
}

/** Reads `CopyObjectResult`, `CopyPartResult` or `CompleteMultipartUploadResult`. Throws `unknown` for anything else. */
export function parseWriteResult(bytes: Buffer): S3WriteResult {
  const root = parseXml(bytes, 'the result of a write');
  if (!/^(?:Copy(?:Object|Part)Result|CompleteMultipartUploadResult)$/.test(root.name)) {
    throw missing('the result of a write', `the root element <${root.name}>`);
  }
  const checksums = root.children
    .filter(({ name }) => name.startsWith('Checksum') && name !== 'ChecksumType')
    .map(({ name, text }): [string, string] => [name, text]);
  return {
    etag: unquote(textAt(root, 'ETag')),
    modifiedAtMs: parseIsoDateMs(textAt(root, 'LastModified')),
    location: textAt(root, 'Location'),
    checksumType: textAt(root, 'ChecksumType'),
    checksums: new Map(checksums),
  };
}

/** Reads the id that `CreateMultipartUpload` gives. Throws `unknown` when there is none. */
export function parseUploadId(bytes: Buffer): string {
  const id = textAt(parseXml(bytes, 'a begun upload'), 'UploadId');
  if (!id) throw missing('a begun upload', 'no UploadId');
  return id;
}

/** Removes the quotes around an ETag; `W/` too. */
export function unquote(etag: string | undefined): string | undefined {
  if (etag === undefined || !etag.endsWith('"')) return etag;
  const from = etag.startsWith('W/"') ? 3 : 1;
  return etag[from - 1] === '"' && etag.length > from ? etag.slice(from, -1) : etag;
}
