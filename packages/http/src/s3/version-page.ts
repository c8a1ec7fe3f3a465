import type { VersionRecord } from '@stowage/core/spi';
import { compactFields, compactStrings } from '../xml/compact.js';
import { XmlReader } from '../xml/reader.js';
import { RowReader, type RowShape } from '../xml/rows.js';
import { expectRoot, missing } from './documents.js';
import { readPrefixes } from './object-page.js';
import {
  createObjectRow,
  OBJECT_GROUPS,
  type ObjectFieldReader,
  type ObjectRow,
  readObjectField,
} from './object-row.js';
import { decodeListed, decodeMarker } from './url-encoding.js';

/** One page of `ListObjectVersions`. Delete markers stand among the versions, in the order of the wire. */
export interface S3VersionPage {
  readonly versions: readonly VersionRecord[];
  readonly prefixes: readonly string[];
  readonly isTruncated: boolean;
  readonly nextKeyMarker: string | undefined;
  readonly nextVersionIdMarker: string | undefined;
}

type VersionRow = ObjectRow & { versionId: string; isLatest: boolean; isDeleteMarker: boolean };

function versionShape(isDeleteMarker: boolean, readField: ObjectFieldReader): RowShape<VersionRow> {
  const create = (): VersionRow => ({ ...createObjectRow(), versionId: '', isLatest: false, isDeleteMarker });
  const read = (xml: XmlReader, field: string, row: VersionRow): boolean => {
    if (field === 'VersionId') row.versionId = xml.text();
    else if (field === 'IsLatest') row.isLatest = xml.flag();
    else return readField(xml, field, row);
    return true;
  };
  return { groups: OBJECT_GROUPS, create, read };
}

/**
 * Reads a page of versions. `readField` is for services whose rows mean something else. Throws `unknown` for anything else.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
 */
export function parseVersionPage(bytes: Buffer, readField: ObjectFieldReader = readObjectField): S3VersionPage {
  const xml = new XmlReader(bytes, 'the listing of versions');
  expectRoot(xml, 'the listing of versions', 'ListVersionsResult', 'ListBucketResult');
  const rows = new RowReader(xml, versionShape(false, readField));
  const markers = new RowReader(xml, versionShape(true, readField));
  const versions: VersionRow[] = [];
  let prefixes: string[] = [];
  let isTruncated = false;
  let nextKeyMarker: string | undefined;
  let nextVersionIdMarker: string | undefined;
  let isEscaped = false;
  for (let name = xml.child(); name !== undefined; name = xml.child()) {
    if (name === 'Version') versions.push(rows.read());
    else if (name === 'DeleteMarker') versions.push(markers.read());
    else if (name === 'CommonPrefixes') readPrefixes(xml, prefixes);
    else if (name === 'IsTruncated') isTruncated = xml.flag();
    else if (name === 'NextKeyMarker') nextKeyMarker = xml.text();
    else if (name === 'NextVersionIdMarker') nextVersionIdMarker = xml.text();
    else if (name === 'EncodingType') isEscaped = xml.text() === 'url';
    else xml.skip();
  }
  xml.end();
  if (versions.some((row) => row.key === '')) throw missing('the listing of versions', 'a version without a Key');
  if (isEscaped) {
    for (const row of versions) row.key = decodeListed(row.key);
    prefixes = prefixes.map(decodeListed);
    nextKeyMarker &&= decodeMarker(nextKeyMarker);
  }
  compactFields(versions, ['key', 'etag', 'versionId']);
  return { versions, prefixes: compactStrings(prefixes), isTruncated, nextKeyMarker, nextVersionIdMarker };
}
