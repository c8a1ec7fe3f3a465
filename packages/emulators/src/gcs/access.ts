import type { Bucket, StoredObject } from './store.js';

interface Binding {
  readonly role?: string;
  readonly members?: readonly string[];
}

/** Whether anybody may make this call: by the bucket's policy or, where lists count, by those of bucket and object. */
export function isPublicRead(
  bucket: Bucket,
  operation: string,
  name: string | undefined,
  generation: string | undefined,
): boolean {
  const reads = /^(objects\.(get|download)|GetObject|HeadObject)$/.test(operation);
  const lists = /^(objects\.list|ListObjects)$/.test(operation);
  if (!reads && !lists) return false;
  const bindings = (bucket.policy?.['bindings'] ?? []) as readonly Binding[];
  const roles = bindings.filter(({ members }) => members?.includes('allUsers')).map(({ role }) => role ?? '');
  if (
    roles.some((role) =>
      (reads
        ? /object(Viewer|User|Admin)|legacyObjectReader|storage\.admin/i
        : /objectViewer|objectUser|legacyBucketReader|\.admin/i
      ).test(role),
    )
  )
    return true;
  if (bucket.hasUniformAccess) return false;
  const isPublic = (acl: StoredObject['acl']): boolean => acl.some(({ entity }) => entity === 'allUsers');
  if (lists) return isPublic(bucket.acl);
  const object =
    generation === undefined
      ? bucket.live(name ?? '')
      : bucket.generationsOf(name ?? '').find((candidate) => String(candidate.generation) === generation);
  return object !== undefined && isPublic(object.acl);
}
