import { describe, expect, it, vi } from 'vitest';
import { eachBounded } from '../../src/portable/each-bounded.js';
import { StorageError } from '../../src/errors/storage-error.js';
import { failureOf, fill, keysOf, type LabOptions, openLab } from './lab.js';

const keys = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `k${String(index).padStart(4, '0')}`);

describe('deleting one object', () => {
  it('resolves also when it is missing', async () => {
    const { box } = await openLab();
    await box.put('k', 'x');
    await box.deleteObject('k');
    await box.deleteObject('k');
    await box.object('k').delete();
    expect(await box.exists('k')).toBe(false);
  });

  it('resolves where the driver rejects for a missing object', async () => {
    const { box } = await openLab({
      before: (call) => {
        if (call === 'delete') throw new StorageError('object-not-found', 'Missing.');
      },
    });
    await box.deleteObject('k');
  });

  it('heeds a condition', async () => {
    const { box } = await openLab();
    const object = await box.put('k', 'x');
    expect((await failureOf(object.delete({ ifMatch: 'other' }))).code).toBe('precondition-failed');
    await object.delete({ ifMatch: object.etag! });
    expect(await object.exists()).toBe(false);
  });

  it('refuses an object of another container', async () => {
    const { box, storage } = await openLab();
    const other = await storage.createContainer('other');
    await other.put('k', 'x');
    expect((await failureOf(box.deleteObject(other.object('k')))).code).toBe('invalid-argument');
    expect((await failureOf(box.deleteObjects([other.object('k')]))).code).toBe('invalid-argument');
    expect(await other.exists('k')).toBe(true);
  });
});

