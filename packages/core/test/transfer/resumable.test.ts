import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/checksum/digest.js';
import { StorageError } from '../../src/errors/storage-error.js';
import { fileSource } from '../../src/transfer/file-source.js';
import type { Progress } from '../../src/transfer/progress.js';
import { createUpload, type ResumableUpload, resumeUpload } from '../../src/transfer/resumable.js';
import type { UploadSource } from '../../src/transfer/source.js';
import type { UploadOptions } from '../../src/transfer/upload-options.js';
import { failureOf, KIB, Lab, type LabSettings, patterned } from './lab.js';

const body = patterned(100 * KIB);
const PART = 10 * KIB;
let path: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-resumable-'));
  path = join(folder, 'body');
  await writeFile(path, body);
});
afterAll(() => rm(folder, { recursive: true }));

const create = (lab: Lab, options: UploadOptions = {}): Promise<ResumableUpload> =>
  createUpload(lab.context, lab.ref(), { partSize: PART, ...options });
const resume = (lab: Lab, token: string): Promise<ResumableUpload> => resumeUpload(lab.context, 'box', token, {});

/** Lets `parts` requests of parts through, and refuses the next until it is lifted. */
function breakAfter(lab: Lab, parts: number): () => void {
  let left = parts;
  lab.before = ({ name }) => {
    if (name === 'putPart' && left-- <= 0) throw new StorageError('permission-denied', 'The process was killed.');
  };
  return () => {
    lab.before = () => undefined;
    lab.calls.length = 0;
  };
}

/** Begins an upload, sends a few parts of it and fails. */
async function interrupted(lab: Lab, parts: number, options: UploadOptions = {}): Promise<string> {
  const upload = await create(lab, options);
  const lift = breakAfter(lab, parts);
  await failureOf(upload.send(body, { concurrency: 1 }));
  lift();
  return upload.token;
}

const sentBytes = (lab: Lab): number => lab.named('putPart').reduce((sum, { size }) => sum + size!, 0);

