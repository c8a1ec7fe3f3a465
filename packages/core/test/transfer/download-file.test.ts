import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors/storage-error.js';
import type { ChecksumAlgorithm } from '../../src/spi/checksums.js';
import { downloadFile } from '../../src/transfer/download-file.js';
import type { DownloadOptions, DownloadResult } from '../../src/transfer/download-options.js';
import type { Progress } from '../../src/transfer/progress.js';
import { breaking, chunked, failureOf, KIB, Lab, type LabSettings, patterned, reset } from './lab.js';

const body = patterned(300 * KIB);
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-download-'));
  path = join(folder, 'file.bin');
});
afterEach(() => rm(folder, { recursive: true }));

function labWith(bytes = body, settings: LabSettings = {}): Lab {
  const lab = new Lab(settings);
  lab.seed(bytes);
  return lab;
}

const download = (lab: Lab, options: DownloadOptions = {}, to: string | URL = path): Promise<DownloadResult> =>
  downloadFile(lab.context, lab.ref(), to, options);

/** The answer to the first request stops after a chunk until the others have made some requests. */
function slowAtFirst(lab: Lab): Lab['stream'] {
  return (slice, { range }, { signal }) => {
    const inner = chunked(slice, 5 * KIB);
    if (range) return inner;
    async function* slowly(): AsyncGenerator<Buffer> {
      for await (const chunk of inner) {
        yield chunk as Buffer;
        while (lab.count('read') < 7 && !signal?.aborted) await nextTurn();
      }
    }
    return Readable.from(slowly());
  };
}

/** What must be true after a download that failed: neither the file nor a part of it. */
const expectNothing = async (): Promise<void> => expect(await readdir(folder)).toEqual([]);

