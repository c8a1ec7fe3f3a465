import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/checksum/digest.js';
import { StorageError } from '../../src/errors/storage-error.js';
import type { ChecksumAlgorithm } from '../../src/spi/checksums.js';
import { fileSource } from '../../src/transfer/file-source.js';
import type { Progress } from '../../src/transfer/progress.js';
import type { UploadSource } from '../../src/transfer/source.js';
import { upload } from '../../src/transfer/upload.js';
import type { UploadOptions, UploadResult } from '../../src/transfer/upload-options.js';
import { failureOf, KIB, Lab, type LabSettings, MIB, patterned } from './lab.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-upload-'));
});
afterAll(() => rm(folder, { recursive: true }));

const put = (lab: Lab, source: UploadSource, options: UploadOptions = {}): Promise<UploadResult> =>
  upload(lab.context, lab.ref(), source, options);

async function fileOf(bytes: Buffer): Promise<ReturnType<typeof fileSource>> {
  const path = join(folder, `f${Math.random()}`);
  await writeFile(path, bytes);
  return fileSource(path);
}

/** A stream without length that gives these bytes in chunks of odd sizes. */
async function* oddly(bytes: Buffer, sizes: readonly number[] = [1, 70_000, 333, 65_536]): AsyncGenerator<Buffer> {
  for (let [at, turn] = [0, 0]; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** What must be true after an upload that failed. */
function expectNothingLeft(lab: Lab): void {
  expect(lab.objects.size).toBe(0);
  expect(lab.uploads.size).toBe(0);
}

describe('a small body', () => {
  it('is one put of bytes, with the digest that the store compares', async () => {
    const lab = new Lab();
    const result = await put(lab, 'hello', { contentType: 'text/plain' });
    expect(lab.calls).toEqual([expect.objectContaining({ name: 'put', size: 5, checksum: 'crc32', attempt: 1 })]);
    expect(result).toMatchObject({ verified: 'service', record: { size: 5, contentType: 'text/plain' } });
    expect(lab.bytes().toString()).toBe('hello');
  });

  it.each([
    ['an iterator', () => oddly(patterned(100 * KIB))],
    ['a stream', () => Readable.from(oddly(patterned(100 * KIB)))],
    ['a stream of known size', () => Readable.from(oddly(patterned(100 * KIB))), 100 * KIB],
    ['a Blob', () => new Blob([patterned(100 * KIB)])],
    ['a file', () => fileOf(patterned(100 * KIB))],
  ])(
    'from %s is one put of bytes too, and is sent again when the store is busy',
    async (_name, make, size?: number) => {
      const lab = new Lab();
      lab.before = ({ name, attempt }) => {
        if (name === 'put' && attempt < 3) throw new StorageError('unavailable', 'Busy.');
      };
      const result = await put(lab, await make(), { size });
      expect(lab.calls.map(({ name, size: bytes }) => [name, bytes])).toEqual(Array(3).fill(['put', 100 * KIB]));
      expect(lab.bytes().equals(patterned(100 * KIB))).toBe(true);
      expect(result.verified).toBe('service');
    },
  );

  it('may be empty, from any source', async () => {
    for (const source of [
      '',
      new Blob([]),
      Readable.from([]),
      [],
      await fileOf(Buffer.alloc(0)),
      oddly(Buffer.alloc(0)),
    ]) {
      const lab = new Lab();
      expect((await put(lab, source)).record.size).toBe(0);
      expect(lab.calls.map(({ name }) => name)).toEqual(['put']);
    }
  });
});

describe('a body on its way', () => {
  it('arrives whole, whatever the part size, concurrency, source and length', async () => {
    const body = patterned(300 * KIB);
    const cases = fc.record({
      length: fc.integer({ min: 0, max: 300 * KIB }),
      partSize: fc.integer({ min: 7 * KIB, max: 100 * KIB }),
      concurrency: fc.integer({ min: 1, max: 5 }),
      kind: fc.constantFrom('bytes', 'iterator', 'stream', 'sized stream', 'blob', 'file'),
      sequential: fc.boolean(),
      unit: fc.constantFrom(1, KIB),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ length, partSize: wanted, concurrency, kind, sequential, unit }) => {
        const partSize = Math.ceil(wanted / unit) * unit;
        const lab = new Lab({ parts: { sequential, multipleOf: unit, thresholdBytes: 0 } });
        const bytes = body.subarray(0, length);
        const sources: Record<string, () => UploadSource | Promise<UploadSource>> = {
          bytes: () => bytes,
          iterator: () => oddly(bytes),
          stream: () => Readable.from(oddly(bytes)),
          'sized stream': () => Readable.from(oddly(bytes)),
          blob: () => new Blob([bytes]),
          file: () => fileOf(bytes),
        };
        const size = kind === 'sized stream' ? length : undefined;
        const result = await put(lab, await sources[kind]!(), { partSize, concurrency, size });
        expect(lab.bytes().equals(bytes)).toBe(true);
        expect(result).toMatchObject({ verified: 'service', record: { size: length } });
        const parts = lab.named('putPart').sort((a, b) => a.number! - b.number!);
        expect(parts.every((part, index) => part.number === index + 1 && part.offset === index * partSize)).toBe(true);
        expect(parts.slice(0, -1).every((part) => part.size === partSize && part.last === false)).toBe(true);
        if (parts.length > 0) expect(parts.at(-1)).toMatchObject({ last: true });
        expect(lab.mostUnderWay).toBeLessThanOrEqual(sequential ? 1 : concurrency);
        expectNoUpload(lab);
      }),
      { numRuns: 60 },
    );
  });

  const expectNoUpload = (lab: Lab): void => expect(lab.uploads.size).toBe(0);

  it('is not changed by a source that uses one buffer for all its chunks', async () => {
    const lab = new Lab();
    async function* reusing(): AsyncGenerator<Buffer> {
      const chunk = Buffer.alloc(KIB);
      for (let value = 0; value < 64; value++) {
        await Promise.resolve();
        yield chunk.fill(value);
      }
    }
    await put(lab, reusing(), { partSize: 5000 });
    const expected = Buffer.concat(Array.from({ length: 64 }, (_, value) => Buffer.alloc(KIB, value)));
    expect(lab.bytes().equals(expected)).toBe(true);
  });

  it('keeps its bytes when a part must be sent again while others go on', async () => {
    const lab = new Lab();
    lab.before = ({ name, number, attempt }) => {
      if (name === 'putPart' && number! % 3 === 0 && attempt < 3) throw new StorageError('rate-limited', 'Slow down.');
    };
    const bytes = patterned(200 * KIB);
    const result = await put(lab, oddly(bytes), { partSize: 10 * KIB });
    expect(lab.bytes().equals(bytes)).toBe(true);
    expect(result.verified).toBe('service');
    expect(lab.count('putPart')).toBe(20 + 2 * 6);
  });

  it('does not lend the memory of a failed request to another part, since the request may still look at it', async () => {
    const lab = new Lab();
    const bytes = patterned(200 * KIB);
    const { parts } = lab.driver;
    const send = parts!.put.bind(parts);
    const failed: { readonly memory: Buffer; readonly offset: number }[] = [];
    parts!.put = async (to, part, body, ctx) => {
      if (part.number % 4 !== 0 || ctx.attempt > 1) return send(to, part, body, ctx);
      failed.push({ memory: body.bytes!, offset: part.offset });
      throw new StorageError('unavailable', 'The connection broke.');
    };
    await put(lab, oddly(bytes), { partSize: 10 * KIB, concurrency: 2 });
    expect(failed.length).toBe(5);
    for (const { memory, offset } of failed)
      expect(memory.equals(bytes.subarray(offset, offset + 10 * KIB))).toBe(true);
  });

  it('of unknown length is one put where the store has no parts', async () => {
    const lab = new Lab({ parts: false, checksums: { upload: [] } });
    const result = await put(lab, oddly(patterned(300 * KIB)));
    expect(lab.calls).toEqual([expect.objectContaining({ name: 'put', size: undefined })]);
    expect(result).toMatchObject({ verified: 'client', record: { size: 300 * KIB } });
  });

  it('of unknown length is held in memory only as far as was granted', async () => {
    const settings: LabSettings = { parts: false, put: { unknownSize: false } };
    const lab = new Lab(settings);
    await put(lab, oddly(patterned(300 * KIB)), { spoolBytes: 300 * KIB });
    expect(lab.bytes().length).toBe(300 * KIB);
    const tight = new Lab(settings);
    const source = Readable.from(oddly(patterned(300 * KIB)));
    const failure = await failureOf(put(tight, source, { spoolBytes: 300 * KIB - 1 }));
    expect(failure).toMatchObject({ code: 'unsupported', message: expect.stringContaining('"size"') });
    expect(tight.calls).toEqual([]);
    expect(source.destroyed).toBe(true);
    expect((await failureOf(put(new Lab(settings), oddly(Buffer.alloc(1))))).code).toBe('unsupported');
  });

  it('that can be read once is not sent again after its bytes flowed, and is until then', async () => {
    const settings: LabSettings = { parts: false };
    const lab = new Lab(settings);
    lab.before = ({ attempt }) => {
      if (attempt === 1) throw new StorageError('unavailable', 'Not even connected.', { requestSent: false });
    };
    await put(lab, oddly(patterned(20 * KIB)));
    expect(lab.bytes().equals(patterned(20 * KIB))).toBe(true);
    const late = new Lab(settings);
    late.after = () => {
      throw new StorageError('unavailable', 'The answer was lost.');
    };
    const failure = await failureOf(put(late, oddly(patterned(20 * KIB))));
    expect(failure).toMatchObject({ code: 'unavailable', attempts: 1, outcomeUnknown: true });
  });

  it('larger than memory should hold is read again for each attempt when it is a file', async () => {
    const bytes = patterned(9 * MIB);
    const lab = new Lab({ parts: { thresholdBytes: 64 * MIB } });
    lab.after = ({ attempt }) => {
      if (attempt === 1) throw new StorageError('unavailable', 'Busy.');
    };
    const result = await put(lab, await fileOf(bytes));
    expect(lab.count('put')).toBe(2);
    expect(lab.bytes().equals(bytes)).toBe(true);
    expect(result.verified).toBe('client');
  });
});

