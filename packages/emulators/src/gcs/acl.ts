import { invalid } from './errors.js';
import { PROJECT_NUMBER } from './resource.js';
import type { AclEntry, Bucket } from './store.js';

const OWNERS: AclEntry = { entity: `project-owners-${PROJECT_NUMBER}`, role: 'OWNER' };
const EDITORS: AclEntry = { entity: `project-editors-${PROJECT_NUMBER}`, role: 'OWNER' };
const VIEWERS: AclEntry = { entity: `project-viewers-${PROJECT_NUMBER}`, role: 'READER' };
const PUBLIC_READ: AclEntry = { entity: 'allUsers', role: 'READER' };
const PUBLIC_WRITE: AclEntry = { entity: 'allUsers', role: 'WRITER' };
const AUTHENTICATED_READ: AclEntry = { entity: 'allAuthenticatedUsers', role: 'READER' };

/** What canned lists add to the owner's rights: https://cloud.google.com/storage/docs/access-control/lists#predefined-acl */
const CANNED: Readonly<Record<string, readonly AclEntry[]>> = {
  private: [],
  publicRead: [PUBLIC_READ],
  publicReadWrite: [PUBLIC_WRITE],
  authenticatedRead: [AUTHENTICATED_READ],
  projectPrivate: [OWNERS, EDITORS, VIEWERS],
  bucketOwnerRead: [{ ...OWNERS, role: 'READER' }],
  bucketOwnerFullControl: [OWNERS],
};

/** Entries of a canned list under either API's name (`publicRead`, `public-read`). */
export function cannedAcl(name: string, owner?: AclEntry): readonly AclEntry[] {
  const entries = CANNED[name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
  if (!entries) throw invalid(`Invalid canned ACL: ${name}`);
  return owner ? [owner, ...entries] : entries;
}

export function defaultBucketAcl(): readonly AclEntry[] {
  return cannedAcl('projectPrivate');
}

/** Reads entries as a client sends them; throws 400 for what is none. */
export function readAcl(value: unknown): readonly AclEntry[] {
  if (!Array.isArray(value)) throw invalid('Invalid ACL');
  return value.map((item: unknown) => readAclEntry(item));
}

const ENTITY = /^(allUsers|allAuthenticatedUsers|(user|group|domain)-.+|project-(owners|editors|viewers)-.+)$/;

export function readAclEntry(value: unknown): AclEntry {
  const { entity, role } = (value ?? {}) as { entity?: unknown; role?: unknown };
  if (typeof entity !== 'string' || !ENTITY.test(entity)) throw invalid(`Invalid entity: ${String(entity)}`);
  if (role !== 'READER' && role !== 'WRITER' && role !== 'OWNER') throw invalid(`Invalid role: ${String(role)}`);
  return { entity, role };
}

/** Uniform bucket-level access knows no lists: https://cloud.google.com/storage/docs/uniform-bucket-level-access */
export function refuseAclUnderUniformAccess(bucket: Bucket, what: 'get' | 'insert' | 'update' | 'delete'): void {
  if (!bucket.hasUniformAccess) return;
  throw invalid(
    `Cannot ${what} legacy ACL for an object when uniform bucket-level access is enabled. Read more at https://cloud.google.com/storage/docs/uniform-bucket-level-access`,
  );
}
