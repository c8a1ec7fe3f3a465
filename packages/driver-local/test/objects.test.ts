import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { hashName } from '../src/keys.js';
import { at, bodyOf, ctx, listAll, makeLab, put, streamOf, text } from './lab.js';

const digest = (bytes: Buffer): string => crc32(bytes).toString(16).padStart(8, '0');
const staged = (root: string): string[] => readdirSync(join(root, '.stowage/containers/box/staging'));

describe('a put', () => {
  it('keeps everything that comes with the bytes', async () => {
    const { driver, again } = await makeLab();
    const attributes = {
      contentType: 'text/plain',
      contentEncoding: 'gzip',
      contentDisposition: 'attachment; filename="ä.txt"',
      contentLanguage: 'de',
      cacheControl: 'no-cache',
      metadata: JSON.parse('{"__proto__":"data","Case":"Kept","":"empty name"}') as Record<string, string>,
      tags: { team: 'blue' },
    };
    const { record } = await driver.put(at('a'), bodyOf('content'), attributes, ctx);
    const { metadata, tags, ...headers } = attributes;
    const found = await again().stat(at('a'), {}, ctx);
    expect(found).toEqual({ ...record, accessedAtMs: found.accessedAtMs });
    expect(found).toMatchObject({ ...headers, size: 7, checksums: { crc32: digest(Buffer.from('content')) } });
    expect(Object.entries(found.metadata!)).toEqual(Object.entries(metadata));
    expect(Object.getPrototypeOf(found.metadata)).toBeNull();
    expect(await again().tags!.read(at('a'), ctx)).toEqual(tags);
  });

  it('writes many small chunks, and large ones, as they come', async () => {
    const { driver } = await makeLab();
    const chunks = Array.from({ length: 3000 }, (_, index) => Buffer.alloc(index % 700, index));
    chunks.push(Buffer.alloc(3 << 20, 7));
    const { record } = await driver.put(at('a'), streamOf(chunks), {}, ctx);
    const whole = Buffer.concat(chunks);
    const { bytes } = await driver.read(at('a'), { want: 'bytes' }, ctx);
    expect(whole.equals(bytes!)).toBe(true);
    expect(record).toMatchObject({ size: whole.length, checksums: { crc32: digest(whole) } });
  });

  it.each(['crc32', 'md5', 'sha1', 'sha256', 'crc32c', 'crc64nvme'] as const)(
    'compares a %s that came before the body, and reports it',
    async (algorithm) => {
      const { digestOf } = await import('@stowage/core/spi');
      const { driver, root } = await makeLab();
      const value = digestOf(algorithm, Buffer.from('content'));
      const result = await driver.put(at('a'), bodyOf('content'), { checksum: { algorithm, value } }, ctx);
      expect(result).toMatchObject({ verified: 'service', record: { checksums: { [algorithm]: value } } });
      const wrong = driver.put(at('a'), bodyOf('contents'), { checksum: { algorithm, value } }, ctx);
      await expect(wrong).rejects.toMatchObject({ code: 'checksum-mismatch' });
      expect(await text(driver, 'a')).toBe('content');
      expect(staged(root)).toEqual([]);
    },
  );

  it.each([
    [
      'its source fails',
      () =>
        streamOf(
          (async function* () {
            yield Buffer.from('x');
            throw new Error('source');
          })(),
        ),
    ],
    ['it is longer than it was said to be', () => streamOf([Buffer.alloc(10)], 9)],
    ['it is shorter than it was said to be', () => streamOf([Buffer.alloc(10)], 11)],
  ])('leaves nothing behind when %s', async (_why, body) => {
    const { driver, root } = await makeLab();
    await put(driver, 'a', 'before');
    await expect(driver.put(at('a'), body(), {}, ctx)).rejects.toMatchObject({ name: 'StorageError' });
    await expect(driver.put(at('new/deep/b'), body(), {}, ctx)).rejects.toMatchObject({ name: 'StorageError' });
    expect(await text(driver, 'a')).toBe('before');
    expect(readdirSync(join(root, 'box'))).toEqual(['a']);
    expect(staged(root)).toEqual([]);
  });

  it('that is aborted ends its source and leaves nothing behind', async () => {
    const { driver, root } = await makeLab();
    const abort = new AbortController();
    let ended = false;
    const endless = (async function* () {
      try {
        for (;;) {
          yield Buffer.alloc(1024);
          await sleep(1);
        }
      } finally {
        ended = true;
      }
    })();
    const writing = driver.put(at('a'), streamOf(endless), {}, { attempt: 1, signal: abort.signal });
    setImmediate(() => abort.abort());
    await expect(writing).rejects.toMatchObject({ code: 'aborted' });
    await expect.poll(() => ended).toBe(true);
    expect(staged(root)).toEqual([]);
    expect((await listAll(driver)).keys).toEqual([]);
  });

  it('that must not replace anything asks for no body when there is an object', async () => {
    const { driver } = await makeLab();
    await put(driver, 'a');
    const body = { size: 1, replayable: false, open: () => expect.unreachable('the body was opened') };
    await expect(driver.put(at('a'), body, { ifNoneMatch: '*' }, ctx)).rejects.toMatchObject({ code: 'object-exists' });
    await expect(driver.put(at('a'), body, { ifMatch: 'x' }, ctx)).rejects.toMatchObject({
      code: 'precondition-failed',
    });
    await expect(driver.put(at('b'), body, { ifMatch: 'x' }, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
    await expect(driver.put(at('b', 'none'), body, {}, ctx)).rejects.toMatchObject({ code: 'container-not-found' });
  });

  it('makes a new version each time, also of the same bytes and within a millisecond', async () => {
    const { driver } = await makeLab({}, { nowMs: () => 1_700_000_000_000 });
    const etags = new Set<string>();
    for (let round = 0; round < 50; round++) etags.add(await put(driver, 'a', 'same'));
    expect(etags.size).toBe(50);
  });

  it('never takes the version of another process that wrote in the same microsecond', async () => {
    const { driver, root } = await makeLab({}, { nowMs: () => 4_000_000_000_000 });
    const [time, size] = (await put(driver, 'a', 'same')).split('-') as [string, string];
    const next = `${(BigInt(`0x${time}`) + 1000n).toString(16)}-${size}`;
    const folder = join(root, '.stowage/containers/box/facts', hashName('a').slice(0, 2));
    writeFileSync(join(folder, `${hashName('a').slice(2)}.${next}`), '{}');
    expect(await put(driver, 'a', 'same')).not.toBe(next);
    expect(await put(driver, 'b', 'same')).toMatch(new RegExp(`^[0-9a-f]+-${size}$`));
  });

  it.each([
    ['storageClass', { storageClass: 'COLD' }],
    ['acl', { acl: 'public-read' }],
    ['speed', { provider: { speed: 'high' } }],
  ])('refuses %s, which it cannot honour', async (name, request) => {
    const { driver } = await makeLab();
    await expect(driver.put(at('a'), bodyOf('x'), request, ctx)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(name),
    });
  });
});

describe('writers at once', () => {
  it('that compare and replace lose no update', async () => {
    const { driver, again } = await makeLab();
    await put(driver, 'counter', '0');
    const count = async (who: typeof driver): Promise<void> => {
      for (let done = 0; done < 15;) {
        const { bytes, record } = await who.read(at('counter'), { want: 'bytes' }, ctx);
        const next = String(Number(bytes!.toString()) + 1);
        try {
          await who.put(at('counter'), bodyOf(next), { ifMatch: record.etag }, ctx);
          done++;
        } catch (error) {
          expect(error).toMatchObject({ code: 'precondition-failed' });
        }
      }
    };
    await Promise.all([count(driver), count(again()), count(again()), count(driver)]);
    expect(await text(driver, 'counter')).toBe('60');
  });

  it('that create one object see exactly one of them succeed', async () => {
    const { driver, again } = await makeLab();
    const writers = [driver, again(), again(), again()];
    for (let round = 0; round < 15; round++) {
      const outcomes = await Promise.allSettled(
        writers.map((who, index) => who.put(at(`k${round}`), bodyOf(`writer ${index}`), { ifNoneMatch: '*' }, ctx)),
      );
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await text(driver, `k${round}`)).toBe(`writer ${winner}`);
    }
  });

  it('are never seen in parts: bytes, version and metadata belong together in every read', async () => {
    const { driver, again } = await makeLab();
    const write = async (who: typeof driver, name: string): Promise<void> => {
      for (let round = 0; round < 60; round++) {
        const content = `${name}${round};`.repeat(1 + (round % 7));
        await who.put(at('a'), bodyOf(content), { metadata: { content } }, ctx);
      }
    };
    await put(driver, 'a', '');
    await driver.put(at('a'), bodyOf('first'), { metadata: { content: 'first' } }, ctx);
    const written = new AbortController();
    const seen = new Map<string, string>();
    const reader = (async (): Promise<void> => {
      const who = again();
      while (!written.signal.aborted) {
        const { bytes, record } = await who.read(at('a'), { want: 'bytes' }, ctx);
        const content = bytes!.toString();
        expect(record.metadata!['content']).toBe(content);
        expect(record.checksums!.crc32).toBe(digest(bytes!));
        expect(seen.get(record.etag!) ?? content).toBe(content);
        seen.set(record.etag!, content);
      }
    })();
    await Promise.all([write(driver, 'x'), write(again(), 'y')]);
    written.abort();
    await reader;
    expect(seen.size).toBeGreaterThan(3);
  });

  it('and one that deletes the container leave whole objects or none', async () => {
    const { driver, again } = await makeLab();
    const other = again();
    for (let round = 0; round < 15; round++) {
      const [written, deleted] = await Promise.allSettled([
        driver.put(at('deep/a'), bodyOf('content'), { metadata: { m: '1' } }, ctx),
        other.deleteContainer('box', ctx),
      ]);
      if (deleted.status === 'rejected') expect(deleted.reason).toMatchObject({ code: 'container-not-empty' });
      if (written.status === 'rejected') expect(written.reason).toMatchObject({ code: 'container-not-found' });
      expect([written.status, deleted.status].filter((status) => status === 'fulfilled').length).toBeGreaterThan(0);
      if (written.status === 'fulfilled' && deleted.status === 'rejected') {
        expect(await driver.stat(at('deep/a'), {}, ctx)).toMatchObject({ metadata: { m: '1' } });
        await driver.delete(at('deep/a'), {}, ctx);
      } else {
        await driver.createContainer('box', {}, ctx).catch(() => undefined);
      }
      expect((await listAll(driver)).keys).toEqual([]);
    }
  });
});

