import { createMemoryDriver } from '@stowage/core/memory';
import { StorageError, type StorageDriver } from '@stowage/core/spi';
import { conformanceCases, GROUPS, type Harness, runConformance, wrapCalls } from '@stowage/testkit';
import { describe, expect, it } from 'vitest';
import { createPoorDriver } from './poor-driver.js';

/** A driver whose stat tells a wrong size. */
function createWrongDriver() {
  const memory = createMemoryDriver();
  const stat: typeof memory.stat = async (...args) => ({ ...(await memory.stat(...args)), size: -1 });
  return { ...memory, stat };
}

const only = { only: ({ id }: { id: string }) => id === 'read/stat' };

describe('runConformance', () => {
  it('tells what passed and what failed, with the error', async () => {
    const { ok, results } = await runConformance({ name: 'wrong', create: createWrongDriver }, only);
    expect(ok).toBe(false);
    expect(results).toMatchObject([{ id: 'read/stat', outcome: 'failed', error: { name: 'AssertionError' } }]);
    expect(await runConformance({ name: 'right', create: () => createMemoryDriver() }, only)).toMatchObject({
      ok: true,
      results: [{ id: 'read/stat', outcome: 'passed' }],
    });
  });

  it('expects a deviation to fail, and gives its reason', async () => {
    const deviations = { 'read/stat': 'the provider counts from -1' };
    const { ok, results } = await runConformance({ name: 'wrong', create: createWrongDriver, deviations }, only);
    expect(ok).toBe(true);
    expect(results).toMatchObject([{ outcome: 'deviates', reason: 'the provider counts from -1' }]);
  });

  it('calls a deviation healed that passes, and is not content', async () => {
    const harness = {
      name: 'healed',
      create: () => createMemoryDriver(),
      deviations: { 'read/stat': 'once upon a time' },
    };
    const { ok, results } = await runConformance(harness, only);
    expect(ok).toBe(false);
    expect(results).toMatchObject([{ outcome: 'healed' }]);
  });

  it.each([
    ['that no rule has', { 'read/no-such-rule': 'why not' }],
    ['of a rule that does not apply', { 'copy/move': 'it has no copies' }],
  ])('refuses a deviation %s', async (_what, deviations) => {
    const harness: Harness = { name: 'poor', create: createPoorDriver, deviations };
    await expect(runConformance(harness)).rejects.toThrow(`No rule for poor is called ${Object.keys(deviations)[0]}`);
  });

  it('ends a rule that takes too long', async () => {
    const memory = createMemoryDriver();
    const driver = { ...memory, stat: () => new Promise<never>(() => undefined) };
    const { results } = await runConformance({ name: 'slow', create: () => driver, timeoutMs: 50 }, only);
    expect(results[0]?.error?.message).toMatch(/^"read\/stat" took longer than 50 ms$/m);
  });

  it('leaves no container behind, and closes the driver and then the harness', async () => {
    const memory = createMemoryDriver();
    const closed: string[] = [];
    const driver = { ...memory, close: async () => void closed.push('driver') };
    const group = { only: (rule: { group: string }) => ['containers', 'versions', 'parts'].includes(rule.group) };
    await runConformance({ name: 'tidy', create: () => driver, close: () => void closed.push('harness') }, group);
    expect((await memory.listContainers({}, { attempt: 1 })).containers).toEqual([]);
    expect(closed).toEqual(['driver', 'harness']);
  });

  it('tells of a driver that cannot delete what it stored', async () => {
    const memory = createMemoryDriver();
    const driver = { ...memory, delete: async () => ({}) };
    const { results } = await runConformance({ name: 'hoarder', create: () => driver }, only);
    expect(results.at(-1)).toMatchObject({ id: 'containers/clean-up', outcome: 'failed' });
  });

  it('names the containers that are still there, and why, and closes the harness although the driver fails to', async () => {
    const memory = createMemoryDriver();
    const cause = new Error('list is not implemented');
    let isClosed = false;
    const driver: StorageDriver = {
      ...memory,
      list: async () => Promise.reject(cause),
      close: async () => Promise.reject(new Error('the driver does not close')),
    };
    const seen: unknown[] = [];
    const harness: Harness = { name: 'begun', create: () => driver, close: () => void (isClosed = true) };
    const { results } = await runConformance(
      { ...harness, create: () => ({ ...driver, close: async () => void seen.push('closed') }) },
      only,
    );
    const [container] = (await memory.listContainers({}, { attempt: 1 })).containers;
    expect(results.at(-1)?.error).toMatchObject({
      message: `Clean-up: the driver could not delete ${container?.name}: list is not implemented`,
      cause,
    });
    expect([seen, isClosed]).toEqual([['closed'], true]);

    isClosed = false;
    await expect(runConformance(harness, only)).rejects.toThrow('the driver does not close');
    expect(isClosed).toBe(true);
  });
});

