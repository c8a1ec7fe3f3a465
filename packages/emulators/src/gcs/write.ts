import { cannedAcl, refuseAclUnderUniformAccess } from './acl.js';
import { checkConditions, type Conditions } from './conditions.js';
import type { Content } from './content.js';
import type { GcsContext } from './context.js';
import { forbidden, GcsError, invalid } from './errors.js';
import { type AclEntry, type Bucket, compactFields, type ObjectFields, type StoredObject } from './store.js';

/** Digests that came with the bytes, in base64. */
export interface Digests {
  readonly md5?: string | undefined;
  readonly crc32c?: string | undefined;
}

export interface WriteRequest {
  readonly bucket: Bucket;
  readonly name: string;
  readonly fields: ObjectFields;
  readonly conditions: Conditions;
  /** Mail address of who writes. */
  readonly writer: string;
  readonly cannedAcl?: string | undefined;
  readonly acl?: readonly AclEntry[] | undefined;
  readonly customerKeySha256?: string | undefined;
  readonly kmsKeyName?: string | undefined;
}

/** Everything that can be refused before the bytes are there, and once more when they are. */
export function checkWrite(request: WriteRequest, nowMs: number): void {
  const { bucket, name, fields } = request;
  checkName(name);
  checkFields(fields);
  const current = bucket.live(name);
  checkConditions(current, request.conditions);
  if (current && !bucket.keepsVersions) checkMayGo(current, nowMs);
  if (request.cannedAcl !== undefined || request.acl !== undefined) refuseAclUnderUniformAccess(bucket, 'insert');
  if (request.customerKeySha256 !== undefined && request.kmsKeyName !== undefined)
    throw invalid('An object cannot have both a customer-supplied and a Cloud KMS key.');
}

/** Stores a new generation and makes it the live one. */
export function writeObject(
  context: GcsContext,
  request: WriteRequest,
  content: Content,
  digests: Digests = {},
  componentCount?: number,
): StoredObject {
  const nowMs = context.nowMs();
  checkDigests(content, digests);
  checkWrite(request, nowMs);
  const { bucket, name, fields, writer, customerKeySha256 } = request;
  const owner: AclEntry = { entity: `user-${writer}`, role: 'OWNER' };
  const kmsKeyName = request.kmsKeyName ?? defaultKmsKey(bucket);
  const object: StoredObject = {
    bucket,
    name,
    generation: context.store.newGeneration(nowMs),
    metageneration: 1,
    content,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    classChangedAtMs: nowMs,
    fields: compactFields({ storageClass: bucket.config['storageClass'] as string, ...holdOf(bucket), ...fields }),
    acl: aclFor(request, owner),
    owner: owner.entity,
    ...(componentCount !== undefined && { componentCount }),
    ...(customerKeySha256 !== undefined && { customerKeySha256 }),
    ...(kmsKeyName !== undefined && customerKeySha256 === undefined && { kmsKeyName: versionedKey(kmsKeyName) }),
  };
  bucket.write(object, nowMs);
  return object;
}

function aclFor({ acl, cannedAcl: canned, bucket }: WriteRequest, owner: AclEntry): readonly AclEntry[] {
  if (acl) return acl.some((entry) => entry.entity === owner.entity) ? acl : [...acl, owner];
  return canned === undefined ? [...bucket.defaultObjectAcl, owner] : cannedAcl(canned, owner);
}

function holdOf(bucket: Bucket): ObjectFields {
  return bucket.config['defaultEventBasedHold'] === true ? { eventBasedHold: true } : {};
}

function defaultKmsKey(bucket: Bucket): string | undefined {
  return (bucket.config['encryption'] as { defaultKmsKeyName?: string } | undefined)?.defaultKmsKeyName;
}

function versionedKey(name: string): string {
  return name.includes('/cryptoKeyVersions/') ? name : `${name}/cryptoKeyVersions/1`;
}

export function checkDigests(content: Content, { md5, crc32c }: Digests): void {
  const check = (kind: string, given: string | undefined, computed: string | undefined): void => {
    if (given === undefined || given === computed) return;
    throw new GcsError(
      400,
      'invalid',
      'BadDigest',
      `Provided ${kind} hash "${given}" doesn't match calculated ${kind} hash "${String(computed)}".`,
    );
  };
  check('MD5', md5, content.md5Base64);
  check('CRC32C', crc32c, content.crc32cBase64);
}

/** https://cloud.google.com/storage/docs/objects#naming */
function checkName(name: string): void {
  const bytes = Buffer.byteLength(name);
  const isBad = bytes === 0 || bytes > 1024 || /[\r\n]/.test(name) || name === '.' || name === '..';
  if (isBad || name.startsWith('.well-known/acme-challenge/'))
    throw invalid('The specified object name is not valid.', 'invalid', 'InvalidObjectName');
}

export const STORAGE_CLASSES: readonly string[] = [
  'STANDARD',
  'NEARLINE',
  'COLDLINE',
  'ARCHIVE',
  'MULTI_REGIONAL',
  'REGIONAL',
  'DURABLE_REDUCED_AVAILABILITY',
];

const MAX_METADATA_BYTES = 8192;

export function checkFields({ storageClass, metadata }: ObjectFields): void {
  if (storageClass !== undefined && !STORAGE_CLASSES.includes(storageClass))
    throw invalid(`The requested storage class is not valid: ${storageClass}`, 'invalid', 'InvalidStorageClass');
  const bytes = Object.entries(metadata ?? {}).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > MAX_METADATA_BYTES)
    throw invalid('The total size of custom metadata exceeds 8 KiB.', 'invalid', 'MetadataTooLarge');
}

/** Holds and retention keep an object from being deleted or replaced. */
export function checkMayGo({ bucket, name, fields, createdAtMs }: StoredObject, nowMs: number): void {
  const hold = fields.temporaryHold === true ? 'Temporary' : fields.eventBasedHold === true ? 'Event-Based' : undefined;
  const what = `Object '${bucket.name}/${name}'`;
  if (hold !== undefined) {
    throw forbidden(
      `${what} is under active ${hold} hold and cannot be deleted, overwritten or archived until hold is removed.`,
    );
  }
  const policy = bucket.config['retentionPolicy'] as { retentionPeriod?: string } | undefined;
  const untilMs = Math.max(
    createdAtMs + Number(policy?.retentionPeriod ?? 0) * 1000,
    Date.parse(fields.retention?.retainUntilTime ?? '1970-01-01T00:00:00Z'),
  );
  if (untilMs <= nowMs) return;
  throw forbidden(
    `${what} is subject to bucket's retention policy or object retention and cannot be deleted or overwritten until ${new Date(untilMs).toISOString()}`,
    'retentionPolicyNotMet',
  );
}
