import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileSource } from '@stowage/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContentFile } from '../../src/files/content-file.js';
import { File } from '../../src/files/file.js';

async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('File', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'stowage-file-'));
    await writeFile(join(directory, 'poem.txt'), 'one\ntwo\r\nthree');
  });
  afterAll(() => rm(directory, { recursive: true }));

  const kinds = {
    'a path': () => new File(fileSource(join(directory, 'poem.txt'))),
    bytes: () => new File(Buffer.from('one\ntwo\r\nthree'), 'poem.txt'),
    'an ArrayBuffer': () => new File(new TextEncoder().encode('one\ntwo\r\nthree').buffer, 'poem.txt'),
    'a Blob': () => new File(new Blob(['one\ntwo', '\r\nthree']), 'poem.txt'),
    'a Node stream': () => new File(Readable.from([Buffer.from('one\ntwo\r'), Buffer.from('\nthree')]), 'poem.txt'),
    'a web stream': () => new File(new Blob(['one\ntwo\r\nthree']).stream(), 'poem.txt'),
    'an iterable of text': () => new File(['one\nt', 'wo\r\nthree'], 'poem.txt'),
  } as const;

  describe.each(Object.entries(kinds))('over %s', (_, open) => {
    it('is read whole', async () => expect((await open().read()).toString()).toBe('one\ntwo\r\nthree'));

    it('is read in pieces, with an empty one at the end', async () => {
      const file = open();
      const pieces = [await file.read(4), await file.read(5), await file.read(100), await file.read(1)];
      expect(pieces.map(String)).toEqual(['one\n', 'two\r\n', 'three', '']);
      expect(file.tell()).toBe(14);
    });

    it('gives lines and has a name', async () => {
      const file = open();
      expect((await listOf(file)).map(String)).toEqual(['one\n', 'two\r\n', 'three']);
      expect(file.name).toBe('poem.txt');
    });

    it('cannot be read after it was closed', async () => {
      const file = open();
      await file.close();
      expect(file.closed).toBe(true);
      await expect(file.read()).rejects.toMatchObject({ name: 'ValueError', message: 'I/O operation on closed file.' });
    });
  });

  it('can be opened again after it was closed, and then is at its beginning', async () => {
    const file = new File(Buffer.from('again'));
    await file.read(3);
    await file.close();
    await file.open();
    expect((await file.read()).toString()).toBe('again');
  });

  it('goes back in bytes, and says that a stream cannot', async () => {
    const bytes = new File(Buffer.from('abcdef'));
    await bytes.seek(-2, 2);
    expect((await bytes.read()).toString()).toBe('ef');
    const stream = new File(Readable.from([Buffer.from('abcdef')]));
    await stream.seek(2);
    expect((await stream.read(2)).toString()).toBe('cd');
    expect(stream.seekable()).toBe(false);
    await expect(stream.seek(0)).rejects.toMatchObject({ name: 'UnsupportedOperation' });
  });

  it('refuses a position before the beginning', async () => {
    await expect(new File(Buffer.from('a')).seek(-1)).rejects.toMatchObject({ name: 'ValueError' });
  });

  it('refuses a stream that somebody else has read', async () => {
    const stream = Readable.from([Buffer.from('gone')]);
    await listOf(stream);
    await expect(new File(stream).read()).rejects.toMatchObject({ name: 'ValueError' });
  });

  it('reads in turn what is asked for at once', async () => {
    const file = new File([Buffer.from('ab'), Buffer.from('cdef'), Buffer.from('g')]);
    const pieces = await Promise.all([file.read(3), file.read(1), file.read(), file.read(1)]);
    expect(pieces.map(String)).toEqual(['abc', 'd', 'efg', '']);
  });

  it('goes on after a read that failed', async () => {
    const file = new File(Buffer.from('abc'));
    const results = await Promise.allSettled([file.seek(-1), file.read(1)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('reads text by characters, and positions by bytes', async () => {
    const file = new ContentFile('né 😀!');
    expect(await file.read(2)).toBe('né');
    expect(file.tell()).toBe(3);
    expect(await file.read(2)).toBe(' 😀');
    expect(await file.read(9)).toBe('!');
  });

  it('cuts text into the characters that it has, wherever the chunks of the stream end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 5 }), async (text, size) => {
        const bytes = Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte));
        const file = new File<string>(bytes, 'text', { mode: 'r' });
        const pieces = await listOf(file.chunks(size));
        expect(pieces.join('')).toBe(text);
        expect(pieces.slice(0, -1).every((piece) => Array.from(piece).length === size)).toBe(true);
      }),
    );
  });

  it('says that bytes are no text, instead of inventing characters', async () => {
    const file = new File<string>(Buffer.from([0x61, 0xff]), 'x.txt', { mode: 'r' });
    await expect(file.read()).rejects.toMatchObject({ name: 'ValueError', message: expect.stringContaining('x.txt') });
  });

  it('gives the same lines as splitting the whole content does', async () => {
    const text = fc.array(fc.constantFrom('a', 'é', '\n', '\r', '\r\n', '\u2028', '\v')).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        const chunks = Array.from(Buffer.from(content), (byte) => Uint8Array.of(byte));
        const lines = await listOf(new File<string>(chunks, 'x', { mode: 'r' }));
        expect(lines).toEqual(content.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+/g) ?? []);
      }),
    );
  });

  it('takes the name and the content type of a web File', () => {
    const file = new File(new globalThis.File(['x'], 'a.png', { type: 'image/png' }));
    expect([file.name, file.contentType, String(file)]).toEqual(['a.png', 'image/png', 'a.png']);
  });

  it('is a FileNotFoundError over a path where nothing is', async () => {
    const file = new File(fileSource(join(directory, 'missing.txt')));
    const missing = { name: 'FileNotFoundError', message: expect.stringContaining('missing.txt') };
    await expect(file.read()).rejects.toMatchObject(missing);
    await expect(file.size()).rejects.toMatchObject(missing);
  });

  it('refuses what is no content, before anything is read', () => {
    expect(() => new File(42 as never)).toThrow(TypeError);
    expect(() => new File(null as never)).toThrow(TypeError);
  });

  it('is not written to', async () => {
    await expect(new File(Buffer.from('a')).write('b')).rejects.toMatchObject({
      name: 'UnsupportedOperation',
      message: 'File was opened for read-only access.',
    });
  });
});

describe('ContentFile', () => {
  it('is read again after it was closed, as after a save', async () => {
    const file = new ContentFile('text');
    await file.close();
    expect(file.closed).toBe(false);
    await file.open();
    expect(await file.read()).toBe('text');
    expect(String(file)).toBe('Raw content');
  });

  it('keeps every write, each at its position', async () => {
    const file = new ContentFile('abc');
    await file.seek(0, 2);
    expect(await file.write('déf')).toBe(4);
    await file.write('g');
    await file.seek(1);
    await file.write('B');
    expect(await file.size()).toBe(8);
    await file.open();
    expect(await file.read()).toBe('aBcdéfg');
  });

  it('fills a gap that was jumped over with zeros', async () => {
    const file = new ContentFile(Buffer.from('a'));
    await file.seek(3);
    await file.write('b');
    await file.open();
    expect(await file.read()).toEqual(Buffer.from('a\0\0b'));
  });
});