describe('size', () => {
  const bytes = patterned(50 * KIB);
  const sources: readonly (readonly [string, () => UploadSource, LabSettings])[] = [
    ['a small body', () => oddly(bytes), {}],
    ['parts', () => oddly(bytes), { parts: { thresholdBytes: 0 } }],
    ['one put of a stream', () => oddly(bytes), { parts: false }],
    ['bytes', () => bytes, {}],
    ['a Blob', () => new Blob([bytes]), {}],
  ];
  it.each(sources.flatMap(([name, make, settings]) => [-1, 1].map((by) => [name, by, make, settings] as const)))(
    'that is not that of %s (%d) stores nothing',
    async (_name, by, make, settings) => {
      const lab = new Lab(settings);
      const failure = await failureOf(put(lab, make(), { size: bytes.length + by, partSize: 16 * KIB }));
      expect(failure).toMatchObject({ code: 'invalid-argument', message: expect.stringMatching(/size/i) });
      expectNothingLeft(lab);
    },
  );

  it.each([-1, 1])(
    'that is not that of a large stream (%d) stores nothing, though the store was told the size',
    async (by) => {
      const lab = new Lab({ parts: { thresholdBytes: 64 * MIB } });
      const large = patterned(9 * MIB);
      const failure = await failureOf(put(lab, oddly(large), { size: large.length + by }));
      expect(failure).toMatchObject({ code: 'invalid-argument', operation: 'put', key: 'key', provider: 'lab' });
      expect(lab.count('put')).toBe(1);
      expectNothingLeft(lab);
    },
  );
});

