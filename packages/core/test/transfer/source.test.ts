import { openAsBlob } from 'node:fs';
import { appendFile, mkdtemp, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileSource } from '../../src/transfer/file-source.js';
import { openSource, type Source, type UploadSource } from '../../src/transfer/source.js';
import { failureOf, KIB, patterned } from './lab.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-source-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(source: Source, start = 0, end?: number): Promise<Buffer> {
  const reader = source.read(start, end);
  const chunks: Buffer[] = [];
  for (let chunk = await reader.next(); chunk; chunk = await reader.next()) {
    expect(chunk.length).toBeGreaterThan(0);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function contentOf(input: UploadSource): Promise<string> {
  const source = await openSource(input, undefined);
  const bytes = await read(source);
  await source.close();
  return bytes.toString();
}

async function* slowly<T>(...values: T[]): AsyncGenerator<T> {
  for (const value of values) {
    await Promise.resolve();
    yield value;
  }
}

const text = 'Grüße, 🚀';
const bytes = Buffer.from(text);
/** Every kind of source, with this text; empty chunks lie where a source can have them. */
const KINDS: readonly (readonly [string, () => UploadSource | Promise<UploadSource>])[] = [
  ['a string', () => text],
  ['a Buffer', () => bytes],
  ['an ArrayBuffer', () => new Uint8Array(bytes).buffer],
  ['a Blob', () => new Blob(['Grüße', '', ', 🚀'])],
  ['a Blob of a file', async () => openAsBlob(await file())],
  ['a file by path', async () => fileSource(await file())],
  ['a file by URL', async () => fileSource(pathToFileURL(await file()))],
  ['a Readable of bytes', () => Readable.from([bytes.subarray(0, 3), bytes.subarray(3)])],
  ['a Readable of strings', () => Readable.from(['Grüße', '', ', 🚀'])],
  ['a Readable with a UTF-8 encoding', () => Readable.from([bytes], { objectMode: false }).setEncoding('utf8')],
  ['a web stream', () => Readable.toWeb(Readable.from([bytes])) as ReadableStream<Uint8Array>],
  ['an async generator', () => slowly<string | Uint8Array>('Grüße', new Uint8Array(), '', ', 🚀')],
  ['an array', () => [new Uint8Array(), bytes.subarray(0, 4), '', bytes.subarray(4)]],
  ['a Set', () => new Set([bytes.subarray(0, 4), bytes.subarray(4)])],
];

async function file(content: string | Buffer = text): Promise<string> {
  const path = join(folder, `file-${Math.random().toString(36).slice(2)}`);
  await writeFile(path, content);
  return path;
}

describe('a source', () => {
  it.each(KINDS)('may be %s', async (_name, make) => {
    expect(await contentOf(await make())).toBe(text);
  });

  it('may be a view into a larger buffer, of which only its part is content', async () => {
    const larger = Buffer.concat([Buffer.from('no'), bytes, Buffer.from('no')]);
    expect(await contentOf(new Uint8Array(larger.buffer, larger.byteOffset + 2, bytes.length))).toBe(text);
  });

  it.each(KINDS.filter(([name]) => /file|Blob|Buffer|string$/.test(name)))(
    'of known size, such as %s, tells it and can be read again from anywhere',
    async (_name, make) => {
      const input = await make();
      if (input instanceof Readable || ArrayBuffer.isView(input)) return;
      const source = await openSource(input, undefined);
      expect(source).toMatchObject({ size: bytes.length, replayable: true });
      expect((await read(source, 3, 9)).equals(bytes.subarray(3, 9))).toBe(true);
      expect((await read(source)).equals(bytes)).toBe(true);
      const filled = Buffer.alloc(4);
      await source.fill?.(filled, 2);
      if (source.fill) expect(filled.equals(bytes.subarray(2, 6))).toBe(true);
      await source.close();
    },
  );

  it.each([
    ['null', null],
    ['a number', 5],
    ['an object', { a: 1 }],
    ['a function', () => text],
  ])('is not %s', async (_name, value) => {
    expect(await failureOf(openSource(value as unknown as UploadSource, undefined))).toMatchObject({
      code: 'invalid-argument',
    });
  });

  it.each([
    ['number', [1]],
    ['null', [null]],
    ['Map', [new Map()]],
    ['Array', [['x']]],
    ['Object', [Object.create(null)]],
  ])('gives chunks of bytes or text, not %s', async (name, chunks) => {
    const failure = await failureOf(contentOf(chunks));
    expect(failure).toMatchObject({ code: 'invalid-argument', message: expect.stringContaining(name) });
  });

  it('must have the size that the caller gives, where it knows its own', async () => {
    const failure = await failureOf(openSource(new Blob(['four']), 5));
    expect(failure.message).toContain('has 4 bytes and "size" says 5');
    expect(await openSource(Readable.from(['x']), 5)).toMatchObject({ size: 5, replayable: false });
  });
});

describe('a stream or iterator that has nothing left to give is refused:', () => {
  const consumed = async (make: () => Promise<UploadSource> | UploadSource): Promise<string> => {
    const failure = await failureOf(openSource(await make(), undefined));
    expect(failure.code).toBe('invalid-argument');
    return failure.message;
  };

  it('a stream that was read to its end', async () => {
    const stream = new PassThrough();
    stream.end('x');
    for await (const _chunk of stream);
    expect(await consumed(() => stream)).toMatch(/read to its end|destroyed/);
  });

  it('a stream that was destroyed', async () => {
    expect(await consumed(() => new PassThrough().destroy())).toContain('destroyed');
  });

  it('a stream that failed, with its error as the cause', async () => {
    const stream = new PassThrough();
    stream.on('error', () => undefined).destroy(new Error('disk gone'));
    const failure = await failureOf(openSource(stream, undefined));
    expect(failure.message).toContain('has failed already');
    expect((failure.cause as Error).message).toBe('disk gone');
  });

  it('a web stream that is locked, read to its end or failed', async () => {
    const locked = new Blob([text]).stream() as ReadableStream<Uint8Array>;
    locked.getReader();
    expect(await consumed(() => locked)).toContain('someone else');
    const read = new Blob(['x']).stream() as ReadableStream<Uint8Array>;
    for await (const _chunk of read as unknown as AsyncIterable<Uint8Array>);
    expect(await consumed(() => read)).toContain('read to its end');
    const failed = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error('x')) });
    expect(await consumed(() => failed)).toContain('failed');
  });

  it('an iterator that was given to an upload before', async () => {
    const iterator = slowly('x');
    expect(await contentOf(iterator)).toBe('x');
    expect(await consumed(() => iterator)).toContain('given to an upload before');
  });

  it('but not a web stream that is empty, nor an iterable that begins anew each time', async () => {
    const empty = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
    expect(await contentOf(empty)).toBe('');
    const list = ['x'];
    expect(await contentOf(list)).toBe('x');
    expect(await contentOf(list)).toBe('x');
  });

  it('and a stream whose encoding turned its bytes into something else', async () => {
    const stream = Readable.from([bytes], { objectMode: false }).setEncoding('base64');
    expect(await consumed(() => stream)).toContain('setEncoding');
  });
});

