import type { CallContext, DeleteRequest, DeleteResult, ObjectRef } from '@stowage/core/spi';
import { refuseProviderOptions } from './containers.js';
import { isRefusal } from './errors.js';
import { rename } from './install.js';
import { aside, directoriesOf } from './names.js';
import { atObject, containerPath, isMissing, objectPath } from './paths.js';
import { refuseVersion } from './objects.js';
import type { AtmosService } from './service.js';

export async function deleteObject(
  service: AtmosService,
  ref: ObjectRef,
  { provider }: DeleteRequest,
  ctx: CallContext,
): Promise<DeleteResult> {
  refuseVersion(ref);
  refuseProviderOptions(provider);
  try {
    const call = { method: 'DELETE', notFound: 'object-not-found' } as const;
    await atObject(ref, (resource) => service.client.send({ ...call, resource }, ctx));
  } catch (error) {
    if (isMissing(error)) return { existed: false };
    throw error;
  }
  await pruneFolders(service, ref, ctx);
  return { existed: true };
}

/**
 * Deletes the folders of a key that are empty now, as stores without folders have none. An object beside such a folder takes its own
 * path again. The object is gone: whatever fails here is no failure of the call.
 */
export async function pruneFolders(service: AtmosService, ref: ObjectRef, ctx: CallContext): Promise<void> {
  const base = containerPath(ref.container);
  try {
    for (const folder of directoriesOf(objectPath(ref).slice(base.length)).reverse()) {
      const resource = base + folder;
      await service.client.send({ method: 'DELETE', resource, notFound: 'object-not-found' }, ctx);
      const own = resource.slice(0, -1);
      await rename(service, aside(own), own, false, ctx).catch((error: unknown) => {
        if (!isRefusal(error, 1003, 1016)) throw error;
      });
    }
  } catch {
    // Mostly 1023: the folder holds other objects.
  }
}
