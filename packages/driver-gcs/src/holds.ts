import type { CallContext, ObjectRecord, ObjectRef } from '@stowage/core/spi';
import type { GcsService } from './gcs-service.js';
import { toJsonRecord } from './json-object.js';
import { patch } from './metadata.js';

/** What keeps an object from being deleted or replaced: https://cloud.google.com/storage/docs/object-holds */
export interface Holds {
  readonly temporaryHold?: boolean | undefined;
  readonly eventBasedHold?: boolean | undefined;
}

/** Sets or releases holds; those that are missing stay as they are. */
export async function setHolds(
  service: GcsService,
  ref: ObjectRef,
  { temporaryHold, eventBasedHold }: Holds,
  ctx: CallContext,
): Promise<ObjectRecord> {
  return toJsonRecord(await patch(service, ref, ['projection', 'noAcl'], { temporaryHold, eventBasedHold }, ctx));
}
