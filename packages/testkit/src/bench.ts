import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { type OverOptions, type Storage, storageOver } from '@stowage/core';
import type {
  Capabilities,
  ListedRecord,
  ListRequest,
  ObjectRecord,
  ObjectRef,
  PutBody,
  PutRequest,
  PutResult,
  StorageDriver,
} from '@stowage/core/spi';
import { bytesBody, seededBytes } from './bodies.js';
import { CallLog } from './call-log.js';
import { emptyContainer } from './clean-up.js';
import type { Fetch, Harness } from './harness.js';

/** What all tests of one run share: the driver, and the containers that go when it ends. */
export class Workshop {
  readonly driver: StorageDriver;
  readonly harness: Harness;
  readonly #containers: string[] = [];
  readonly #made = new Map<string, Promise<unknown>>();
  readonly #unique = `${Date.now().toString(36)}${randomBytes(3).toString('hex')}`;
  #names = 0;

  constructor(driver: StorageDriver, harness: Harness) {
    this.driver = driver;
    this.harness = harness;
  }

  /** A container name that nobody uses; what is made under it goes when the run ends. */
  newName(): string {
    const unique = `${this.#unique}${(++this.#names).toString(36).padStart(3, '0')}`;
    const name = this.harness.containerName?.(unique) ?? `stowage-test-${unique}`;
    this.#containers.push(name);
    return name;
  }

  /** The container of all tests that need no container of their own. */
  shared(): Promise<string> {
    return this.once('container', () => this.create());
  }

  /** Makes something that several tests only look at; the first of them pays for it. */
  once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const made = (this.#made.get(name) as Promise<T> | undefined) ?? make();
    this.#made.set(name, made);
    return made;
  }

  async create(): Promise<string> {
    const name = this.newName();
    await this.driver.createContainer(name, {}, { attempt: 1 });
    return name;
  }

