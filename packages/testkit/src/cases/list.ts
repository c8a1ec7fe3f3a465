import assert from 'node:assert/strict';
import type { ListRequest } from '@stowage/core/spi';
import fc from 'fast-check';
import { rejects } from '../asserts.js';
import { type Bench, eachOf, type Listed } from '../bench.js';
import { type Applies, casesOf } from '../conformance-case.js';
import { expectedListing, sortedByBytes, startsInsidePrefix } from '../listing-model.js';

const hasOrder: Applies = ({ capabilities }) => capabilities.list.order === 'bytes';
const hasPrefix: Applies = ({ capabilities }) => capabilities.list.prefix;
const hasDelimiter: Applies = (driver, harness) =>
  hasPrefix(driver, harness) && driver.capabilities.list.delimiter !== 'none';
const hasAnyDelimiter: Applies = ({ capabilities }) =>
  capabilities.list.prefix && capabilities.list.delimiter === 'any';
const hasStartAfter: Applies = ({ capabilities }) => capabilities.list.startAfter;

/** Keys whose order, folding and prefixes are easy to get wrong. */
const KEYS = [
  'a',
  'a-b',
  'a.b',
  'a/',
  'a/b',
  'a/b/c',
  'a/b/d',
  'a/c',
  'a0',
  'ab',
  'B',
  'Z/1',
  'b/1',
  'b/2',
  'c::1',
  'c::2/3',
  'c:4',
  'é/1',
  'é/2',
  '\u{ffee}',
  '\u{1f600}',
  '~',
];

const OTHER_ORDER = `keys come in another order than that of their bytes; declare list.order: 'none' if the store orders otherwise`;

