import { type CallContext, type PartRecord, type PutRequest, type PutResult, type UploadRef } from '@stowage/core/spi';
import { asObjectExists, completionDocument, hexToBase64, parseWriteResult } from '@stowage/http';
import { addWriteConditions, checksumHeader, SLOW_CALL_MS, uploadCall, withXml } from './requests.js';
import type { S3Service } from './s3-service.js';
import { checksumsOf, readEtag } from './wire.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html: a 200 may hold an error. */
export async function completeUpload(
  { client, facts, encryption }: S3Service,
  upload: UploadRef,
  parts: readonly PartRecord[],
  { request, ctx }: { readonly request: PutRequest; readonly ctx: CallContext },
): Promise<PutResult> {
  const headers = [...encryption.read];
  const whole =
    request.checksum && request.checksum.algorithm !== 'md5'
      ? checksumHeader(request.checksum, facts.checksums)
      : undefined;
  if (whole) headers.push(...whole, 'x-amz-checksum-type', 'FULL_OBJECT');
  addWriteConditions(headers, request, facts.bareWriteEtags);
  const document = completionDocument(parts, facts.checksums ? digestElement : undefined);
  const completion = { ...withXml(uploadCall('POST', upload, { headers }), document), headersTimeoutMs: SLOW_CALL_MS };
  try {
    const [result, response] = await client.ask(completion, ctx, parseWriteResult);
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    const checksums = facts.checksums && result.checksumType !== 'COMPOSITE' ? checksumsOf(result.checksums) : {};
    const versionId = response.header('x-amz-version-id');
    const record = { key: upload.ref.key, size, etag: readEtag(result.etag), checksums, versionId };
    return { record, verified: whole && facts.checksums ? 'service' : 'none' };
  } catch (error) {
    throw asObjectExists(error, request);
  }
}

function digestElement({ checksum }: PartRecord): string {
  return checksum && checksum.algorithm !== 'md5' ? checksumElement(checksum.algorithm, checksum.value) : '';
}

function checksumElement(algorithm: string, hex: string): string {
  const name = `Checksum${algorithm.toUpperCase()}`;
  return `<${name}>${hexToBase64(hex)}</${name}>`;
}
