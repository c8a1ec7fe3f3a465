import {
  type CallContext,
  type ObjectRef,
  StorageError,
  type VersionRecord,
  type WriteConditions,
} from '@stowage/core/spi';
import { parseVersionPage, type WireResponse } from '@stowage/http';
import { deleteRequest, versionsRequest } from './requests.js';
import type { S3Service } from './s3-service.js';

/**
 * Holds a condition of a put where the service ignores it in buckets that keep versions, as Ceph 16 does. Nothing was lost by then: the
 * version before is still there. When the condition was not met, the version that was just written is deleted again, by its id, and the
 * put fails as it should have. Throws `precondition-failed`.
 */
export async function holdCondition(
  service: S3Service,
  ref: ObjectRef,
  conditions: WriteConditions,
  response: WireResponse,
  ctx: CallContext,
): Promise<void> {
  const versionId = response.header('x-amz-version-id');
  const isConditional = conditions.ifMatch !== undefined || conditions.ifNoneMatch !== undefined;
  if (!service.facts.ignoresConditionsOfVersions || !isConditional || versionId === undefined || versionId === 'null')
    return;
  const before = await versionBefore(service, ref, versionId, ctx);
  if (isMet(conditions, before)) return;
  await service.client.send(deleteRequest({ ...ref, versionId }, {}), ctx);
  throw new StorageError('precondition-failed', 'The object is not in the state that the condition asks for.', {
    status: 412,
    retryable: false,
  });
}

/** The version that was the latest before the one named; undefined when there was none, or a mark of deletion. */
async function versionBefore(
  { client }: S3Service,
  { container, key }: ObjectRef,
  versionId: string,
  ctx: CallContext,
): Promise<VersionRecord | undefined> {
  const request = versionsRequest(container, { prefix: key, limit: 1 }, { key, version: versionId });
  try {
    const [{ versions }] = await client.ask(request, ctx, parseVersionPage);
    return versions.find((version) => version.key === key && !version.isDeleteMarker);
  } catch (cause) {
    const message =
      'The object was written, and then the service did not tell what was there before, so that the condition could not be checked.';
    throw new StorageError('unavailable', message, { requestSent: true, cause });
  }
}

function isMet({ ifMatch, ifNoneMatch }: WriteConditions, before: VersionRecord | undefined): boolean {
  if (ifNoneMatch !== undefined) return before === undefined;
  return before !== undefined && (ifMatch === '*' || before.etag === ifMatch);
}
