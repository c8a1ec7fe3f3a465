import { type BulkDeleteGroup, type BulkDeleteResult, type ObjectRef, StorageError } from '@stowage/core/spi';
import { escapeXml, parseDeleteResults, queryString, type S3DeleteResult } from '@stowage/http';
import { codeOf } from './errors.js';
import { providerHeaders } from './provider-options.js';
import { call, withXml } from './requests.js';
import type { S3Service } from './s3-service.js';

/** Characters that XML 1.0 cannot carry, not even as references: the services refuse the whole document. */
const NOT_XML =
  // eslint-disable-next-line no-control-regex -- these are the characters that are looked for
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** True for a key that the document of a bulk delete cannot hold. */
export function isUnfitForXml(key: string): boolean {
  return NOT_XML.test(key);
}

/** Up to 1,000 keys in one request: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export function bulkDeleteGroup({ client }: S3Service): BulkDeleteGroup {
  return {
    async delete(refs, { ifMatch, provider }, ctx) {
      const container = refs[0]?.container;
      if (container === undefined) return [];
      const headers = [...providerHeaders('delete', provider)];
      const request = call('POST', container, undefined, queryString('delete', ''), headers);
      const [results] = await client.ask(withXml(request, deleteDocument(refs, ifMatch)), ctx, parseDeleteResults);
      return matchResults(refs, results);
    },
  };
}

/** Quiet: only failures come back, so that the answer is short. */
function deleteDocument(refs: readonly ObjectRef[], ifMatch: string | undefined): string {
  const condition = ifMatch === undefined ? '' : `<ETag>${escapeXml(ifMatch)}</ETag>`;
  const rows = refs.map(({ key, versionId }) => {
    const version = versionId === undefined ? '' : `<VersionId>${escapeXml(versionId)}</VersionId>`;
    return `<Object><Key>${escapeXml(key)}</Key>${version}${condition}</Object>`;
  });
  return `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${rows.join('')}</Delete>`;
}

function matchResults(refs: readonly ObjectRef[], results: readonly S3DeleteResult[]): readonly BulkDeleteResult[] {
  const failures = new Map<string, S3DeleteResult>();
  for (const result of results) if (result.error) failures.set(idOf(result.key, result.versionId), result);
  return refs.map((ref) => {
    const failure = failures.get(idOf(ref.key, ref.versionId)) ?? failures.get(idOf(ref.key, undefined));
    return failure?.error ? { ref, error: toFailure(failure.error, ref) } : { ref };
  });
}

function idOf(key: string, versionId: string | undefined): string {
  return `${versionId ?? ''}\n${key}`;
}

function toFailure(error: NonNullable<S3DeleteResult['error']>, { container, key }: ObjectRef): StorageError {
  const code = codeOf(error.code) ?? 'unknown';
  const message = `The service did not delete the object: ${error.message}`;
  return new StorageError(code, message, { providerCode: error.code, container, key });
}
