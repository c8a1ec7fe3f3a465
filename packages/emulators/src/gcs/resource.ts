import type { AclEntry, Bucket, Json, StoredObject } from './store.js';

export const PROJECT_NUMBER = '123456789012';

/** RFC 3339 with milliseconds, as the JSON API writes times. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** The JSON API's ETag, which tells generation and metageneration apart. */
export function etagOf({ generation, metageneration }: Pick<StoredObject, 'generation' | 'metageneration'>): string {
  return `C${Buffer.from(`${String(generation)}/${String(metageneration)}`)
    .toString('base64')
    .replaceAll('=', '')}=`;
}

/** The XML API's ETag: the MD5 of the bytes where there is one, without quotes. */
export function xmlEtagOf(object: StoredObject): string {
  const { md5 } = object.content;
  const isPlain = md5 !== undefined && object.kmsKeyName === undefined && object.customerKeySha256 === undefined;
  return isPlain ? md5.toString('hex') : etagOf(object);
}

/** Where this server is reached, for the links of a resource. */
export type Origin = string;

/**
 * The digests of an object that a customer encrypted are shown to those who have the key.
 * https://cloud.google.com/storage/docs/json_api/v1/objects#resource
 */
export function objectResource(
  object: StoredObject,
  origin: Origin,
  projection: 'noAcl' | 'full' = 'noAcl',
  customerKeySha256?: string,
): Json {
  const { bucket, name, fields, content } = object;
  const path = `b/${encodeURIComponent(bucket.name)}/o/${encodeURIComponent(name)}`;
  const generation = String(object.generation);
  const hidesHashes = object.customerKeySha256 !== customerKeySha256;
  return withoutUndefined({
    kind: 'storage#object',
    id: `${bucket.name}/${name}/${generation}`,
    selfLink: `${origin}/storage/v1/${path}`,
    mediaLink: `${origin}/download/storage/v1/${path}?generation=${generation}&alt=media`,
    name,
    bucket: bucket.name,
    generation,
    metageneration: String(object.metageneration),
    ...fields,
    size: String(content.size),
    md5Hash: hidesHashes ? undefined : content.md5Base64,
    crc32c: hidesHashes ? undefined : content.crc32cBase64,
    etag: etagOf(object),
    timeCreated: isoTime(object.createdAtMs),
    updated: isoTime(object.updatedAtMs),
    timeFinalized: isoTime(object.createdAtMs),
    timeStorageClassUpdated: isoTime(object.classChangedAtMs),
    ...timesOfDeletion(object),
    componentCount: object.componentCount,
    kmsKeyName: object.kmsKeyName,
    customerEncryption: object.customerKeySha256 && {
      encryptionAlgorithm: 'AES256',
      keySha256: object.customerKeySha256,
    },
    ...(projection === 'full' && !bucket.hasUniformAccess && { acl: aclOf(object, origin), owner: ownerOf(object) }),
  });
}

function timesOfDeletion({ replacedAtMs, softDeletedAtMs, bucket }: StoredObject): Json {
  if (softDeletedAtMs !== undefined) {
    const hardDeleteTime = isoTime(softDeletedAtMs + bucket.softDeleteSeconds * 1000);
    return { softDeleteTime: isoTime(softDeletedAtMs), hardDeleteTime };
  }
  return replacedAtMs === undefined ? {} : { timeDeleted: isoTime(replacedAtMs) };
}

function ownerOf({ owner }: StoredObject): Json {
  return { entity: owner };
}

function aclOf(object: StoredObject, origin: Origin): Json[] {
  return object.acl.map((entry) => objectAclResource(object, entry, origin));
}

/** https://cloud.google.com/storage/docs/json_api/v1/objectAccessControls#resource */
export function objectAclResource(object: StoredObject, entry: AclEntry, origin: Origin): Json {
  const { bucket, name } = object;
  const path = `b/${bucket.name}/o/${encodeURIComponent(name)}/acl/${entry.entity}`;
  return withoutUndefined({
    kind: 'storage#objectAccessControl',
    id: `${bucket.name}/${name}/${String(object.generation)}/${entry.entity}`,
    selfLink: `${origin}/storage/v1/${path}`,
    bucket: bucket.name,
    object: name,
    generation: String(object.generation),
    ...grantOf(entry),
  });
}

export function bucketAclResource(
  bucket: Bucket,
  entry: AclEntry,
  origin: Origin,
  list: 'acl' | 'defaultObjectAcl',
): Json {
  const isDefault = list === 'defaultObjectAcl';
  return withoutUndefined({
    kind: isDefault ? 'storage#objectAccessControl' : 'storage#bucketAccessControl',
    ...(!isDefault && {
      id: `${bucket.name}/${entry.entity}`,
      selfLink: `${origin}/storage/v1/b/${bucket.name}/acl/${entry.entity}`,
      bucket: bucket.name,
    }),
    ...grantOf(entry),
  });
}

function grantOf({ entity, role }: AclEntry): Json {
  const [kind = '', ...rest] = entity.split('-');
  const rest1 = rest.join('-');
  return {
    entity,
    role,
    email: kind === 'user' || kind === 'group' ? rest1 : undefined,
    domain: kind === 'domain' ? rest1 : undefined,
    projectTeam:
      kind === 'project' ? { team: rest[0], projectNumber: rest.slice(1).join('-') || PROJECT_NUMBER } : undefined,
    etag: 'CAE=',
  };
}

/** https://cloud.google.com/storage/docs/json_api/v1/buckets#resource */
export function bucketResource(bucket: Bucket, origin: Origin, projection: 'noAcl' | 'full' = 'noAcl'): Json {
  const acls = projection === 'full' && !bucket.hasUniformAccess;
  return withoutUndefined({
    kind: 'storage#bucket',
    id: bucket.name,
    selfLink: `${origin}/storage/v1/b/${bucket.name}`,
    projectNumber: PROJECT_NUMBER,
    name: bucket.name,
    timeCreated: isoTime(bucket.createdAtMs),
    updated: isoTime(bucket.updatedAtMs),
    metageneration: String(bucket.metageneration),
    etag: etagOf({ generation: 0, metageneration: bucket.metageneration }),
    ...bucket.config,
    ...(acls && {
      acl: bucket.acl.map((entry) => bucketAclResource(bucket, entry, origin, 'acl')),
      defaultObjectAcl: bucket.defaultObjectAcl.map((entry) =>
        bucketAclResource(bucket, entry, origin, 'defaultObjectAcl'),
      ),
      owner: { entity: `project-owners-${PROJECT_NUMBER}` },
    }),
  });
}

export function withoutUndefined(record: Json): Json {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