describe('checksum', () => {
  const bytes = patterned(50 * KIB);
  const algorithms: readonly ChecksumAlgorithm[] = ['md5', 'sha1', 'sha256', 'crc32', 'crc32c', 'crc64nvme'];
  const ways: readonly (readonly [string, () => UploadSource, LabSettings])[] = [
    ['a small body', () => bytes, {}],
    ['parts from memory', () => bytes, { parts: { thresholdBytes: 0 } }],
    ['parts of a stream', () => oddly(bytes), { parts: { thresholdBytes: 0 } }],
    ['one put of a stream', () => oddly(bytes), { parts: false }],
    ['a store that compares nothing', () => oddly(bytes), { parts: false, checksums: { upload: [], reported: [] } }],
  ];
  const cases = ways.flatMap(([name, make, settings]) =>
    algorithms.map((algorithm) => [algorithm, name, make, settings] as const),
  );

  it.each(cases)('%s that the caller gives is enforced for %s', async (algorithm, _name, make, settings) => {
    const value = digestOf(algorithm, bytes);
    const good = new Lab(settings);
    await put(good, make(), { checksum: { algorithm, value }, partSize: 16 * KIB, verify: 'never' });
    expect(good.bytes().equals(bytes)).toBe(true);

    const bad = new Lab(settings);
    const wrong = value.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    const failure = await failureOf(put(bad, make(), { checksum: { algorithm, value: wrong }, partSize: 16 * KIB }));
    expect(failure.code).toBe('checksum-mismatch');
    expectNothingLeft(bad);
  });

  it('given for bytes is compared before any request', async () => {
    const lab = new Lab();
    await failureOf(put(lab, bytes, { checksum: { algorithm: 'sha1', value: '0'.repeat(40) } }));
    expect(lab.calls).toEqual([]);
  });

  it.each([
    ['service', {}, { checksums: { upload: ['sha256'], reported: [] } }],
    ['client', {}, { checksums: { upload: [], reported: ['sha1'] } }],
    ['size', {}, { checksums: { upload: [], reported: [] } }],
    ['size', { verify: 'never' }, { checksums: { upload: ['sha256'], reported: ['md5'] } }],
  ] as const)('is "%s" with options %o and a store %o', async (verified, options, settings) => {
    for (const way of [{}, { parts: false } as const]) {
      const source = way.parts === false ? oddly(bytes) : bytes;
      // A stream has no digest before it is sent.
      const expected = verified === 'service' && way.parts === false ? 'size' : verified;
      expect((await put(new Lab({ ...settings, ...way }), source, options)).verified).toBe(expected);
    }
  });

  it('of parts tells for the whole: compared by the store, by core, or not at all', async () => {
    const verified = async (settings: LabSettings, options: UploadOptions = {}): Promise<string> => {
      const lab = new Lab({ ...settings, parts: { thresholdBytes: 0, ...(settings.parts as object) } });
      return (await put(lab, oddly(bytes), { partSize: 16 * KIB, ...options })).verified;
    };
    expect(await verified({ parts: { upload: ['md5'] } })).toBe('service');
    expect(await verified({ parts: { upload: [] }, checksums: { reported: ['md5'] } })).toBe('client');
    expect(await verified({ parts: { upload: [] }, checksums: { reported: [] } })).toBe('size');
    expect(await verified({}, { verify: 'never' })).toBe('size');
  });

  it('of a file is sent ahead where the store would report nothing afterwards', async () => {
    const lab = new Lab({ parts: false, checksums: { upload: ['sha256'], reported: [] } });
    const result = await put(lab, await fileOf(patterned(9 * MIB)));
    expect(result.verified).toBe('service');
    expect(lab.calls).toEqual([expect.objectContaining({ checksum: 'sha256', size: 9 * MIB })]);
  });

  it('of the whole is put together from CRCs of the parts, for the store to compare at the end', async () => {
    const lab = new Lab({ parts: { thresholdBytes: 0, upload: ['crc64nvme'] } });
    await put(lab, oddly(bytes), { partSize: 16 * KIB });
    expect(lab.named('complete')).toEqual([expect.objectContaining({ checksum: 'crc64nvme' })]);
    expect(lab.count('complete')).toBe(1);
  });
});