  /** Deletes every container that was made, and all that is in it. Rejects with the names of those that are still there, and why. */
  async cleanUp(): Promise<void> {
    const left: string[] = [];
    let cause: unknown;
    for (const container of this.#containers) {
      try {
        await emptyContainer(this.driver, container);
      } catch (error) {
        cause ??= error;
        left.push(container);
      }
    }
    if (left.length === 0) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Clean-up: the driver could not delete ${left.join(', ')}: ${reason}`, { cause });
  }

  /** Closes the driver and then the harness, which is closed whatever becomes of the driver. */
  async close(): Promise<void> {
    try {
      await this.driver.close?.();
    } finally {
      await this.harness.close?.();
    }
  }
}

/** What one test works with. */
export class Bench {
  readonly harness: Harness;
  readonly driver: StorageDriver;
  readonly facts: Capabilities;
  readonly ctx = { attempt: 1 } as const;
  /** Begins every key that `ref` names: no two tests share a key. */
  readonly prefix: string;
  readonly container: string;
  readonly seed: number;
  readonly fetch: Fetch;
  /** The calls that this test made. */
  readonly calls = new CallLog();
  readonly #workshop: Workshop;

  private constructor(workshop: Workshop, container: string, prefix: string) {
    const { driver, harness } = workshop;
    this.#workshop = workshop;
    this.driver = this.calls.watch(driver);
    this.harness = harness;
    this.facts = driver.capabilities;
    this.container = container;
    this.prefix = prefix;
    this.seed = harness.seed ?? randomBytes(4).readInt32LE();
    this.fetch = harness.fetch ?? ((url, init) => fetch(url, init));
  }

  static async open(workshop: Workshop, id: string): Promise<Bench> {
    return new Bench(workshop, await workshop.shared(), `${id}/`);
  }

  /** How many times a property is tried. */
  get propertyRuns(): number {
    return this.harness.propertyRuns ?? 25;
  }

  get largeBytes(): number {
    return this.harness.largeBytes ?? 9 * 1024 * 1024;
  }

  get abortWithinMs(): number {
    return this.harness.abortWithinMs ?? 5_000;
  }

  /** An object of this test in the shared container. */
  ref(name = 'object'): ObjectRef {
    return { container: this.container, key: `${this.prefix}${name}` };
  }

  newName(): string {
    return this.#workshop.newName();
  }

  /** Makes something that several tests only look at; the first of them pays for it. */
  once<T>(name: string, make: () => Promise<T>): Promise<T> {
    return this.#workshop.once(name, make);
  }

  /** A large object to read, and its bytes. */
  async largeObject(): Promise<{ readonly ref: ObjectRef; readonly content: Buffer }> {
    return this.once('large object', async () => {
      const ref = { container: this.container, key: 'large object' };
      const content = seededBytes(this.largeBytes, 2);
      await this.put(ref, content);
      return { ref, content };
    });
  }

  /** A container for this test alone. */
  freshContainer(): Promise<string> {
    return this.#workshop.create();
  }

  put(ref: ObjectRef, content: string | Uint8Array, request: PutRequest = {}): Promise<PutResult> {
    return this.driver.put(ref, bytesBody(content), request, this.ctx);
  }

  putBody(ref: ObjectRef, body: PutBody, request: PutRequest = {}): Promise<PutResult> {
    return this.driver.put(ref, body, request, this.ctx);
  }

  /** Puts one short object under each key. */
  async putAll(container: string, keys: readonly string[]): Promise<void> {
    await eachOf(keys, (key) => this.put({ container, key }, `content of ${key}`));
  }

  async bytes(ref: ObjectRef): Promise<Buffer> {
    const { bytes } = await this.driver.read(ref, { want: 'bytes' }, this.ctx);
    assert.ok(bytes, 'a read that wants bytes gives no bytes');
    return bytes;
  }

  async stream(ref: ObjectRef): Promise<Readable> {
    const { stream } = await this.driver.read(ref, { want: 'stream' }, this.ctx);
    assert.ok(stream, 'a read that wants a stream gives no stream');
    return stream;
  }

  stat(ref: ObjectRef): Promise<ObjectRecord> {
    return this.driver.stat(ref, {}, this.ctx);
  }

  /** The etag of an object, where conditions need one. */
  async etag(ref: ObjectRef): Promise<string> {
    const { etag } = await this.stat(ref);
    assert.ok(etag, 'conditions on etags are declared, and stat tells no etag');
    return etag;
  }

  async exists(ref: ObjectRef): Promise<boolean> {
    try {
      await this.stat(ref);
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === 'object-not-found') return false;
      throw error;
    }
  }

  /** Reads all pages of a listing. Fails on a repeated token and on a page above the limit. */
  async list(container: string, request: ListRequest = {}): Promise<Listed> {
    const objects: ListedRecord[] = [];
    const prefixes: string[] = [];
    const tokens = new Set<string>();
    for (let token: string | undefined; ;) {
      const page = await this.driver.list(container, { ...request, token }, this.ctx);
      const count = page.objects.length + page.prefixes.length;
      assert.ok(count <= (request.limit ?? Infinity), `a page has ${count} entries, above the limit ${request.limit}`);
      objects.push(...page.objects);
      prefixes.push(...page.prefixes);
      if (page.next === undefined) break;
      assert.ok(!tokens.has(page.next), `page token "${page.next}" is repeated`);
      tokens.add(page.next);
      token = page.next;
    }
    return { objects, prefixes, keys: objects.map(({ key }) => key), pages: tokens.size + 1 };
  }

  /** The portable API over a driver, the one of this test by default: one attempt for each call unless `options` says more. */
  storageOver(driver: StorageDriver = this.driver, options: OverOptions = {}): Storage {
    return storageOver(driver, { retry: false, emulate: 'allow', ...options });
  }

  /** Tries until it does not fail any more, as long as the store's listings may take to settle. */
  async eventually(check: () => Promise<void>): Promise<void> {
    const settleMs = this.harness.settleMs ?? (this.facts.list.consistency === 'eventual' ? 10_000 : 0);
    const endMs = Date.now() + settleMs;
    for (;;) {
      try {
        await check();
        return;
      } catch (error) {
        if (!(error instanceof assert.AssertionError) || Date.now() >= endMs) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Everything that a listing gave. */
export interface Listed {
  readonly objects: readonly ListedRecord[];
  readonly prefixes: readonly string[];
  readonly keys: readonly string[];
  readonly pages: number;
}

const AT_ONCE = 8;

/** Works on a few items at a time; fails with the first failure. */
export async function eachOf<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) await work(item, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
