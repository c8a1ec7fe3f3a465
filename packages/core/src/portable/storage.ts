import { checkOptions } from '../call/option-checks.js';
import type { CallOptions } from '../call/scope.js';
import { isStorageError } from '../errors/storage-error.js';
import type { Capabilities } from '../spi/capabilities.js';
import type { StorageDriver } from '../spi/driver.js';
import type { ContainerPage } from '../spi/records.js';
import { abilitiesOf, type Ability, type Can, type DriverWith } from './abilities.js';
import { Container } from './container.js';
import { StorageNames } from './libcloud-names.js';
import {
  CALL_ONLY_CHECKS,
  CREATE_CONTAINER_CHECKS,
  type CreateContainerOptions,
  LIST_CONTAINERS_CHECKS,
  type ListContainersOptions,
  NO_OPTIONS,
  type StatOptions,
} from './options.js';
import { collect, ItemIterator, PageReader } from './paging.js';
import { need, type Session } from './session.js';
import type { StoredObject } from './stored-object.js';

/** A storage whose driver has the calls of an ability; see `Storage.supports`. */
export type StorageWith<A extends Ability> = Storage & { readonly driver: DriverWith<A> };

/** One opened store. It holds connections until `close()`. */
export class Storage extends StorageNames implements AsyncDisposable {
  /** What this storage can do: `native`, `emulated` at a price, or `absent`. */
  readonly can: Can;
  readonly #session: Session;
  readonly #close: () => Promise<void>;

  /** @internal */
  constructor(session: Session, close: () => Promise<void>) {
    super();
    this.#session = session;
    this.#close = close;
    this.can = abilitiesOf(session.driver, session.emulation.policy);
  }

  /** As the settings name it, such as `s3_us_west` or `local`. */
  get provider(): string {
    return this.#session.provider;
  }

  /** Limits of the store, as data. */
  get capabilities(): Capabilities {
    return this.#session.driver.capabilities;
  }

  /** The raw driver: one attempt for each call, without checks and retries. */
  get driver(): StorageDriver {
    return this.#session.driver;
  }

  /** True when the store itself can do it; then the type of `storage.driver` has the calls. */
  supports<A extends Ability>(ability: A): this is StorageWith<A> {
    return this.can[ability] === 'native';
  }

  /** Collects all containers. */
  async listContainers(options: ListContainersOptions = NO_OPTIONS): Promise<Container[]> {
    return collect(this.iterateContainers(options));
  }

  /** Lists containers as they are asked for. */
  iterateContainers(options: ListContainersOptions = NO_OPTIONS): AsyncIterableIterator<Container> {
    const operation = 'listContainers';
    if (options !== NO_OPTIONS) checkOptions(operation, options, LIST_CONTAINERS_CHECKS);
    const { driver, caller } = this.#session;
    const { prefix } = options;
    const subject = { operation };
    const reader = new PageReader<ContainerPage>(
      this.#session,
      options,
      (token, call) => caller.run(subject, call, (ctx) => driver.listContainers({ prefix, token }, ctx)),
      subject,
    );
    return new ItemIterator(
      reader,
      (page) => page.containers,
      (record) => new Container(this.#session, this, record.name, record),
    );
  }

  /** Makes a handle of a container, without any request. Throws `invalid-argument` for a name that the store cannot have. */
  container(name: string): Container {
    this.#session.validator.container(name);
    return new Container(this.#session, this, name);
  }

  /** Asks for the facts of a container: one request. Throws `container-not-found`. */
  async getContainer(name: string, options: CallOptions = NO_OPTIONS): Promise<Container> {
    const { driver, caller } = this.#session;
    this.#session.validator.container(name);
    if (options !== NO_OPTIONS) checkOptions('getContainer', options, CALL_ONLY_CHECKS);
    const subject = { operation: 'getContainer', container: name };
    const record = await caller.run(subject, options, (ctx) => driver.statContainer(name, ctx));
    return new Container(this.#session, this, name, record);
  }

  /** Tells whether a container is there: one request. */
  async containerExists(name: string, options: CallOptions = NO_OPTIONS): Promise<boolean> {
    try {
      await this.getContainer(name, options);
      return true;
    } catch (error) {
      if (isStorageError(error, 'container-not-found')) return false;
      throw error;
    }
  }

  /** Creates a container. Throws `container-exists`, unless `ifExists` is `ignore`. */
  async createContainer(name: string, options: CreateContainerOptions = NO_OPTIONS): Promise<Container> {
    const { driver, caller } = this.#session;
    const operation = 'createContainer';
    this.#session.validator.container(name);
    if (options !== NO_OPTIONS) checkOptions(operation, options, CREATE_CONTAINER_CHECKS);
    const { ifExists = 'error', provider, signal, timeoutMs } = options;
    const subject = { operation, container: name, changes: true };
    const call = { signal, timeoutMs };
    try {
      const record = await caller.run(subject, call, (ctx) => driver.createContainer(name, { provider }, ctx));
      return new Container(this.#session, this, name, record);
    } catch (error) {
      if (ifExists === 'ignore' && isStorageError(error, 'container-exists')) return this.container(name);
      throw error;
    }
  }

  /** Deletes an empty container. Throws `container-not-empty`, `container-not-found`. */
  async deleteContainer(container: string | Container, options: CallOptions = NO_OPTIONS): Promise<void> {
    const { driver, caller } = this.#session;
    const operation = 'deleteContainer';
    const name = typeof container === 'string' ? container : container.name;
    this.#session.validator.container(name);
    if (options !== NO_OPTIONS) checkOptions(operation, options, CALL_ONLY_CHECKS);
    await caller.run(
      { operation, container: name, changes: true },
      options,
      (ctx) => driver.deleteContainer(name, ctx),
      // The first attempt deleted it, and its answer was lost.
      async (refusal) => (refusal.code === 'container-not-found' ? { value: undefined } : undefined),
    );
  }

  /** Asks for the facts of an object: one request, where Libcloud makes two. Throws `object-not-found`. */
  async getObject(
    container: string | Container,
    key: string,
    options: StatOptions = NO_OPTIONS,
  ): Promise<StoredObject> {
    const holder = typeof container === 'string' ? this.container(container) : container;
    return holder.getObject(key, options);
  }

  /** The vendor's own client, configured as the driver is. Throws `unsupported` where there is none. */
  async sdk(): Promise<unknown> {
    const { driver, caller } = this.#session;
    const load = need(this.#session, driver.sdk?.bind(driver), 'sdk', 'client of its vendor');
    return caller.run({ operation: 'sdk', timeoutMs: Infinity }, NO_OPTIONS, () => load());
  }

  /** Ends every call that is under way and frees connections; later calls fail with `closed`. */
  async close(): Promise<void> {
    await this.#close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  toJSON(): Record<string, unknown> {
    return { provider: this.provider };
  }

  override toString(): string {
    return `Storage ${this.provider}`;
  }

  /** Options of drivers hold secrets: only the name is printed. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `<${this.toString()}>`;
  }
}
