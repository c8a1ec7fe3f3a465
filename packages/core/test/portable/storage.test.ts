import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors/storage-error.js';
import { driver as memory } from '../../src/memory.js';
import { openStorage, storageOver } from '../../src/portable/open-storage.js';
import { DRIVER_API, type DriverModule } from '../../src/spi/module.js';
import { createHost } from '../../src/spi/host.js';
import type { StorageDriver } from '../../src/spi/driver.js';
import { failureOf, openLab } from './lab.js';

const secretive: DriverModule<{ readonly key?: string }> = {
  api: DRIVER_API,
  type: 'secretive',
  options: { key: { type: 'string', about: 'The key.', secret: true } },
  create({ key }, host): StorageDriver {
    if (key === 'cannot work') throw new StorageError('invalid-argument', `The key "${key}" cannot work.`);
    const driver = memory.create({}, host);
    return {
      ...driver,
      statContainer: async () => Promise.reject(new Error(`401 for ${String(key)}`)),
      held: key,
    } as StorageDriver;
  },
};

describe('opening', () => {
  it('takes a type and options, or a module and its options', async () => {
    for (const storage of [
      openStorage({ type: memory, pageSize: 2 }),
      openStorage({ type: 'memory', page_size: 2 }),
      openStorage(memory, { pageSize: 2 }),
    ]) {
      expect(storage.driver.type).toBe('memory');
      expect(storage.capabilities.list.maxLimit).toBe(2);
      await (await storage.createContainer('c')).put('k', 'v');
      expect(await storage.container('c').object('k').text()).toBe('v');
    }
  });

  it('takes drivers that the application imported', () => {
    const storage = openStorage({ type: 'secretive', key: 'k' }, { drivers: [secretive as unknown as DriverModule] });
    expect(storage.provider).toBe('secretive');
  });

  it('makes no request and looks at nothing later', async () => {
    const { calls } = await openLab();
    expect(calls).toEqual([]);
  });

  it.each([
    [{ timeout: 5 }, '"timeout"'],
    [{ timeoutMs: -5 }, '"timeoutMs"'],
    [{ emulate: 'always' }, '"emulate"'],
    [{ retry: { tries: 3 } }, '"tries"'],
    [{ retry: true }, '"retry"'],
    [{ drivers: {} }, '"drivers"'],
  ])('refuses %j', (options, named) => {
    expect(() => openStorage(memory, {}, options as object)).toThrow(named);
  });

  it('refuses options that the driver does not know', () => {
    expect(() => openStorage({ type: 'memory', pagesize: 2, wrong: 1 })).toThrow('wrong');
  });

  it('shows no secret when the driver refuses its options', () => {
    let caught: unknown;
    try {
      openStorage(secretive, { key: 'cannot work' });
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code: 'invalid-argument', provider: 'secretive', operation: 'openStorage' });
    expect(inspect(caught, { depth: 10 })).not.toContain('cannot work"');
  });

  it('shows no secret in errors, in JSON or when it is inspected', async () => {
    const key = 'wJalrXUtnFEMI';
    const storage = openStorage(secretive, { key }, { retry: false });
    const error = await failureOf(storage.getContainer('c'));
    const object = storage.container('c').object('k');
    for (const value of [storage, object, object.container, error]) {
      expect(inspect(value, { depth: 20, showHidden: true, getters: false })).not.toContain(key);
      expect(JSON.stringify(value)).not.toContain(key);
      expect(String(value)).not.toContain(key);
    }
  });
});

describe('containers', () => {
  it('are created, listed, found and deleted', async () => {
    const { storage } = await openLab();
    const made = await storage.createContainer('made');
    expect(made.name).toBe('made');
    expect((await storage.listContainers()).map(({ name }) => name)).toEqual(['box', 'made']);
    expect((await storage.listContainers({ prefix: 'm' })).map(({ name }) => name)).toEqual(['made']);
    expect((await storage.getContainer('made')).record?.name).toBe('made');
    expect(await storage.containerExists('made')).toBe(true);
    expect(await made.exists()).toBe(true);
    await made.delete();
    expect(await storage.containerExists('made')).toBe(false);
  });

  it('are listed over pages', async () => {
    const { storage } = await openLab({ pageSize: 2 });
    for (const name of ['c1', 'c2', 'c3', 'c4']) await storage.createContainer(name);
    const names: string[] = [];
    for await (const { name } of storage.iterateContainers()) names.push(name);
    expect(names).toEqual(['box', 'c1', 'c2', 'c3', 'c4']);
  });

  it('tell their errors apart', async () => {
    const { storage, box } = await openLab();
    await box.put('k', 'x');
    expect((await failureOf(storage.createContainer('box'))).code).toBe('container-exists');
    expect((await failureOf(storage.deleteContainer('box'))).code).toBe('container-not-empty');
    expect((await failureOf(storage.deleteContainer('missing'))).code).toBe('container-not-found');
    expect((await failureOf(storage.getContainer('missing'))).code).toBe('container-not-found');
    expect((await failureOf(storage.container('missing').put('k', 'x'))).code).toBe('container-not-found');
    expect((await failureOf(storage.getContainer('a/b'))).code).toBe('invalid-argument');
    expect((await storage.createContainer('box', { ifExists: 'ignore' })).name).toBe('box');
  });

  it('spend no request for a handle and one for their facts', async () => {
    const { storage, calls } = await openLab();
    const handle = storage.container('box');
    expect(calls).toEqual([]);
    expect(handle.record).toBeUndefined();
    await storage.getContainer('box');
    expect(calls).toEqual(['statContainer']);
  });

  it('count as deleted when the answer to the first attempt was lost', async () => {
    let lost = false;
    const { storage } = await openLab({
      retry: { baseDelayMs: 0 },
      after: (call, result) => {
        if (call !== 'deleteContainer' || lost) return result;
        lost = true;
        throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      },
    });
    await storage.deleteContainer('box');
    expect(await storage.containerExists('box')).toBe(false);
  });

  it('say that the outcome is unknown when a second attempt finds them', async () => {
    let lost = false;
    const { storage } = await openLab({
      retry: { baseDelayMs: 0 },
      after: (call, result) => {
        if (call !== 'createContainer' || lost) return result;
        lost = true;
        throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      },
    });
    expect(await failureOf(storage.createContainer('new'))).toMatchObject({
      code: 'container-exists',
      outcomeUnknown: true,
    });
  });
});

