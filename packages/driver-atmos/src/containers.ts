import { type CallContext, type ContainerPage, type StorageDriver, StorageError } from '@stowage/core/spi';
import { isRefusal } from './errors.js';
import { listPage, type ListedEntry } from './directory.js';
import { decodeContainer, encodeContainer, PRIVATE } from './names.js';
import { containerPath } from './paths.js';
import type { AtmosService } from './service.js';
import { OCTETS } from './client.js';

type ContainerCalls = Pick<StorageDriver, 'listContainers' | 'statContainer' | 'createContainer' | 'deleteContainer'>;

/** Containers are the directories at the root of the namespace. */
export function containerCalls(service: AtmosService): ContainerCalls {
  const { client, containers } = service;
  return {
    async listContainers({ prefix = '', token, limit }, ctx): Promise<ContainerPage> {
      const page = await listPage(service, '/rest/namespace/', { token, limit }, ctx);
      const found = page.entries.flatMap(({ isDirectory, name }) => {
        const container = isDirectory ? decodeContainer(name) : undefined;
        // Names that are written otherwise are of other programs.
        return container?.startsWith(prefix) && encodeContainer(container) === name ? [container] : [];
      });
      return { containers: found.map((name) => ({ name })), next: page.next };
    },
    statContainer: (container, ctx) => containers.stat(container, ctx),
    async createContainer(container, { provider }, ctx) {
      refuseProviderOptions(provider);
      const call = { method: 'POST', contentType: OCTETS, exists: 'container-exists' } as const;
      const resource = containerPath(container);
      await client.send({ ...call, resource, notFound: 'container-not-found' }, ctx);
      containers.saw(container);
      return { name: container };
    },
    async deleteContainer(container, ctx) {
      containers.forget(container);
      const resource = containerPath(container);
      try {
        await deleteDirectory(service, resource, ctx);
      } catch (error) {
        if (!isRefusal(error, 1023)) throw error;
        // What is left may be empty folders: those are no objects.
        if (!(await sweepFolders(service, resource, ctx))) throw error;
        await deleteDirectory(service, resource, ctx);
      }
    },
  };
}

async function deleteDirectory({ client }: AtmosService, resource: string, ctx: CallContext): Promise<void> {
  await client.send({ method: 'DELETE', resource, notFound: 'container-not-found' }, ctx);
}

/** Deletes the folders in a directory that hold no file; false, at the first file that is found. */
async function sweepFolders(service: AtmosService, resource: string, ctx: CallContext): Promise<boolean> {
  for (;;) {
    const { entries } = await listPage(service, resource, { limit: 100 }, ctx);
    if (entries.some(({ isDirectory }) => !isDirectory)) return false;
    if (entries.length === 0) return true;
    // The private one first: uploads that are pending are a common reason.
    for (const { name } of privateFirst(entries)) {
      const folder = `${resource}${name}/`;
      if (!(await sweepFolders(service, folder, ctx))) return false;
      await deleteDirectory(service, folder, ctx);
    }
  }
}

function privateFirst(entries: readonly ListedEntry[]): readonly ListedEntry[] {
  return [...entries].sort((a, b) => Number(b.name === PRIVATE) - Number(a.name === PRIVATE));
}

/** Throws `unsupported`, naming the option. */
export function refuseProviderOptions(
  provider: Readonly<Record<string, unknown>> | undefined,
  known: readonly string[] = [],
): void {
  const unknown = Object.keys(provider ?? {}).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const has = known.length > 0 ? `it has ${known.join(', ')}` : 'this call has none';
  throw new StorageError('unsupported', `Atmos has no provider option "${unknown}" here; ${has}.`);
}
