import assert from 'node:assert/strict';
import fc from 'fast-check';
import { naming, rejects, sameBytes, shown } from '../asserts.js';
import { type Bench, eachOf } from '../bench.js';
import { casesOf } from '../conformance-case.js';
import { observe } from '../observe.js';
import { longKeys, WEIRD_KEYS } from '../weird-keys.js';

export const keyCases = casesOf('keys', (rule) => {
  for (const [name, key] of Object.entries(WEIRD_KEYS)) {
    rule(name, `holds the key ${JSON.stringify(key)}, or says that it cannot`, async (bench) => {
      await holdsOrRefuses(bench, await weirdContainer(bench), key);
    });
  }

  for (const name of Object.keys(longKeys(1024))) {
    rule(name, `holds keys of all the bytes that it allows (${name})`, async (bench) => {
      const key = longKeys(bench.facts.keys.maxBytes)[name] ?? '';
      assert.equal(Buffer.byteLength(key), bench.facts.keys.maxBytes);
      await holdsOrRefuses(bench, await bench.freshContainer(), key);
    });
  }

  rule('too-long', 'refuses a longer key before any request', async (bench) => {
    await refuses(bench, 'x'.repeat(bench.facts.keys.maxBytes + 1));
    await refuses(bench, 'é'.repeat(Math.floor(bench.facts.keys.maxBytes / 2) + 1));
  });

  rule('not-text', 'refuses an empty key and half a character before any request', async (bench) => {
    await refuses(bench, '');
    await refuses(bench, 'a\ud800');
  });

  rule('none-collide', 'keeps all keys apart that look alike', async (bench) => {
    const container = await bench.freshContainer();
    const keys = goodKeys(bench, Object.values(WEIRD_KEYS));
    await eachOf(keys, (key, index) => bench.put({ container, key }, `body ${index}`));
    await eachOf(keys, async (key, index) => {
      assert.equal((await bench.bytes({ container, key })).toString(), `body ${index}`, `under ${JSON.stringify(key)}`);
    });
    await bench.eventually(async () => {
      assert.deepEqual([...(await bench.list(container)).keys].sort(), [...keys].sort());
    });
    // Deleting one takes no other with it.
    for (const key of keys.slice(0, 8)) await bench.driver.delete({ container, key }, {}, bench.ctx);
    await eachOf(keys.slice(8), async (key, index) => {
      assert.equal((await bench.bytes({ container, key })).toString(), `body ${index + 8}`);
    });
    for (const key of keys.slice(0, 8)) assert.equal(await bench.exists({ container, key }), false, key);
  });

  rule('file-and-folder', 'holds a key, the key with a slash, and keys below it at once', async (bench) => {
    const container = await bench.freshContainer();
    const keys = ['a/b/c', 'a', 'a/b/', 'a/', 'a/b', 'a/b//', 'a//b'];
    const good = goodKeys(bench, keys);
    for (const key of good) await bench.put({ container, key }, `body of ${key}`);
    for (const key of good) assert.equal((await bench.bytes({ container, key })).toString(), `body of ${key}`);
    for (const key of good) await bench.driver.delete({ container, key }, {}, bench.ctx);
    await bench.eventually(async () => assert.deepEqual((await bench.list(container)).keys, []));
    await bench.driver.deleteContainer(container, bench.ctx);
  });

  rule('any', 'holds any key', async (bench) => {
    const container = await bench.freshContainer();
    const property = fc.asyncProperty(anyKey(bench), fc.uint8Array({ maxLength: 64 }), async (key, content) => {
      const ref = { container, key };
      await naming(shown(key), async () => {
        await bench.put(ref, content);
        sameBytes(await bench.bytes(ref), content);
        assert.equal((await bench.stat(ref)).key, key, 'the key that stat tells');
        await bench.eventually(async () => {
          const { keys } = await bench.list(container, bench.facts.list.prefix ? { prefix: key } : {});
          assert.ok(keys.includes(key), `it is not listed, but ${shown(keys)}`);
        });
        await bench.driver.delete(ref, {}, bench.ctx);
      });
    });
    await fc.assert(property, { numRuns: bench.propertyRuns, seed: bench.seed });
  });
});

const anyCharacter = fc
  .oneof(
    fc.integer({ min: 0x20, max: 0x7e }),
    fc.integer({ min: 0, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  .map((point) => String.fromCodePoint(point));

function anyKey(bench: Bench): fc.Arbitrary<string> {
  const { keys } = bench.facts;
  const odd = fc.constantFrom(
    '/',
    '..',
    '.',
    '%',
    '%2F',
    '+',
    ' ',
    '\\',
    '?',
    '#',
    '&',
    '"',
    '<',
    '\u0301',
    '\u{1f600}',
  );
  const text = fc.array(
    fc.oneof(
      odd,
      fc.array(anyCharacter, { maxLength: 4 }).map((characters) => characters.join('')),
    ),
    { minLength: 1, maxLength: 12 },
  );
  return text
    .map((pieces) => pieces.join(''))
    .filter((key) => key !== '' && Buffer.byteLength(key) <= keys.maxBytes && keys.refuse?.(key) === undefined);
}

function goodKeys(bench: Bench, keys: readonly string[]): string[] {
  return keys.filter((key) => bench.facts.keys.refuse?.(key) === undefined);
}

function weirdContainer(bench: Bench): Promise<string> {
  return bench.once('weird keys', () => bench.freshContainer());
}

async function holdsOrRefuses(bench: Bench, container: string, key: string): Promise<void> {
  if (bench.facts.keys.refuse?.(key) !== undefined) return refuses(bench, key);
  const ref = { container, key };
  const content = `body of ${key}`;
  const { record } = await bench.put(ref, content);
  assert.equal(record.key, key);
  assert.equal((await bench.bytes(ref)).toString(), content);
  assert.equal((await bench.stat(ref)).key, key);
  await bench.eventually(async () => {
    const { keys } = await bench.list(container, bench.facts.list.prefix ? { prefix: key } : {});
    assert.equal(keys.filter((other) => other === key).length, 1, `it is not listed once, but ${shown(keys)}`);
  });
  await bench.driver.delete(ref, {}, bench.ctx);
  assert.equal(await bench.exists(ref), false, 'it is there after it was deleted');
  await bench.eventually(async () => {
    const { keys } = await bench.list(container, bench.facts.list.prefix ? { prefix: key } : {});
    assert.ok(!keys.includes(key), 'it is listed after it was deleted');
  });
}

/** Through the portable API: what the capabilities refuse is refused by every call, and no request is made. */
async function refuses(bench: Bench, key: string): Promise<void> {
  const { driver, calls } = observe(bench.driver);
  const container = bench.storageOver(driver).container(bench.container);
  const attempts = [
    async () => container.put(key, 'content'),
    async () => container.getObject(key),
    async () => container.object(key).bytes(),
    async () => container.deleteObject(key),
  ];
  for (const attempt of attempts) await rejects(attempt(), 'invalid-argument');
  assert.deepEqual(calls(), [], 'requests were made for a key that is refused');
}