describe('a file', () => {
  it.each([
    ['an empty path', ''],
    ['a path with a zero byte', 'a\0b'],
    ['a web address', new URL('https://example.com/file')],
    ['a number', 7 as unknown as string],
  ])('is not named by %s', (_name, path) => {
    expect(() => fileSource(path)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  it('that is missing, or is no file, is refused', async () => {
    const missing = await failureOf(openSource(fileSource(join(folder, 'missing')), undefined));
    expect(missing).toMatchObject({ code: 'invalid-argument', message: expect.stringContaining('does not exist') });
    const directory = await failureOf(openSource(fileSource(folder), undefined));
    expect(directory).toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('not a regular file'),
    });
  });

  it.each([
    ['becomes longer', (path: string) => appendFile(path, 'more'), 'became longer'],
    ['becomes shorter', (path: string) => truncate(path, 300 * KIB), 'became shorter'],
    ['is written to in place', (path: string) => utimes(path, 1, 1), 'was written to'],
  ])('that %s while it is read fails the upload', async (_name, change, message) => {
    const path = await file(patterned(600 * KIB));
    const source = await openSource(fileSource(path), undefined);
    const reader = source.read(0);
    await reader.next();
    await change(path);
    const rest = async (): Promise<void> => {
      while (await reader.next());
    };
    expect((await failureOf(rest())).message).toContain(message);
    await source.close();
  });

  it('whose size is a lie, as in /proc, fails rather than being stored empty', async () => {
    const source = await openSource(fileSource('/proc/self/status'), undefined);
    expect(source.size).toBe(0);
    expect((await failureOf(read(source))).message).toContain('became longer');
    await source.close();
  });
});

describe('closing', () => {
  it('destroys a stream with the reason, and its errors end nothing', async () => {
    const stream = new PassThrough();
    const source = await openSource(stream, undefined);
    await source.close(new Error('the upload failed'));
    expect(stream.destroyed).toBe(true);
    expect(stream.errored?.message).toBe('the upload failed');
  });

  it('cancels a web stream', async () => {
    let reason: unknown;
    const stream = new ReadableStream<Uint8Array>({ cancel: (why) => void (reason = why) });
    const source = await openSource(stream, undefined);
    await source.close('why');
    expect(reason).toBe('why');
  });

  it('ends a generator', async () => {
    let ended = false;
    async function* generate(): AsyncGenerator<string> {
      try {
        yield 'a';
        yield 'b';
      } finally {
        ended = true;
      }
    }
    const source = await openSource(generate(), undefined);
    const reader = source.read(0);
    await reader.next();
    await source.close();
    await Promise.resolve();
    expect(ended).toBe(true);
    expect(await reader.next()).toBeUndefined();
  });

  it('does not wait for a generator that is stuck', async () => {
    async function* stuck(): AsyncGenerator<string> {
      await new Promise(() => undefined);
      yield 'never';
    }
    const source = await openSource(stuck(), undefined);
    void source.read(0).next();
    await source.close();
    expect(source.replayable).toBe(false);
  });
});
