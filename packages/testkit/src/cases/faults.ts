import assert from 'node:assert/strict';
import { isStorageError, type StorageDriver } from '@stowage/core/spi';
import { failureOf, rejects, sameBytes, within } from '../asserts.js';
import type { Bench } from '../bench.js';
import { failingBody, seededBytes, streamBody } from '../bodies.js';
import { type Applies, casesOf } from '../conformance-case.js';
import { drain } from '../drain.js';
import { faultInjector, type PlannedFault } from '../fault-injector.js';

const isCreateOnly: Applies = ({ capabilities }) => capabilities.put.conditions.includes('ifNoneMatch');
const resumes: Applies = ({ capabilities }) =>
  capabilities.read.ranges && capabilities.read.conditions.includes('ifMatch');
const reportsDigests: Applies = ({ capabilities }) => capabilities.checksums.reported.length > 0;
const knowsItsOwn: Applies = (driver, harness) => isCreateOnly(driver, harness) && reportsDigests(driver, harness);
const knowsNotItsOwn: Applies = (driver, harness) => isCreateOnly(driver, harness) && !reportsDigests(driver, harness);
const comparesDigests: Applies = ({ capabilities }) =>
  capabilities.checksums.reported.length > 0 || capabilities.checksums.upload.length > 0;
const canTruncate: Applies = (_, harness) => harness.truncateNextBody !== undefined;
const countsRequests: Applies = (_, harness) => harness.requestCount !== undefined;

