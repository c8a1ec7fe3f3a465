import assert from 'node:assert/strict';
import type { BulkDeleteResult, ObjectRef } from '@stowage/core/spi';
import { type Bench, eachOf } from '../bench.js';
import { type Applies, casesOf } from '../conformance-case.js';
import { groupOf } from '../group-of.js';
import { WEIRD_KEYS } from '../weird-keys.js';

const hasBulkDelete: Applies = (driver) => driver.bulkDelete !== undefined;

export const bulkDeleteCases = casesOf('bulk-delete', (rule) => {
  rule('many', 'deletes many objects, and no others', hasBulkDelete, async (bench) => {
    const names = Array.from({ length: 12 }, (_, index) => `object-${index}`);
    await bench.putAll(
      bench.container,
      names.map((name) => bench.ref(name).key),
    );
    const refs = names.slice(0, 10).map((name) => bench.ref(name));
    checkResults(await deleteAll(bench, refs), refs);
    for (const [index, name] of names.entries()) assert.equal(await bench.exists(bench.ref(name)), index >= 10, name);
  });

  rule('one', 'deletes one object', hasBulkDelete, async (bench) => {
    await bench.put(bench.ref(), 'content');
    checkResults(await deleteAll(bench, [bench.ref()]), [bench.ref()]);
    assert.equal(await bench.exists(bench.ref()), false, 'the object is there');
  });

  rule('missing', 'counts objects that are missing as deleted', hasBulkDelete, async (bench) => {
    await bench.put(bench.ref('there'), 'content');
    const refs = ['missing', 'there', 'missing too'].map((name) => bench.ref(name));
    checkResults(await deleteAll(bench, refs), refs);
    assert.equal(await bench.exists(bench.ref('there')), false, 'the object is there');
  });

  rule('weird-keys', 'deletes keys of any kind', hasBulkDelete, async (bench) => {
    const container = await bench.freshContainer();
    const keys = Object.values(WEIRD_KEYS).filter(
      (key) => bench.facts.keys.refuse?.(key) === undefined && !bench.facts.bulkDelete?.excludes?.(key),
    );
    const limit = Math.min(bench.facts.bulkDelete?.maxKeys ?? 1, 1000);
    await bench.putAll(container, [...keys, 'kept']);
    for (let at = 0; at < keys.length; at += limit) {
      const refs = keys.slice(at, at + limit).map((key) => ({ container, key }));
      checkResults(await deleteAll(bench, refs), refs);
    }
    await eachOf(keys, async (key) => {
      assert.equal(await bench.exists({ container, key }), false, `${JSON.stringify(key)} was not deleted`);
    });
    assert.equal(await bench.exists({ container, key: 'kept' }), true);
  });
});

function deleteAll(bench: Bench, refs: readonly ObjectRef[]): Promise<readonly BulkDeleteResult[]> {
  return groupOf(bench.driver, 'bulkDelete').delete(refs, {}, bench.ctx);
}

/** One result for each, in the order given, and no error. */
function checkResults(results: readonly BulkDeleteResult[], refs: readonly ObjectRef[]): void {
  assert.deepEqual(
    results.map(({ ref }) => ref.key),
    refs.map(({ key }) => key),
  );
  for (const { error } of results) assert.equal(error, undefined);
}
