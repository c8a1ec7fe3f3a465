import type { CallContext, ListRequest, ObjectPage, ObjectRecord, ObjectRef } from '@stowage/core/spi';
import { compareBytes } from '@stowage/core/spi';
import type { GcsService } from './gcs-service.js';
import { type JsonObject, toJsonRecord } from './json-object.js';
import { segmentsOf } from './metadata.js';
import { jsonCall } from './requests.js';

/** A listing with what only the JSON API has. */
export interface GcsListRequest extends ListRequest {
  /** Only keys before this one. */
  readonly endBefore?: string | undefined;
  /** Only keys that fit a pattern: https://cloud.google.com/storage/docs/json_api/v1/objects/list#list-objects-and-prefixes-using-glob */
  readonly glob?: string | undefined;
  /** What was deleted and can still be restored, instead of what is there. */
  readonly softDeleted?: boolean | undefined;
}

interface ListAnswer {
  readonly items?: readonly JsonObject[];
  readonly prefixes?: readonly string[];
  readonly nextPageToken?: string;
}

/** https://cloud.google.com/storage/docs/json_api/v1/objects/list */
export async function listByJson(
  { client, endpoint }: GcsService,
  container: string,
  request: GcsListRequest,
  ctx: CallContext,
): Promise<ObjectPage> {
  const { prefix, delimiter, startAfter, token, limit, endBefore, glob, softDeleted } = request;
  const query = [
    ...['prefix', prefix, 'delimiter', delimiter, 'startOffset', startAfter, 'endOffset', endBefore],
    ...['matchGlob', glob, 'softDeleted', softDeleted === true ? 'true' : undefined, 'pageToken', token],
    ...['maxResults', limit === undefined ? undefined : String(limit), 'projection', 'noAcl'],
  ];
  const answer = await client.askJson<ListAnswer>(jsonCall(endpoint, 'GET', ['b', container, 'o'], { query }), ctx);
  // Google's offset is the first key of the listing; `startAfter` is not in it any more.
  const objects = (answer.items ?? [])
    .map(toJsonRecord)
    .filter(({ key }) => startAfter === undefined || compareBytes(key, startAfter) > 0);
  return { objects, prefixes: answer.prefixes ?? [], next: answer.nextPageToken };
}

/** Brings a deleted object back: https://cloud.google.com/storage/docs/json_api/v1/objects/restore */
export async function restoreObject(
  { client, endpoint }: GcsService,
  ref: ObjectRef & { readonly versionId: string },
  ctx: CallContext,
): Promise<ObjectRecord> {
  const query = ['generation', ref.versionId, 'projection', 'noAcl'];
  const call = jsonCall(endpoint, 'POST', [...segmentsOf(ref), 'restore'], { query });
  return toJsonRecord(await client.askJson<JsonObject>(call, ctx));
}