describe('a resumable upload', () => {
  it('that nothing interrupts is an upload as any other', async () => {
    const lab = new Lab();
    const upload = await create(lab, { contentType: 'text/x', metadata: { a: '1' }, size: body.length });
    expect(upload).toMatchObject({ receivedBytes: 0, size: body.length, key: 'key', container: 'box' });
    const result = await upload.send(body);
    expect(result).toMatchObject({ verified: 'service', record: { contentType: 'text/x', metadata: { a: '1' } } });
    expect(lab.bytes().equals(body)).toBe(true);
    expect(lab.uploads.size).toBe(0);
  });

  it('goes on in another process where the store left off, from any source and at any place', async () => {
    const cases = fc.record({
      parts: fc.nat(9),
      kind: fc.constantFrom('bytes', 'file', 'blob', 'stream', 'iterator'),
      sequential: fc.boolean(),
      known: fc.boolean(),
      concurrency: fc.integer({ min: 1, max: 4 }),
      upload: fc.constantFrom(['crc32'] as const, ['md5'] as const, [] as const),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ parts, kind, sequential, known, concurrency, upload: compared }) => {
        const lab = new Lab({ parts: { sequential, upload: compared } });
        const token = await interrupted(lab, parts, known ? { size: body.length } : {});
        const upload = await resume(lab, token);
        expect(upload.receivedBytes).toBe(parts * PART);
        const rest = body.subarray(upload.receivedBytes);
        const sources: Record<string, () => UploadSource> = {
          bytes: () => body,
          file: () => fileSource(path),
          blob: () => new Blob([body]),
          stream: () => Readable.from([rest]),
          iterator: () => [rest.subarray(0, 777), rest.subarray(777)],
        };
        const result = await upload.send(sources[kind]!(), { concurrency });
        expect(lab.bytes().equals(body)).toBe(true);
        expect(result.record.size).toBe(body.length);
        expect(sentBytes(lab)).toBe(body.length - parts * PART);
        expect(lab.uploads.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('sends holes only, when parts arrived out of order', async () => {
    const lab = new Lab();
    const upload = await create(lab, { size: body.length });
    lab.before = ({ name, number }) => {
      if (name === 'putPart' && number === 3) throw new StorageError('permission-denied', 'Killed.');
    };
    // The others have gone on meanwhile.
    const { driver } = lab;
    await failureOf(upload.send(body, { concurrency: 1 }));
    const stored = [...lab.uploads.values()][0]!;
    for (const number of [5, 8]) {
      const bytes = body.subarray((number - 1) * PART, number * PART);
      const checksum = { algorithm: 'crc32', value: digestOf('crc32', bytes) } as const;
      stored.parts.set(number, { bytes, record: { number, size: PART, etag: `e${number}`, checksum } });
    }
    lab.before = () => undefined;
    lab.calls.length = 0;
    const again = await resume(lab, upload.token);
    expect(again.receivedBytes).toBe(2 * PART);
    await again.send(fileSource(path));
    expect(
      lab
        .named('putPart')
        .map(({ number }) => number)
        .sort((a, b) => a! - b!),
    ).toEqual([3, 4, 6, 7, 9, 10]);
    expect(lab.bytes().equals(body)).toBe(true);
    expect(driver.capabilities.parts?.sequential).toBe(false);
  });

  it('sends a part again whose bytes in the store are not those of the source, or that was cut short', async () => {
    const lab = new Lab();
    const token = await interrupted(lab, 4, { size: body.length });
    const { parts } = [...lab.uploads.values()][0]!;
    const wrong = Buffer.alloc(PART, 'x');
    parts.set(2, {
      bytes: wrong,
      record: { number: 2, size: PART, checksum: { algorithm: 'crc32', value: digestOf('crc32', wrong) } },
    });
    parts.set(3, { bytes: wrong.subarray(1), record: { number: 3, size: PART - 1 } });
    const upload = await resume(lab, token);
    const result = await upload.send(fileSource(path), { concurrency: 1 });
    expect(lab.named('putPart').map(({ number }) => number)).toEqual([2, 3, 5, 6, 7, 8, 9, 10]);
    expect(lab.bytes().equals(body)).toBe(true);
    expect(result.verified).toBe('service');
  });

  it('does not take a part over that is longer than what the source has left', async () => {
    const lab = new Lab({ parts: { upload: [] } });
    const token = await interrupted(lab, 3);
    const { parts } = [...lab.uploads.values()][0]!;
    parts.delete(2);
    const upload = await resume(lab, token);
    expect(upload.receivedBytes).toBe(PART);
    await upload.send(Readable.from([body.subarray(PART, 2 * PART + 5)]));
    expect(lab.named('putPart').map(({ number, size }) => [number, size])).toEqual([
      [2, PART],
      [3, 5],
    ]);
    expect(lab.bytes().equals(body.subarray(0, 2 * PART + 5))).toBe(true);
  });

  it('to a store that takes parts in order refuses another source than it was begun with', async () => {
    const lab = new Lab({ parts: { sequential: true } });
    const token = await interrupted(lab, 4);
    const failure = await failureOf((await resume(lab, token)).send(patterned(100 * KIB, 5)));
    expect(failure).toMatchObject({ code: 'checksum-mismatch', message: expect.stringContaining('begin anew') });
    expect(lab.objects.size).toBe(0);
  });

  it('goes on from any byte that a store which takes parts in order has', async () => {
    const lab = new Lab({ parts: { sequential: true, upload: [] } });
    const token = await interrupted(lab, 1);
    const { parts } = [...lab.uploads.values()][0]!;
    parts.set(1, { bytes: body.subarray(0, 12_345), record: { number: 1, size: 12_345 } });
    const upload = await resume(lab, token);
    expect(upload.receivedBytes).toBe(12_345);
    await upload.send(fileSource(path));
    expect(lab.named('putPart')[0]).toMatchObject({ number: 2, offset: 12_345 });
    expect(lab.bytes().equals(body)).toBe(true);
  });

  it('completes when everything was there and only the end was missing', async () => {
    for (const sequential of [false, true]) {
      const lab = new Lab({ parts: { sequential } });
      const upload = await create(lab, { size: body.length });
      lab.before = ({ name }) => {
        if (name === 'complete') throw new StorageError('permission-denied', 'Killed.');
      };
      await failureOf(upload.send(body));
      lab.before = () => undefined;
      lab.calls.length = 0;
      const again = await resume(lab, upload.token);
      expect(again.receivedBytes).toBe(body.length);
      await again.send(sequential ? Readable.from([]) : body);
      expect(lab.count('putPart')).toBe(0);
      expect(lab.bytes().equals(body)).toBe(true);
    }
  });

  it('may be empty', async () => {
    for (const source of ['', Readable.from([])]) {
      const lab = new Lab();
      await (await create(lab)).send(source);
      expect(lab.named('putPart')).toEqual([expect.objectContaining({ size: 0, last: true })]);
      expect(lab.bytes().length).toBe(0);
    }
  });

  it('stays after a failure, and is sent again: at once from a file, after refresh() from a stream', async () => {
    const lab = new Lab();
    const upload = await create(lab);
    const lift = breakAfter(lab, 3);
    await failureOf(upload.send(fileSource(path), { concurrency: 1 }));
    const early = await failureOf(upload.send(Readable.from([body])));
    expect(early.message).toContain('refresh()');
    await upload.refresh();
    expect(upload.receivedBytes).toBe(3 * PART);
    await failureOf(upload.send(Readable.from([body.subarray(3 * PART)]), { concurrency: 1 }));
    lift();
    await upload.send(fileSource(path));
    expect(sentBytes(lab)).toBe(body.length - 3 * PART);
    expect(lab.bytes().equals(body)).toBe(true);
  });

  it('enforces the digest that it was begun with, whatever was sent before', async () => {
    const checksum = { algorithm: 'sha256', value: digestOf('sha256', body) } as const;
    for (const settings of [{}, { parts: { sequential: true } }, { parts: { upload: [] } }] as LabSettings[]) {
      const lab = new Lab(settings);
      const token = await interrupted(lab, 4, { checksum });
      const stream = await failureOf((await resume(lab, token)).send(Readable.from([body.subarray(4 * PART)])));
      expect(stream.message).toContain('not with a stream');
      await (await resume(lab, token)).send(fileSource(path));
      expect(lab.bytes().equals(body)).toBe(true);
    }
    const lab = new Lab();
    const wrong = { algorithm: 'crc32', value: '00000000' } as const;
    const upload = await create(lab, { checksum: wrong });
    expect((await failureOf(upload.send(body))).code).toBe('checksum-mismatch');
    expect(lab.objects.size).toBe(0);
  });

  it('tells its progress from where it goes on', async () => {
    const lab = new Lab();
    const token = await interrupted(lab, 4, { size: body.length });
    const told: Progress[] = [];
    await (await resume(lab, token)).send(fileSource(path), { onProgress: (progress) => told.push(progress) });
    expect(told[0]?.transferred).toBeGreaterThanOrEqual(PART);
    expect(told.at(-1)).toEqual({ transferred: body.length, total: body.length });
  });

  it('is freed by abort(), and cannot be used after its end', async () => {
    const lab = new Lab();
    const upload = await create(lab);
    await upload.abort();
    expect(lab.uploads.size).toBe(0);
    expect((await failureOf(upload.send(body))).message).toContain('was aborted');
    expect((await failureOf(resume(lab, upload.token))).code).toBe('upload-not-found');
    const done = await create(lab);
    const sending = done.send(body);
    expect((await failureOf(done.send(body))).message).toContain('is being sent');
    await sending;
    expect((await failureOf(done.abort())).message).toContain('is complete');
  });

  it('is refused for a source of another size than it was begun with', async () => {
    const lab = new Lab();
    for (const source of [body.subarray(1), Readable.from([body.subarray(1)]), Readable.from([body, 'x'])]) {
      const failure = await failureOf((await create(lab, { size: body.length })).send(source));
      expect(failure).toMatchObject({ code: 'invalid-argument', message: expect.stringContaining('size') });
    }
    expect(lab.objects.size).toBe(0);
  });
});

describe('a token', () => {
  it('holds no provider options, and asks for them again', async () => {
    const lab = new Lab();
    const { token } = await create(lab, { provider: { sseCustomerKey: 'very secret' } });
    expect(token).not.toContain('very secret');
    const failure = await failureOf(resume(lab, token));
    expect(failure).toMatchObject({ code: 'invalid-argument', message: expect.stringContaining('sseCustomerKey') });
    const again = await resumeUpload(lab.context, 'box', token, { provider: { sseCustomerKey: 'very secret' } });
    await again.send(body);
    expect(lab.bytes().equals(body)).toBe(true);
  });

  it('of another container or another kind of store is refused, without a request', async () => {
    const lab = new Lab();
    const { token } = await create(lab);
    lab.calls.length = 0;
    const elsewhere = await failureOf(resumeUpload(lab.context, 'other', token, {}));
    expect(elsewhere).toMatchObject({ code: 'invalid-argument', message: expect.stringContaining('"other"') });
    const other = new Lab({ type: 'nimbus' });
    expect((await failureOf(resume(other, token))).message).toContain('nimbus store');
    expect([...lab.calls, ...other.calls]).toEqual([]);
  });

  it('whose part size the store does not take is refused', async () => {
    const { token } = await create(new Lab());
    const failure = await failureOf(resume(new Lab({ parts: { minBytes: 5 * KIB * KIB } }), token));
    expect(failure).toMatchObject({ code: 'invalid-argument', message: expect.stringContaining('partSize') });
  });

  it('does not make a list of parts go round in circles', async () => {
    const lab = new Lab();
    const { token } = await create(lab);
    lab.driver.parts!.list = async () => ({ parts: [], next: 'again' });
    expect((await failureOf(resume(lab, token))).message).toContain('twice');
  });

  it('is not made where there are no parts, or none with the condition', async () => {
    expect(
      (await failureOf(createUpload(new Lab({ parts: false }).context, { container: 'box', key: 'k' }, {}))).code,
    ).toBe('unsupported');
    const lab = new Lab({ parts: { conditions: [] } });
    expect((await failureOf(create(lab, { ifNoneMatch: '*' }))).code).toBe('unsupported');
    expect(lab.calls).toEqual([]);
  });
});
