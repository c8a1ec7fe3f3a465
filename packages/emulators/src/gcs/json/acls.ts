import type { EmulatedResponse } from '../../http-answer.js';
import { readAclEntry, refuseAclUnderUniformAccess } from '../acl.js';
import { touch } from '../bucket.js';
import { GcsError } from '../errors.js';
import { bucketAclResource, objectAclResource } from '../resource.js';
import type { AclEntry, Json } from '../store.js';
import { bucketOf, jsonAnswer, type JsonCall, readJson } from './call.js';
import { objectOf } from './objects.js';

/** A list of one bucket or object, however it is kept. */
interface AclHolder {
  readonly kind: string;
  get(): readonly AclEntry[];
  set(entries: readonly AclEntry[]): void;
  resource(entry: AclEntry): Json;
}

function holderOf(call: JsonCall): AclHolder {
  const { segments, origin, context } = call;
  const bucket = bucketOf(call);
  if (segments[2] === 'o') {
    const object = objectOf(call);
    return {
      kind: 'storage#objectAccessControls',
      get: () => object.acl,
      set: (entries) => {
        object.acl = entries;
        object.metageneration += 1;
        object.updatedAtMs = context.nowMs();
      },
      resource: (entry) => objectAclResource(object, entry, origin),
    };
  }
  const list = segments[2] === 'defaultObjectAcl' ? 'defaultObjectAcl' : 'acl';
  return {
    kind: list === 'acl' ? 'storage#bucketAccessControls' : 'storage#objectAccessControls',
    get: () => bucket[list],
    set: (entries) => {
      bucket[list] = entries;
      touch(bucket, context);
    },
    resource: (entry) => bucketAclResource(bucket, entry, origin, list),
  };
}

const WHAT = { GET: 'get', POST: 'insert', PUT: 'update', PATCH: 'update', DELETE: 'delete' } as const;

/**
 * Lists of buckets, of their new objects and of objects: https://cloud.google.com/storage/docs/json_api/v1/objectAccessControls and its
 * siblings.
 */
export async function serveAcl(call: JsonCall): Promise<EmulatedResponse> {
  const { method } = call.request;
  refuseAclUnderUniformAccess(bucketOf(call), WHAT[method as keyof typeof WHAT]);
  const holder = holderOf(call);
  const entity = call.segments[call.segments[2] === 'o' ? 5 : 3];
  if (method === 'POST') return putEntry(call, holder, readAclEntry(await readJson(call)));
  if (entity === undefined)
    return jsonAnswer(call, { kind: holder.kind, items: holder.get().map((entry) => holder.resource(entry)) });
  const entry = holder.get().find((candidate) => candidate.entity === entity);
  if (!entry) throw new GcsError(404, 'notFound', 'NoSuchKey', `The specified entity is not in the list: ${entity}`);
  if (method === 'GET') return jsonAnswer(call, holder.resource(entry));
  if (method !== 'DELETE') return putEntry(call, holder, readAclEntry({ ...entry, ...(await readJson(call)), entity }));
  holder.set(holder.get().filter((candidate) => candidate !== entry));
  return { status: 204 };
}

function putEntry(call: JsonCall, holder: AclHolder, entry: AclEntry): EmulatedResponse {
  holder.set([...holder.get().filter(({ entity }) => entity !== entry.entity), entry]);
  return jsonAnswer(call, holder.resource(entry));
}
