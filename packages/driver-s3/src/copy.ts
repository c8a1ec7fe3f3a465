import type { CallContext, CopyGroup, CopyRequest, CopyResult, ObjectRef } from '@stowage/core/spi';
import { asObjectExists, escapePath, escapeUri, parseWriteResult } from '@stowage/http';
import { checkEncrypted } from './encryption.js';
import { providerHeaders } from './provider-options.js';
import { addAttributes, addWriteConditions, call, SLOW_CALL_MS } from './requests.js';
import type { S3Service } from './s3-service.js';
import { checksumsOf, readEtag } from './wire.js';

/** The source of a copy, as a header's value. */
export function copySourceHeader({ container, key, versionId }: ObjectRef): string {
  const version = versionId === undefined ? '' : `?versionId=${escapeUri(versionId)}`;
  return `/${escapeUri(container)}/${escapePath(key)}${version}`;
}

/** Copies inside the service: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export function copyGroup(service: S3Service): CopyGroup {
  return { copy: (from, to, request, ctx) => copyObject(service, from, to, request, ctx) };
}

async function copyObject(
  service: S3Service,
  from: ObjectRef,
  to: ObjectRef,
  request: CopyRequest,
  ctx: CallContext,
): Promise<CopyResult> {
  const { client, encryption } = service;
  const copy = {
    ...call('PUT', to.container, to.key, '', copyHeaders(service, from, request)),
    headersTimeoutMs: SLOW_CALL_MS,
  };
  try {
    const [{ etag, modifiedAtMs, checksums }, response] = await client.ask(copy, ctx, parseWriteResult);
    checkEncrypted(encryption, response);
    const versionId = response.header('x-amz-version-id');
    return {
      record: { key: to.key, etag: readEtag(etag), modifiedAtMs, checksums: checksumsOf(checksums), versionId },
    };
  } catch (error) {
    throw asObjectExists(error, request);
  }
}

/** S3 keeps headers, metadata and tags of the source unless it is told others; never its storage class, ACL and encryption. */
function copyHeaders({ options, facts, encryption }: S3Service, from: ObjectRef, request: CopyRequest): string[] {
  const headers = ['x-amz-copy-source', copySourceHeader(from), ...encryption.copySource, ...encryption.write];
  const { attributes, sourceIfMatch } = request;
  if (sourceIfMatch !== undefined) headers.push('x-amz-copy-source-if-match', sourceCondition(sourceIfMatch));
  if (attributes) {
    headers.push('x-amz-metadata-directive', 'REPLACE');
    if (attributes.tags) headers.push('x-amz-tagging-directive', 'REPLACE');
    addAttributes(headers, attributes);
  }
  if (options.storageClass !== undefined && attributes?.storageClass === undefined)
    headers.push('x-amz-storage-class', options.storageClass);
  addWriteConditions(headers, request, facts.bareWriteEtags);
  headers.push(...providerHeaders('copy', request.provider));
  return headers;
}

export function sourceCondition(etag: string): string {
  return etag === '*' ? etag : `"${etag}"`;
}
