import { checkReadable, type StorageDriver } from '@stowage/core/spi';
import { putObject } from './put.js';
import { readObject } from './read.js';
import { deleteCall } from './requests.js';
import { type NimbusService, refuseProviderOptions } from './service.js';
import { statVersion, takeSnapshot } from './stat.js';

type ObjectCalls = Pick<StorageDriver, 'stat' | 'read' | 'put' | 'delete'>;

/** Objects and their bytes. */
export function objectCalls({ client }: NimbusService): ObjectCalls {
  return {
    async stat(ref, request, ctx) {
      refuseProviderOptions(request.provider);
      const isPinned = ref.versionId !== undefined;
      const record = isPinned ? await statVersion(client, ref, ctx) : (await takeSnapshot(client, ref, ctx)).record;
      checkReadable(ref, record, request);
      return record;
    },
    async read(ref, request, ctx) {
      refuseProviderOptions(request.provider);
      return readObject(client, ref, request, ctx);
    },
    put: (ref, body, request, ctx) => putObject(client, ref, body, request, ctx),
    async delete(ref, request, ctx) {
      refuseProviderOptions(request.provider);
      await client.send(deleteCall(ref), ctx);
      return {};
    },
  };
}
