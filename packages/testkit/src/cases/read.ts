import assert from 'node:assert/strict';
import type { ByteRange, ContentRange } from '@stowage/core/spi';
import fc from 'fast-check';
import { rejects, sameBytes } from '../asserts.js';
import type { Bench } from '../bench.js';
import { seededBytes } from '../bodies.js';
import { type Applies, casesOf } from '../conformance-case.js';
import { drain } from '../drain.js';

const hasRanges: Applies = ({ capabilities }) => capabilities.read.ranges;
const hasSuffixRanges: Applies = ({ capabilities }) => capabilities.read.ranges && capabilities.read.suffixRanges;
const WANTS = ['bytes', 'stream'] as const;

export const readCases = casesOf('read', (rule) => {
  for (const want of WANTS) {
    rule(want, `reads the whole object as ${want}, with its facts`, async (bench) => {
      const ref = bench.ref();
      const content = seededBytes(70_001);
      await bench.put(ref, content);
      const { bytes, range, record } = await readAll(bench, ref.key, want);
      sameBytes(bytes, content);
      assert.deepEqual({ ...range }, { start: 0, end: content.length });
      assert.equal(record.key, ref.key);
      assert.equal(record.size, content.length);
      assert.equal(record.etag, (await bench.stat(ref)).etag);
    });

    rule(`empty-${want}`, `reads an empty object as ${want}`, async (bench) => {
      const ref = bench.ref();
      await bench.put(ref, '');
      const { bytes, range, record } = await readAll(bench, ref.key, want);
      assert.equal(bytes.length, 0);
      assert.deepEqual({ ...range }, { start: 0, end: 0 });
      assert.equal(record.size, 0);
    });

    rule(`missing-${want}`, `rejects a read of a missing object as ${want} before any body`, async (bench) => {
      const call = bench.driver.read(bench.ref('missing'), { want }, bench.ctx);
      await rejects(call, 'object-not-found');
    });
  }

  rule('missing-container', 'rejects a read in a missing container', async (bench) => {
    const ref = { container: bench.newName(), key: 'key' };
    await rejects(bench.driver.read(ref, { want: 'bytes' }, bench.ctx), 'container-not-found', 'object-not-found');
    await rejects(bench.stat(ref), 'container-not-found', 'object-not-found');
  });

  rule('large', 'reads a large object whole, byte for byte', async (bench) => {
    const { ref, content } = await bench.largeObject();
    for (const want of WANTS) sameBytes((await readAll(bench, ref.key, want)).bytes, content, want);
  });

  rule('stat', 'tells size, etag and time of an object', async (bench) => {
    const ref = bench.ref();
    await bench.put(ref, 'twelve bytes');
    const record = await bench.stat(ref);
    assert.equal(record.key, ref.key);
    assert.equal(record.size, 12);
    if (record.etag !== undefined) assert.match(record.etag, /^[^"]+$/, 'an etag is given without quotes');
    assert.ok(record.modifiedAtMs !== undefined, 'stat tells no time');
    assert.ok(Math.abs(Date.now() - record.modifiedAtMs) < 3600_000, 'the time is not that of the write');
  });

  rule('stat-missing', 'rejects a stat of a missing object with object-not-found', async (bench) => {
    await rejects(bench.stat(bench.ref('missing')), 'object-not-found');
  });

  rule('own-bytes', 'gives out bytes that the caller may change', async (bench) => {
    const ref = bench.ref();
    await bench.put(ref, 'unchanged');
    (await bench.bytes(ref)).fill(0);
    assert.equal((await bench.bytes(ref)).toString(), 'unchanged');
  });

  rule('leave-early', 'survives a reader that leaves in the middle', async (bench) => {
    const { ref } = await bench.largeObject();
    const stream = await bench.stream(ref);
    for await (const chunk of stream) {
      assert.ok((chunk as Buffer).length > 0);
      break;
    }
    assert.ok(stream.destroyed);
    assert.equal((await bench.stat(ref)).size, bench.largeBytes);
  });

  const content = seededBytes(1_000, 3);
  const ranges: Readonly<Record<string, readonly [ByteRange, ContentRange]>> = {
    'first-byte': [
      { start: 0, end: 1 },
      { start: 0, end: 1 },
    ],
    'last-byte': [{ start: 999 }, { start: 999, end: 1_000 }],
    middle: [
      { start: 100, end: 200 },
      { start: 100, end: 200 },
    ],
    'to-end': [{ start: 500 }, { start: 500, end: 1_000 }],
    whole: [
      { start: 0, end: 1_000 },
      { start: 0, end: 1_000 },
    ],
    'beyond-end': [
      { start: 990, end: 5_000 },
      { start: 990, end: 1_000 },
    ],
  };
  for (const [name, [range, expected]] of Object.entries(ranges)) {
    rule(`range-${name}`, `reads the range ${JSON.stringify(range)} of 1,000 bytes`, hasRanges, async (bench) => {
      await checkRange(bench, content, range, expected);
    });
  }

  rule('range-suffix', 'reads the last bytes', hasSuffixRanges, async (bench) => {
    await checkRange(bench, content, { suffix: 10 }, { start: 990, end: 1_000 });
  });

  rule('range-suffix-beyond', 'reads the whole object for a suffix longer than it', hasSuffixRanges, async (bench) => {
    await checkRange(bench, content, { suffix: 5_000 }, { start: 0, end: 1_000 });
  });

  for (const start of [1_000, 1_001]) {
    const name = start === 1_000 ? 'range-at-end' : 'range-after-end';
    rule(name, `rejects a range from byte ${start} of 1,000 with range-not-satisfiable`, hasRanges, async (bench) => {
      const ref = bench.ref();
      await bench.put(ref, content);
      for (const want of WANTS) {
        await rejects(bench.driver.read(ref, { want, range: { start } }, bench.ctx), 'range-not-satisfiable');
      }
    });
  }

  rule('range-any', 'reads any range as slice does', hasRanges, async (bench) => {
    const ref = bench.ref();
    await bench.put(ref, content);
    const anyRange = fc
      .tuple(fc.nat(content.length - 1), fc.integer({ min: 1, max: 1_200 }), fc.constantFrom(...WANTS))
      .map(([start, length, want]) => ({ start, end: start + length, want }));
    const property = fc.asyncProperty(anyRange, async ({ start, end, want }) => {
      const read = await readAll(bench, ref.key, want, { start, end });
      sameBytes(read.bytes, content.subarray(start, end), `bytes ${start} to ${end}`);
      assert.deepEqual({ ...read.range }, { start, end: Math.min(end, content.length) });
      assert.equal(read.record.size, content.length, 'record.size is the size of the whole object');
    });
    await fc.assert(property, { numRuns: bench.propertyRuns, seed: bench.seed });
  });
});

async function checkRange(bench: Bench, content: Buffer, range: ByteRange, expected: ContentRange): Promise<void> {
  const ref = bench.ref();
  await bench.put(ref, content);
  for (const want of WANTS) {
    const read = await readAll(bench, ref.key, want, range);
    sameBytes(read.bytes, content.subarray(expected.start, expected.end), want);
    assert.deepEqual({ ...read.range }, expected);
    assert.equal(read.record.size, content.length, 'record.size is the size of the whole object');
  }
}

async function readAll(bench: Bench, key: string, want: (typeof WANTS)[number], range?: ByteRange) {
  const read = await bench.driver.read({ container: bench.container, key }, { want, range }, bench.ctx);
  assert.equal(read[want === 'bytes' ? 'stream' : 'bytes'], undefined, `a read that wants ${want} gives the other`);
  return { bytes: read.bytes ?? (await drain(read.stream)), range: read.range, record: read.record };
}
