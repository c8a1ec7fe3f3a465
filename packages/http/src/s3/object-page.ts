import type { ObjectRecord } from '@stowage/core/spi';
import { compactFields, compactStrings } from '../xml/compact.js';
import { XmlReader } from '../xml/reader.js';
import { RowReader } from '../xml/rows.js';
import { expectRoot, missing } from './documents.js';
import {
  createObjectRow,
  OBJECT_GROUPS,
  type ObjectFieldReader,
  type ObjectRow,
  readObjectField,
} from './object-row.js';
import { decodeListed, decodeMarker } from './url-encoding.js';

/** One page of `ListObjectsV2` or `ListObjects`. Names are as they were stored, also when the wire escaped them. */
export interface S3ObjectPage {
  readonly objects: readonly ObjectRecord[];
  readonly prefixes: readonly string[];
  readonly isTruncated: boolean;
  readonly nextContinuationToken: string | undefined;
  /** ListObjects sends it only with a delimiter: without, the last key goes on. */
  readonly nextMarker: string | undefined;
}

/** Reads `<CommonPrefixes>`. */
export function readPrefixes(xml: XmlReader, into: string[]): void {
  for (let name = xml.child(); name !== undefined; name = xml.child()) {
    if (name === 'Prefix') into.push(xml.text());
    else xml.skip();
  }
}

/**
 * Reads a page of objects in one pass. `readField` is for services whose rows mean something else. Throws `unknown` for anything else.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function parseObjectPage(bytes: Buffer, readField: ObjectFieldReader = readObjectField): S3ObjectPage {
  const xml = new XmlReader(bytes, 'the listing');
  expectRoot(xml, 'the listing', 'ListBucketResult');
  const rows = new RowReader(xml, { groups: OBJECT_GROUPS, create: createObjectRow, read: readField });
  const objects: ObjectRow[] = [];
  let prefixes: string[] = [];
  let isTruncated = false;
  let nextContinuationToken: string | undefined;
  let nextMarker: string | undefined;
  let isEscaped = false;
  for (let name = xml.child(); name !== undefined; name = xml.child()) {
    if (name === 'Contents') objects.push(rows.read());
    else if (name === 'CommonPrefixes') readPrefixes(xml, prefixes);
    else if (name === 'IsTruncated') isTruncated = xml.flag();
    else if (name === 'NextContinuationToken') nextContinuationToken = xml.text();
    else if (name === 'NextMarker') nextMarker = xml.text();
    else if (name === 'EncodingType') isEscaped = xml.text() === 'url';
    else xml.skip();
  }
  xml.end();
  if (objects.some((row) => row.key === '')) throw missing('the listing', 'an object without a Key');
  if (isEscaped) {
    for (const row of objects) row.key = decodeListed(row.key);
    prefixes = prefixes.map(decodeListed);
    nextMarker &&= decodeMarker(nextMarker);
  }
  compactFields(objects, ['key', 'etag']);
  return { objects, prefixes: compactStrings(prefixes), isTruncated, nextContinuationToken, nextMarker };
}