describe('a read', () => {
  it('gives the bytes that it opened, though the object is replaced and deleted meanwhile', async () => {
    const { driver } = await makeLab();
    const content = Buffer.alloc(2 << 20, 'ab');
    await put(driver, 'a', content);
    const { stream } = await driver.read(at('a'), { want: 'stream' }, ctx);
    await put(driver, 'a', 'new');
    await driver.delete(at('a'), {}, ctx);
    expect(Buffer.concat(await stream!.toArray()).equals(content)).toBe(true);
  });

  it('fails rather than ends when another program shortens the file', async () => {
    const { driver, root } = await makeLab();
    await put(driver, 'a', Buffer.alloc(2 << 20));
    const { stream } = await driver.read(at('a'), { want: 'stream' }, ctx);
    truncateSync(join(root, 'box/a'), 300_000);
    await expect(stream!.toArray()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('that is aborted or given up closes its file', async () => {
    const { driver } = await makeLab();
    await put(driver, 'a', Buffer.alloc(2 << 20));
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    const abort = new AbortController();
    const aborted = await driver.read(at('a'), { want: 'stream' }, { attempt: 1, signal: abort.signal });
    const givenUp = await driver.read(at('a'), { want: 'stream' }, ctx);
    abort.abort();
    await expect(aborted.stream!.toArray()).rejects.toMatchObject({ code: 'aborted' });
    givenUp.stream!.destroy();
    await expect.poll(open).toBe(before);
  });

  it('warns of damaged metadata and gives the bytes', async () => {
    const { driver, root, warnings } = await makeLab();
    await put(driver, 'a', 'content');
    const folder = join(root, '.stowage/containers/box/facts');
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) writeFileSync(join(entry.parentPath, entry.name), '');
    }
    expect(await text(driver, 'a')).toBe('content');
    expect(warnings).toEqual([expect.stringContaining('damaged')]);
  });
});

describe('every call', () => {
  it('closes what it opened', async () => {
    const { driver } = await makeLab();
    const open = (): number => readdirSync('/proc/self/fd').length;
    const round = async (): Promise<void> => {
      await put(driver, 'd/a');
      await driver.put(at('d/a'), bodyOf('x'), { ifNoneMatch: '*' }, ctx).catch(() => undefined);
      await driver.stat(at('d/a'), {}, ctx);
      await driver.stat(at('d/a'), { ifMatch: 'no' }, ctx).catch(() => undefined);
      await driver.read(at('d/a'), { want: 'bytes' }, ctx);
      await driver.read(at('d/a'), { want: 'bytes', range: { start: 99 } }, ctx).catch(() => undefined);
      await driver.stat(at('none'), {}, ctx).catch(() => undefined);
      await driver.list('box', { limit: 1, delimiter: '/' }, ctx);
      await driver.copy!.copy(at('d/a'), at('e/b'), {}, ctx);
      await driver.copy!.copy(at('d/a'), at('e/b'), { sourceIfMatch: 'no' }, ctx).catch(() => undefined);
      await driver.move!.move(at('e/b'), at('f/c'), {}, ctx);
      await driver.metadata!.update(at('f/c'), { metadata: {} }, ctx);
      const upload = await driver.parts!.begin(at('g'), {}, ctx);
      await driver.parts!.put(upload, { number: 1, offset: 0 }, bodyOf('x'), ctx);
      await driver.parts!.abort(upload, ctx);
      await driver.delete(at('f/c'), {}, ctx);
      await driver.delete(at('none/at/all'), {}, ctx);
    };
    await round();
    const before = open();
    for (let count = 0; count < 5; count++) await round();
    expect(open()).toBe(before);
  });

  it('that writes says when its private area cannot be one', async () => {
    const { root, again } = await makeLab();
    rmSync(join(root, '.stowage'), { recursive: true });
    writeFileSync(join(root, '.stowage'), '');
    await expect(put(again(), 'a')).rejects.toMatchObject({
      code: 'permission-denied',
      message: expect.stringContaining('.stowage'),
    });
  });
});

describe('moves', () => {
  it('rename the file and take its facts along', async () => {
    const { driver, root } = await makeLab();
    await driver.put(at('a/b'), bodyOf('content'), { metadata: { m: '1' } }, ctx);
    const { record } = await driver.move!.move(at('a/b'), at('c/d'), {}, ctx);
    expect(record).toMatchObject({ key: 'c/d', metadata: { m: '1' } });
    expect(readFileSync(join(root, 'box/c/d'), 'utf8')).toBe('content');
    expect(readdirSync(join(root, 'box'))).toEqual(['c']);
    expect(await driver.stat(at('c/d'), {}, ctx)).toMatchObject({ metadata: { m: '1' }, etag: record.etag });
  });

  it('work between a key and a key below it, both ways', async () => {
    const { driver } = await makeLab();
    await put(driver, 'a', 'content');
    await driver.move!.move(at('a'), at('a/b'), {}, ctx);
    expect((await listAll(driver)).keys).toEqual(['a/b']);
    await driver.move!.move(at('a/b'), at('a'), {}, ctx);
    expect((await listAll(driver)).keys).toEqual(['a']);
    expect(await text(driver, 'a')).toBe('content');
  });

  it('to the same key leave the object', async () => {
    const { driver } = await makeLab();
    await put(driver, 'a', 'content');
    await driver.move!.move(at('a'), at('a'), {}, ctx);
    expect(await text(driver, 'a')).toBe('content');
  });

  it('of two keys onto each other lose nothing', async () => {
    const { driver, again } = await makeLab();
    const other = again();
    await put(driver, 'a', 'content');
    for (let round = 0; round < 20; round++) {
      const outcomes = await Promise.allSettled([
        driver.move!.move(at('a'), at('b'), { ifNoneMatch: '*' }, ctx),
        other.move!.move(at('b'), at('a'), { ifNoneMatch: '*' }, ctx),
      ]);
      expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
      expect((await listAll(driver)).keys).toHaveLength(1);
    }
  });

  it('onto a version with the same time and size make another version', async () => {
    const { driver, root } = await makeLab();
    const before = await put(driver, 'a', 'one');
    await put(driver, 'b', 'two');
    // As a backup of one disk may bring them together: `cp --preserve` of one time onto the other file.
    execFileSync('touch', ['-r', join(root, 'box/a'), join(root, 'box/b')]);
    expect((await driver.stat(at('b'), {}, ctx)).etag).toBe(before);
    const { record } = await driver.move!.move(at('b'), at('a'), {}, ctx);
    expect(record.etag).not.toBe(before);
    expect(await text(driver, 'a')).toBe('two');
    expect((await listAll(driver)).keys).toEqual(['a']);
  });
});

describe('containers', () => {
  it('that other programs make are containers, and a file of that name is in the way', async () => {
    const { driver, root } = await makeLab();
    mkdirSync(join(root, 'theirs'));
    writeFileSync(join(root, 'file'), '');
    for (const name of ['box', 'theirs', 'file']) {
      await expect(driver.createContainer(name, {}, ctx)).rejects.toMatchObject({ code: 'container-exists' });
    }
  });
});
