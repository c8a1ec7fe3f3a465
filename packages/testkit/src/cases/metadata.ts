import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { type ContentHeaders, isStorageError, type ObjectRecord, type PutAttributes } from '@stowage/core/spi';
import { failureOf, naming, rejects, sameBytes, shown } from '../asserts.js';
import type { Bench } from '../bench.js';
import { type Applies, casesOf } from '../conformance-case.js';
import { groupOf } from '../group-of.js';

const hasMetadata: Applies = ({ capabilities }) =>
  capabilities.metadata.names !== 'none' && capabilities.put.attributes.includes('metadata');
const hasUpdate: Applies = (driver) => driver.metadata !== undefined;
const hasTags: Applies = (driver) => driver.tags !== undefined;
const stores =
  (attribute: keyof PutAttributes): Applies =>
  ({ capabilities }) =>
    capabilities.put.attributes.includes(attribute);

const HEADERS: Readonly<Required<Record<keyof ContentHeaders, string>>> = {
  contentType: 'text/x-stowage; charset=utf-8',
  contentEncoding: 'gzip',
  contentDisposition: `attachment; filename="a b.txt"; filename*=UTF-8''%C3%A9.txt`,
  contentLanguage: 'de-CH',
  cacheControl: 'private, max-age=60',
};

export const metadataCases = casesOf('metadata', (rule) => {
  for (const [name, value] of Object.entries(HEADERS) as [keyof ContentHeaders, string][]) {
    rule(
      name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      `keeps ${name}`,
      stores(name),
      async (bench) => {
        const content = gzipSync('the same bytes must come back');
        await bench.put(bench.ref(), content, { [name]: value });
        for (const [index, record] of (await records(bench)).entries()) {
          assert.equal(record[name], value, `"${name}", as ${TELLERS[index]} tells it`);
        }
        sameBytes(await bench.bytes(bench.ref()), content);
      },
    );
  }

  rule('user', 'keeps user metadata', hasMetadata, async (bench) => {
    await keeps(bench, { colour: 'blue', 'two-words': 'a value, with "marks" = and : more', number: '42' });
  });

  rule('user-case', 'gives names of user metadata back in the declared case', hasMetadata, async (bench) => {
    await keeps(bench, { CamelCase: 'Value' });
  });

  rule('user-underscore', 'keeps underscores in names of user metadata', hasMetadata, async (bench) => {
    await keeps(bench, { snake_case: 'value' });
  });

  rule('user-unicode', 'keeps user metadata beyond ASCII', hasMetadata, async (bench) => {
    await keeps(bench, { title: 'é 日本 \u{1f600}' });
  });

  rule('user-percent', 'keeps user metadata that looks encoded', hasMetadata, async (bench) => {
    await keeps(bench, { path: 'a%20b+c', mime: '=?UTF-8?B?w6k=?=' });
  });

  rule('user-prototype', 'keeps names that every object has', hasMetadata, async (bench) => {
    await keeps(bench, { constructor: 'one', tostring: 'two' });
    const { metadata } = await bench.stat(bench.ref());
    assert.equal(Object.getPrototypeOf(metadata), null, 'metadata are given out as an object without prototype');
  });

  rule('user-none', 'gives no user metadata where none was stored', hasMetadata, async (bench) => {
    await bench.put(bench.ref(), 'content');
    for (const { metadata } of await records(bench)) assert.deepEqual(Object.keys(metadata ?? {}), []);
  });

  rule('user-replaced', 'drops the metadata of the object that a put replaces', hasMetadata, async (bench) => {
    await bench.put(bench.ref(), 'one', { metadata: { colour: 'blue', shape: 'round' } });
    await bench.put(bench.ref(), 'two', { metadata: { colour: 'red' } });
    assert.deepEqual({ ...(await bench.stat(bench.ref())).metadata }, { colour: 'red' });
    await bench.put(bench.ref(), 'three');
    assert.deepEqual({ ...(await bench.stat(bench.ref())).metadata }, {});
  });

  rule(
    'storage-class',
    'keeps the storage class',
    (driver, harness) => harness.storageClass !== undefined && stores('storageClass')(driver, harness),
    async (bench) => {
      const { storageClass } = bench.harness;
      await bench.put(bench.ref(), 'content', { storageClass });
      assert.equal((await bench.stat(bench.ref())).storageClass, storageClass);
    },
  );

  rule(
    'update',
    'replaces user metadata and leaves bytes and headers as they are',
    (driver, harness) => hasUpdate(driver, harness) && hasMetadata(driver, harness),
    async (bench) => {
      const { contentType } = HEADERS;
      const given = stores('contentType')(bench.driver, bench.harness) ? { contentType } : {};
      await bench.put(bench.ref(), 'content', { ...given, metadata: { colour: 'blue', shape: 'round' } });
      await update(bench, { metadata: { colour: 'red' } });
      const record = await bench.stat(bench.ref());
      assert.deepEqual({ ...record.metadata }, { colour: 'red' });
      if ('contentType' in given) assert.equal(record.contentType, contentType);
      assert.equal((await bench.bytes(bench.ref())).toString(), 'content');
    },
  );

  rule(
    'update-header',
    'changes one header and leaves the others and user metadata',
    (driver, harness) =>
      hasUpdate(driver, harness) && stores('contentType')(driver, harness) && stores('cacheControl')(driver, harness),
    async (bench) => {
      const { contentType, cacheControl } = HEADERS;
      const metadata = hasMetadata(bench.driver, bench.harness) ? { metadata: { colour: 'blue' } } : {};
      await bench.put(bench.ref(), 'content', { contentType, ...metadata });
      await update(bench, { cacheControl });
      const record = await bench.stat(bench.ref());
      assert.deepEqual([record.contentType, record.cacheControl], [contentType, cacheControl]);
      if ('metadata' in metadata) assert.deepEqual({ ...record.metadata }, { colour: 'blue' });
    },
  );

  rule('update-missing', 'rejects an update of a missing object', hasUpdate, async (bench) => {
    await rejects(update(bench, { contentType: 'text/plain' }, 'missing'), 'object-not-found');
    assert.equal(await bench.exists(bench.ref('missing')), false, 'the object is there');
  });

  rule('update-if-match', 'updates only the named version, or refuses the condition', hasUpdate, async (bench) => {
    await bench.put(bench.ref(), 'content', { contentType: 'text/plain' });
    const error = await failureOf(update(bench, { contentType: 'text/html', ifMatch: 'another' }));
    assert.ok(isStorageError(error, 'precondition-failed') || isStorageError(error, 'unsupported'), String(error));
    assert.equal((await bench.stat(bench.ref())).contentType, 'text/plain');
  });

  rule('tags', 'keeps tags apart from metadata, and replaces them', hasTags, async (bench) => {
    await bench.put(bench.ref(), 'content');
    const tags = groupOf(bench.driver, 'tags');
    assert.deepEqual({ ...(await tags.read(bench.ref(), bench.ctx)) }, {});
    await tags.replace(bench.ref(), { project: 'a b', 'cost:centre': '7' }, bench.ctx);
    await tags.replace(bench.ref(), { project: 'c/d+e=f' }, bench.ctx);
    assert.deepEqual({ ...(await tags.read(bench.ref(), bench.ctx)) }, { project: 'c/d+e=f' });
    assert.deepEqual({ ...(await bench.stat(bench.ref())).metadata }, {});
    await tags.replace(bench.ref(), {}, bench.ctx);
    assert.deepEqual({ ...(await tags.read(bench.ref(), bench.ctx)) }, {});
    assert.equal((await bench.bytes(bench.ref())).toString(), 'content');
  });

  rule(
    'tags-of-put',
    'keeps the tags that a put gives',
    (driver, harness) => hasTags(driver, harness) && stores('tags')(driver, harness),
    async (bench) => {
      const given = { project: 'one', colour: 'é & ü' };
      await naming(`a put with the tags ${shown(given)}`, async () => {
        await bench.put(bench.ref(), 'content', { tags: given });
        const tags = await groupOf(bench.driver, 'tags').read(bench.ref(), bench.ctx);
        assert.deepEqual({ ...tags }, given);
      });
    },
  );

  rule('tags-missing', 'rejects tags of a missing object', hasTags, async (bench) => {
    await rejects(groupOf(bench.driver, 'tags').read(bench.ref('missing'), bench.ctx), 'object-not-found');
    await rejects(
      groupOf(bench.driver, 'tags').replace(bench.ref('missing'), { a: 'b' }, bench.ctx),
      'object-not-found',
    );
  });
});

