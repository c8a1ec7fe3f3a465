import { type BulkDeleteResult, type ErrorCode, type ObjectRef, StorageError } from '@stowage/core/spi';
import { escapeXml } from '../xml/write.js';
import type { S3DeleteResult } from './delete-results.js';

/** Characters that XML 1.0 cannot carry, not even as references: the services refuse the whole document. */
const NOT_XML =
  // eslint-disable-next-line no-control-regex -- these are the characters that are looked for
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** True for a key that the document of a bulk delete cannot hold. */
export function isUnfitForXml(key: string): boolean {
  return NOT_XML.test(key);
}

/** Writes the document of a bulk delete. Quiet: only failures come back, so that the answer is short. */
export function deleteDocument(refs: readonly ObjectRef[], ifMatch?: string): string {
  const condition = ifMatch === undefined ? '' : `<ETag>${escapeXml(ifMatch)}</ETag>`;
  const rows = refs.map(({ key, versionId }) => {
    const version = versionId === undefined ? '' : `<VersionId>${escapeXml(versionId)}</VersionId>`;
    return `<Object><Key>${escapeXml(key)}</Key>${version}${condition}</Object>`;
  });
  return `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${rows.join('')}</Delete>`;
}

/** Gives each ref its result: whatever the answer does not name as failed is gone. */
export function matchDeleteResults(
  refs: readonly ObjectRef[],
  results: readonly S3DeleteResult[],
  codeOf: (providerCode: string) => ErrorCode | undefined,
): readonly BulkDeleteResult[] {
  const failures = new Map<string, S3DeleteResult>();
  for (const result of results) if (result.error) failures.set(idOf(result.key, result.versionId), result);
  return refs.map((ref) => {
    const failure = failures.get(idOf(ref.key, ref.versionId)) ?? failures.get(idOf(ref.key, undefined));
    return failure?.error ? { ref, error: toFailure(failure.error, ref, codeOf(failure.error.code)) } : { ref };
  });
}

function idOf(key: string, versionId: string | undefined): string {
  return `${versionId ?? ''}\n${key}`;
}

function toFailure(
  error: NonNullable<S3DeleteResult['error']>,
  { container, key }: ObjectRef,
  code: ErrorCode = 'unknown',
): StorageError {
  const message = `The service did not delete the object: ${error.message}`;
  return new StorageError(code, message, { providerCode: error.code, container, key });
}
