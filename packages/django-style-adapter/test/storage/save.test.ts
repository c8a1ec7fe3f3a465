import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileSource } from '@stowage/core';
import { afterAll, describe, expect, it } from 'vitest';
import { ContentFile, createStorages, File, LibCloudStorage } from '../../src/index.js';
import { vectors } from '../vectors.js';
import { type Interference, openCounted, sharedMemory, withoutCreateOnly } from './counted-driver.js';

const directory = mkdtempSync(join(tmpdir(), 'stowage-save-'));
afterAll(() => rmSync(directory, { recursive: true }));

const contentOf = async (store: LibCloudStorage, name: string) => String(await store.open(name).read());
const oneShot = (...chunks: string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
/** More than the default of FILE_UPLOAD_MAX_MEMORY_SIZE. */
const LONG = 3_000_000;

describe('save', () => {
  it('stores content of every kind', async () => {
    const { store } = await openCounted();
    const path = join(directory, 'local.txt');
    writeFileSync(path, 'é');
    const kinds = {
      text: 'é',
      bytes: Buffer.from('é'),
      'array-buffer': new TextEncoder().encode('é').buffer,
      blob: new Blob(['é']),
      path: fileSource(path),
      'node-stream': oneShot('é'),
      'web-stream': new Blob(['é']).stream(),
      'text-iterable': ['', 'é', ''],
      'text-file': new ContentFile('é'),
      file: new File(fileSource(path)),
    };
    for (const [name, content] of Object.entries(kinds)) {
      expect(await store.save(name, content)).toBe(name);
      expect(await contentOf(store, name)).toBe('é');
    }
  });

  it('keeps every byte of an iterable that gives empty chunks', async () => {
    const { store } = await openCounted();
    await store.save('parts', [Buffer.from('part1'), Buffer.alloc(0), Buffer.from('part2')]);
    expect(await contentOf(store, 'parts')).toBe('part1part2');
  });

  it.each(vectors.read_in_chunks)(
    'keeps every byte of the iterable $src, where Python may stop half-way',
    async ({ src }) => {
      const { store } = await openCounted();
      await store.save('parts', src);
      expect(await contentOf(store, 'parts')).toBe(src.join(''));
    },
  );

  it('copies a file from one storage to another', async () => {
    const [from, to] = await Promise.all([openCounted(), openCounted()]);
    const content = Buffer.alloc(LONG, 'copy');
    await from.store.save('a.bin', content);
    expect(await to.store.save(null, from.store.open('a.bin'))).toBe('a.bin');
    expect((await to.store.open('a.bin').read()).equals(content)).toBe(true);
  });

  it('leaves a ContentFile as it was, to be saved and read again', async () => {
    const { store } = await openCounted();
    const content = new ContentFile('again');
    await content.read(3);
    await store.save('one', content);
    await store.save('two', content);
    expect([await contentOf(store, 'one'), await contentOf(store, 'two')]).toEqual(['again', 'again']);
  });

  it('stores a stream whole or not at all: what was read of it before is missed', async () => {
    const { store, requests } = await openCounted();
    const sniffed = new File(oneShot('header', 'body'));
    await sniffed.read(3);
    await expect(store.save('a', sniffed)).rejects.toMatchObject({ name: 'ValueError' });
    expect(requests).toEqual([]);
    const saved = new File(oneShot('once'));
    await store.save('b', saved);
    await expect(store.save('c', saved)).rejects.toMatchObject({ name: 'ValueError' });
    expect((await store.listdir())[1]).toEqual(['b']);
  });

  it('takes the name of the content when none is given, and needs one of the two', async () => {
    const { store } = await openCounted();
    expect(await store.save(null, new ContentFile('x', 'named.txt'))).toBe('named.txt');
    await expect(store.save(null, 'x')).rejects.toThrow(TypeError);
  });

  it('refuses content that is none, bad names and a file that is being written, before any request', async () => {
    const { store, requests } = await openCounted();
    for (const name of ['', '..', 'a/../b', '/a', 'a/']) {
      await expect(store.save(name, 'x')).rejects.toMatchObject({ name: 'SuspiciousFileOperation' });
    }
    await expect(store.save('x', 42 as never)).rejects.toThrow(TypeError);
    await expect(store.save('x', store.open('y', 'w'))).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    expect(requests).toEqual([]);
  });

  it('stores under the name that it returns, whatever spelling was given', async () => {
    const { store } = await openCounted();
    expect(await store.save('dir//f.txt', 'one')).toBe('dir/f.txt');
    expect(await contentOf(store, 'dir/f.txt')).toBe('one');
    expect(await contentOf(store, './dir\\f.txt')).toBe('one');
    expect(await store.save('dir//f.txt', 'two')).toMatch(/^dir\/f_[a-zA-Z0-9]{7}\.txt$/);
  });

  it('fits the name into maxLength', async () => {
    const { store } = await openCounted();
    expect(await store.save('abcdefghij.txt', 'x', { maxLength: 13 })).toMatch(/^a_[a-zA-Z0-9]{7}\.txt$/);
    await expect(store.save('a.txt', 'x', { maxLength: 4 })).rejects.toMatchObject({
      name: 'SuspiciousFileOperation',
      message: expect.stringContaining(
        'Please make sure that the corresponding file field allows sufficient "max_length".',
      ),
    });
  });

  it('passes the content type on: the one given, else that of the content, else by the name', async () => {
    const { store } = await openCounted();
    const typeOf = async (name: string) => (await store.driver.getObject('bucket-1', name)).contentType;
    await store.save('a.png', 'x');
    await store.save('b.png', new File(new Blob(['x'], { type: 'image/webp' })));
    await store.save('c.png', new ContentFile('x', undefined, { contentType: 'text/html' }));
    await store.save('d.png', new ContentFile('x', undefined, { contentType: 'text/html' }), {
      contentType: 'image/gif',
    });
    expect(await Promise.all(['a.png', 'b.png', 'c.png', 'd.png'].map(typeOf))).toEqual([
      'image/png',
      'image/webp',
      'text/html',
      'image/gif',
    ]);
  });

  const savedNames = vectors.names.filter((vector) => 'ok' in vector.validate_file_name_rel);
  it.each(savedNames)(
    'guesses the content type of $name as Python does, or a row of the compatibility page',
    async (vector) => {
      const { store } = await openCounted();
      const name = await store.save(vector.name, 'x');
      const { contentType } = await store.driver.getObject('bucket-1', name);
      const { ok: theirs } = vector.guess_type as { ok: [string | null, string | null] };
      const deviations: Record<string, string> = {
        'a.tar.gz': 'application/gzip',
        '.tar.gz': 'application/gzip',
        'a..b': 'application/octet-stream',
      };
      expect(contentType).toBe(deviations[vector.name] ?? theirs[0] ?? 'application/octet-stream');
    },
  );

  it('passes metadata and progress on', async () => {
    const { store } = await openCounted();
    const seen: number[] = [];
    await store.save('a', 'hello', {
      metadata: { owner: 'ada' },
      onProgress: ({ transferred }) => seen.push(transferred),
    });
    expect((await store.driver.getObject('bucket-1', 'a')).metadata).toEqual({ owner: 'ada' });
    expect(seen.at(-1)).toBe(5);
  });
});

describe('the requests of save', () => {
  it('are one for a new small object where the store can refuse to overwrite', async () => {
    const { store, takeRequests } = await openCounted();
    expect(store.atomic).toBe(true);
    await store.save('n.txt', 'twenty bytes of text');
    await store.save('m.txt', oneShot('a stream that is short'));
    expect(takeRequests()).toEqual(['put', 'put']);
  });

  it('are two for a taken name', async () => {
    const { store, takeRequests } = await openCounted();
    await store.save('n.txt', 'one');
    takeRequests();
    await store.save('n.txt', 'two');
    expect(takeRequests()).toEqual(['put', 'put']);
  });

  it('are two for a new object where the store cannot refuse', async () => {
    const { store, takeRequests } = await openCounted({ capabilities: withoutCreateOnly });
    expect(store.atomic).toBe(false);
    await store.save('n.txt', 'x');
    expect(takeRequests()).toEqual(['stat', 'put']);
  });

  it('ask before a large body is sent, so that it is not sent for nothing', async () => {
    const { store, takeRequests } = await openCounted();
    await store.save('n.bin', 'x');
    takeRequests();
    await store.save('n.bin', Buffer.alloc(LONG));
    expect(takeRequests()).toEqual(['stat', 'stat', 'put']);
  });

  it('are one where files are overwritten', async () => {
    const { store, takeRequests } = await openCounted({}, { file_overwrite: true });
    await store.save('n.txt', 'one');
    expect(await store.save('n.txt', 'two')).toBe('n.txt');
    expect(takeRequests()).toEqual(['put', 'put']);
    expect([await contentOf(store, 'n.txt'), store.atomic]).toEqual(['two', false]);
  });
});

describe('saves that race for one name', () => {
  const kinds = {
    'small text': (index: number) => `content ${index}`,
    'short streams': (index: number) => oneShot(`con`, `tent ${index}`),
    'long bytes': (index: number) => Buffer.alloc(LONG, `content ${index} `),
    'long streams': (index: number) =>
      Readable.from([1, 2, 3, 4, 5, 6].map(() => Buffer.alloc(1_000_000, `content ${index} `))),
  };

  it.each(Object.entries(kinds))('store every one of %s', async (_, make) => {
    const { store } = await openCounted({}, {}, { FILE_UPLOAD_TEMP_DIR: directory });
    const names = await Promise.all([0, 1, 2, 3, 4].map((index) => store.save('same.txt', make(index))));
    expect(new Set(names).size).toBe(5);
    expect(names).toContain('same.txt');
    const beginnings = await Promise.all(names.map(async (name) => String(await store.open(name).read(9))));
    expect(beginnings).toEqual([0, 1, 2, 3, 4].map((index) => `content ${index}`));
    const sizes = await Promise.all(names.map((name) => store.size(name)));
    expect(new Set(sizes).size).toBe(1);
    expect(readdirSync(directory).filter((name) => name.endsWith('.upload'))).toEqual([]);
  });

  it('never report success for what was not stored: a stream that cannot be kept fails, and says why', async () => {
    const settings = { FILE_UPLOAD_TEMP_DIR: join(directory, 'missing') };
    const raced: Interference = { before: (operation) => takeName(operation) };
    const { store } = await openCounted(raced, {}, settings);
    let isTaken = false;
    async function takeName(operation: string): Promise<void> {
      if (!['put', 'parts.complete'].includes(operation) || isTaken) return;
      isTaken = true;
      await store.save('same.bin', 'the other');
    }
    const saving = store.save('same.bin', Readable.from([1, 2, 3, 4, 5, 6].map(() => Buffer.alloc(1_000_000))));
    await expect(saving).rejects.toMatchObject({
      code: 'object-exists',
      message: expect.stringContaining('FILE_UPLOAD_TEMP_DIR'),
      cause: { code: 'ENOENT' },
    });
    expect(await contentOf(store, 'same.bin')).toBe('the other');
    expect((await store.listdir())[1]).toEqual(['same.bin']);
  });

  it('may overwrite where the store cannot refuse, which `atomic` tells', async () => {
    const { store } = await openCounted({ capabilities: withoutCreateOnly });
    const names = await Promise.all([0, 1].map((index) => store.save('same.txt', `content ${index}`)));
    expect(store.atomic).toBe(false);
    expect(names).toEqual(['same.txt', 'same.txt']);
  });

  it('are atomic for all that fits into one put where only parts cannot refuse, and `atomic` is false', async () => {
    const { store, takeRequests } = await openCounted({
      capabilities: (facts) => ({ ...facts, parts: { ...facts.parts!, conditions: [] } }),
    });
    expect(store.atomic).toBe(false);
    const small = await Promise.all([0, 1].map((index) => store.save('same.txt', `content ${index}`)));
    expect(new Set(small).size).toBe(2);
    takeRequests();
    await store.save('large.bin', Readable.from([Buffer.alloc(LONG)]));
    expect(takeRequests().filter((name) => name === 'stat')).toHaveLength(1);
  });
});

describe('a failed save', () => {
  it('leaves nothing behind and ends the stream', async () => {
    const { store } = await openCounted({}, {}, { FILE_UPLOAD_TEMP_DIR: directory });
    let ended = false;
    async function* failing() {
      try {
        yield Buffer.alloc(LONG);
        throw new Error('disconnected');
      } finally {
        ended = true;
      }
    }
    await expect(store.save('a.bin', failing())).rejects.toThrow('disconnected');
    expect(ended).toBe(true);
    expect(await store.listdir()).toEqual([[], []]);
    expect(readdirSync(directory).filter((name) => name.endsWith('.upload'))).toEqual([]);
  });

  it('is a container-not-found when the bucket is missing', async () => {
    const { store } = await openCounted({}, { bucket: 'missing' });
    await expect(store.save('a', 'x')).rejects.toMatchObject({ code: 'container-not-found' });
  });

  it('ends when the caller gives up', async () => {
    const { store } = await openCounted();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(store.save('a', 'x', { signal })).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('a subclass that chooses names', () => {
  it('decides them, and has a taken name replaced when it insists on it', async () => {
    class Replacing extends LibCloudStorage {
      override async getAvailableName(name: string): Promise<string> {
        return name;
      }
    }
    const store = createStorages({
      LIBCLOUD_PROVIDERS: { default: { type: sharedMemory(), bucket: 'bucket-1' } },
      DEFAULT_FILE_STORAGE: Replacing,
    }).default;
    await store.driver.createContainer('bucket-1');
    await store.save('a.txt', 'one');
    expect(await store.save('a.txt', 'two')).toBe('a.txt');
    expect(await contentOf(store, 'a.txt')).toBe('two');
  });

  it('is asked again when somebody else was faster', async () => {
    class Counting extends LibCloudStorage {
      override async getAvailableName(name: string): Promise<string> {
        let number = 1;
        while (await this.exists(`${number}-${name}`)) number += 1;
        return `${number}-${name}`;
      }
    }
    const store = createStorages({
      LIBCLOUD_PROVIDERS: { default: { type: sharedMemory(), bucket: 'bucket-1' } },
      STORAGES: { default: { BACKEND: Counting } },
    }).default;
    await store.driver.createContainer('bucket-1');
    const names = await Promise.all([1, 2, 3].map((index) => store.save('a.txt', `content ${index}`)));
    expect(names.sort()).toEqual(['1-a.txt', '2-a.txt', '3-a.txt']);
  });

  it('is not followed for ever when all its alternatives are taken', async () => {
    class Stubborn extends LibCloudStorage {
      override getAlternativeName(root: string, extension: string): string {
        return root + extension;
      }
    }
    const store = createStorages({
      LIBCLOUD_PROVIDERS: { default: { type: sharedMemory(), bucket: 'bucket-1' } },
      DEFAULT_FILE_STORAGE: Stubborn,
    }).default;
    await store.driver.createContainer('bucket-1');
    await store.save('a.txt', 'x');
    await expect(store.save('a.txt', 'x')).rejects.toMatchObject({
      name: 'SuspiciousFileOperation',
      message: expect.stringContaining('Storage can not find an available filename for "a.txt"'),
    });
  });
});
