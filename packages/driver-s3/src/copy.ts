import type { CopyGroup, ObjectRef } from '@stowage/core/spi';
import { escapePath, escapeUri, parseWriteResult } from '@stowage/http';
import { providerHeaders } from './provider-options.js';
import { asObjectExists } from './put.js';
import { addAttributes, addWriteConditions, call, type S3Call } from './requests.js';
import type { S3Service } from './s3-service.js';
import { checksumsOf } from './wire.js';

/** The source of a copy, as a header's value. */
export function copySourceHeader({ container, key, versionId }: ObjectRef): string {
  return `/${escapeUri(container)}/${escapePath(key)}${versionId === undefined ? '' : `?versionId=${escapeUri(versionId)}`}`;
}

/** Copies inside the service, up to 5 GiB: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export function copyGroup({ client, options, encryption }: S3Service): CopyGroup {
  return {
    async copy(from, to, request, ctx) {
      const headers = ['x-amz-copy-source', copySourceHeader(from), ...encryption.copySource, ...encryption.write];
      const { attributes, sourceIfMatch } = request;
      if (sourceIfMatch !== undefined) headers.push('x-amz-copy-source-if-match', `"${sourceIfMatch}"`);
      if (attributes) {
        headers.push('x-amz-metadata-directive', 'REPLACE');
        if (attributes.tags) headers.push('x-amz-tagging-directive', 'REPLACE');
        addAttributes(headers, attributes);
      }
      if (options.storageClass !== undefined && attributes?.storageClass === undefined)
        headers.push('x-amz-storage-class', options.storageClass);
      addWriteConditions(headers, request);
      headers.push(...providerHeaders('copy', request.provider));
      const put: S3Call = call('PUT', to.container, to.key, '', headers);
      try {
        const response = await client.send(put, ctx);
        client.refuseErrorDocument(response, put);
        const { etag, modifiedAtMs, checksums } = parseWriteResult(response.bytes);
        const size = Number.NaN;
        const record = {
          key: to.key,
          size,
          etag,
          modifiedAtMs,
          checksums: checksumsOf(checksums),
          versionId: response.header('x-amz-version-id'),
        };
        return { record, verified: 'service' };
      } catch (error) {
        throw asObjectExists(error, request);
      }
    },
  };
}