describe('damage on the way', () => {
  const flip = (bytes: Buffer): Buffer => {
    const damaged = Buffer.from(bytes);
    damaged[0] = damaged[0]! ^ 1;
    return damaged;
  };

  it.each([
    ['that the store finds', {}],
    ['that core finds in what the store reports', { checksums: { upload: [], reported: ['md5'] } }],
    ['of a part that the store finds', { parts: { thresholdBytes: 0 } }],
    ['of a part that core finds', { parts: { thresholdBytes: 0, upload: [] } }],
  ] as const)('%s fails the upload and leaves nothing', async (_name, settings) => {
    const lab = new Lab(settings);
    lab.damage = flip;
    const failure = await failureOf(put(lab, patterned(20 * KIB), { partSize: 8 * KIB }));
    expect(failure.code).toBe('checksum-mismatch');
    expectNothingLeft(lab);
  });

  it('is told when the damaged object cannot be removed again', async () => {
    const settings = { checksums: { upload: [], reported: ['md5' as const] } };
    const cannot = new Lab({ ...settings, delete: { conditions: [] } });
    cannot.damage = flip;
    expect((await failureOf(put(cannot, 'text'))).message).toContain('It was left there');
    expect(cannot.count('delete')).toBe(0);
    const fails = new Lab(settings);
    fails.damage = flip;
    fails.before = ({ name }) => {
      if (name === 'delete') throw new StorageError('permission-denied', 'No.');
    };
    const failure = await failureOf(put(fails, 'text'));
    expect(failure).toMatchObject({ code: 'checksum-mismatch', cleanUpError: { code: 'permission-denied' } });
  });
});

