import { describe, expect, it } from 'vitest';
import { bodyOf } from './bodies.js';
import { failureOf, type LabOptions, openLab } from './lab.js';

const ways: readonly (readonly [string, LabOptions])[] = [
  ['inside the store', {}],
  ['through this process', { lacks: ['copy', 'move'], emulate: 'allow' }],
];

describe('copying', () => {
  it.each(ways)('keeps content and attributes: %s', async (_, options) => {
    const { box, storage } = await openLab(options);
    const other = await storage.createContainer('other');
    const object = await box.put('k', 'hello', { contentType: 'a/b', cacheControl: 'no-cache', metadata: { x: 'y' } });
    const copies = [
      await object.copyTo({ key: 'k2' }),
      await object.copyTo({ container: 'other' }),
      await object.copyTo({ container: other, key: 'k3' }),
      await object.copyTo(other.object('k4')),
    ];
    expect(copies.map((copy) => `${copy.container.name}/${copy.key}`)).toEqual([
      'box/k2',
      'other/k',
      'other/k3',
      'other/k4',
    ]);
    for (const copy of copies) {
      const seen = await copy.stat();
      expect(seen).toMatchObject({ contentType: 'a/b', record: { cacheControl: 'no-cache' } });
      expect({ ...seen.metadata }).toEqual({ x: 'y' });
      expect(await copy.text()).toBe('hello');
    }
  });

  it.each(ways)('replaces attributes when they are given: %s', async (_, options) => {
    const { box } = await openLab(options);
    const object = await box.put('k', 'hello', { contentType: 'a/b', metadata: { x: 'y' } });
    const copy = await (await object.copyTo({ key: 'k2' }, { attributes: { contentType: 'c/d' } })).stat();
    expect(copy.contentType).toBe('c/d');
    expect({ ...copy.metadata }).toEqual({});
  });

  it.each(ways)('heeds conditions: %s', async (_, options) => {
    const { box } = await openLab(options);
    const object = await box.put('k', 'new');
    const there = await box.put('there', 'old');
    const failures = [
      [await failureOf(object.copyTo(there, { ifNoneMatch: '*' })), 'object-exists'],
      [await failureOf(object.copyTo(there, { ifMatch: 'other' })), 'precondition-failed'],
      [await failureOf(object.copyTo({ key: 'k2' }, { sourceIfMatch: 'other' })), 'precondition-failed'],
    ] as const;
    for (const [error, code] of failures) expect(error.code).toBe(code);
    expect(await there.text()).toBe('old');
    expect(await box.exists('k2')).toBe(false);
  });

  it('is refused where it would pass through this process under "never"', async () => {
    const { box, storage } = await openLab({ lacks: ['copy', 'move'], emulate: 'never' });
    const object = await box.put('k', 'x');
    expect(storage.can).toMatchObject({ copy: 'absent', move: 'absent' });
    const error = await failureOf(object.copyTo({ key: 'k2' }));
    expect(error).toMatchObject({ code: 'unsupported', operation: 'copyTo', provider: 'lab' });
  });

  it('warns once of a copy that passes through this process', async () => {
    const { box, warnings } = await openLab({ lacks: ['copy', 'move'] });
    const object = await box.put('k', 'x');
    await object.copyTo({ key: 'k2' });
    await object.copyTo({ key: 'k3' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('through this process');
  });

  it('goes between two storages, whatever the policy', async () => {
    const from = await openLab({ emulate: 'never' });
    const to = await openLab({ emulate: 'never' });
    const object = await from.box.put('k', 'hello', { metadata: { x: 'y' } });
    const copy = await object.copyTo(to.box.object('there'));
    expect(copy.storage).toBe(to.storage);
    expect(await copy.text()).toBe('hello');
    expect({ ...(await copy.stat()).metadata }).toEqual({ x: 'y' });
    expect([...from.warnings, ...to.warnings]).toEqual([]);
  });

  it('goes on through this process when the object is too large for one copy and the store copies no parts', async () => {
    const { box, warnings } = await openLab({
      lacks: ['parts'],
      facts: { copy: { maxBytes: 4 } },
      before: (call) => {
        if (call === 'copy.copy') throw Object.assign(new Error('EntityTooLarge'));
      },
    });
    const large = await box.put('large', 'hello');
    expect(await (await large.copyTo({ key: 'copy' })).text()).toBe('hello');
    expect(warnings).toHaveLength(1);
    const small = await box.put('small', 'x');
    expect((await failureOf(small.copyTo({ key: 'copy' }))).code).toBe('unknown');
  });

  it('refuses what a copy cannot honour before any request', async () => {
    const { box, calls } = await openLab({ facts: { copy: { conditions: [], attributes: [] } } });
    const object = box.object('k');
    for (const options of [
      { ifMatch: 'a' },
      { ifNoneMatch: '*' as const },
      { sourceIfMatch: 'a' },
      { attributes: { metadata: {} } },
    ]) {
      expect((await failureOf(object.copyTo({ key: 'k2' }, options))).code).toBe('unsupported');
    }
    expect((await failureOf(object.copyTo({ key: 'k2' }, { attributes: { acl: 'a\nb' } }))).code).toBe(
      'invalid-argument',
    );
    expect(calls).toEqual([]);
  });

  it('refuses to lose attributes that the target cannot hold, or reports them', async () => {
    const from = await openLab();
    const to = await openLab({ facts: { put: { attributes: ['contentType'] }, metadata: { names: 'none' } } });
    const object = await from.box.put('k', 'x', { metadata: { a: 'b' }, cacheControl: 'no-cache' });
    const error = await failureOf(object.copyTo(to.box.object('k')));
    expect(error.code).toBe('unsupported');
    const copy = await object.copyTo(to.box.object('k'), { lossy: 'report' });
    expect([...copy.lost].sort()).toEqual(['cacheControl', 'metadata']);
  });
});

describe('moving', () => {
  const moves: readonly (readonly [string, LabOptions])[] = [
    ['in one step', {}],
    ['by copy and delete', { lacks: ['copy', 'move'], emulate: 'allow' }],
    [
      'by copy and a delete without conditions',
      { lacks: ['copy', 'move'], emulate: 'allow', facts: { delete: { conditions: [] } } },
    ],
  ];

  it.each(moves)('leaves one object, under the new key: %s', async (_, options) => {
    const { box } = await openLab(options);
    const object = await box.put('k', 'hello', { metadata: { x: 'y' } });
    const moved = await object.moveTo({ key: 'k2' });
    expect(await moved.text()).toBe('hello');
    expect({ ...(await moved.stat()).metadata }).toEqual({ x: 'y' });
    expect(await object.exists()).toBe(false);
  });

  it.each(moves)('onto itself changes nothing: %s', async (_, options) => {
    const { box } = await openLab(options);
    const object = await box.put('k', 'hello');
    await object.moveTo({});
    expect(await object.text()).toBe('hello');
  });

  it.each(moves)('of a missing object fails and leaves the target: %s', async (_, options) => {
    const { box } = await openLab(options);
    const target = await box.put('k2', 'kept');
    expect((await failureOf(box.object('missing').moveTo(target))).code).toBe('object-not-found');
    expect(await target.text()).toBe('kept');
  });

  it.each(moves.slice(1))('keeps the source when it changed meanwhile: %s', async (_, options) => {
    let armed = false;
    const lab = await openLab({
      ...options,
      after: async (call, result) => {
        if (call === 'put' && armed) {
          armed = false;
          await lab.storage.driver.put({ container: 'box', key: 'k' }, bodyOf('newer'), {}, { attempt: 1 });
        }
        return result;
      },
    });
    const object = await lab.box.put('k', 'old');
    armed = true;
    const error = await failureOf(object.moveTo({ key: 'k2' }));
    expect(error.code).toBe('precondition-failed');
    expect(await object.text()).toBe('newer');
    expect(await lab.box.object('k2').text()).toBe('old');
  });

  it('tells of a delete whose answer was lost as done', async () => {
    let lost = false;
    const { box } = await openLab({
      lacks: ['copy', 'move'],
      emulate: 'allow',
      retry: { baseDelayMs: 0 },
      after: (call, result) => {
        if (call !== 'delete' || lost) return result;
        lost = true;
        throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      },
    });
    const object = await box.put('k', 'hello');
    expect(await (await object.moveTo({ key: 'k2' })).text()).toBe('hello');
    expect(await object.exists()).toBe(false);
  });

  it('between two storages deletes the source', async () => {
    const [from, to] = [await openLab(), await openLab()];
    const object = await from.box.put('k', 'hello');
    await object.moveTo(to.box.object('other'));
    expect(await to.box.object('other').text()).toBe('hello');
    expect(await object.exists()).toBe(false);
  });

  it('between two storages that are one store loses nothing', async () => {
    const { storageOver } = await import('../../src/portable/open-storage.js');
    const { storage, box } = await openLab();
    const same = storageOver(storage.driver);
    const object = await box.put('k', 'hello');
    const error = await failureOf(object.moveTo(same.container('box').object('k')));
    expect(error.code).toBe('precondition-failed');
    expect(await object.text()).toBe('hello');
  });

  it('refuses a version', async () => {
    const { box } = await openLab();
    await box.setVersioned(true);
    await box.put('k', 'x');
    for await (const version of box.object('k').versions()) {
      expect((await failureOf(version.moveTo({ key: 'k2' }))).code).toBe('invalid-argument');
    }
    expect(await box.object('k').text()).toBe('x');
  });
});