export const listCases = casesOf('list', (rule) => {
  rule('empty', 'lists nothing in an empty container', async (bench) => {
    const listed = await bench.list(await bench.freshContainer());
    assert.deepEqual([listed.objects, listed.prefixes], [[], []], 'something is listed in an empty container');
  });

  rule('missing-container', 'rejects a listing of a missing container with container-not-found', async (bench) => {
    await rejects(bench.driver.list(bench.newName(), {}, bench.ctx), 'container-not-found');
  });

  rule('all', 'lists every key once', async (bench) => {
    const container = await listContainer(bench);
    await bench.eventually(async () => {
      const listed = await bench.list(container);
      assert.deepEqual(sortedByBytes(listed.keys), sortedByBytes(KEYS));
      assert.deepEqual(listed.prefixes, []);
    });
  });

  rule('facts', 'tells the facts that stat tells', async (bench) => {
    const container = await bench.freshContainer();
    await bench.put({ container, key: 'key' }, 'twelve bytes');
    const stat = await bench.stat({ container, key: 'key' });
    await bench.eventually(async () => {
      const [object] = (await bench.list(container)).objects;
      assert.equal(object?.key, 'key');
      if (object.size !== undefined || bench.facts.list.tellsSizes !== false) {
        assert.equal(object.size, 12, 'the size that the listing tells');
      }
      if (object.etag !== undefined) assert.equal(object.etag, stat.etag, 'listing and stat tell different etags');
      const { modifiedAtMs } = object;
      // A header tells whole seconds, a listing may tell more.
      if (modifiedAtMs !== undefined) assert.ok(Math.abs(modifiedAtMs - (stat.modifiedAtMs ?? 0)) < 2_000);
    });
  });

  rule('order', 'lists keys in the order of their bytes, on and across pages', hasOrder, async (bench) => {
    const container = await listContainer(bench);
    for (const limit of [undefined, 3]) {
      await bench.eventually(async () => {
        const { keys } = await bench.list(container, { limit });
        assert.deepEqual(sortedByBytes(keys), sortedByBytes(KEYS), 'the keys that are listed, in whatever order');
        assert.deepEqual(keys, sortedByBytes(KEYS), OTHER_ORDER);
      });
    }
  });

  const prefixes = ['a', 'a/', 'a/b', 'a/b/', 'é', 'c:', 'nothing', 'a/b/c'];
  for (const prefix of prefixes) {
    rule(`prefix-${slug(prefix)}`, `lists the keys that begin with "${prefix}"`, hasPrefix, async (bench) => {
      await checkListing(bench, { prefix });
    });
  }

  for (const prefix of ['', 'a/', 'a/b', 'b', 'é/']) {
    const title = `folds keys at "/" after the prefix "${prefix}"`;
    rule(`delimiter-${slug(prefix)}`, title, hasDelimiter, async (bench) => {
      await checkListing(bench, { ...(prefix && { prefix }), delimiter: '/' });
    });
  }

  for (const delimiter of ['b', '::', 'é/', '-']) {
    rule(`any-delimiter-${slug(delimiter)}`, `folds keys at "${delimiter}"`, hasAnyDelimiter, async (bench) => {
      await checkListing(bench, { delimiter });
    });
  }

  for (const startAfter of ['a', 'a/', 'a0', 'aa', 'Zz', '\u{1f600}', '\u{10ffff}', '!']) {
    rule(`start-after-${slug(startAfter)}`, `lists the keys after "${startAfter}"`, hasStartAfter, async (bench) => {
      await checkListing(bench, { startAfter });
    });
  }

  for (const limit of [1, 2, KEYS.length, KEYS.length + 1]) {
    const name = limit > 2 ? `limit-keys${limit === KEYS.length ? '' : '-plus-1'}` : `limit-${limit}`;
    rule(name, `gives every key once in pages of at most ${limit}`, async (bench) => {
      await checkListing(bench, { limit });
    });
  }

  rule('limit-border', 'gives every key once when a page ends exactly at the last key', hasPrefix, async (bench) => {
    const keys = KEYS.filter((key) => key.startsWith('a/'));
    for (const limit of [keys.length - 1, keys.length, keys.length + 1])
      await checkListing(bench, { prefix: 'a/', limit });
  });

  rule('limit-delimiter', 'counts a folded prefix as one entry, and never repeats it', hasDelimiter, async (bench) => {
    for (const limit of [1, 2, 3]) await checkListing(bench, { delimiter: '/', limit });
  });

  rule('token-again', 'gives the same page for the same token', async (bench) => {
    const container = await listContainer(bench);
    const first = await bench.driver.list(container, { limit: 4 }, bench.ctx);
    assert.ok(first.next !== undefined, `${KEYS.length} keys fit in a page of 4`);
    const request = { limit: 4, token: first.next };
    const [one, two] = [
      await bench.driver.list(container, request, bench.ctx),
      await bench.driver.list(container, request, bench.ctx),
    ];
    assert.deepEqual(
      one.objects.map(({ key }) => key),
      two.objects.map(({ key }) => key),
    );
  });

  rule('delete-between-pages', 'misses no key when what a page gave is deleted before the next', async (bench) => {
    const container = await bench.freshContainer();
    const keys = Array.from({ length: 9 }, (_, index) => `key-${index}`);
    await bench.putAll(container, keys);
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const page = await bench.driver.list(container, { limit: 2, token }, bench.ctx);
      const found = page.objects.map(({ key }) => key);
      await eachOf(found, (key) => bench.driver.delete({ container, key }, {}, bench.ctx));
      seen.push(...found);
      token = page.next;
    } while (token !== undefined);
    assert.deepEqual(seen.sort(), keys);
  });

  rule('write-between-pages', 'stays complete when keys are written between pages', hasOrder, async (bench) => {
    const container = await bench.freshContainer();
    const keys = ['b', 'd', 'f', 'h'];
    await bench.putAll(container, keys);
    const first = await bench.driver.list(container, { limit: 2 }, bench.ctx);
    await bench.putAll(container, ['a', 'g']);
    const seen = first.objects.map(({ key }) => key);
    for (let token = first.next; token !== undefined;) {
      const page = await bench.driver.list(container, { limit: 2, token }, bench.ctx);
      seen.push(...page.objects.map(({ key }) => key));
      token = page.next;
    }
    assert.deepEqual(
      keys.filter((key) => !seen.includes(key)),
      [],
    );
    assert.equal(new Set(seen).size, seen.length, 'a key is listed twice');
  });

  rule('gone', 'lists no object that was deleted', async (bench) => {
    const container = await bench.freshContainer();
    await bench.putAll(container, ['gone', 'kept']);
    await bench.driver.delete({ container, key: 'gone' }, {}, bench.ctx);
    await bench.eventually(async () => assert.deepEqual((await bench.list(container)).keys, ['kept']));
  });

  rule('portable', 'agrees with the model through the portable API, whatever the store leaves to it', async (bench) => {
    const container = await listContainer(bench);
    await settled(bench, container);
    const delimiters = ['/', 'b', '::', '/b'];
    const request = fc.record({
      prefix: some(['a', 'a/', 'a/b', 'é', 'x']),
      delimiter: some(delimiters),
      startAfter: some([...KEYS, 'aa', '!']),
      pageSize: fc.integer({ min: 1, max: 9 }),
    });
    const property = fc.asyncProperty(
      request.filter((one) => !startsInsidePrefix(one)),
      async (one) => {
        const keys: string[] = [];
        const prefixes: string[] = [];
        for await (const page of bench.storageOver().container(container).iterateObjects(one).pages()) {
          keys.push(...page.objects.map(({ key }) => key));
          prefixes.push(...page.prefixes);
        }
        expectListing(bench, { keys, prefixes }, one);
      },
    );
    await fc.assert(property, { numRuns: bench.propertyRuns, seed: bench.seed });
  });

  rule('any', 'agrees with a model for any prefix, delimiter, start and limit', async (bench) => {
    const container = await listContainer(bench);
    await settled(bench, container);
    const { list } = bench.facts;
    const never = fc.constant(undefined);
    const delimiters = list.delimiter === 'any' ? ['/', 'b', ':', '::', '/b'] : ['/'];
    const request = fc.record({
      prefix: list.prefix ? some(['a', 'a/', 'a/b', 'a/b/', 'b/', 'c', 'é', 'x']) : never,
      delimiter: list.prefix && list.delimiter !== 'none' ? some(delimiters) : never,
      startAfter: list.startAfter ? some([...KEYS, 'aa', 'a/bb', '!']) : never,
      limit: fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 7 })),
    });
    const property = fc.asyncProperty(
      request.filter((one) => !startsInsidePrefix(one)),
      async (one) => compare(bench, container, one),
    );
    await fc.assert(property, { numRuns: 2 * bench.propertyRuns, seed: bench.seed });
  });
});

