import assert from 'node:assert/strict';
import type { CopyGroup, CopyRequest, ObjectRef } from '@stowage/core/spi';
import { naming, rejects, sameBytes, shown } from '../asserts.js';
import { type Bench, eachOf } from '../bench.js';
import { seededBytes } from '../bodies.js';
import { type Applies, casesOf } from '../conformance-case.js';
import { groupOf } from '../group-of.js';
import { WEIRD_KEYS } from '../weird-keys.js';

const hasCopy: Applies = (driver) => driver.copy !== undefined;
const hasMove: Applies = (driver) => driver.move !== undefined;
const copiesWith =
  (condition: 'ifMatch' | 'ifNoneMatch' | 'sourceIfMatch'): Applies =>
  (driver) =>
    driver.copy !== undefined && (driver.capabilities.copy?.conditions.includes(condition) ?? false);
const replacesAttributes: Applies = (driver) =>
  driver.copy !== undefined && (driver.capabilities.copy?.attributes.includes('contentType') ?? false);
const keepsContentType: Applies = (driver) =>
  driver.copy !== undefined && driver.capabilities.put.attributes.includes('contentType');

const ANOTHER = 'd41d8cd98f00b204e9800998ecf8427f';

export const copyCases = casesOf('copy', (rule) => {
  rule('same-container', 'copies an object whole', hasCopy, async (bench) => {
    const content = seededBytes(50_000, 13);
    await bench.put(bench.ref('from'), content);
    const { record } = await copy(bench, bench.ref('from'), bench.ref('to'));
    assert.equal(record.key, bench.ref('to').key, 'the key that copy tells');
    assert.equal(record.size ?? content.length, content.length, 'the size that copy tells');
    for (const name of ['from', 'to']) sameBytes(await bench.bytes(bench.ref(name)), content, name);
  });

  rule('other-container', 'copies into another container', hasCopy, async (bench) => {
    const to = { container: await bench.freshContainer(), key: 'copy' };
    await bench.put(bench.ref('from'), 'content');
    await copy(bench, bench.ref('from'), to);
    assert.equal((await bench.bytes(to)).toString(), 'content');
  });

  rule('replace', 'replaces what is there', hasCopy, async (bench) => {
    await bench.put(bench.ref('from'), 'new');
    await bench.put(bench.ref('to'), 'a longer old content');
    await copy(bench, bench.ref('from'), bench.ref('to'));
    assert.equal((await bench.bytes(bench.ref('to'))).toString(), 'new');
  });

  rule('apart', 'makes a copy that does not change with its source', hasCopy, async (bench) => {
    await bench.put(bench.ref('from'), 'before');
    await copy(bench, bench.ref('from'), bench.ref('to'));
    await bench.put(bench.ref('from'), 'after');
    assert.equal((await bench.bytes(bench.ref('to'))).toString(), 'before');
    await bench.driver.delete(bench.ref('from'), {}, bench.ctx);
    assert.equal((await bench.bytes(bench.ref('to'))).toString(), 'before');
  });

  rule('keeps-attributes', 'copies headers and user metadata', keepsContentType, async (bench) => {
    const metadata = bench.facts.metadata.names === 'none' ? undefined : { colour: 'blue' };
    await bench.put(bench.ref('from'), 'content', { contentType: 'text/x-stowage', metadata });
    await copy(bench, bench.ref('from'), bench.ref('to'));
    const record = await bench.stat(bench.ref('to'));
    assert.equal(record.contentType, 'text/x-stowage');
    assert.deepEqual({ ...record.metadata }, { ...metadata });
  });

  rule('replaces-attributes', 'replaces all attributes where some are given', replacesAttributes, async (bench) => {
    const metadata = bench.facts.metadata.names === 'none' ? undefined : { colour: 'blue' };
    await bench.put(bench.ref('from'), 'content', { contentType: 'text/x-stowage', metadata });
    await copy(bench, bench.ref('from'), bench.ref('to'), { attributes: { contentType: 'text/x-other' } });
    const record = await bench.stat(bench.ref('to'));
    assert.equal(record.contentType, 'text/x-other');
    assert.deepEqual({ ...record.metadata }, {});
    assert.equal((await bench.stat(bench.ref('from'))).contentType, 'text/x-stowage');
  });

  rule('missing-source', 'rejects a copy of a missing object, and makes nothing', hasCopy, async (bench) => {
    await rejects(copy(bench, bench.ref('missing'), bench.ref('to')), 'object-not-found');
    assert.equal(await bench.exists(bench.ref('to')), false, 'the object is there');
  });

  rule('missing-target', 'rejects a copy into a missing container', hasCopy, async (bench) => {
    await bench.put(bench.ref('from'), 'content');
    const to = { container: bench.newName(), key: 'key' };
    await rejects(copy(bench, bench.ref('from'), to), 'container-not-found');
  });

  rule('weird-keys', 'copies from and to keys of any kind', hasCopy, async (bench) => {
    const container = await bench.freshContainer();
    const keys = Object.values(WEIRD_KEYS).filter((key) => bench.facts.keys.refuse?.(key) === undefined);
    await eachOf(keys, async (key, index) => {
      const weird = { container, key };
      const plain = { container, key: `plain-${index}` };
      await bench.put(weird, `body ${index}`);
      await naming(`copying from ${shown(key)}`, async () => {
        await copy(bench, weird, plain);
        assert.equal((await bench.bytes(plain)).toString(), `body ${index}`);
      });
      await bench.driver.delete(weird, {}, bench.ctx);
      await naming(`copying to ${shown(key)}`, async () => {
        await copy(bench, plain, weird);
        assert.equal((await bench.bytes(weird)).toString(), `body ${index}`);
      });
    });
  });

  rule('create-only', 'copies only where nothing is', copiesWith('ifNoneMatch'), async (bench) => {
    await bench.put(bench.ref('from'), 'new');
    await bench.put(bench.ref('to'), 'old');
    await rejects(copy(bench, bench.ref('from'), bench.ref('to'), { ifNoneMatch: '*' }), 'object-exists');
    assert.equal((await bench.bytes(bench.ref('to'))).toString(), 'old');
    await copy(bench, bench.ref('from'), bench.ref('free'), { ifNoneMatch: '*' });
    assert.equal((await bench.bytes(bench.ref('free'))).toString(), 'new');
  });

  rule('if-match', 'copies only over the version that ifMatch names', copiesWith('ifMatch'), async (bench) => {
    await bench.put(bench.ref('from'), 'new');
    await bench.put(bench.ref('to'), 'old');
    await rejects(copy(bench, bench.ref('from'), bench.ref('to'), { ifMatch: ANOTHER }), 'precondition-failed');
    assert.equal((await bench.bytes(bench.ref('to'))).toString(), 'old');
    await copy(bench, bench.ref('from'), bench.ref('to'), { ifMatch: await bench.etag(bench.ref('to')) });
    assert.equal((await bench.bytes(bench.ref('to'))).toString(), 'new');
  });

  rule('source-if-match', 'copies only the named version of the source', copiesWith('sourceIfMatch'), async (bench) => {
    await bench.put(bench.ref('from'), 'content');
    const call = copy(bench, bench.ref('from'), bench.ref('to'), { sourceIfMatch: ANOTHER });
    await rejects(call, 'precondition-failed');
    assert.equal(await bench.exists(bench.ref('to')), false, 'the object is there');
    await copy(bench, bench.ref('from'), bench.ref('to'), { sourceIfMatch: await bench.etag(bench.ref('from')) });
    assert.equal((await bench.bytes(bench.ref('to'))).toString(), 'content');
  });

  rule('move', 'moves an object in one step', hasMove, async (bench) => {
    await bench.put(bench.ref('from'), 'content');
    await move(bench, bench.ref('from'), bench.ref('to'));
    assert.equal((await bench.bytes(bench.ref('to'))).toString(), 'content');
    assert.equal(await bench.exists(bench.ref('from')), false, 'the object is there');
  });

  rule('move-onto-itself', 'keeps an object that is moved onto itself', hasMove, async (bench) => {
    await bench.put(bench.ref(), 'content');
    await move(bench, bench.ref(), bench.ref()).catch(() => undefined);
    assert.equal((await bench.bytes(bench.ref())).toString(), 'content');
  });

  rule('move-missing', 'rejects the move of a missing object', hasMove, async (bench) => {
    await rejects(move(bench, bench.ref('missing'), bench.ref('to')), 'object-not-found');
    assert.equal(await bench.exists(bench.ref('to')), false, 'the object is there');
  });
});

function copy(bench: Bench, from: ObjectRef, to: ObjectRef, request: CopyRequest = {}): ReturnType<CopyGroup['copy']> {
  return groupOf(bench.driver, 'copy').copy(from, to, request, bench.ctx);
}

function move(bench: Bench, from: ObjectRef, to: ObjectRef): ReturnType<CopyGroup['copy']> {
  return groupOf(bench.driver, 'move').move(from, to, {}, bench.ctx);
}
