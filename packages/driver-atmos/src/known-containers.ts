import { type CallContext, type ContainerRecord, StorageError } from '@stowage/core/spi';
import { parseIsoDateMs } from '@stowage/http';
import type { AtmosClient } from './client.js';
import { isRefusal } from './errors.js';
import { containerPath } from './paths.js';
import { readTags } from './tag-headers.js';
import { extraOf, sortTags } from './wire.js';

/** A minute: within it a container that somebody else deleted is made again by a put. */
const TRUSTED_MS = 60_000;
const MAX_KNOWN = 10_000;

/**
 * Containers that were seen a short while ago. A store makes missing directories by itself, so that somebody has to look before the
 * first put; looking each time would double the requests.
 */
export class KnownContainers {
  readonly #client: AtmosClient;
  readonly #seen = new Map<string, number>();

  constructor(client: AtmosClient) {
    this.#client = client;
  }

  saw(container: string): void {
    if (this.#seen.size >= MAX_KNOWN) this.#seen.clear();
    this.#seen.set(container, this.#client.host.nowMs());
  }

  forget(container: string): void {
    this.#seen.delete(container);
  }

  /** Throws `container-not-found`. Makes no request when the container was seen within the last minute. */
  async require(container: string, ctx: CallContext): Promise<void> {
    const seenMs = this.#seen.get(container);
    const ageMs = seenMs === undefined ? Infinity : this.#client.host.nowMs() - seenMs;
    if (ageMs >= 0 && ageMs < TRUSTED_MS) return;
    await this.stat(container, ctx);
  }

  /** Throws `container-not-found`. */
  async stat(container: string, ctx: CallContext): Promise<ContainerRecord> {
    this.forget(container);
    const { utf8 } = this.#client.facts;
    const headers = utf8 ? ['x-emc-utf8', 'true'] : [];
    const call = { method: 'GET', query: 'metadata/system', notFound: 'container-not-found', headers } as const;
    const response = await this.#client.send({ ...call, resource: containerPath(container) }, ctx);
    const { system } = sortTags(readTags(response.header('x-emc-meta'), utf8));
    if (system.get('type') === 'regular')
      throw new StorageError('container-not-found', 'A file has this name, not a container.');
    this.saw(container);
    return {
      name: container,
      createdAtMs: parseIsoDateMs(system.get('itime') ?? system.get('ctime')),
      extra: extraOf(system),
    };
  }

  /** Throws `container-not-found` instead of an error that may as well mean that the container is missing. */
  async explain(container: string, error: unknown, ctx: CallContext): Promise<never> {
    if (isRefusal(error, 1003, 1021, 1044)) await this.stat(container, ctx);
    throw error;
  }
}
