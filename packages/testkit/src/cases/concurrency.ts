import assert from 'node:assert/strict';
import { isStorageError, type PutRequest } from '@stowage/core/spi';
import { sameBytes } from '../asserts.js';
import type { Bench } from '../bench.js';
import { bytesBody, seededBytes, streamBody } from '../bodies.js';
import { type Applies, casesOf } from '../conformance-case.js';

const holds =
  (condition: 'ifMatch' | 'ifNoneMatch'): Applies =>
  ({ capabilities: { put } }) =>
    put.conditions.includes(condition) && put.racyConditions?.includes(condition) !== true;
const isCreateOnly = holds('ifNoneMatch');
const putsOver = holds('ifMatch');
const RACERS = 8;

export const concurrencyCases = casesOf('concurrency', (rule) => {
  for (const kind of ['bytes', 'stream'] as const) {
    rule(`create-only-${kind}`, `lets one of ${RACERS} create-only puts win (${kind})`, isCreateOnly, async (bench) => {
      for (let round = 0; round < 3; round++) {
        const { winners, losers } = await race(bench, `object-${round}`, kind, { ifNoneMatch: '*' });
        assert.equal(winners.length, 1, `${winners.length} create-only puts won`);
        for (const error of losers) assert.ok(isStorageError(error, 'object-exists'), String(error));
        sameBytes(await bench.bytes(bench.ref(`object-${round}`)), bodyOf(winners[0] ?? -1), 'the body of the winner');
      }
    });

    rule(`overwrite-${kind}`, `keeps one whole body of ${RACERS} racing puts (${kind})`, async (bench) => {
      const { winners } = await race(bench, 'object', kind, {});
      assert.equal(winners.length, RACERS, 'a put without condition failed');
      const bytes = await bench.bytes(bench.ref());
      const bodies = winners.map(bodyOf);
      assert.ok(
        bodies.some((body) => body.equals(bytes)),
        'the object is none of the bodies that were put',
      );
      assert.equal((await bench.stat(bench.ref())).size, bytes.length);
    });
  }

  rule('if-match', 'lets one of the puts over one version win', putsOver, async (bench) => {
    await bench.put(bench.ref(), 'before');
    const ifMatch = await bench.etag(bench.ref());
    const { winners, losers } = await race(bench, 'object', 'bytes', { ifMatch });
    assert.equal(winners.length, 1, `${winners.length} puts over one version won`);
    for (const error of losers) assert.ok(isStorageError(error, 'precondition-failed'), String(error));
    sameBytes(await bench.bytes(bench.ref()), bodyOf(winners[0] ?? -1));
  });

  rule('read-while-written', 'gives a whole body to each reader while the object is replaced', async (bench) => {
    await bench.putBody(bench.ref(), bytesBody(bodyOf(0)));
    let isWriting = true;
    const readers = Array.from({ length: 3 }, async (_, reader) => {
      while (isWriting) {
        await readWhole(bench, reader === 0 ? 'stream' : 'bytes');
        // A store in memory would otherwise never let the writer on.
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    const writing = (async (): Promise<void> => {
      for (let index = 1; index < RACERS; index++) await bench.putBody(bench.ref(), streamBody(bodyOf(index)));
    })().finally(() => (isWriting = false));
    await Promise.all([writing, ...readers]);
  });

  rule('create-container', 'lets one of the calls that create one container win', async (bench) => {
    const name = bench.newName();
    const calls = Array.from({ length: 4 }, () => bench.driver.createContainer(name, {}, bench.ctx));
    const settled = await Promise.allSettled(calls);
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const result of settled) {
      if (result.status === 'rejected')
        assert.ok(isStorageError(result.reason, 'container-exists'), String(result.reason));
    }
  });

  rule('delete', 'resolves all of the deletes that race for one object', async (bench) => {
    await bench.put(bench.ref(), 'content');
    const calls = Array.from({ length: RACERS }, () => bench.driver.delete(bench.ref(), {}, bench.ctx));
    await Promise.all(calls);
    assert.equal(await bench.exists(bench.ref()), false, 'the object is there');
  });

  rule('many-keys', 'keeps apart what is put at once under many keys', async (bench) => {
    const names = Array.from({ length: 32 }, (_, index) => `${index % 4}/${index}`);
    await Promise.all(names.map((name) => bench.put(bench.ref(name), `body of ${name}`)));
    const bodies = await Promise.all(names.map(async (name) => (await bench.bytes(bench.ref(name))).toString()));
    assert.deepEqual(
      bodies,
      names.map((name) => `body of ${name}`),
    );
  });
});

/** Bodies of different lengths, each of which fills many chunks. */
const BODIES = Array.from({ length: RACERS }, (_, index) => seededBytes(200_000 + index * 1_000, 100 + index));

function bodyOf(racer: number): Buffer {
  const body = BODIES[racer];
  assert.ok(body);
  return body;
}

/** Reads one of the bodies, whole. Where reads are eventual, the object may seem to be missing. */
async function readWhole(bench: Bench, want: 'bytes' | 'stream'): Promise<void> {
  const { driver, ctx } = bench;
  try {
    const read = await driver.read(bench.ref(), { want }, ctx);
    const bytes = read.bytes ?? Buffer.concat((await read.stream.toArray()) as Buffer[]);
    assert.ok(
      BODIES.some((body) => body.equals(bytes)),
      'a reader got none of the bodies that were put',
    );
    assert.equal(read.record.size, bytes.length);
  } catch (error) {
    const isLate = driver.capabilities.read.consistency === 'eventual' && isStorageError(error, 'object-not-found');
    if (!isLate) throw error;
  }
}

async function race(
  bench: Bench,
  name: string,
  kind: 'bytes' | 'stream',
  request: PutRequest,
): Promise<{ winners: number[]; losers: unknown[] }> {
  const bodies = BODIES.map((bytes) => (kind === 'bytes' ? bytesBody(bytes) : streamBody(bytes)));
  const settled = await Promise.allSettled(bodies.map((body) => bench.putBody(bench.ref(name), body, request)));
  return {
    winners: settled.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : [])),
    losers: settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : [])),
  };
}
