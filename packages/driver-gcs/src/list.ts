import type { CallContext, ListRequest, ObjectPage } from '@stowage/core/spi';
import { type ObjectFieldReader, parseObjectPage, readObjectField } from '@stowage/http';
import type { GcsService } from './gcs-service.js';
import { xmlCall } from './requests.js';

/** https://cloud.google.com/storage/docs/xml-api/get-bucket-list */
export async function listObjects(
  { client, endpoint }: GcsService,
  container: string,
  { prefix, delimiter, startAfter, token, limit }: ListRequest,
  ctx: CallContext,
): Promise<ObjectPage> {
  const query = [
    ...['list-type', '2'],
    ...['encoding-type', 'url'],
    ...['prefix', prefix],
    ...['delimiter', delimiter],
    ...['start-after', token === undefined ? startAfter : undefined],
    ...['continuation-token', token],
    ...['max-keys', limit === undefined ? undefined : String(limit)],
  ];
  const call = xmlCall(endpoint, 'GET', { container }, { query });
  const [page] = await client.ask(call, ctx, (bytes) => parseObjectPage(bytes, readField));
  const { objects, prefixes, isTruncated, nextContinuationToken } = page;
  return { objects, prefixes, next: isTruncated ? nextContinuationToken : undefined };
}

/** As the fields of S3's rows, but the generation is what tells one content of a key from another. */
export const readField: ObjectFieldReader = (xml, field, row) => {
  if (field === 'Generation') {
    row.etag = row.versionId = xml.text();
    return true;
  }
  if (field === 'ETag') {
    const etag = xml.unquoted();
    if (/^[0-9a-f]{32}$/.test(etag)) row.likelyChecksum = { algorithm: 'md5', value: etag };
    return true;
  }
  return readObjectField(xml, field, row);
};
