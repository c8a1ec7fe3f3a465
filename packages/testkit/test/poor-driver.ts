import { createMemoryDriver } from '@stowage/core/memory';
import type { Capabilities, ListRequest, ObjectPage, StorageDriver } from '@stowage/core/spi';

/** A driver with no group, no condition and next to no option: the least that the contract allows. */
export function createPoorDriver(): StorageDriver {
  const memory = createMemoryDriver({ pageSize: 5 });
  const capabilities: Capabilities = {
    keys: { maxBytes: 255, refuse: (key) => (key.includes('//') ? 'keys with "//" are not held' : undefined) },
    containers: memory.capabilities.containers,
    list: {
      ...memory.capabilities.list,
      order: 'none',
      delimiter: 'none',
      startAfter: false,
      prefix: false,
      maxLimit: 5,
      tellsSizes: false,
    },
    read: { ranges: false, suffixRanges: false, conditions: [] },
    put: { maxBytes: 2 ** 30, unknownSize: false, conditions: [], attributes: [] },
    delete: { conditions: [], tellsMissing: false },
    metadata: { names: 'none', maxBytes: 0 },
    checksums: { upload: [], reported: [] },
  };
  return {
    type: 'poor',
    capabilities,
    listContainers: (request, ctx) => memory.listContainers(request, ctx),
    statContainer: (container, ctx) => memory.statContainer(container, ctx),
    createContainer: (container, request, ctx) => memory.createContainer(container, request, ctx),
    deleteContainer: (container, ctx) => memory.deleteContainer(container, ctx),
    list: async (container, { token, limit }: ListRequest, ctx): Promise<ObjectPage> => {
      const page = await memory.list(container, { token, limit }, ctx);
      return { ...page, objects: page.objects.toReversed().map((object) => ({ ...object, size: undefined })) };
    },
    stat: (ref, request, ctx) => memory.stat(ref, request, ctx),
    read: (ref, request, ctx) => memory.read(ref, request, ctx),
    put: async (ref, body, request, ctx) => {
      const { record } = await memory.put(ref, body, { provider: request.provider }, ctx);
      return { record, verified: 'none' };
    },
    delete: async (ref, request, ctx) => {
      await memory.delete(ref, request, ctx);
      return {};
    },
  };
}
