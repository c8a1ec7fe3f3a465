import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes } from '../../src/spi/byte-order.js';
import { failureOf, fill, keysOf, openLab } from './lab.js';

const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `k${String(index).padStart(4, '0')}`);

describe('iterating', () => {
  it.each([0, 1, 9, 10, 11, 20, 25])('gives each of %d keys once, in order, over pages of 10', async (count) => {
    const { box } = await openLab({ pageSize: 10 });
    await fill(box, numbered(count));
    expect(await keysOf(box.iterateObjects())).toEqual(numbered(count));
    expect((await box.listObjects()).map(({ key }) => key)).toEqual(numbered(count));
  });

  it('gives the facts of the listing and spends no request on them', async () => {
    const { box, calls } = await openLab();
    await box.put('a', 'hello');
    calls.length = 0;
    const [object] = await box.listObjects();
    expect(object).toMatchObject({ key: 'a', size: 5, etag: expect.any(String), lastModified: expect.any(Date) });
    expect(calls).toEqual(['list']);
  });

  it('reads no page that nobody asks for when the loop is left early', async () => {
    const { box, calls } = await openLab({ pageSize: 10 });
    await fill(box, numbered(50));
    calls.length = 0;
    for await (const object of box.iterateObjects()) if (object.key === 'k0003') break;
    expect(calls).toEqual(['list']);
  });

  it('reads at most one page ahead', async () => {
    const { box, calls } = await openLab({ pageSize: 10 });
    await fill(box, numbered(50));
    calls.length = 0;
    for await (const object of box.iterateObjects()) if (object.key === 'k0009') break;
    expect(calls).toEqual(['list', 'list']);
  });

  it('ends the request that reads ahead when the loop is left', async () => {
    let ended: Promise<unknown> | undefined;
    const { box } = await openLab({
      pageSize: 10,
      before: async (call, args) => {
        if (call !== 'list' || (args[1] as { token?: string }).token === undefined) return;
        const { signal } = args[2] as { signal: AbortSignal };
        const hanging = new Promise<void>((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
        ended = hanging.catch(() => 'ended');
        await hanging;
      },
    });
    await fill(box, numbered(20));
    for await (const object of box.iterateObjects()) if (object.key === 'k0008') break;
    expect(await ended).toBe('ended');
  });

  it('serves next() calls that do not wait for one another, in order', async () => {
    const { box } = await openLab({ pageSize: 2 });
    await fill(box, numbered(5));
    const iterator = box.iterateObjects()[Symbol.asyncIterator]();
    const results = await Promise.all(Array.from({ length: 7 }, () => iterator.next()));
    expect(results.map(({ done, value }) => (done ? undefined : value.key))).toEqual([
      ...numbered(5),
      undefined,
      undefined,
    ]);
  });

  it('can be begun anew', async () => {
    const { box } = await openLab();
    await fill(box, ['a', 'b']);
    const listing = box.iterateObjects();
    expect(await keysOf(listing)).toEqual(await keysOf(listing));
  });

  it('stays ended after a failure', async () => {
    const { box } = await openLab({
      retry: false,
      before: (call) => {
        if (call === 'list') throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      },
    });
    const iterator = box.iterateObjects()[Symbol.asyncIterator]();
    expect(await failureOf(iterator.next())).toMatchObject({
      code: 'unavailable',
      operation: 'list',
      container: 'box',
      provider: 'lab',
    });
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
  });

  it('tries a page again', async () => {
    let failures = 2;
    const { box, calls } = await openLab({
      retry: { baseDelayMs: 0 },
      pageSize: 2,
      before: (call, args) => {
        const { token } = (args[1] ?? {}) as { token?: string };
        if (call === 'list' && token !== undefined && failures-- > 0)
          throw Object.assign(new Error('x'), { code: 'EPIPE' });
      },
    });
    await fill(box, numbered(4));
    calls.length = 0;
    expect(await keysOf(box.iterateObjects())).toEqual(numbered(4));
    expect(calls).toHaveLength(4);
  });

  it.each([
    ['at once', ['t', 't']],
    ['in a circle of three', ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c']],
  ])('fails when the store repeats a page token %s', async (_, tokens) => {
    let page = 0;
    const { box } = await openLab({
      before: (call, args) => {
        if (call === 'list') (args[1] as { token?: string | undefined }).token = undefined;
      },
      after: (call, result) => (call === 'list' ? { ...(result as object), next: tokens[page++] } : result),
    });
    const error = await failureOf(keysOf(box.iterateObjects()));
    expect(error).toMatchObject({ code: 'unknown', retryable: false });
    expect(error.message).toMatch(/repeated page token/);
    expect(page).toBeLessThanOrEqual(tokens.length);
  });

  it('goes on over empty pages', async () => {
    let page = 0;
    const { box } = await openLab({
      before: (call, args) => {
        if (call === 'list') (args[1] as { token?: string | undefined }).token = undefined;
      },
      after: (call, result) => {
        if (call !== 'list') return result;
        return page++ < 3 ? { objects: [], prefixes: [], next: `t${page}` } : result;
      },
    });
    await fill(box, ['a']);
    expect(await keysOf(box.iterateObjects())).toEqual(['a']);
  });

  it('ends with "aborted" when the signal fires between two objects', async () => {
    const { box } = await openLab({ pageSize: 1 });
    await fill(box, ['a', 'b', 'c']);
    const controller = new AbortController();
    const read = async (): Promise<void> => {
      for await (const _ of box.iterateObjects({ signal: controller.signal })) controller.abort();
    };
    expect((await failureOf(read())).code).toBe('aborted');
  });

  it('refuses unknown options and wrong values at once, before any request', async () => {
    const { box, calls } = await openLab();
    expect(() => box.iterateObjects({ limit: 5 } as object)).toThrow('no option "limit"');
    expect(() => box.iterateObjects({ delimiter: '' })).toThrow('"delimiter"');
    await expect(box.listPage({ limit: 0 })).rejects.toThrow('"limit"');
    expect(calls).toEqual([]);
  });
});

describe('pages', () => {
  it('give the folders beside the objects', async () => {
    const { box } = await openLab();
    await fill(box, ['a/1', 'a/2', 'b', 'c/d/e']);
    const pages = [];
    for await (const page of box.iterateObjects({ delimiter: '/' }).pages()) pages.push(page);
    expect(pages).toHaveLength(1);
    expect(pages[0]!.objects.map(({ key }) => key)).toEqual(['b']);
    expect(pages[0]!.prefixes).toEqual(['a/', 'c/']);
  });

  it('can be read one by one with a token', async () => {
    const { box } = await openLab();
    await fill(box, numbered(5));
    const seen: string[] = [];
    let pageToken: string | undefined;
    do {
      const page = await box.listPage({ limit: 2, pageToken });
      expect(page.objects.length).toBeLessThanOrEqual(2);
      seen.push(...page.objects.map(({ key }) => key));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    expect(seen).toEqual(numbered(5));
  });
});

describe('what the store cannot list', () => {
  const poor = { list: { delimiter: 'none', startAfter: false, prefix: false } } as const;

  it('is refused under "never", naming what is missing', async () => {
    const { box, calls } = await openLab({ facts: poor, emulate: 'never' });
    for (const options of [{ prefix: 'a' }, { startAfter: 'a' }, { delimiter: '/' }]) {
      const error = await failureOf((async () => box.listPage(options))());
      expect(error).toMatchObject({ code: 'unsupported', provider: 'lab' });
      expect(error.message).toContain(`"${Object.keys(options)[0]}"`);
      expect(() => box.iterateObjects(options)).toThrow('emulation is "never"');
    }
    expect(calls).toEqual([]);
    expect(await keysOf(box.iterateObjects({ prefix: '' }))).toEqual([]);
  });

  it('is done here under "warn", with one warning', async () => {
    const { box, warnings } = await openLab({ facts: poor });
    await fill(box, ['a/1', 'b']);
    for (let round = 0; round < 3; round++) expect(await keysOf(box.iterateObjects({ prefix: 'a' }))).toEqual(['a/1']);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('"prefix"');
  });

  it('is done here under "allow", without a word', async () => {
    const { box, warnings, storage } = await openLab({ facts: poor, emulate: 'allow' });
    await fill(box, ['a/1', 'b']);
    expect(await keysOf(box.iterateObjects({ startAfter: 'a/1' }))).toEqual(['b']);
    expect(warnings).toEqual([]);
    expect(storage.can).toMatchObject({ prefix: 'emulated', startAfter: 'emulated', delimiter: 'emulated' });
  });

  it('folds by "/" in the store and by anything else here, where the store knows only "/"', async () => {
    const { box, warnings } = await openLab({ facts: { list: { delimiter: '/' } } });
    await fill(box, ['a/1', 'b-1', 'b-2']);
    const fold = async (delimiter: string) => (await box.listPage({ delimiter })).prefixes;
    expect(await fold('/')).toEqual(['a/']);
    expect(warnings).toEqual([]);
    expect(await fold('-')).toEqual(['b-']);
    expect(warnings).toHaveLength(1);
  });

  it('refuses a token of another listing', async () => {
    const { box } = await openLab({ facts: poor, emulate: 'allow' });
    for (const pageToken of ['abc', 'stowage-fold:abc', `stowage-fold:${Buffer.from('[1]').toString('base64url')}`]) {
      const error = await failureOf(box.listPage({ delimiter: '/', pageToken }));
      expect(error.code).toBe('invalid-argument');
    }
  });

  const keyArb = fc.string({
    unit: fc.constantFrom('a', 'b', '/', '-', 'é', '😀', '\uffee'),
    minLength: 1,
    maxLength: 5,
  });
  const optional = <T>(arb: fc.Arbitrary<T>) => fc.option(arb, { nil: undefined });

  it('gives the same as a store that can, over pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(keyArb, { maxLength: 12 }),
        fc.record({
          prefix: optional(keyArb),
          startAfter: optional(keyArb),
          delimiter: optional(fc.constantFrom('/', '-', 'é/')),
        }),
        fc.record({
          prefix: fc.boolean(),
          startAfter: fc.boolean(),
          delimiter: fc.constantFrom('any' as const, '/' as const, 'none' as const),
        }),
        fc.integer({ min: 1, max: 4 }),
        async (keys, query, list, pageSize) => {
          const rich = await openLab();
          const poorer = await openLab({ facts: { list }, emulate: 'allow', pageSize });
          await fill(rich.box, keys);
          await fill(poorer.box, keys);
          const expected = await rich.box.listPage(query);
          const objects: string[] = [];
          const prefixes: string[] = [];
          for await (const page of poorer.box.iterateObjects(query).pages()) {
            objects.push(...page.objects.map(({ key }) => key));
            prefixes.push(...page.prefixes);
          }
          expect(objects).toEqual(expected.objects.map(({ key }) => key));
          expect(prefixes).toEqual(expected.prefixes);

          const paged: string[] = [];
          let pageToken: string | undefined;
          do {
            const page = await poorer.box.listPage({ ...query, pageToken });
            paged.push(...page.prefixes);
            pageToken = page.nextPageToken;
          } while (pageToken !== undefined);
          expect(paged).toEqual(expected.prefixes);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('tells a folder once where the store has no order', async () => {
    const { box } = await openLab({
      facts: { list: { order: 'none', delimiter: 'none' } },
      emulate: 'allow',
      after: (call, result) => {
        if (call !== 'list') return result;
        const page = result as { objects: unknown[] };
        return { ...page, objects: [...page.objects].reverse() };
      },
      pageSize: 2,
    });
    await fill(box, ['a/1', 'a/2', 'b/1', 'b/2', 'b/3']);
    const prefixes: string[] = [];
    for await (const page of box.iterateObjects({ delimiter: '/' }).pages()) prefixes.push(...page.prefixes);
    expect(prefixes).toEqual(['a/', 'b/']);
  });
});

describe('byte order', () => {
  it('is the order of UTF-8 bytes', () => {
    const point = fc.oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }));
    const text = fc.array(point, { maxLength: 4 }).map((points) => String.fromCodePoint(...points));
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});