async function update(
  bench: Bench,
  change: PutAttributes & { ifMatch?: string },
  name?: string,
): Promise<ObjectRecord> {
  return groupOf(bench.driver, 'metadata').update(bench.ref(name), change, bench.ctx);
}

/** Who tells the facts that `records` gives, in its order. */
const TELLERS = ['stat', 'a read of bytes', 'a read of a stream'] as const;

/** What stat and both kinds of read tell of an object. */
async function records(bench: Bench): Promise<readonly ObjectRecord[]> {
  const bytes = await bench.driver.read(bench.ref(), { want: 'bytes' }, bench.ctx);
  const stream = await bench.driver.read(bench.ref(), { want: 'stream' }, bench.ctx);
  stream.stream?.resume();
  return [await bench.stat(bench.ref()), bytes.record, stream.record];
}

async function keeps(bench: Bench, metadata: Readonly<Record<string, string>>): Promise<void> {
  const isExact = bench.facts.metadata.names === 'exact';
  const good = Object.entries(metadata).filter(([name]) => bench.facts.metadata.refuse?.(name) === undefined);
  const expected = good.map(([name, value]) => [isExact ? name : name.toLowerCase(), value] as const);
  await bench.put(bench.ref(), 'content', { metadata: Object.fromEntries(good) });
  for (const record of await records(bench)) {
    assert.deepEqual({ ...record.metadata }, Object.fromEntries(expected));
  }
}