describe('the rules', () => {
  it('have ids of their own, each in a known group', () => {
    const ids = conformanceCases.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, group } of conformanceCases) {
      expect(GROUPS).toContain(group);
      expect(id).toMatch(new RegExp(`^${group}/[A-Za-z0-9-]+$`));
    }
  });

  it('are chosen by what a driver declares', () => {
    const harness = { name: 'any', create: createPoorDriver };
    const [rich, poor] = [createMemoryDriver(), createPoorDriver()];
    const chosen = (driver: typeof poor): string[] =>
      conformanceCases.filter(({ applies }) => applies(driver, harness)).map(({ id }) => id);
    expect(chosen(rich)).toContain('copy/move');
    expect(chosen(rich)).not.toContain('undeclared/group-copy');
    expect(chosen(poor)).not.toContain('copy/move');
    expect(chosen(poor)).toContain('undeclared/group-copy');
  });
});

it('asks for no etag where only times are compared', async () => {
  const { capabilities, ...memory } = createMemoryDriver();
  const driver: StorageDriver = {
    ...memory,
    capabilities: { ...capabilities, read: { ...capabilities.read, conditions: ['ifModifiedSinceMs'] } },
    stat: async (...args) => ({ ...(await memory.stat(...args)), etag: undefined }),
  };
  const only = ({ id }: { id: string }): boolean => id === 'conditions/read-if-modified-since';
  const { results } = await runConformance({ name: 'without etags', create: () => driver }, { only });
  expect(results.map(({ id, outcome }) => [id, outcome])).toEqual([['conditions/read-if-modified-since', 'passed']]);
});

it('wants an unknown outcome, and no success, where no digest tells whose object a lost answer was about', async () => {
  const { capabilities, ...memory } = createMemoryDriver();
  const driver: StorageDriver = {
    ...memory,
    capabilities: { ...capabilities, checksums: { upload: [], reported: [] } },
    stat: async (...args) => ({ ...(await memory.stat(...args)), checksums: undefined }),
  };
  const only = ({ id }: { id: string }): boolean => id.startsWith('faults/create-');
  const { results } = await runConformance({ name: 'without digests', create: () => driver }, { only });
  expect(results.map(({ id, outcome }) => [id, outcome])).toEqual([['faults/create-outcome-unknown', 'passed']]);
});

it.each([
  ['unauthenticated', 'passed'],
  ['permission-denied', 'failed'],
] as const)('judges wrong credentials that are called %s: %s', async (code, outcome) => {
  const memory = createMemoryDriver();
  const wrongCredentials = (): StorageDriver =>
    wrapCalls(memory, () => Promise.reject(new StorageError(code, 'The service takes no such key.')));
  const only = ({ id }: { id: string }): boolean => id === 'errors/wrong-credentials';
  const { results } = await runConformance({ name: 'any', create: () => memory, wrongCredentials }, { only });
  expect(results).toMatchObject([{ outcome }]);
});

describe('the message of a rule that fails', () => {
  const memory = createMemoryDriver();
  const plans: readonly (readonly [id: string, bug: Partial<StorageDriver>, message: RegExp])[] = [
    [
      'parts/abort',
      { parts: { ...memory.parts, abort: async () => undefined } },
      /^resolved with an object with parts, .* must reject with "upload-not-found"\n.*parts\.abort "parts\/abort\/object"; parts\.list/,
    ],
    [
      'faults/short-source',
      { put: (ref, body, request, ctx) => memory.put(ref, { ...body, size: undefined }, request, ctx) },
      /^resolved with .*: it was a body of 300000 bytes announced as 300001\n/,
    ],
    [
      'copy/weird-keys',
      { copy: { copy: async () => Promise.reject(new Error('404')) } },
      /^copying from "a\/\/b": 404\n/,
    ],
    [
      'metadata/tags-of-put',
      { tags: { ...memory.tags, read: async () => Promise.reject(new Error('400')) } },
      /^a put with the tags {"project":"one","colour":"é & ü"}: 400\n/,
    ],
    [
      'metadata/content-type',
      { stat: async (...args) => ({ ...(await memory.stat(...args)), contentType: 'text/plain' }) },
      /^"contentType", as stat tells it\n/,
    ],
    [
      'abort/listeners',
      {
        list: (container, request, ctx) => {
          ctx.signal?.addEventListener('abort', () => undefined);
          return memory.list(container, request, ctx);
        },
      },
      /^removing the listener of list from the signal took longer/,
    ],
    [
      'list/order',
      {
        list: async (...args) => {
          const page = await memory.list(...args);
          return { ...page, objects: page.objects.toReversed() };
        },
      },
      /declare list\.order: 'none' if the store orders otherwise\n/,
    ],
    ['keys/any', { read: async () => Promise.reject(new Error('403')) }, /Property failed[^]*Counterexample: \["/],
  ];

  it.each(plans)('of %s says what failed, and what it was about', async (id, bug, message) => {
    const harness: Harness = { name: 'any', create: () => ({ ...memory, ...bug }), abortWithinMs: 50, seed: 1 };
    const { results } = await runConformance(harness, { only: (rule) => rule.id === id });
    expect(results[0]?.error?.message).toMatch(message);
  });
});