describe('abilities', () => {
  it('tell what the store has', async () => {
    const rich = await openLab();
    expect(rich.storage.can).toMatchObject({
      copy: 'native',
      move: 'native',
      parts: 'native',
      sdk: 'absent',
      createOnly: 'native',
    });
    const poor = await openLab({
      lacks: ['copy', 'move', 'bulkDelete', 'versions', 'parts'],
      facts: { put: { conditions: [] } },
    });
    expect(poor.storage.can).toMatchObject({
      copy: 'emulated',
      move: 'emulated',
      bulkDelete: 'emulated',
      versions: 'absent',
      parts: 'absent',
      createOnly: 'absent',
    });
  });

  it('narrow the driver', async () => {
    const { storage } = await openLab();
    if (!storage.supports('versions')) throw new Error('The memory driver keeps versions.');
    expect(await storage.driver.versions.isEnabled('box', { attempt: 1 })).toBe(false);
  });

  it.each(['versions', 'website', 'cdn', 'urls', 'parts'] as const)(
    'refuse calls of the group %s that the store lacks',
    async (group) => {
      const { storage, box, calls } = await openLab({ lacks: [group] });
      expect(storage.can[group]).toBe('absent');
      const works = {
        versions: () => box.isVersioned(),
        website: () => box.enableWebsite({ indexKey: 'index.html' }),
        cdn: () => box.getCdnUrl(),
        urls: () => box.object('k').signedUrl(),
        parts: () => box.createUpload('k'),
      };
      const error = await failureOf(works[group]());
      expect(error).toMatchObject({ code: 'unsupported', provider: 'lab' });
      expect(error.message).toContain('lab has no');
      expect(calls).toEqual([]);
    },
  );

  it('refuse the SDK where there is none', async () => {
    const { storage } = await openLab();
    expect((await failureOf(storage.sdk())).code).toBe('unsupported');
  });
});

describe('closing', () => {
  it('ends calls under way, and later ones fail with "closed"', async () => {
    const { storage, box } = await openLab({
      before: (call, args) => {
        if (call !== 'read') return undefined;
        const { signal } = args[2] as { signal: AbortSignal };
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      },
    });
    const reading = failureOf(box.object('k').bytes());
    const streaming = failureOf(box.object('k').stream());
    await storage.close();
    expect((await reading).code).toBe('closed');
    expect((await streaming).code).toBe('closed');
    expect((await failureOf(box.listObjects())).code).toBe('closed');
    expect((await failureOf(box.put('k', 'x'))).code).toBe('closed');
    expect((await failureOf(box.object('k').exists())).code).toBe('closed');
  });

  it('closes the driver once', async () => {
    let closed = 0;
    const driver = {
      ...memory.create({}, createHost()),
      close: async () => {
        closed++;
      },
    };
    const storage = storageOver(driver);
    await Promise.all([storage.close(), storage.close()]);
    await storage[Symbol.asyncDispose]();
    expect(closed).toBe(1);
  });

  it('fails a stream that was handed out', async () => {
    const { storage, box } = await openLab();
    const object = await box.put('k', Buffer.alloc(10_000_000));
    const stream = await object.stream();
    const reading = failureOf(stream.toArray());
    await storage.close();
    expect((await reading).code).toBe('closed');
  });
});

describe('the whole of a call', () => {
  it('ends at timeoutMs, however many requests it makes', async () => {
    const { box } = await openLab({
      pageSize: 1,
      before: async (call) => {
        if (call === 'list') await new Promise((resolve) => setTimeout(resolve, 15));
      },
    });
    for (let index = 0; index < 20; index++) await box.put(`k${index}`, '');
    expect((await failureOf(box.listObjects({ timeoutMs: 60 }))).code).toBe('timeout');
  });
});
