import type { CallContext } from '../spi/context.js';
import type { StorageDriver } from '../spi/driver.js';
import type { ContainerPage, ContainerRecord } from '../spi/records.js';
import type { CreateContainerRequest, ListContainersRequest } from '../spi/requests.js';
import { checkNotAborted, refuseProviderOptions } from './errors.js';
import { listEntries } from '../spi/key-page.js';
import type { MemoryStore } from './store.js';

type ContainerCalls = Pick<StorageDriver, 'listContainers' | 'statContainer' | 'createContainer' | 'deleteContainer'>;

export function createContainerCalls(store: MemoryStore, pageSize: number): ContainerCalls {
  return {
    async listContainers(request: ListContainersRequest, ctx: CallContext): Promise<ContainerPage> {
      checkNotAborted(ctx);
      const { entries, next } = listEntries(store.names, request, pageSize, () => true);
      return { containers: entries.map(({ name }) => store.container(name).toRecord()), next };
    },

    async statContainer(container: string, ctx: CallContext): Promise<ContainerRecord> {
      checkNotAborted(ctx);
      return store.container(container).toRecord();
    },

    async createContainer(
      container: string,
      request: CreateContainerRequest,
      ctx: CallContext,
    ): Promise<ContainerRecord> {
      checkNotAborted(ctx);
      refuseProviderOptions(request.provider);
      return store.create(container).toRecord();
    },

    async deleteContainer(container: string, ctx: CallContext): Promise<void> {
      checkNotAborted(ctx);
      store.delete(container);
    },
  };
}
