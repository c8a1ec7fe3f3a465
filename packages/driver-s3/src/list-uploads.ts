import type { CallContext, UploadPage } from '@stowage/core/spi';
import { parseUploadPage, queryString, readPosition, writePosition } from '@stowage/http';
import { call } from './requests.js';
import type { S3Service } from './s3-service.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export async function listUploads(
  { client, facts }: S3Service,
  container: string,
  { prefix, token }: { readonly prefix?: string | undefined; readonly token?: string | undefined },
  ctx: CallContext,
): Promise<UploadPage> {
  const after = readPosition(token);
  const query = queryString(
    ...['uploads', ''],
    ...['encoding-type', 'url'],
    ...['prefix', prefix],
    ...['key-marker', after.key],
    ...['upload-id-marker', after.id],
  );
  const [page] = await client.ask(call('GET', container, undefined, query), ctx, (bytes) =>
    parseUploadPage(bytes, { keysAreEscaped: facts.escapesUploadKeys }),
  );
  const uploads = page.uploads.map(({ key, uploadId, startedAtMs, storageClass }) => ({
    ref: { container, key },
    uploadId,
    startedAtMs,
    ...(storageClass !== undefined && { extra: { storageClass } }),
  }));
  // The markers that Ceph and Swift send are not escaped, so that they cannot hold every key; the last row can.
  const last = page.uploads.at(-1);
  const position = last
    ? { key: last.key, id: last.uploadId }
    : { key: page.nextKeyMarker, id: page.nextUploadIdMarker };
  return { uploads, next: page.isTruncated ? writePosition(position) : undefined };
}
