import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors/storage-error.js';
import { openStream, readBytes } from '../../src/transfer/download.js';
import type { ObjectStream, ReadBytes, ReadOptions, StreamOptions } from '../../src/transfer/download-options.js';
import type { Progress } from '../../src/transfer/progress.js';
import { breaking, chunked, collect, failureOf, KIB, Lab, patterned, reset } from './lab.js';

const body = patterned(200 * KIB);

const bytesOf = (lab: Lab, options: ReadOptions = {}): Promise<ReadBytes> => readBytes(lab.context, lab.ref(), options);
const streamOf = (lab: Lab, options: StreamOptions = {}): Promise<ObjectStream> =>
  openStream(lab.context, lab.ref(), options);

function labWith(bytes = body, settings: ConstructorParameters<typeof Lab>[0] = {}): Lab {
  const lab = new Lab(settings);
  lab.seed(bytes);
  return lab;
}

const damaged = (lab: Lab): void => {
  lab.report = (record) => ({ ...record, checksums: { md5: '0'.repeat(32) } });
};

describe('reading bytes', () => {
  it('is one request, and compares the digest that the store reports', async () => {
    const lab = labWith();
    const result = await bytesOf(lab);
    expect(result.bytes.equals(body)).toBe(true);
    expect(result).toMatchObject({ verified: 'client', range: { start: 0, end: body.length }, record: { key: 'key' } });
    expect(lab.calls.map(({ name }) => name)).toEqual(['read']);
  });

  it('that are not those that were stored is an error', async () => {
    const lab = labWith();
    damaged(lab);
    expect(await failureOf(bytesOf(lab))).toMatchObject({ code: 'checksum-mismatch', operation: 'bytes', key: 'key' });
    expect((await bytesOf(lab, { verify: 'never' })).verified).toBe('size');
  });

  it.each([
    [{ start: 5, end: 12 }, 5, 12],
    [{ start: 100 }, 100, body.length],
    [{ start: 0, end: 10 ** 9 }, 0, body.length],
    [{ suffix: 7 }, body.length - 7, body.length],
    [{ suffix: 10 ** 9 }, 0, body.length],
  ])('of a range %o gives just those', async (range, start, end) => {
    for (const suffixRanges of [true, false]) {
      const lab = labWith(body, { read: { suffixRanges } });
      const result = await bytesOf(lab, { range });
      expect(result.bytes.equals(body.subarray(start, end))).toBe(true);
      expect(result.range).toEqual({ start, end });
    }
  });

  it('of a suffix, where the store knows none, asks for the size and then for that version only', async () => {
    const lab = labWith(body, { read: { suffixRanges: false } });
    await bytesOf(lab, { range: { suffix: 10 } });
    expect(lab.calls.map(({ name }) => name)).toEqual(['stat', 'read']);
    expect(lab.calls[1]).toMatchObject({ range: { start: body.length - 10, end: body.length }, ifMatch: 'v1' });
    const empty = labWith(Buffer.alloc(0), { read: { suffixRanges: false } });
    expect((await bytesOf(empty, { range: { suffix: 10 } })).bytes.length).toBe(0);
  });

  it('fewer than announced is tried again, and an error in the end', async () => {
    const lab = labWith();
    const read = lab.driver.read.bind(lab.driver);
    lab.driver.read = async (ref, request, ctx) => {
      const result = await read(ref, request, ctx);
      return result.bytes ? { ...result, bytes: result.bytes.subarray(1) } : result;
    };
    expect(await failureOf(bytesOf(lab))).toMatchObject({ code: 'unavailable', attempts: 4 });
  });

  it('other than asked for is an error, as when a server ignores the range', async () => {
    const lab = labWith();
    const read = lab.driver.read.bind(lab.driver);
    lab.driver.read = (ref, request, ctx) => read(ref, { ...request, range: undefined }, ctx);
    for (const reading of [
      bytesOf(lab, { range: { start: 5, end: 9 } }),
      streamOf(lab, { range: { start: 5, end: 9 } }),
    ]) {
      expect((await failureOf(reading)).message).toContain('Asked for bytes 5 to 9');
    }
  });
});

