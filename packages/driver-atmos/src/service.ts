import type { CallContext } from '@stowage/core/spi';
import type { AtmosClient } from './client.js';
import type { AtmosOptions, ServiceFacts } from './options.js';
import type { KnownContainers } from './known-containers.js';

/** What the calls of a driver share. */
export interface AtmosService {
  readonly client: AtmosClient;
  readonly facts: ServiceFacts;
  readonly options: AtmosOptions;
  readonly containers: KnownContainers;
}

/** One call at work. */
export interface Job {
  readonly service: AtmosService;
  readonly ctx: CallContext;
}
