import {
  type BulkDeleteGroup,
  type BulkDeleteResult,
  type CallContext,
  isStorageError,
  type ObjectRef,
} from '@stowage/core/spi';
import { bulkDelete, checkOutcome, errorOfRow } from './bulk.js';
import { MAX_PAGE } from './capabilities.js';
import { listRows } from './containers.js';
import type { SwiftService } from './swift-service.js';
import { isLarge } from './wire.js';

const AT_ONCE = 8;

/** Deletes plain objects in one request, and large ones with their segments each by one of its own. */
export function bulkDeleteGroup(service: SwiftService): BulkDeleteGroup {
  return {
    async delete(refs, _request, ctx) {
      const single = await singles(service, refs, ctx);
      const plain = refs.filter((ref) => !single.has(ref));
      const results = new Map<ObjectRef, BulkDeleteResult>();
      if (plain.length > 0) {
        const outcome = await bulkDelete(service.wire, plain, ctx);
        checkOutcome(outcome);
        for (const ref of plain) {
          const text = outcome.errors.get(`/${ref.container}/${ref.key}`);
          results.set(ref, text === undefined ? { ref } : { ref, error: errorOfRow(text) });
        }
      }
      await eachOf([...single], async (ref) => void results.set(ref, await deleteOne(service, ref, ctx)));
      return refs.map((ref) => results.get(ref) ?? { ref });
    },
  };
}

async function deleteOne({ largeObjects }: SwiftService, ref: ObjectRef, ctx: CallContext): Promise<BulkDeleteResult> {
  try {
    await largeObjects.delete(ref, ctx);
    return { ref };
  } catch (error) {
    if (isStorageError(error, 'aborted') || isStorageError(error, 'closed')) throw error;
    return { ref, error: error as Error };
  }
}

/** Which objects must be deleted alone: versions, since the request names none, and what has segments. */
async function singles(
  service: SwiftService,
  refs: readonly ObjectRef[],
  ctx: CallContext,
): Promise<ReadonlySet<ObjectRef>> {
  const found = new Set(refs.filter(({ versionId }) => versionId !== undefined));
  if (service.largeObjects.keepsSegments) return found;
  for (const container of new Set(refs.map((ref) => ref.container))) {
    if (!(await service.largeObjects.mayHold(container, ctx))) continue;
    const own = refs.filter((ref) => ref.container === container && !found.has(ref));
    const suspects = await suspectsOf(service, container, own, ctx);
    await eachOf(suspects, async (ref) => {
      const object = await service.largeObjects.look(ref, ctx);
      if (object && isLarge(object)) found.add(ref);
    });
  }
  return found;
}

/** Objects that may be large ones: a listing tells of static ones, and all others are empty in it. */
async function suspectsOf(
  service: SwiftService,
  container: string,
  refs: readonly ObjectRef[],
  ctx: CallContext,
): Promise<readonly ObjectRef[]> {
  if (!service.facts.listsLarge || refs.length < 3) return refs;
  const prefix = commonStart(refs.map(({ key }) => key));
  const rows = await listRows(service, container, { prefix, limit: MAX_PAGE }, ctx).catch(() => undefined);
  if (rows === undefined || rows.length === MAX_PAGE) return refs;
  const plain = new Set(rows.flatMap((row) => (row.bytes > 0 && row.slo_etag === undefined ? [row.name] : [])));
  return refs.filter(({ key }) => !plain.has(key));
}

function commonStart([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  while (!others.every((other) => other.startsWith(first.slice(0, length)))) length--;
  const last = first.charCodeAt(length - 1);
  // Half of a character is no text.
  return first.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}