describe('a stream', () => {
  it('gives the content, and tells how far it was checked when it has ended', async () => {
    const lab = labWith();
    const stream = await streamOf(lab);
    expect(stream).toMatchObject({ object: { size: body.length }, range: { start: 0, end: body.length } });
    expect(stream.verified).toBeUndefined();
    expect((await collect(stream)).equals(body)).toBe(true);
    expect(stream.verified).toBe('client');
  });

  it('is refused before it begins when the object is missing', async () => {
    expect(await failureOf(streamOf(new Lab()))).toMatchObject({ code: 'object-not-found', operation: 'stream' });
  });

  it('of a damaged object fails instead of ending', async () => {
    const lab = labWith();
    damaged(lab);
    const stream = await streamOf(lab);
    expect((await failureOf(collect(stream))).code).toBe('checksum-mismatch');
    expect(stream.verified).toBeUndefined();
  });

  it('gives every byte once, however often and wherever it breaks', async () => {
    const cases = fc.record({
      length: fc.integer({ min: 1, max: body.length }),
      breaks: fc.array(fc.nat(body.length), { maxLength: 3 }),
      error: fc.constantFrom<Error | 'ends'>(reset(), 'ends', new StorageError('unavailable', 'Gone.')),
      range: fc.option(fc.tuple(fc.nat(body.length), fc.integer({ min: 1, max: body.length })), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ length, breaks, error, range }) => {
        const bytes = body.subarray(0, length);
        const lab = labWith(bytes);
        const left = [...breaks];
        lab.stream = (slice) => {
          const at = left.shift();
          return at === undefined ? chunked(slice, 10 * KIB) : breaking(slice, at, error);
        };
        const start = Math.min(range?.[0] ?? 0, length - 1);
        const end = Math.min(length, start + (range?.[1] ?? length));
        const stream = await streamOf(lab, range ? { range: { start, end } } : {});
        expect((await collect(stream)).equals(bytes.subarray(start, end))).toBe(true);
        expect(lab.calls.slice(1).every(({ ifMatch }) => ifMatch === 'v1')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('asks only for the bytes that are missing', async () => {
    const lab = labWith();
    let first = true;
    lab.stream = (slice) => {
      if (!first) return chunked(slice);
      first = false;
      return breaking(slice, 100 * KIB);
    };
    await collect(await streamOf(lab));
    const [, again] = lab.named('read');
    // A stream that breaks drops the chunk that it holds.
    expect(again?.range?.start).toBeGreaterThanOrEqual(80 * KIB);
    expect(again?.range).toMatchObject({ end: body.length });
    expect(lab.count('read')).toBe(2);
  });

  it('fails clearly when the object is replaced between two pieces of it', async () => {
    for (const conditions of [['ifMatch'] as const, [] as const]) {
      const lab = labWith(body, { read: { conditions } });
      lab.stream = (slice) => breaking(slice, 100 * KIB);
      const stream = await streamOf(lab);
      lab.seed(patterned(200 * KIB, 99));
      expect(await failureOf(collect(stream))).toMatchObject({
        code: 'precondition-failed',
        message: expect.stringContaining('was replaced'),
      });
    }
  });

  it('is not taken up where nothing but a time tells versions apart, nor where there are no ranges', async () => {
    const nameless = labWith();
    nameless.report = ({ etag: _etag, ...record }) => ({ ...record, modifiedAtMs: 1_700_000_000_000 });
    const rangeless = labWith(body, { read: { ranges: false } });
    for (const lab of [nameless, rangeless]) {
      lab.stream = (slice) => breaking(slice, 100 * KIB);
      const failure = await failureOf(collect(await streamOf(lab)));
      expect(failure).toMatchObject({ code: 'unavailable', operation: 'stream' });
      expect(lab.count('read')).toBe(1);
    }
  });

  it('gives up on a store that breaks again and again at the same place, and on one that must not be retried', async () => {
    const lab = labWith();
    lab.stream = (slice) => breaking(slice, 0);
    expect((await failureOf(collect(await streamOf(lab)))).code).toBe('unavailable');
    expect(lab.count('read')).toBeLessThanOrEqual(5);
    const once = labWith(body, { retry: false });
    once.stream = (slice) => breaking(slice, 10);
    expect((await failureOf(collect(await streamOf(once)))).attempts).toBe(1);
    expect(once.count('read')).toBe(1);
    const refused = labWith();
    refused.stream = (slice) => breaking(slice, 10, new StorageError('permission-denied', 'Expired.'));
    expect((await failureOf(collect(await streamOf(refused)))).code).toBe('permission-denied');
    expect(refused.count('read')).toBe(1);
  });

  it('with more bytes than announced fails', async () => {
    const lab = labWith();
    lab.stream = (slice) => chunked(Buffer.concat([slice, Buffer.from('more')]));
    expect((await failureOf(collect(await streamOf(lab)))).message).toContain('more than');
  });

  it('waits for a slow reader, and holds no more than its buffers', async () => {
    const lab = labWith(patterned(4 * 1024 * KIB));
    let given = 0;
    lab.stream = (slice) => {
      const inner = chunked(slice, 16 * KIB);
      const push = inner.push.bind(inner);
      inner.push = (chunk: Buffer | null) => {
        given += chunk?.length ?? 0;
        return push(chunk);
      };
      return inner;
    };
    const stream = await streamOf(lab);
    let read = 0;
    for await (const chunk of stream) {
      // Everything that waits comes as one chunk.
      expect(given - read).toBeLessThanOrEqual(256 * KIB);
      read += (chunk as Buffer).length;
      if (read < 1024 * KIB) for (let turn = 0; turn < 300; turn++) await nextTurn();
      expect(given - read).toBeLessThanOrEqual(256 * KIB);
    }
    expect(read).toBe(4 * 1024 * KIB);
  });

  it('frees the connection when its reader stops', async () => {
    const lab = labWith();
    let inner: Readable | undefined;
    lab.stream = (slice) => (inner = chunked(slice, KIB));
    for await (const _chunk of await streamOf(lab)) break;
    expect(inner?.destroyed).toBe(true);
    const unread = await streamOf(lab);
    unread.destroy();
    await once(unread, 'close');
    expect(inner?.destroyed).toBe(true);
  });

  it('ends on abort while it is read, while it waits and before it begins', async () => {
    const control = new AbortController();
    const lab = labWith();
    lab.stream = (slice) => {
      const inner = new Readable({ read: () => undefined });
      inner.push(slice.subarray(0, KIB));
      return inner;
    };
    const stream = await streamOf(lab, { signal: control.signal });
    const reading = failureOf(collect(stream));
    await nextTurn();
    control.abort(new Error('enough'));
    expect(await reading).toMatchObject({ code: 'aborted', cause: { message: 'enough' } });
    expect(await failureOf(streamOf(lab, { signal: control.signal }))).toMatchObject({ code: 'aborted' });
    expect(lab.count('read')).toBe(1);
  });

  it('fails when its storage is closed', async () => {
    const lab = labWith();
    lab.stream = () => new Readable({ read: () => undefined });
    const reading = failureOf(collect(await streamOf(lab)));
    lab.closing.abort(new StorageError('closed', 'The storage was closed.'));
    expect((await reading).code).toBe('closed');
  });

  it('gives chunks of exactly the size that the caller chose, but for the last', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.nat(20_000),
        async (chunkSize, network, length) => {
          const bytes = body.subarray(0, length);
          const lab = labWith(bytes);
          lab.stream = (slice) => chunked(slice, network);
          const chunks: Buffer[] = [];
          for await (const chunk of await streamOf(lab, { chunkSize })) chunks.push(chunk as Buffer);
          expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
          expect(chunks.slice(0, -1).every((chunk) => chunk.length === chunkSize)).toBe(true);
          expect(chunks.at(-1)?.length ?? 1).toBeLessThanOrEqual(chunkSize);
        },
      ),
      { numRuns: 40 },
    );
    expect((await failureOf(streamOf(labWith(), { chunkSize: 0 }))).code).toBe('invalid-argument');
  });

  it('tells its progress, and fails with what the listener throws', async () => {
    const told: Progress[] = [];
    await collect(await streamOf(labWith(), { onProgress: (progress) => told.push(progress) }));
    expect(told.at(-1)).toEqual({ transferred: body.length, total: body.length });
    const onProgress = (): never => {
      throw new RangeError('no such bar');
    };
    expect((await failureOf(collect(await streamOf(labWith(), { onProgress })))).message).toContain('no such bar');
  });
});