/** One container with `KEYS` for all tests that only read it. */
function listContainer(bench: Bench): Promise<string> {
  return bench.once('list container', async () => {
    const container = await bench.freshContainer();
    await bench.putAll(container, KEYS);
    return container;
  });
}

async function settled(bench: Bench, container: string): Promise<void> {
  await bench.eventually(async () => assert.equal((await bench.list(container)).keys.length, KEYS.length));
}

async function checkListing(bench: Bench, request: ListRequest): Promise<void> {
  const container = await listContainer(bench);
  await bench.eventually(() => compare(bench, container, request));
}

async function compare(bench: Bench, container: string, request: ListRequest): Promise<void> {
  expectListing(bench, await bench.list(container, request), request);
}

function some(values: readonly string[]): fc.Arbitrary<string | undefined> {
  return fc.oneof(fc.constant(undefined), fc.constantFrom(...values));
}

function expectListing(bench: Bench, listed: Pick<Listed, 'keys' | 'prefixes'>, request: ListRequest): void {
  const expected = expectedListing(KEYS, request);
  const isOrdered = bench.facts.list.order === 'bytes';
  const inOrder = (names: readonly string[]): readonly string[] => (isOrdered ? names : sortedByBytes(names));
  assert.deepEqual(inOrder(listed.keys), expected.keys, `keys of ${JSON.stringify(request)}`);
  assert.deepEqual(
    inOrder(listed.prefixes),
    sortedByBytes(expected.prefixes),
    `prefixes of ${JSON.stringify(request)}`,
  );
}

function slug(text: string): string {
  if (text === '') return 'none';
  return text.replace(/[^a-zA-Z0-9]/gu, (character) => `x${character.codePointAt(0)?.toString(16)}`);
}