export const faultCases = casesOf('faults', (rule) => {
  const content = seededBytes(300_000, 16);
  const broken = {
    'failing-source': ['fails in the middle', undefined, () => failingBody(content, new Error('the source broke'))],
    'short-source': ['is shorter than announced', 1, () => streamBody(content, { size: content.length + 1 })],
    'long-source': ['is longer than announced', -1, () => streamBody(content, { size: content.length - 1 })],
  } as const;
  for (const [name, [what, more, body]] of Object.entries(broken)) {
    const announced =
      more === undefined ? 'whose source failed in its middle' : `announced as ${content.length + more}`;
    const wrong = `though nothing must be stored: it was a body of ${content.length} bytes ${announced}`;
    rule(name, `stores nothing when the body ${what}`, async (bench) => {
      await failureOf(within(10_000, 'the put', bench.putBody(bench.ref('new'), body())), wrong);
      assert.equal(await bench.exists(bench.ref('new')), false, 'a partial object was left');
      await bench.put(bench.ref('old'), 'before');
      await failureOf(within(10_000, 'the put', bench.putBody(bench.ref('old'), body())), wrong);
      assert.equal((await bench.bytes(bench.ref('old'))).toString(), 'before', 'the object was replaced by a part');
      await bench.eventually(async () => {
        const { keys } = await bench.list(bench.container, bench.facts.list.prefix ? { prefix: bench.prefix } : {});
        const mine = keys.filter((key) => key.startsWith(bench.prefix));
        assert.deepEqual(mine, [bench.ref('old').key], 'something was left behind');
      });
    });
  }

  rule('truncated-body', 'fails when fewer bytes than announced arrive', canTruncate, async (bench) => {
    await bench.put(bench.ref(), content);
    for (const want of ['bytes', 'stream'] as const) {
      bench.harness.truncateNextBody?.();
      const reading = bench.driver
        .read(bench.ref(), { want }, bench.ctx)
        .then((read) => read.bytes ?? drain(read.stream));
      assert.ok(isStorageError(await failureOf(reading), 'unavailable'), 'a short body is an error worth a retry');
    }
    sameBytes(await bench.bytes(bench.ref()), content);
  });

  rule('one-request', 'makes one request for each call', countsRequests, async (bench) => {
    const { driver, ctx, harness } = bench;
    await bench.stat(bench.ref('missing')).catch(() => undefined);
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      put: () => bench.put(bench.ref(), 'content'),
      stat: () => bench.stat(bench.ref()),
      'stat of nothing': () => failureOf(bench.stat(bench.ref('missing'))),
      'read bytes': () => bench.bytes(bench.ref()),
      'read stream': async () => drain(await bench.stream(bench.ref())),
      list: () => driver.list(bench.container, { limit: 1 }, ctx),
      delete: () => driver.delete(bench.ref(), {}, ctx),
      listContainers: () => driver.listContainers({ limit: 1 }, ctx),
      statContainer: () => driver.statContainer(bench.container, ctx),
    };
    for (const [name, call] of Object.entries(calls)) {
      const before = harness.requestCount?.() ?? 0;
      await call();
      assert.equal((harness.requestCount?.() ?? 0) - before, 1, `${name} made another number of requests than one`);
    }
  });

  rule('put-tried-again', 'stores an object at the second attempt', async (bench) => {
    const { container, injected } = faulty(bench, [{ on: 'put', fault: { kind: 'fail' } }]);
    await container.put(bench.ref().key, content);
    assert.deepEqual(injected(), ['fail put 1']);
    sameBytes(await bench.bytes(bench.ref()), content);
  });

  rule('put-answer-lost', 'stores an object although the first answer is lost', async (bench) => {
    const { container } = faulty(bench, [{ on: 'put', fault: { kind: 'lose-response' } }]);
    await container.put(bench.ref().key, content);
    sameBytes(await bench.bytes(bench.ref()), content);
  });

  rule(
    'create-answer-lost',
    'knows its own object by its digest when the answer to a create-only put is lost',
    knowsItsOwn,
    async (bench) => {
      const { container } = faulty(bench, [{ on: 'put', fault: { kind: 'lose-response' } }]);
      await container.put(bench.ref().key, content, { ifNoneMatch: '*' });
      sameBytes(await bench.bytes(bench.ref()), content);
      await rejects(container.put(bench.ref().key, 'another', { ifNoneMatch: '*' }), 'object-exists');
    },
  );

  rule(
    'create-outcome-unknown',
    'says that the outcome is unknown when the answer to a create-only put is lost, and no digest tells whose object it is',
    knowsNotItsOwn,
    async (bench) => {
      const { container } = faulty(bench, [{ on: 'put', fault: { kind: 'lose-response' } }]);
      const put = container.put(bench.ref().key, content, { ifNoneMatch: '*' });
      const outcome = await put.catch((error: unknown) => error);
      sameBytes(await bench.bytes(bench.ref()), content);
      // A digest that is likely and has come out right tells as much.
      if ((await bench.stat(bench.ref())).likelyChecksum !== undefined && !isStorageError(outcome)) return;
      const error = await rejects(put, 'object-exists');
      assert.equal(error.outcomeUnknown, true, 'the error does not say that the outcome is unknown');
    },
  );

  rule('delete-answer-lost', 'deletes although the first answer is lost', async (bench) => {
    await bench.put(bench.ref(), content);
    const { container } = faulty(bench, [{ on: 'delete', fault: { kind: 'lose-response' } }]);
    await container.deleteObject(bench.ref().key);
    assert.equal(await bench.exists(bench.ref()), false, 'the object is there');
  });

  rule('read-reset', 'goes on with a read that breaks in the middle', resumes, async (bench) => {
    await bench.put(bench.ref(), content);
    const reset = { kind: 'reset', afterBytes: 100_000 } as const;
    const { container, injected } = faulty(bench, [{ on: 'read', fault: reset }]);
    sameBytes(await drain(await container.object(bench.ref().key).stream()), content);
    assert.deepEqual(injected(), ['reset read 1']);
  });

  rule('read-truncated', 'never gives a short body for a whole one', async (bench) => {
    await bench.put(bench.ref(), content);
    const short = { kind: 'truncate', afterBytes: 100_000 } as const;
    const read = [
      (driver: StorageDriver) => storage(bench, driver).object(bench.ref().key).bytes(),
      async (driver: StorageDriver) => drain(await storage(bench, driver).object(bench.ref().key).stream()),
    ];
    for (const attempt of read) {
      const { driver } = faultInjector(bench.driver, [{ on: 'read', times: Infinity, fault: short }]);
      const outcome = await within(20_000, 'the read', attempt(driver)).catch((error: unknown) => error);
      // It goes on where it broke off, or gives up.
      if (Buffer.isBuffer(outcome)) sameBytes(outcome, content);
      else assert.ok(isStorageError(outcome), String(outcome));
    }
  });

  rule('read-corrupted', 'finds a corrupted body by its digest', reportsDigests, async (bench) => {
    await bench.put(bench.ref(), content);
    const fault = { kind: 'corrupt', atByte: 150_000 } as const;
    const { container } = faulty(bench, [{ on: 'read', times: Infinity, fault }]);
    await rejects(container.object(bench.ref().key).bytes(), 'checksum-mismatch');
    await rejects(container.object(bench.ref().key).stream().then(drain), 'checksum-mismatch');
  });

  rule('put-corrupted', 'finds by its digest that a body was corrupted on its way', comparesDigests, async (bench) => {
    const fault = { kind: 'corrupt', atByte: 150_000 } as const;
    const { container } = faulty(bench, [{ on: 'put', times: Infinity, fault }]);
    await rejects(container.put(bench.ref().key, content), 'checksum-mismatch');
  });

  rule('token-repeated', 'ends a listing that repeats its token', async (bench) => {
    const container = await bench.freshContainer();
    await bench.putAll(container, ['a', 'b', 'c']);
    const fault = { kind: 'repeat-token' } as const;
    const { driver } = faultInjector(bench.driver, [{ on: 'list', from: 2, times: Infinity, fault }]);
    const listing = bench.storageOver(driver).container(container).listObjects({ pageSize: 1 });
    const error = await within(10_000, 'the listing', failureOf(listing));
    assert.ok(isStorageError(error), String(error));
  });
});

/** Waits that are over at once: what is tested is that there is another attempt. */
const RETRY = { attempts: 4, baseDelayMs: 1, maxDelayMs: 2 } as const;

function faulty(bench: Bench, plan: readonly PlannedFault[]) {
  const { driver, injected } = faultInjector(bench.driver, plan);
  return { container: storage(bench, driver), injected };
}

function storage(bench: Bench, driver: StorageDriver) {
  return bench.storageOver(driver, { retry: RETRY }).container(bench.container);
}
