import { XmlReader } from '../xml/reader.js';
import { expectRoot, missing } from './documents.js';

/** What became of one key of a bulk delete. */
export interface S3DeleteResult {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly isDeleteMarker: boolean;
  /** Missing when the key is gone. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

function readDeleted(xml: XmlReader, isError: boolean): S3DeleteResult {
  let [key, versionId, code, message]: (string | undefined)[] = [];
  let isDeleteMarker = false;
  for (let name = xml.child(); name !== undefined; name = xml.child()) {
    if (name === 'Key') key = xml.text();
    else if (name === 'VersionId') versionId = xml.text();
    else if (name === 'DeleteMarker') isDeleteMarker = xml.flag();
    else if (name === 'Code') code = xml.word();
    else if (name === 'Message') message = xml.word();
    else xml.skip();
  }
  if (key === undefined) throw missing('the result of a bulk delete', 'an entry without a Key');
  const error = isError ? { code: code ?? 'unknown', message: message ?? 'The service gives no reason.' } : undefined;
  return { key, versionId, isDeleteMarker, error };
}

/** Reads the result of `DeleteObjects`, in the order of the wire. Throws `unknown` for anything else. */
export function parseDeleteResults(bytes: Buffer): readonly S3DeleteResult[] {
  const xml = new XmlReader(bytes, 'the result of a bulk delete');
  expectRoot(xml, 'the result of a bulk delete', 'DeleteResult');
  const results: S3DeleteResult[] = [];
  for (let name = xml.child(); name !== undefined; name = xml.child()) {
    if (name === 'Deleted' || name === 'Error') results.push(readDeleted(xml, name === 'Error'));
    else xml.skip();
  }
  xml.end();
  return results;
}