describe('a failure', () => {
  it('of a source stores nothing, frees the parts, and is told with its cause', async () => {
    for (const settings of [{ parts: { thresholdBytes: 0 } }, { parts: false }] as const) {
      const lab = new Lab(settings);
      async function* failing(): AsyncGenerator<Buffer> {
        yield* oddly(patterned(60 * KIB));
        throw new TypeError('tape torn');
      }
      const failure = await failureOf(put(lab, failing(), { partSize: 8 * KIB }));
      expect(failure.message).toBe('The source of the upload failed: tape torn');
      expect(failure.cause).toBeInstanceOf(TypeError);
      expect(failure.outcomeUnknown).toBe(false);
      expectNothingLeft(lab);
    }
  });

  it('of one part ends the others, destroys the source and frees what was sent', async () => {
    const lab = new Lab();
    const ended: number[] = [];
    lab.before = async ({ name, number }, { signal }) => {
      if (name !== 'putPart') return;
      if (number === 3) throw new StorageError('permission-denied', 'No more.');
      if (number! > 3) return;
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      ended.push(number!);
    };
    const source = Readable.from(oddly(patterned(500 * KIB)));
    const failure = await failureOf(put(lab, source, { partSize: 10 * KIB }));
    expect(failure).toMatchObject({ code: 'permission-denied', operation: 'put', container: 'box', key: 'key' });
    expect(ended.sort()).toEqual([1, 2]);
    expect(source.destroyed).toBe(true);
    expect(lab.calls.at(-1)?.name).toBe('abort');
    expectNothingLeft(lab);
  });

  it('of the clean-up stands beside the failure itself', async () => {
    const lab = new Lab();
    lab.before = ({ name, number }) => {
      if (name === 'putPart' && number === 2) throw new StorageError('quota-exceeded', 'Full.');
      if (name === 'abort') throw new StorageError('permission-denied', 'You may not abort.');
    };
    const failure = await failureOf(put(lab, oddly(patterned(50 * KIB)), { partSize: 10 * KIB }));
    expect(failure).toMatchObject({ code: 'quota-exceeded', cleanUpError: { code: 'permission-denied' } });
  });

  it('of a listener for progress is that of the upload', async () => {
    const onProgress = (): void => {
      throw new RangeError('no such bar');
    };
    for (const settings of [{ parts: { thresholdBytes: 0 } }, { parts: false }] as const) {
      const lab = new Lab(settings);
      const failure = await failureOf(put(lab, oddly(patterned(50 * KIB)), { partSize: 8 * KIB, onProgress }));
      expect(failure.message).toContain('no such bar');
      expectNothingLeft(lab);
    }
  });

  it('whose answer was lost at the very end is no failure when the object is there', async () => {
    const lab = new Lab();
    lab.after = ({ name, attempt }) => {
      if (name === 'complete' && attempt === 1) throw new StorageError('unavailable', 'The answer was lost.');
    };
    const bytes = patterned(50 * KIB);
    const result = await put(lab, oddly(bytes), { partSize: 8 * KIB });
    expect(lab.count('complete')).toBe(2);
    expect(result.record.size).toBe(bytes.length);
    expect(lab.bytes().equals(bytes)).toBe(true);
  });

  it('of parameters comes before any request, and ends the source too', async () => {
    const lab = new Lab();
    const source = new PassThrough();
    const failure = await failureOf(put(lab, source, { partSize: -1 }));
    expect(failure).toMatchObject({ code: 'invalid-argument', provider: 'lab', operation: 'put' });
    expect(lab.calls).toEqual([]);
    expect(source.destroyed).toBe(true);
  });
});

