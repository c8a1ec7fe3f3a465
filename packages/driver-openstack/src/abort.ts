import { type CallContext, isStorageError, type PartRecord, type UploadRef } from '@stowage/core/spi';
import { bulkDelete, checkOutcome, errorOfRow } from './bulk.js';
import { markOf, segmentOf } from './pending.js';
import { isInUse, storedParts } from './segments.js';
import type { SwiftService } from './swift-service.js';

/** Forgets an upload and deletes its segments, unless they are an object's by now. */
export async function abortUpload(service: SwiftService, upload: UploadRef, ctx: CallContext): Promise<void> {
  const { wire, largeObjects } = service;
  await largeObjects.deletePlain(markOf(upload), ctx);
  const parts = await storedParts(service, upload, ctx).catch(ignoreGone);
  if (parts.length === 0) return;
  if (await isInUse(service, upload, ctx, parts)) return;
  const refs = parts.map(({ number }) => segmentOf(upload, number));
  const outcome = await bulkDelete(wire, refs, ctx);
  checkOutcome(outcome);
  const [first] = outcome.errors.values();
  if (first !== undefined) throw errorOfRow(first);
}

function ignoreGone(error: unknown): readonly PartRecord[] {
  if (isStorageError(error, 'upload-not-found')) return [];
  throw error;
}