describe('a download to a file', () => {
  it('is one request for a small object', async () => {
    const lab = labWith();
    const result = await download(lab);
    expect(result).toMatchObject({ path, size: body.length, verified: 'client', record: { key: 'key' } });
    expect((await readFile(path)).equals(body)).toBe(true);
    expect(lab.calls.map(({ name }) => name)).toEqual(['read']);
    expect(await readdir(folder)).toEqual(['file.bin']);
  });

  it('is whole and checked, whatever the ranges, their order, breaks and digests', async () => {
    const cases = fc.record({
      length: fc.nat(body.length),
      partSize: fc.integer({ min: 6 * KIB, max: 120 * KIB }),
      concurrency: fc.integer({ min: 1, max: 6 }),
      reported: fc.constantFrom<ChecksumAlgorithm[]>(['md5'], ['crc32c'], ['crc64nvme', 'md5'], ['crc32'], []),
      breaks: fc.array(fc.tuple(fc.nat(30), fc.nat(60 * KIB)), { maxLength: 4 }),
      slowness: fc.array(fc.nat(3), { minLength: 1, maxLength: 5 }),
      conditions: fc.constantFrom<readonly 'ifMatch'[]>(['ifMatch'], []),
      range: fc.option(fc.tuple(fc.nat(body.length), fc.integer({ min: 1, max: body.length })), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(
        cases,
        async ({ length, partSize, concurrency, reported, breaks, slowness, conditions, range }) => {
          const bytes = body.subarray(0, length);
          const lab = labWith(bytes, { checksums: { reported }, read: { conditions } });
          const planned = new Map(breaks);
          let opened = 0;
          lab.stream = (slice) => {
            const at = planned.get(opened++);
            return at === undefined ? chunked(slice, 9 * KIB) : breaking(slice, at, at % 2 ? reset() : 'ends');
          };
          lab.before = async () => {
            for (let turn = slowness[lab.calls.length % slowness.length]!; turn > 0; turn--) await nextTurn();
          };
          const start = range && length > 0 ? range[0] % length : 0;
          const end = range && length > 0 ? Math.min(length, start + range[1]) : length;
          const options = range && length > 0 ? { range: { start, end } } : {};
          const result = await download(lab, { partSize, concurrency, overwrite: true, ...options });
          expect((await readFile(path)).equals(bytes.subarray(start, end))).toBe(true);
          const whole = start === 0 && end === length;
          expect(result).toMatchObject({
            size: end - start,
            verified: whole && reported.length > 0 ? 'client' : 'size',
          });
          if (conditions.length === 0 && planned.size === 0) expect(lab.count('read')).toBe(1);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('reads parallel ranges of the version that it began with, each byte once', async () => {
    const lab = labWith();
    lab.stream = slowAtFirst(lab);
    await download(lab, { partSize: 20 * KIB, concurrency: 4 });
    const [first, ...others] = lab.named('read');
    expect(first).toMatchObject({ range: undefined, ifMatch: undefined });
    expect(others.length).toBeGreaterThan(3);
    expect(others.every(({ ifMatch }) => ifMatch === 'v1')).toBe(true);
    const starts = others.map(({ range }) => range?.start);
    expect(new Set(starts).size).toBe(starts.length);
  });

  it('damaged on the way is no file', async () => {
    for (const reported of [['md5'], ['crc32']] as const) {
      const lab = labWith(body, { checksums: { reported } });
      lab.stream = (slice) => {
        const wrong = Buffer.from(slice);
        wrong[0] = wrong[0]! ^ 1;
        return chunked(wrong);
      };
      expect((await failureOf(download(lab, { partSize: 50 * KIB }))).code).toBe('checksum-mismatch');
      await expectNothing();
    }
  });

  it('begins anew when the object is replaced meanwhile, and fails when a version was named', async () => {
    const replaced = patterned(300 * KIB, 77);
    const start = (options: DownloadOptions): { lab: Lab; done: Promise<DownloadResult> } => {
      const lab = labWith();
      lab.stream = slowAtFirst(lab);
      let ranges = 0;
      lab.before = ({ range }) => {
        if (range && ++ranges === 5) lab.seed(replaced);
      };
      return { lab, done: download(lab, { partSize: 20 * KIB, ...options }) };
    };
    const result = await start({}).done;
    expect(result.record.etag).toBe('v2');
    expect((await readFile(path)).equals(replaced)).toBe(true);
    await rm(path);
    const failure = await failureOf(start({ ifMatch: 'v1' }).done);
    expect(failure).toMatchObject({ code: 'precondition-failed', operation: 'download' });
    await expectNothing();
  });

  it('gives up on an object that is replaced all the time', async () => {
    const lab = labWith();
    lab.stream = slowAtFirst(lab);
    lab.before = ({ range }) => {
      if (range) lab.seed(patterned(300 * KIB, lab.calls.length));
    };
    expect((await failureOf(download(lab, { partSize: 20 * KIB }))).message).toContain('was replaced');
    expect(lab.named('read').filter(({ range }) => !range).length).toBe(3);
    await expectNothing();
  });

  it('ends on abort, and leaves nothing', async () => {
    const lab = labWith();
    const control = new AbortController();
    lab.stream = (slice) => {
      const inner = new Readable({ read: () => undefined });
      inner.push(slice.subarray(0, KIB));
      return inner;
    };
    const downloading = failureOf(download(lab, { partSize: 20 * KIB, signal: control.signal }));
    lab.after = () => {
      if (lab.count('read') === 4) setImmediate(() => control.abort(new Error('enough')));
    };
    expect(await downloading).toMatchObject({ code: 'aborted', cause: { message: 'enough' } });
    await expectNothing();
  });

  it('of a missing object leaves nothing, not even folders', async () => {
    expect((await failureOf(downloadFile(new Lab().context, { container: 'box', key: 'a/b' }, folder, {}))).code).toBe(
      'object-not-found',
    );
    await expectNothing();
  });

  it('keeps what came when that is wanted, and says where', async () => {
    const lab = labWith();
    lab.stream = (slice) => breaking(slice, 100 * KIB, new StorageError('permission-denied', 'Expired.'));
    const failure = await failureOf(download(lab, { cleanUp: false }));
    const [left] = await readdir(folder);
    expect(failure).toMatchObject({ code: 'permission-denied', message: expect.stringContaining(join(folder, left!)) });
    expect((await readFile(join(folder, left!))).length).toBe(body.length);
  });

  it('tells its progress, and fails with what the listener throws', async () => {
    const told: Progress[] = [];
    await download(labWith(), { partSize: 20 * KIB, onProgress: (progress) => told.push(progress) });
    expect(told[0]?.total).toBe(body.length);
    expect(told.at(-1)).toEqual({ transferred: body.length, total: body.length });
    await rm(path);
    const onProgress = (): never => {
      throw new RangeError('no such bar');
    };
    expect((await failureOf(download(labWith(), { onProgress }))).message).toContain('no such bar');
    await expectNothing();
  });

  it('can be told to wait for the disk', async () => {
    await download(labWith(), { fsync: true });
    expect((await readFile(path)).equals(body)).toBe(true);
  });
});

describe('the destination', () => {
  it('that exists is kept, before any request, unless it is to be replaced', async () => {
    await writeFile(path, 'mine');
    const lab = labWith();
    const failure = await failureOf(download(lab));
    expect(failure).toMatchObject({ code: 'precondition-failed', message: expect.stringContaining('overwrite: true') });
    expect(lab.calls).toEqual([]);
    expect(await readFile(path, 'utf8')).toBe('mine');
    await download(lab, { overwrite: true });
    expect((await readFile(path)).equals(body)).toBe(true);
  });

  it('that appears while the download runs is kept too', async () => {
    const lab = labWith();
    lab.after = () => writeFile(path, 'somebody was faster');
    expect((await failureOf(download(lab))).code).toBe('precondition-failed');
    expect(await readFile(path, 'utf8')).toBe('somebody was faster');
    expect(await readdir(folder)).toEqual(['file.bin']);
  });

  it('may be named by a file URL', async () => {
    expect((await download(labWith(), {}, pathToFileURL(path))).path).toBe(path);
    expect((await failureOf(download(labWith(), {}, new URL('https://example.com/x')))).code).toBe('invalid-argument');
  });

  it.each(['', sep])('may be a directory, given as "dir%s": the file is named as the key, in folders', async (end) => {
    const lab = new Lab();
    lab.seed(body, 'a/b/c.bin');
    const result = await downloadFile(lab.context, lab.ref('a/b/c.bin'), folder + end, {});
    expect(result.path).toBe(join(folder, 'a', 'b', 'c.bin'));
    expect((await readFile(result.path)).equals(body)).toBe(true);
  });

  it('that is missing is named', async () => {
    const missing = join(folder, 'missing');
    for (const to of [missing + sep, join(missing, 'file.bin')]) {
      const failure = await failureOf(download(labWith(), {}, to));
      expect(failure).toMatchObject({ code: 'invalid-argument', message: expect.stringContaining('does not exist') });
    }
    await expectNothing();
  });

  it.each(['../out', 'a/../../out', '/etc/out', 'a//b', 'folder/', '.', 'a/./b', 'a/\0b'])(
    'below a directory is never left by a key such as %j',
    async (key) => {
      const inner = join(folder, 'inner');
      await mkdir(inner);
      const lab = new Lab();
      lab.seed(body, key);
      const failure = await failureOf(downloadFile(lab.context, lab.ref(key), inner, { overwrite: true }));
      expect(failure).toMatchObject({
        code: 'invalid-argument',
        message: expect.stringContaining('below a directory'),
      });
      expect(lab.calls).toEqual([]);
      expect(await readdir(folder)).toEqual(['inner']);
      expect(await readdir(inner)).toEqual([]);
    },
  );

  it('below a directory is not left through a symbolic link either', async () => {
    const [inner, outer] = [join(folder, 'inner'), join(folder, 'outer')];
    await mkdir(inner);
    await mkdir(outer);
    await symlink(outer, join(inner, 'link'));
    const lab = new Lab();
    for (const key of ['link/out', 'link/deeper/out']) {
      lab.seed(body, key);
      const failure = await failureOf(downloadFile(lab.context, lab.ref(key), inner, {}));
      expect(failure).toMatchObject({ code: 'invalid-argument', message: expect.stringContaining('symbolic link') });
    }
    expect(await readdir(outer)).toEqual([]);
  });

  it('that is a device or a directory in the way is refused', async () => {
    expect((await failureOf(download(labWith(), { overwrite: true }, '/dev/null'))).message).toContain(
      'not a regular file',
    );
    await mkdir(join(folder, 'key'));
    const failure = await failureOf(download(labWith(), { overwrite: true }, folder));
    expect(failure.message).toContain('not a regular file');
  });

  it('that lies below a file is refused', async () => {
    await writeFile(path, 'mine');
    const failure = await failureOf(download(labWith(), {}, join(path, 'file.bin')));
    expect(failure).toMatchObject({ code: 'invalid-argument', message: expect.stringContaining('cannot be written') });
  });
});
