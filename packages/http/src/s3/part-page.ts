import { XmlReader } from '../xml/reader.js';
import { expectRoot, missing } from './documents.js';

/** A part that the store holds. */
export interface S3Part {
  readonly number: number;
  /** Bytes. */
  readonly size: number;
  readonly etag: string | undefined;
  readonly modifiedAtMs: number | undefined;
  /** `ChecksumCRC32` -> base64. */
  readonly checksums: ReadonlyMap<string, string>;
}

/** One page of `ListParts`. */
export interface S3PartPage {
  readonly parts: readonly S3Part[];
  readonly isTruncated: boolean;
  readonly nextPartNumberMarker: string | undefined;
  readonly checksumAlgorithm: string | undefined;
  readonly checksumType: string | undefined;
}

function readPart(xml: XmlReader): S3Part {
  const checksums = new Map<string, string>();
  let number: number | undefined;
  let size = 0;
  let etag: string | undefined;
  let modifiedAtMs: number | undefined;
  for (let name = xml.child(); name !== undefined; name = xml.child()) {
    if (name === 'PartNumber') number = xml.integer();
    else if (name === 'Size') size = xml.integer();
    else if (name === 'ETag') etag = xml.unquoted();
    else if (name === 'LastModified') modifiedAtMs = xml.time();
    else if (name.startsWith('Checksum')) checksums.set(name, xml.text());
    else xml.skip();
  }
  if (number === undefined) throw missing('the list of parts', 'a part without PartNumber');
  return { number, size, etag, modifiedAtMs, checksums };
}

/** Reads a page of parts. Throws `unknown` for anything else. */
export function parsePartPage(bytes: Buffer): S3PartPage {
  const xml = new XmlReader(bytes, 'the list of parts');
  expectRoot(xml, 'the list of parts', 'ListPartsResult');
  const parts: S3Part[] = [];
  let isTruncated = false;
  let [nextPartNumberMarker, checksumAlgorithm, checksumType]: (string | undefined)[] = [];
  for (let name = xml.child(); name !== undefined; name = xml.child()) {
    if (name === 'Part') parts.push(readPart(xml));
    else if (name === 'IsTruncated') isTruncated = xml.flag();
    else if (name === 'NextPartNumberMarker') nextPartNumberMarker = xml.text();
    else if (name === 'ChecksumAlgorithm') checksumAlgorithm = xml.text();
    else if (name === 'ChecksumType') checksumType = xml.text();
    else xml.skip();
  }
  xml.end();
  return { parts, isTruncated, nextPartNumberMarker, checksumAlgorithm, checksumType };
}