describe('an abort', () => {
  function endless(): Readable {
    let value = 0;
    return new Readable({
      read(): void {
        this.push(Buffer.alloc(16 * KIB, value++));
      },
    });
  }

  async function* stuck(): AsyncGenerator<string> {
    await new Promise(() => undefined);
    yield 'never';
  }

  const cases: readonly (readonly [string, LabSettings, () => UploadSource])[] = [
    ['while parts are sent', { parts: { thresholdBytes: 0 } }, endless],
    ['while a source has nothing to give', {}, () => new PassThrough()],
    ['while an iterator is stuck', {}, stuck],
  ];
  it.each(cases)('%s ends the upload, the source and what was sent', async (_name, settings, make) => {
    const lab = new Lab(settings);
    const control = new AbortController();
    const source = make();
    lab.before = ({ name, number }) => {
      if (name === 'putPart' && number === 5) control.abort(new Error('enough'));
    };
    const uploading = put(lab, source, { partSize: 32 * KIB, signal: control.signal });
    if (!(source instanceof Readable) || source instanceof PassThrough)
      setImmediate(() => control.abort(new Error('enough')));
    const failure = await failureOf(uploading);
    expect(failure.code).toBe('aborted');
    expect((failure.cause as Error).message).toBe('enough');
    if (source instanceof Readable) expect(source.destroyed).toBe(true);
    expectNothingLeft(lab);
  });

  it('before the upload begins makes no request', async () => {
    const lab = new Lab();
    for (const source of ['text', endless(), stuck()]) {
      expect((await failureOf(put(lab, source, { signal: AbortSignal.abort() }))).code).toBe('aborted');
    }
    expect(lab.calls).toEqual([]);
  });

  it('by the deadline of the whole upload is a timeout', async () => {
    const lab = new Lab({ parts: { thresholdBytes: 0 } });
    const failure = await failureOf(put(lab, endless(), { partSize: 64 * KIB, timeoutMs: 30 }));
    expect(failure).toMatchObject({ code: 'timeout', message: expect.stringContaining('30 ms') });
    expectNothingLeft(lab);
  });
});

describe('progress', () => {
  it.each([
    ['bytes', {}, () => patterned(50 * KIB), undefined],
    ['parts of unknown length', { parts: { thresholdBytes: 0 } }, () => oddly(patterned(50 * KIB)), undefined],
    ['parts of known length', { parts: { thresholdBytes: 0 } }, () => patterned(50 * KIB), 50 * KIB],
    ['one stream', { parts: false }, () => oddly(patterned(50 * KIB)), undefined],
  ] as const)('of %s goes up and ends with all bytes', async (_name, settings, make, total) => {
    const told: Progress[] = [];
    await put(new Lab(settings), make(), { partSize: 8 * KIB, onProgress: (progress) => told.push(progress) });
    const done = told.map(({ transferred }) => transferred);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(told.at(-1)).toEqual({ transferred: 50 * KIB, total: 50 * KIB });
    if (total !== undefined) expect(told[0]?.total).toBe(total);
  });
});