describe('deleting many', () => {
  const ways: readonly (readonly [string, LabOptions])[] = [
    ['in batches', { facts: { bulkDelete: { maxKeys: 10 } } }],
    ['one by one', { lacks: ['bulkDelete'] }],
  ];

  it.each(ways)('takes keys, objects, and any iterable: %s', async (_, options) => {
    const { box } = await openLab(options);
    await fill(box, keys(35));
    async function* some(): AsyncGenerator<string> {
      yield* keys(25);
    }
    expect(await box.deleteObjects(some())).toEqual({ deleted: 25, errors: [] });
    expect(await box.deleteObjects(await box.listObjects())).toEqual({ deleted: 10, errors: [] });
    expect(await box.deleteObjects([])).toEqual({ deleted: 0, errors: [] });
    expect(await box.listObjects()).toEqual([]);
  });

  it.each(ways)('counts a missing key as deleted: %s', async (_, options) => {
    const { box } = await openLab(options);
    expect(await box.deleteObjects(['a', 'b'])).toEqual({ deleted: 2, errors: [] });
  });

  it.each([
    [10, 1],
    [11, 2],
    [20, 2],
    [21, 3],
  ])('asks for %d keys in %d requests of at most ten', async (count, requests) => {
    const { box, calls } = await openLab({ facts: { bulkDelete: { maxKeys: 10 } } });
    await box.deleteObjects(keys(count));
    expect(calls).toEqual(Array(requests).fill('bulkDelete.delete'));
  });

  it('deletes keys that the request cannot carry by requests of their own', async () => {
    const excludes = (key: string): boolean => key.includes('\u0001');
    const { box, calls } = await openLab({ facts: { bulkDelete: { excludes } } });
    await fill(box, ['a', 'b\u0001', 'c', 'd\u0001']);
    calls.length = 0;
    expect(await box.deleteObjects(['a', 'b\u0001', 'c', 'd\u0001'])).toEqual({ deleted: 4, errors: [] });
    expect(calls.sort()).toEqual(['bulkDelete.delete', 'delete', 'delete']);
    expect(await box.listObjects()).toEqual([]);
  });

  it('tells of each key that could not be deleted, and deletes the rest', async () => {
    const locked = (key: string): boolean => key.endsWith('3');
    const denied = new StorageError('permission-denied', 'Locked.');
    const { box } = await openLab({
      facts: { bulkDelete: { maxKeys: 10 } },
      after: (call, result) => {
        if (call !== 'bulkDelete.delete') return result;
        const results = result as { ref: { key: string } }[];
        return results.map((each) => (locked(each.ref.key) ? { ...each, error: denied } : each));
      },
    });
    const result = await box.deleteObjects(keys(25));
    expect(result.deleted).toBe(22);
    expect(result.errors.map(({ key }) => key).sort()).toEqual(['k0003', 'k0013', 'k0023']);
    expect(result.errors[0]!.error).toMatchObject({ code: 'permission-denied', provider: 'lab', container: 'box' });
  });

  it('asks again for keys whose deletion may succeed later, and only for these', async () => {
    const asked: number[] = [];
    const { box } = await openLab({
      retry: { baseDelayMs: 0 },
      before: (call, args) => {
        if (call === 'bulkDelete.delete') asked.push((args[0] as unknown[]).length);
      },
      after: (call, result) => {
        if (call !== 'bulkDelete.delete') return result;
        const busy = new StorageError('unavailable', 'Busy.');
        return (result as { ref: { key: string } }[]).map((each, index) =>
          index < 2 && asked.length < 3 ? { ...each, error: busy } : each,
        );
      },
    });
    expect(await box.deleteObjects(keys(5))).toEqual({ deleted: 5, errors: [] });
    expect(asked).toEqual([5, 2, 2]);
  });

  it('tells of keys that stay busy', async () => {
    const { box } = await openLab({
      retry: { baseDelayMs: 0, attempts: 2 },
      after: (call, result) => {
        if (call !== 'bulkDelete.delete') return result;
        const busy = new StorageError('unavailable', 'Busy.');
        return (result as { ref: { key: string } }[]).map((each) =>
          each.ref.key === 'k0001' ? { ...each, error: busy } : each,
        );
      },
    });
    const result = await box.deleteObjects(keys(3));
    expect(result).toMatchObject({ deleted: 2, errors: [{ key: 'k0001', error: { code: 'unavailable' } }] });
  });

  it.each(ways)('rejects for what concerns the whole call: %s', async (_, options) => {
    const { storage } = await openLab(options);
    const error = await failureOf(storage.container('missing').deleteObjects(keys(3)));
    expect(error).toMatchObject({ code: 'container-not-found', operation: 'deleteObjects', container: 'missing' });
  });

  it('rejects a driver that does not tell of every key', async () => {
    const { box } = await openLab({
      after: (call, result) => (call === 'bulkDelete.delete' ? (result as unknown[]).slice(1) : result),
    });
    expect((await failureOf(box.deleteObjects(keys(3)))).code).toBe('unknown');
  });

  it('takes no string for a list of keys', async () => {
    const { box, calls } = await openLab();
    expect((await failureOf(box.deleteObjects('abc'))).code).toBe('invalid-argument');
    expect(calls).toEqual([]);
  });

  it('stops when the signal fires', async () => {
    const controller = new AbortController();
    const { box, calls } = await openLab({
      lacks: ['bulkDelete'],
      before: (call) => {
        if (call === 'delete' && calls.length === 5) controller.abort();
      },
    });
    await fill(box, keys(50));
    calls.length = 0;
    expect((await failureOf(box.deleteObjects(keys(50), { signal: controller.signal, concurrency: 1 }))).code).toBe(
      'aborted',
    );
    expect(calls).toHaveLength(5);
  });

  it('deletes exactly what begins with a prefix', async () => {
    const { box } = await openLab({ pageSize: 3 });
    await fill(box, ['a', 'ab', 'ab/1', 'ab/2', 'abc', 'b', 'ab/3', 'ab/4']);
    expect(await box.deletePrefix('ab/')).toEqual({ deleted: 4, errors: [] });
    expect(await keysOf(box.iterateObjects())).toEqual(['a', 'ab', 'abc', 'b']);
    expect(await box.deletePrefix('')).toMatchObject({ deleted: 4 });
    expect((await failureOf(box.deletePrefix(undefined as unknown as string))).code).toBe('invalid-argument');
  });
});

describe('bounded work', () => {
  it('has at most so many pieces under way, and does all of them', async () => {
    let [now, most] = [0, 0];
    const done: number[] = [];
    async function* numbers(): AsyncGenerator<number> {
      for (let n = 0; n < 20; n++) yield n;
    }
    await eachBounded(numbers(), 3, async (n) => {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now--;
      done.push(n);
    });
    expect(most).toBe(3);
    expect(done).toHaveLength(20);
  });

  it('rejects with the first failure when all that was begun has settled', async () => {
    const settled = vi.fn();
    async function* numbers(): AsyncGenerator<number> {
      for (let n = 0; n < 20; n++) yield n;
    }
    const work = eachBounded(numbers(), 4, async (n) => {
      await new Promise((resolve) => setTimeout(resolve, n === 1 ? 1 : 20));
      settled(n);
      if (n === 1) throw new Error('second failed');
    });
    await expect(work).rejects.toThrow('second failed');
    expect(settled.mock.calls.length).toBeLessThanOrEqual(5);
    const before = settled.mock.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(settled.mock.calls).toHaveLength(before);
  });
});
