import assert from 'node:assert/strict';
import {
  digestOf,
  isStorageError,
  type PartRecord,
  type PartResult,
  type PartsGroup,
  type PutBody,
  type PutRequest,
  type UploadRef,
} from '@stowage/core/spi';
import { failureOf, rejects, sameBytes } from '../asserts.js';
import type { Bench } from '../bench.js';
import { bytesBody, failingBody, seededBytes, streamBody } from '../bodies.js';
import { type Applies, casesOf } from '../conformance-case.js';
import { groupOf } from '../group-of.js';

const hasParts: Applies = (driver) => driver.parts !== undefined;
const isParallel: Applies = (driver) => driver.parts !== undefined && driver.capabilities.parts?.sequential === false;
const compares: Applies = ({ capabilities }) => (capabilities.parts?.upload.length ?? 0) > 0;
const isCreateOnly: Applies = ({ capabilities }) => capabilities.parts?.conditions.includes('ifNoneMatch') ?? false;
const putsOver: Applies = ({ capabilities }) => capabilities.parts?.conditions.includes('ifMatch') ?? false;
/** Ids come back from tokens, which may have been in anybody's hands. */
const STRANGE_IDS: Readonly<Record<string, string>> = {
  path: '../../../etc',
  newline: 'an-id\nx-other: header',
  null: 'an-id\0',
  query: 'an-id&uploads=',
};
const copiesParts: Applies = (driver) => driver.parts?.copy !== undefined;

