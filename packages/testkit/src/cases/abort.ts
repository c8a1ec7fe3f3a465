import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { type CallContext, isStorageError } from '@stowage/core/spi';
import { rejects, sameBytes, until, within } from '../asserts.js';
import type { Bench } from '../bench.js';
import { bytesBody, seededBytes, stallingBody, streamBody } from '../bodies.js';
import { type Applies, casesOf } from '../conformance-case.js';
import { drain } from '../drain.js';
import { groupOf } from '../group-of.js';

const hasParts: Applies = (driver) => driver.parts !== undefined;

export const abortCases = casesOf('abort', (rule) => {
  rule('before', 'does nothing when the signal has fired before the call', async (bench) => {
    await bench.put(bench.ref('kept'), 'content');
    const fresh = bench.newName();
    const ctx = { attempt: 1, signal: AbortSignal.abort() };
    const { driver } = bench;
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      stat: () => driver.stat(bench.ref('kept'), {}, ctx),
      'read bytes': () => driver.read(bench.ref('kept'), { want: 'bytes' }, ctx),
      'read stream': () => driver.read(bench.ref('kept'), { want: 'stream' }, ctx),
      list: () => driver.list(bench.container, {}, ctx),
      put: () => driver.put(bench.ref('new'), bytesBody('content'), {}, ctx),
      'put stream': () => driver.put(bench.ref('new'), streamBody(Buffer.from('content')), {}, ctx),
      delete: () => driver.delete(bench.ref('kept'), {}, ctx),
      listContainers: () => driver.listContainers({}, ctx),
      statContainer: () => driver.statContainer(bench.container, ctx),
      createContainer: () => driver.createContainer(fresh, {}, ctx),
      deleteContainer: () => driver.deleteContainer(bench.container, ctx),
    };
    for (const [name, call] of Object.entries(calls)) {
      await within(bench.abortWithinMs, name, rejects(call(), 'aborted'));
    }
    assert.equal((await bench.bytes(bench.ref('kept'))).toString(), 'content');
    assert.equal(await bench.exists(bench.ref('new')), false, 'the object is there');
    await rejects(driver.statContainer(fresh, bench.ctx), 'container-not-found');
  });

  rule('during-put', 'ends a put whose body stalls, stores nothing and frees the source', async (bench) => {
    await bench.put(bench.ref(), 'before');
    const { signal, abort } = abortable();
    const body = stallingBody(seededBytes(400_000));
    const put = bench.driver.put(bench.ref(), body, {}, { attempt: 1, signal });
    await endsWhenAborted(bench, put, body.started, abort);
    await until(bench.abortWithinMs, 'the end of the source', () => body.sources.every(({ destroyed }) => destroyed));
    assert.equal((await bench.bytes(bench.ref())).toString(), 'before');
  });

  rule('during-put-new', 'leaves no object when a put is aborted', async (bench) => {
    const { signal, abort } = abortable();
    const body = stallingBody(seededBytes(400_000));
    await endsWhenAborted(bench, bench.driver.put(bench.ref(), body, {}, { attempt: 1, signal }), body.started, abort);
    assert.equal(await bench.exists(bench.ref()), false, 'the object is there');
    await bench.eventually(async () => {
      const request = bench.facts.list.prefix ? { prefix: bench.prefix } : {};
      assert.ok(!(await bench.list(bench.container, request)).keys.some((key) => key.startsWith(bench.prefix)));
    });
  });

  rule('during-read', 'ends a stream in the middle with "aborted"', async (bench) => {
    const { ref } = await bench.largeObject();
    const { signal, abort } = abortable();
    const { stream } = await bench.driver.read(ref, { want: 'stream' }, { attempt: 1, signal });
    assert.ok(stream);
    const reading = (async (): Promise<number> => {
      let bytes = 0;
      for await (const chunk of stream) {
        bytes += (chunk as Buffer).length;
        abort();
      }
      return bytes;
    })();
    await within(bench.abortWithinMs, 'the end of the stream', rejects(reading, 'aborted'));
    assert.ok(stream.destroyed);
    assert.equal(getEventListeners(signal, 'abort').length, 0, 'listeners are left on the signal');
  });

  rule('unread', 'frees a stream that nobody reads', async (bench) => {
    const { ref } = await bench.largeObject();
    const { signal, abort } = abortable();
    const { stream } = await bench.driver.read(ref, { want: 'stream' }, { attempt: 1, signal });
    assert.ok(stream);
    const failure = new Promise<Error>((resolve) => stream.once('error', resolve));
    abort();
    assert.ok(isStorageError(await within(bench.abortWithinMs, 'the end of the stream', failure), 'aborted'));
  });

  rule('after', 'does nothing when the signal fires after the call', async (bench) => {
    const { signal, abort } = abortable();
    const ctx: CallContext = { attempt: 1, signal };
    const content = seededBytes(100_000, 15);
    await bench.driver.put(bench.ref(), streamBody(content), {}, ctx);
    const { stream } = await bench.driver.read(bench.ref(), { want: 'stream' }, ctx);
    assert.ok(stream);
    sameBytes(await drain(stream), content);
    abort();
    sameBytes(await bench.bytes(bench.ref()), content);
  });

  rule('listeners', 'leaves no listener on the signal', async (bench) => {
    const { signal } = abortable();
    const ctx: CallContext = { attempt: 1, signal };
    const { driver } = bench;
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      put: () => driver.put(bench.ref(), bytesBody('content'), {}, ctx),
      'put of a stream': () => driver.put(bench.ref(), streamBody(Buffer.from('content')), {}, ctx),
      stat: () => driver.stat(bench.ref(), {}, ctx),
      'read of bytes': () => driver.read(bench.ref(), { want: 'bytes' }, ctx),
      'read of a stream': async () => {
        const { stream } = await driver.read(bench.ref(), { want: 'stream' }, ctx);
        if (stream) await drain(stream);
      },
      'stat of nothing': () => rejects(driver.stat(bench.ref('missing'), {}, ctx), 'object-not-found'),
      list: () => driver.list(bench.container, { limit: 1 }, ctx),
      delete: () => driver.delete(bench.ref(), {}, ctx),
    };
    for (const [name, call] of Object.entries(calls)) {
      await call();
      // Streams tell their end one turn later.
      const isFree = (): boolean => getEventListeners(signal, 'abort').length === 0;
      await until(bench.abortWithinMs, `removing the listener of ${name} from the signal`, isFree);
    }
  });

  rule('during-part', 'ends a part whose body stalls', hasParts, async (bench) => {
    const parts = groupOf(bench.driver, 'parts');
    const upload = await parts.begin(bench.ref(), {}, bench.ctx);
    const { signal, abort } = abortable();
    const body = stallingBody(seededBytes(400_000));
    const put = parts.put(upload, { number: 1, offset: 0, last: true }, body, { attempt: 1, signal });
    await endsWhenAborted(bench, put, body.started, abort);
    await parts.abort(upload, bench.ctx);
  });
});

function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(new Error('the caller changed its mind')) };
}

async function endsWhenAborted(
  bench: Bench,
  call: Promise<unknown>,
  started: Promise<void>,
  abort: () => void,
): Promise<void> {
  const end = rejects(call, 'aborted');
  // Nothing handles a rejection while the body starts.
  end.catch(() => undefined);
  await within(bench.abortWithinMs, 'the start of the body', Promise.race([started, end]));
  abort();
  await within(bench.abortWithinMs, 'the aborted call', end);
}
