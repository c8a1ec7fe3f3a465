import type { CallContext } from '../spi/context.js';
import type { CopyGroup, MoveGroup } from '../spi/groups.js';
import type { ObjectRef } from '../spi/records.js';
import type { CopyRequest, CopyResult } from '../spi/requests.js';
import { checkWritable, preconditionFailed } from '../spi/conditions.js';
import { checkNotAborted, refuseProviderOptions } from './errors.js';
import type { MemoryStore } from './store.js';
import { toRecord } from './stored-version.js';

/** Copies and moves inside the store, in one step. */
export function createCopy(store: MemoryStore): { readonly copy: CopyGroup; readonly move: MoveGroup } {
  function copyNow(from: ObjectRef, to: ObjectRef, request: CopyRequest, ctx: CallContext): CopyResult {
    checkNotAborted(ctx);
    refuseProviderOptions(request.provider);
    const source = store.container(from.container).find(from);
    const { sourceIfMatch } = request;
    if (sourceIfMatch !== undefined && sourceIfMatch !== source.etag) throw preconditionFailed('sourceIfMatch', from);
    const target = store.container(to.container);
    checkWritable(to, target.current(to.key)?.etag, request);
    const copy = target.write(to.key, source.bytes, request.attributes ?? source.attributes);
    return { record: toRecord(copy) };
  }

  return {
    copy: { copy: async (from, to, request, ctx) => copyNow(from, to, request, ctx) },

    move: {
      async move(from, to, request, ctx) {
        const result = copyNow(from, to, request, ctx);
        const isSelf = from.container === to.container && from.key === to.key;
        if (!isSelf) store.container(from.container).remove(from.key);
        return result;
      },
    },
  };
}