export const partsCases = casesOf('parts', (rule) => {
  rule('whole', 'makes one object of its parts, which appears when it is complete', hasParts, async (bench) => {
    const upload = await begin(bench);
    const content = contentOf(bench);
    const parts = await sendAll(bench, upload, content);
    assert.equal(await bench.exists(bench.ref()), false, 'the object is there before the upload is complete');
    const { record } = await complete(bench, upload, parts);
    assert.equal(record.size, content.length);
    sameBytes(await bench.bytes(bench.ref()), content);
    assert.equal((await bench.stat(bench.ref())).size, content.length);
  });

  rule('one-part', 'makes an object of one part', hasParts, async (bench) => {
    const upload = await begin(bench);
    const part = await send(bench, upload, { number: 1, offset: 0, last: true }, bytesBody('short'));
    await complete(bench, upload, [part]);
    assert.equal((await bench.bytes(bench.ref())).toString(), 'short');
  });

  rule('stream', 'takes parts as streams', hasParts, async (bench) => {
    const upload = await begin(bench);
    const content = seededBytes(100_000, 9);
    const part = await send(bench, upload, { number: 1, offset: 0, last: true }, streamBody(content));
    assert.equal(part.size, content.length);
    await complete(bench, upload, [part]);
    sameBytes(await bench.bytes(bench.ref()), content);
  });

  rule('any-order', 'takes parts in any order and at once', isParallel, async (bench) => {
    const upload = await begin(bench);
    const content = contentOf(bench);
    const parts = await Promise.all(
      cut(bench, content)
        .reverse()
        .map(({ bytes, ...part }) => send(bench, upload, part, bytesBody(bytes))),
    );
    await complete(bench, upload, parts.reverse());
    sameBytes(await bench.bytes(bench.ref()), content);
  });

  rule('resend', 'replaces a part that is sent again', isParallel, async (bench) => {
    const upload = await begin(bench);
    await send(bench, upload, { number: 1, offset: 0, last: true }, bytesBody('first try'));
    const part = await send(bench, upload, { number: 1, offset: 0, last: true }, bytesBody('second try'));
    const listed = await listParts(bench, upload);
    assert.deepEqual(
      listed.map(({ number, size }) => [number, size]),
      [[1, 'second try'.length]],
    );
    await complete(bench, upload, [part]);
    assert.equal((await bench.bytes(bench.ref())).toString(), 'second try');
  });

  rule('attributes', 'stores the attributes that begin and complete are given', hasParts, async (bench) => {
    const { attributes } = bench.facts.put;
    const request: PutRequest = {
      ...(attributes.includes('contentType') && { contentType: 'text/x-stowage' }),
      ...(attributes.includes('metadata') && bench.facts.metadata.names !== 'none' && { metadata: { colour: 'blue' } }),
    };
    const upload = await begin(bench, request);
    const part = await send(bench, upload, { number: 1, offset: 0, last: true }, bytesBody('content'));
    await complete(bench, upload, [part], request);
    const record = await bench.stat(bench.ref());
    assert.equal(record.contentType, request.contentType ?? record.contentType);
    assert.deepEqual({ ...record.metadata }, { ...request.metadata });
  });

  rule('replace', 'replaces an object, and leaves it alone until then', hasParts, async (bench) => {
    await bench.put(bench.ref(), 'before');
    const upload = await begin(bench);
    const part = await send(bench, upload, { number: 1, offset: 0, last: true }, bytesBody('after'));
    assert.equal((await bench.bytes(bench.ref())).toString(), 'before');
    await complete(bench, upload, [part]);
    assert.equal((await bench.bytes(bench.ref())).toString(), 'after');
  });

  rule('list', 'lists the parts that were sent, with all that complete needs', hasParts, async (bench) => {
    const upload = await begin(bench);
    assert.deepEqual(await listParts(bench, upload), []);
    const content = contentOf(bench);
    const sent = await sendAll(bench, upload, content);
    const listed = await listParts(bench, upload);
    const facts = (parts: readonly PartRecord[]): unknown => parts.map(({ number, size }) => [number, size]);
    assert.deepEqual(facts(listed), facts(sent));
    await complete(bench, upload, listed);
    sameBytes(await bench.bytes(bench.ref()), content);
  });

  rule('token', 'goes on with an upload whose name went through JSON', hasParts, async (bench) => {
    const upload = JSON.parse(JSON.stringify(await begin(bench))) as UploadRef;
    const part = await send(bench, upload, { number: 1, offset: 0, last: true }, bytesBody('content'));
    await complete(bench, upload, [JSON.parse(JSON.stringify(part)) as PartRecord]);
    assert.equal((await bench.bytes(bench.ref())).toString(), 'content');
    for (const secret of bench.harness.secrets ?? []) assert.ok(!JSON.stringify(upload).includes(secret));
  });

  rule('list-uploads', 'lists uploads until they are completed or aborted', hasParts, async (bench) => {
    const names = ['completed', 'aborted', 'left'];
    const [completed, aborted, left] = (await Promise.all(names.map((name) => begin(bench, {}, name)))) as [
      UploadRef,
      UploadRef,
      UploadRef,
    ];
    await bench.eventually(async () =>
      assert.deepEqual(await uploadKeys(bench), names.map((name) => bench.ref(name).key).sort()),
    );
    await complete(bench, completed, [
      await send(bench, completed, { number: 1, offset: 0, last: true }, bytesBody('content')),
    ]);
    await group(bench).abort(aborted, bench.ctx);
    await bench.eventually(async () => assert.deepEqual(await uploadKeys(bench), [bench.ref('left').key]));
    await group(bench).abort(left, bench.ctx);
  });

  rule('abort', 'forgets an aborted upload, and leaves no object', hasParts, async (bench) => {
    const upload = await begin(bench);
    const part = await send(bench, upload, { number: 1, offset: 0, last: true }, bytesBody('content'));
    await group(bench).abort(upload, bench.ctx);
    await rejects(group(bench).list(upload, {}, bench.ctx), 'upload-not-found');
    await rejects(complete(bench, upload, [part]), 'upload-not-found');
    await rejects(send(bench, upload, { number: 2, offset: 7, last: true }, bytesBody('more')), 'upload-not-found');
    assert.equal(await bench.exists(bench.ref()), false, 'the object is there');
  });

  rule('abort-again', 'resolves when the upload to abort is gone', hasParts, async (bench) => {
    const upload = await begin(bench);
    await group(bench).abort(upload, bench.ctx);
    await group(bench).abort(upload, bench.ctx);
  });

  rule('complete-again', 'knows no upload that was completed', hasParts, async (bench) => {
    const upload = await begin(bench);
    await complete(bench, upload, [
      await send(bench, upload, { number: 1, offset: 0, last: true }, bytesBody('content')),
    ]);
    await rejects(group(bench).list(upload, {}, bench.ctx), 'upload-not-found');
    await group(bench).abort(upload, bench.ctx);
    assert.equal((await bench.bytes(bench.ref())).toString(), 'content', 'abort after complete took the object away');
  });

  for (const [name, uploadId] of Object.entries(STRANGE_IDS)) {
    rule(
      `strange-id-${name}`,
      `knows no upload ${JSON.stringify(uploadId)}, and touches nothing`,
      hasParts,
      async (bench) => {
        await bench.put(bench.ref(), 'before');
        const upload = await begin(bench);
        const part = await send(bench, upload, { number: 1, offset: 0, last: true }, bytesBody('content'));
        const strange = { ...upload, uploadId };
        const refusals = ['upload-not-found', 'invalid-argument'] as const;
        await rejects(group(bench).list(strange, {}, bench.ctx), ...refusals);
        await rejects(send(bench, strange, { number: 1, offset: 0, last: true }, bytesBody('strange')), ...refusals);
        // What the completion of a gone upload is called, `parts/abort` tells.
        assert.ok(isStorageError(await failureOf(complete(bench, strange, [part]))), 'complete');
        // To abort what is not there may resolve.
        const abort = group(bench).abort(strange, bench.ctx);
        await abort.catch(() => rejects(abort, ...refusals));
        assert.equal((await bench.bytes(bench.ref())).toString(), 'before');
        await complete(bench, upload, [part]);
        assert.equal((await bench.bytes(bench.ref())).toString(), 'content');
      },
    );
  }

  rule('missing-container', 'begins nothing in a missing container', hasParts, async (bench) => {
    const ref = { container: bench.newName(), key: 'key' };
    await rejects(group(bench).begin(ref, {}, bench.ctx), 'container-not-found');
  });

  rule('broken-part', 'survives a part whose body fails', hasParts, async (bench) => {
    const upload = await begin(bench);
    const broken = failingBody(seededBytes(200_000), new Error('the source broke'));
    await failureOf(send(bench, upload, { number: 1, offset: 0, last: true }, broken));
    const part = await send(bench, upload, { number: 1, offset: 0, last: true }, bytesBody('content'));
    await complete(bench, upload, [part]);
    assert.equal((await bench.bytes(bench.ref())).toString(), 'content');
  });

  rule('checksum', 'has the store compare the digest of a part', compares, async (bench) => {
    const upload = await begin(bench);
    const number = 1;
    const bytes = seededBytes(3_000, 10);
    for (const algorithm of bench.facts.parts?.upload ?? []) {
      const part = { number, offset: 0, last: true };
      const wrong = { algorithm, value: digestOf(algorithm, Buffer.from('another')) };
      await rejects(send(bench, upload, { ...part, checksum: wrong }, bytesBody(bytes)), 'checksum-mismatch');
      const right = { algorithm, value: digestOf(algorithm, bytes) };
      const { verified } = await send(bench, upload, { ...part, checksum: right }, bytesBody(bytes));
      assert.equal(verified, 'service', algorithm);
    }
    await complete(bench, upload, await listParts(bench, upload));
    sameBytes(await bench.bytes(bench.ref()), bytes);
  });

  rule('create-only', 'completes only where nothing is', isCreateOnly, async (bench) => {
    const upload = await begin(bench, { ifNoneMatch: '*' });
    const part = await send(bench, upload, { number: 1, offset: 0, last: true }, bytesBody('late'));
    await bench.put(bench.ref(), 'first');
    await rejects(complete(bench, upload, [part], { ifNoneMatch: '*' }), 'object-exists');
    assert.equal((await bench.bytes(bench.ref())).toString(), 'first');
    await group(bench).abort(upload, bench.ctx);
  });

  rule('if-match', 'completes only over the version that ifMatch names', putsOver, async (bench) => {
    await bench.put(bench.ref(), 'first');
    const ifMatch = await bench.etag(bench.ref());
    const upload = await begin(bench, { ifMatch });
    const part = await send(bench, upload, { number: 1, offset: 0, last: true }, bytesBody('late'));
    await bench.put(bench.ref(), 'second');
    await rejects(complete(bench, upload, [part], { ifMatch }), 'precondition-failed');
    assert.equal((await bench.bytes(bench.ref())).toString(), 'second');
    await group(bench).abort(upload, bench.ctx);
  });

  rule('copy', 'makes a part of a range of another object', copiesParts, async (bench) => {
    const size = partBytes(bench);
    const source = seededBytes(size + 1_000, 11);
    await bench.put(bench.ref('source'), source);
    const upload = await begin(bench);
    const range = { start: 500, end: 500 + size };
    const copied = await group(bench).copy?.(
      upload,
      { number: 1, offset: 0 },
      { ref: bench.ref('source'), range },
      bench.ctx,
    );
    assert.ok(copied);
    assert.equal(copied.size, size);
    const tail = await send(bench, upload, { number: 2, offset: size, last: true }, bytesBody('tail'));
    await complete(bench, upload, [copied, tail]);
    const expected = Buffer.concat([source.subarray(range.start, range.end), Buffer.from('tail')]);
    sameBytes(await bench.bytes(bench.ref()), expected);
  });
});

