import assert from 'node:assert/strict';
import type { ObjectRecord, ReadConditions } from '@stowage/core/spi';
import { rejects } from '../asserts.js';
import type { Bench } from '../bench.js';
import { streamBody } from '../bodies.js';
import { type Applies, casesOf } from '../conformance-case.js';

const readsWith =
  (condition: keyof ReadConditions): Applies =>
  ({ capabilities }) =>
    capabilities.read.conditions.includes(condition);
const isCreateOnly: Applies = ({ capabilities }) => capabilities.put.conditions.includes('ifNoneMatch');
const putsOver: Applies = ({ capabilities }) => capabilities.put.conditions.includes('ifMatch');
const deletesOnly: Applies = ({ capabilities }) => capabilities.delete.conditions.includes('ifMatch');

/** No content has it. */
const ANOTHER = 'd41d8cd98f00b204e9800998ecf8427f';

export const conditionCases = casesOf('conditions', (rule) => {
  rule('read-if-match', 'reads only the version that ifMatch names', readsWith('ifMatch'), async (bench) => {
    await stored(bench);
    await allowed(bench, { ifMatch: await bench.etag(bench.ref()) });
    await refused(bench, { ifMatch: ANOTHER }, 'precondition-failed');
  });

  rule('read-if-none-match', 'tells that nothing changed since an etag', readsWith('ifNoneMatch'), async (bench) => {
    await stored(bench);
    await refused(bench, { ifNoneMatch: await bench.etag(bench.ref()) }, 'not-modified');
    await allowed(bench, { ifNoneMatch: ANOTHER });
  });

  rule(
    'read-if-modified-since',
    'tells that nothing changed since a time',
    readsWith('ifModifiedSinceMs'),
    async (bench) => {
      const { before, after } = await stored(bench);
      await refused(bench, { ifModifiedSinceMs: after }, 'not-modified');
      await allowed(bench, { ifModifiedSinceMs: before });
    },
  );

  rule(
    'read-if-unmodified-since',
    'reads only what did not change since',
    readsWith('ifUnmodifiedSinceMs'),
    async (bench) => {
      const { before, after } = await stored(bench);
      await allowed(bench, { ifUnmodifiedSinceMs: after });
      await refused(bench, { ifUnmodifiedSinceMs: before }, 'precondition-failed');
    },
  );

  rule('put-create-only', 'writes only where nothing is', isCreateOnly, async (bench) => {
    const create = { ifNoneMatch: '*' } as const;
    await bench.put(bench.ref(), 'first', create);
    for (const body of [undefined, streamBody(Buffer.from('second'))]) {
      const put = body ? bench.putBody(bench.ref(), body, create) : bench.put(bench.ref(), 'second', create);
      await rejects(put, 'object-exists');
      assert.equal((await bench.bytes(bench.ref())).toString(), 'first', 'a create-only put overwrote');
    }
    await bench.driver.delete(bench.ref(), {}, bench.ctx);
    await bench.put(bench.ref(), 'third', create);
    assert.equal((await bench.bytes(bench.ref())).toString(), 'third');
  });

  rule('put-if-match', 'writes only over the version that ifMatch names', putsOver, async (bench) => {
    const { record } = await bench.put(bench.ref(), 'first');
    const ifMatch = record.etag ?? (await bench.etag(bench.ref()));
    await bench.put(bench.ref(), 'second', { ifMatch });
    await rejects(bench.put(bench.ref(), 'third', { ifMatch }), 'precondition-failed');
    assert.equal((await bench.bytes(bench.ref())).toString(), 'second', 'a put overwrote another version');
  });

  rule(
    'put-if-match-missing',
    'writes nothing where ifMatch names a version and nothing is',
    putsOver,
    async (bench) => {
      const put = bench.put(bench.ref('missing'), 'content', { ifMatch: ANOTHER });
      await rejects(put, 'object-not-found', 'precondition-failed');
      assert.equal(await bench.exists(bench.ref('missing')), false, 'the object is there');
    },
  );

  rule('delete-if-match', 'deletes only the version that ifMatch names', deletesOnly, async (bench) => {
    await bench.put(bench.ref(), 'content');
    await rejects(bench.driver.delete(bench.ref(), { ifMatch: ANOTHER }, bench.ctx), 'precondition-failed');
    assert.equal(await bench.exists(bench.ref()), true, 'another version was deleted');
    await bench.driver.delete(bench.ref(), { ifMatch: await bench.etag(bench.ref()) }, bench.ctx);
    assert.equal(await bench.exists(bench.ref()), false, 'the object is there');
  });
});

interface Stored {
  /** Whole seconds, since HTTP knows no others; far from the time of writing, since clocks differ. */
  readonly before: number;
  readonly after: number;
}

async function stored(bench: Bench): Promise<Stored> {
  await bench.put(bench.ref(), 'content');
  const { modifiedAtMs = 0 } = await bench.stat(bench.ref());
  const second = Math.ceil(modifiedAtMs / 1000) * 1000;
  return { before: second - 60_000, after: second };
}

/** Asks by stat and by both kinds of read. */
function attempts(bench: Bench, conditions: ReadConditions): readonly (() => Promise<ObjectRecord>)[] {
  const read = async (want: 'bytes' | 'stream'): Promise<ObjectRecord> => {
    const { record, stream } = await bench.driver.read(bench.ref(), { want, ...conditions }, bench.ctx);
    stream?.resume();
    return record;
  };
  return [() => bench.driver.stat(bench.ref(), conditions, bench.ctx), () => read('bytes'), () => read('stream')];
}

async function allowed(bench: Bench, conditions: ReadConditions): Promise<void> {
  for (const attempt of attempts(bench, conditions))
    assert.equal((await attempt()).size, 'content'.length, 'the size of the record');
}

async function refused(
  bench: Bench,
  conditions: ReadConditions,
  code: 'precondition-failed' | 'not-modified',
): Promise<void> {
  for (const attempt of attempts(bench, conditions)) await rejects(attempt(), code);
}
