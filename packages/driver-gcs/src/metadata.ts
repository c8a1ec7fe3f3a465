import {
  type CallContext,
  isStorageError,
  type MetadataGroup,
  type ObjectRef,
  StorageError,
  type UserMetadata,
} from '@stowage/core/spi';
import { writeConditionQuery } from './conditions.js';
import type { GcsService } from './gcs-service.js';
import { type JsonObject, metadataFields, predefinedAcl, toJsonRecord, writableFields } from './json-object.js';
import { jsonCall } from './requests.js';

type Change = Parameters<MetadataGroup['update']>[1];

/** Changes metadata without the bytes: https://cloud.google.com/storage/docs/json_api/v1/objects/patch */
export function metadataGroup(service: GcsService): MetadataGroup {
  return { update: (ref, change, ctx) => update(service, ref, change, ctx) };
}

async function update(service: GcsService, ref: ObjectRef, change: Change, ctx: CallContext) {
  const { metadata, storageClass, acl, tags, ifMatch } = change;
  if (storageClass !== undefined)
    throw new StorageError('unsupported', 'The "storageClass" changes by a copy of the object over itself.');
  if (tags) throw new StorageError('unsupported', 'Google Cloud Storage has no "tags" of objects.');
  const fields = writableFields({ ...change, metadata: undefined });
  const conditions = writeConditionQuery({ ifMatch });
  const query = [...conditions, 'projection', 'noAcl', 'predefinedAcl', predefinedAcl(acl)];
  const replaced = metadata && (await replacement(service, ref, metadata, ctx));
  const body = replaced ? { ...fields, metadata: replaced.fields } : fields;
  const guard = replaced ? guardOf(replaced, ifMatch) : [];
  try {
    return toJsonRecord(await patch(service, ref, [...query, ...guard], body, ctx));
  } catch (error) {
    if (ifMatch !== undefined || !isStorageError(error, 'precondition-failed')) throw error;
    const message = 'The object was changed while its metadata were replaced; the next attempt goes by what it is now.';
    throw new StorageError('unavailable', message, { status: 412, requestSent: false, cause: error });
  }
}

/** The state whose metadata were seen, as far as the caller does not name one: another content may come with the same metageneration. */
function guardOf({ generation, metageneration }: Replacement, ifMatch: string | undefined): (string | undefined)[] {
  const guard = ['ifMetagenerationMatch', metageneration];
  if (ifMatch === undefined || ifMatch === '*') return ['ifGenerationMatch', generation, ...guard];
  return ifMatch.includes('/') ? [] : guard;
}

interface Replacement {
  readonly fields: Readonly<Record<string, string | null>>;
  readonly generation: string | undefined;
  readonly metageneration: string | undefined;
}

/**
 * A patch merges metadata. To replace them, those that are there are set to null, and the patch holds only for the state that was seen.
 */
async function replacement(
  { client, endpoint }: GcsService,
  ref: ObjectRef,
  metadata: UserMetadata,
  ctx: CallContext,
): Promise<Replacement> {
  const query = ['fields', 'metadata,generation,metageneration', 'generation', ref.versionId];
  const now = await client.askJson<JsonObject>(jsonCall(endpoint, 'GET', segmentsOf(ref), { query }), ctx);
  const fields = Object.create(null) as Record<string, string | null>;
  for (const name of Object.keys(now.metadata ?? {})) fields[name] = null;
  const { generation, metageneration } = now;
  return { fields: Object.assign(fields, metadataFields(metadata)), generation, metageneration };
}

/** Sends one patch of an object. */
export async function patch(
  { client, endpoint, encryption }: GcsService,
  ref: ObjectRef,
  query: readonly (string | undefined)[],
  body: object,
  ctx: CallContext,
): Promise<JsonObject> {
  const call = jsonCall(endpoint, 'PATCH', segmentsOf(ref), { query: [...query, 'generation', ref.versionId], body });
  call.headers.push(...encryption.read);
  return client.askJson<JsonObject>(call, ctx);
}

export function segmentsOf({ container, key }: ObjectRef): readonly string[] {
  return ['b', container, 'o', key];
}