const group = (bench: Bench): PartsGroup => groupOf(bench.driver, 'parts');

function begin(bench: Bench, request: PutRequest = {}, name?: string): Promise<UploadRef> {
  return group(bench).begin(bench.ref(name), request, bench.ctx);
}

function send(
  bench: Bench,
  upload: UploadRef,
  part: Parameters<PartsGroup['put']>[1],
  body: PutBody,
): Promise<PartResult> {
  return group(bench).put(upload, part, body, bench.ctx);
}

function complete(bench: Bench, upload: UploadRef, parts: readonly PartRecord[], request: PutRequest = {}) {
  return group(bench).complete(upload, parts, request, bench.ctx);
}

/** The smallest part that the driver takes. */
function partBytes({ facts }: Bench): number {
  const { minBytes = 1, multipleOf = 1 } = facts.parts ?? {};
  return Math.ceil(Math.max(minBytes, 64 * 1024) / multipleOf) * multipleOf;
}

/** A full part and a short one. */
function contentOf(bench: Bench): Buffer {
  return seededBytes(partBytes(bench) + 1_001, 12);
}

function cut(bench: Bench, content: Buffer): { number: number; offset: number; last: boolean; bytes: Buffer }[] {
  const size = partBytes(bench);
  return Array.from({ length: Math.ceil(content.length / size) }, (_, index) => {
    const offset = index * size;
    return {
      number: index + 1,
      offset,
      last: offset + size >= content.length,
      bytes: content.subarray(offset, offset + size),
    };
  });
}

async function sendAll(bench: Bench, upload: UploadRef, content: Buffer): Promise<PartResult[]> {
  const sent: PartResult[] = [];
  for (const { bytes, ...part } of cut(bench, content)) sent.push(await send(bench, upload, part, bytesBody(bytes)));
  return sent;
}

async function listParts(bench: Bench, upload: UploadRef): Promise<PartRecord[]> {
  const parts: PartRecord[] = [];
  let token: string | undefined;
  do {
    const page = await group(bench).list(upload, { token }, bench.ctx);
    parts.push(...page.parts);
    token = page.next;
  } while (token !== undefined);
  return parts.sort((a, b) => a.number - b.number);
}

async function uploadKeys(bench: Bench): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await group(bench).listUploads(bench.container, { prefix: bench.prefix, token }, bench.ctx);
    keys.push(...page.uploads.map(({ ref }) => ref.key));
    token = page.next;
  } while (token !== undefined);
  return keys.sort();
}
