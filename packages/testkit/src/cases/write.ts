import assert from 'node:assert/strict';
import { type ChecksumAlgorithm, DIGEST_HEX_DIGITS, digestOf } from '@stowage/core/spi';
import { failureOf, rejects, sameBytes } from '../asserts.js';
import { bytesBody, seededBytes, streamBody } from '../bodies.js';
import { type Applies, casesOf } from '../conformance-case.js';

const ALGORITHMS = Object.keys(DIGEST_HEX_DIGITS) as ChecksumAlgorithm[];
const compares =
  (algorithm: ChecksumAlgorithm): Applies =>
  ({ capabilities }) =>
    capabilities.checksums.upload.includes(algorithm);

const UNFIT_ETAG = 'other content has the same etag; leave out an etag of which this may be so';

export const writeCases = casesOf('write', (rule) => {
  rule('bytes', 'stores bytes, and tells what stat tells', async (bench) => {
    const ref = bench.ref();
    const content = seededBytes(10_000);
    const { record } = await bench.put(ref, content);
    assert.equal(record.key, ref.key, 'the key that put tells');
    assert.equal(record.size, content.length, 'the size that put tells');
    sameBytes(await bench.bytes(ref), content);
    const stat = await bench.stat(ref);
    assert.equal(stat.size, content.length, 'the size that stat tells');
    if (record.etag !== undefined) assert.equal(record.etag, stat.etag, 'put and stat tell different etags');
  });

  for (const chunkBytes of [1, 1_000, 65_537]) {
    rule(`stream-${chunkBytes}`, `stores a stream of known size in chunks of ${chunkBytes} bytes`, async (bench) => {
      const content = seededBytes(Math.min(chunkBytes * 40, 500_000), chunkBytes);
      await bench.putBody(bench.ref(), streamBody(content, { chunkBytes }));
      sameBytes(await bench.bytes(bench.ref()), content);
    });
  }

  rule('stream-large', 'stores a large stream', async (bench) => {
    const content = seededBytes(bench.largeBytes, 4);
    const { record } = await bench.putBody(bench.ref(), streamBody(content));
    assert.equal(record.size, content.length, 'the size that put tells');
    sameBytes(await bench.bytes(bench.ref()), content);
  });

  rule(
    'unknown-size',
    'stores a stream of unknown size',
    ({ capabilities }) => capabilities.put.unknownSize,
    async (bench) => {
      const content = seededBytes(300_000, 5);
      const { record } = await bench.putBody(bench.ref(), streamBody(content, { size: 'unknown' }));
      assert.equal(record.size, content.length, 'the size that put tells');
      sameBytes(await bench.bytes(bench.ref()), content);
    },
  );

  rule('empty', 'stores an empty object', async (bench) => {
    await bench.put(bench.ref('bytes'), '');
    await bench.putBody(bench.ref('stream'), streamBody(Buffer.alloc(0)));
    for (const name of ['bytes', 'stream'])
      assert.equal((await bench.bytes(bench.ref(name))).length, 0, `bytes of the empty object put as ${name}`);
  });

  rule('replace', 'replaces an object whole, also by a shorter one', async (bench) => {
    const ref = bench.ref();
    const before = await bench.put(ref, 'a long content');
    const after = await bench.put(ref, 'short');
    assert.equal((await bench.bytes(ref)).toString(), 'short');
    if (after.record.etag !== undefined) assert.notEqual(after.record.etag, before.record.etag, UNFIT_ETAG);
  });

  rule('etag', 'gives another etag to another content of the same length', async (bench) => {
    const ref = bench.ref();
    await bench.put(ref, 'content one');
    const before = await bench.stat(ref);
    await bench.put(ref, 'content two');
    const after = await bench.stat(ref);
    if (before.etag !== undefined) assert.notEqual(after.etag, before.etag, UNFIT_ETAG);
  });

  rule('missing-container', 'rejects a put into a missing container with container-not-found', async (bench) => {
    const container = bench.newName();
    await rejects(bench.put({ container, key: 'key' }, 'content'), 'container-not-found');
    await rejects(bench.driver.statContainer(container, bench.ctx), 'container-not-found');
  });

  rule('own-bytes', 'holds on to no memory of the caller', async (bench) => {
    const bytes = Buffer.from('unchanged');
    await bench.putBody(bench.ref(), { ...bytesBody(''), size: bytes.length, bytes });
    bytes.fill(0);
    assert.equal((await bench.bytes(bench.ref())).toString(), 'unchanged');
  });

  rule('one-attempt', 'opens a body at most once', async (bench) => {
    let opened = 0;
    const body = streamBody(seededBytes(100_000));
    const open = (): ReturnType<typeof body.open> => {
      opened++;
      return body.open();
    };
    await bench.putBody(bench.ref(), { ...body, open });
    assert.equal(opened, 1, 'times that the body was opened');
  });

  for (const algorithm of ALGORITHMS) {
    rule(
      `checksum-${algorithm}`,
      `has the store compare the ${algorithm} of a body`,
      compares(algorithm),
      async (bench) => {
        const content = seededBytes(5_000, 6);
        const checksum = { algorithm, value: digestOf(algorithm, content) };
        for (const body of [bytesBody(content), streamBody(content)]) {
          const { verified } = await bench.putBody(bench.ref(), body, { checksum });
          assert.equal(verified, 'service');
          sameBytes(await bench.bytes(bench.ref()), content);
        }
      },
    );

    const title = `refuses a body whose ${algorithm} is another, and stores nothing`;
    rule(`checksum-${algorithm}-wrong`, title, compares(algorithm), async (bench) => {
      const checksum = { algorithm, value: digestOf(algorithm, Buffer.from('something else')) };
      for (const [name, body] of [
        ['bytes', bytesBody(seededBytes(5_000, 6))],
        ['stream', streamBody(seededBytes(5_000, 6))],
      ] as const) {
        await rejects(bench.putBody(bench.ref(name), body, { checksum }), 'checksum-mismatch');
        assert.equal(await bench.exists(bench.ref(name)), false, 'the body is stored although its digest differs');
      }
    });
  }

  rule('verified-honest', 'never says "service" of a digest that the store does not compare', async (bench) => {
    const content = seededBytes(2_000, 7);
    for (const algorithm of ALGORITHMS.filter((name) => !bench.facts.checksums.upload.includes(name))) {
      const checksum = { algorithm, value: digestOf(algorithm, content) };
      const put = bench.put(bench.ref(algorithm), content, { checksum });
      const verified = await put.then((result) => result.verified).catch(() => 'refused' as const);
      assert.notEqual(verified, 'service', `a body is said to be compared by ${algorithm}, which is not declared`);
    }
  });

  rule('checksums-reported', 'reports only true digests of the whole body', async (bench) => {
    const content = seededBytes(5_000, 8);
    const { record } = await bench.put(bench.ref(), content);
    const read = await bench.driver.read(bench.ref(), { want: 'bytes' }, bench.ctx);
    const reports = [record.checksums, (await bench.stat(bench.ref())).checksums, read.record.checksums];
    const seen = new Set<string>();
    for (const [algorithm, value] of reports.flatMap((report) => Object.entries(report ?? {}))) {
      assert.equal(value, digestOf(algorithm as ChecksumAlgorithm, content), `the ${algorithm} is wrong`);
      seen.add(algorithm);
    }
    const { reported } = bench.facts.checksums;
    const isSeen = reported.length === 0 || reported.some((algorithm) => seen.has(algorithm));
    assert.ok(isSeen, `${reported.join(', ')} declared as reported, and none was`);
  });

  rule('delete', 'deletes an object, and no other', async (bench) => {
    const names = ['a', 'ab', 'a/b', 'b'];
    for (const name of names) await bench.put(bench.ref(name), name);
    const { existed } = await bench.driver.delete(bench.ref('a'), {}, bench.ctx);
    if (bench.facts.delete.tellsMissing) assert.equal(existed, true, 'delete tells that nothing was there');
    assert.notEqual(existed, false, 'delete says that the object was missing');
    await rejects(bench.stat(bench.ref('a')), 'object-not-found');
    for (const name of names.slice(1)) assert.equal((await bench.bytes(bench.ref(name))).toString(), name);
  });

  rule('delete-missing', 'resolves the deletion of a missing object, and tells so where declared', async (bench) => {
    const { existed } = await bench.driver.delete(bench.ref('missing'), {}, bench.ctx);
    if (bench.facts.delete.tellsMissing) assert.equal(existed, false, 'delete tells that something was there');
    assert.notEqual(existed, true, 'delete says that there was an object');
  });

  rule('put-after-delete', 'stores an object again under a key that was deleted', async (bench) => {
    await bench.put(bench.ref(), 'first');
    await bench.driver.delete(bench.ref(), {}, bench.ctx);
    await bench.put(bench.ref(), 'second');
    assert.equal((await bench.bytes(bench.ref())).toString(), 'second');
  });

  rule('unknown-provider-option', 'refuses a provider option that it does not know', async (bench) => {
    const provider = { stowageTestkitNoSuchOption: true };
    const ref = bench.ref();
    const error = await rejects(bench.put(ref, 'content', { provider }), 'unsupported', 'invalid-argument');
    assert.ok(
      error.message.includes('stowageTestkitNoSuchOption'),
      `the message does not name the option: ${error.message}`,
    );
    assert.equal(await bench.exists(ref), false);
    await bench.put(ref, 'content');
    await rejects(bench.driver.stat(ref, { provider }, bench.ctx), 'unsupported', 'invalid-argument');
    const read = bench.driver.read(ref, { want: 'bytes', provider }, bench.ctx);
    await rejects(read, 'unsupported', 'invalid-argument');
    await failureOf(bench.driver.delete(ref, { provider }, bench.ctx));
    assert.equal(await bench.exists(ref), true);
  });
});
