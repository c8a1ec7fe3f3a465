import { type BulkDeleteGroup, type BulkDeleteResult, type ObjectRef, StorageError } from '@stowage/core/spi';
import { escapeXml, parseDeleteResults, queryString, type S3DeleteResult } from '@stowage/http';
import { codeOf } from './errors.js';
import { providerHeaders } from './provider-options.js';
import { call, withXml } from './requests.js';
import type { S3Service } from './s3-service.js';

/** Up to 1,000 keys in one request: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export function bulkDeleteGroup({ client }: S3Service): BulkDeleteGroup {
  return {
    async delete(refs, { provider }, ctx) {
      const container = refs[0]?.container;
      if (container === undefined) return [];
      const headers = [...providerHeaders('delete', provider)];
      const request = withXml(
        call('POST', container, undefined, queryString('delete', ''), headers),
        deleteDocument(refs),
      );
      const response = await client.send(request, ctx);
      return matchResults(refs, parseDeleteResults(response.bytes));
    },
  };
}

/** Quiet: only failures come back, so that a key which the answer's XML cannot hold does not matter. */
function deleteDocument(refs: readonly ObjectRef[]): string {
  const rows = refs.map(({ key, versionId }) => {
    const version = versionId === undefined ? '' : `<VersionId>${escapeXml(versionId)}</VersionId>`;
    return `<Object><Key>${escapeXml(key)}</Key>${version}</Object>`;
  });
  return `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${rows.join('')}</Delete>`;
}

function matchResults(refs: readonly ObjectRef[], results: readonly S3DeleteResult[]): readonly BulkDeleteResult[] {
  const failures = new Map(
    results.filter((result) => result.error).map((result) => [idOf(result.key, result.versionId), result]),
  );
  return refs.map((ref) => {
    const failure = failures.get(idOf(ref.key, ref.versionId)) ?? failures.get(idOf(ref.key, undefined));
    return failure?.error && failure.error.code !== 'NoSuchKey'
      ? { ref, error: toFailure(failure.error, ref) }
      : { ref };
  });
}

function idOf(key: string, versionId: string | undefined): string {
  return `${versionId ?? ''}\n${key}`;
}

function toFailure(error: Exclude<S3DeleteResult['error'], undefined>, { container, key }: ObjectRef): StorageError {
  const code = codeOf(error.code) ?? 'unknown';
  return new StorageError(code, `The service did not delete the object: ${error.message}`, {
    providerCode: error.code,
    container,
    key,
  });
}
