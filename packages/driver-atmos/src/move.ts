import type { CallContext, CopyRequest, CopyResult, MoveGroup, ObjectRef } from '@stowage/core/spi';
import { refuseProviderOptions } from './containers.js';
import { pruneFolders } from './delete.js';
import { isRefusal } from './errors.js';
import { install } from './install.js';
import { headObject, refuseVersion } from './objects.js';
import type { AtmosService } from './service.js';

/** Renames are the store's own; it has no copies. */
export function moveGroup(service: AtmosService): MoveGroup {
  return { move: (from, to, request, ctx) => move(service, from, to, request, ctx) };
}

async function move(
  service: AtmosService,
  from: ObjectRef,
  to: ObjectRef,
  request: CopyRequest,
  ctx: CallContext,
): Promise<CopyResult> {
  refuseVersion(from);
  refuseProviderOptions(request.provider);
  // A rename takes a folder as well as an object: look first.
  const { record, path } = await headObject(service, from, ctx);
  await service.containers.require(to.container, ctx);
  const oid = record.extra?.['object_id'] as string | undefined;
  try {
    await install(service, { path, oid }, to, request.ifNoneMatch === undefined, ctx);
  } catch (error) {
    if (!isRefusal(error, 1047)) throw error;
    return { record: { ...record, key: to.key } };
  }
  await pruneFolders(service, from, ctx);
  return { record: { ...record, key: to.key } };
}
