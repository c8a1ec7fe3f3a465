import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { json as readJson } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileSource } from '../../src/transfer/file-source.js';
import { bodyOf } from './bodies.js';
import { failureOf, openLab } from './lab.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-portable-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('writing', () => {
  it('takes a string as content, never as a path', async () => {
    const { box } = await openLab();
    await box.put('k', '/etc/passwd');
    expect(await box.object('k').text()).toBe('/etc/passwd');
  });

  it('tells the facts of what was written and how far it was checked', async () => {
    const { box } = await openLab();
    const object = await box.put('note.txt', 'hello', { metadata: { owner: 'me' } });
    const md5 = createHash('md5').update('hello').digest('hex');
    expect(object).toMatchObject({
      key: 'note.txt',
      size: 5,
      verified: 'service',
      contentType: 'text/plain',
      hash: md5,
    });
    expect({ ...object.metadata }).toEqual({ owner: 'me' });
  });

  it.each([
    ['a.png', 'x', 'image/png'],
    ['archive.tar.gz', 'x', 'application/gzip'],
    ['no-extension', 'x', 'application/octet-stream'],
    ['typed.txt', new Blob(['x'], { type: 'text/csv' }), 'text/csv'],
    ['untyped.txt', new Blob(['x']), 'text/plain'],
  ])('tells the content type of %s', async (key, source, expected) => {
    const { box } = await openLab();
    expect((await box.put(key, source)).contentType).toBe(expected);
    expect((await box.put(key, source, { contentType: 'x/y' })).contentType).toBe('x/y');
  });

  it("takes the content type of a file from the key, and from the file's name only when the key tells none", async () => {
    const { box } = await openLab();
    const path = join(folder, 'photo.jpg');
    await writeFile(path, 'x');
    expect((await box.put('p.png', fileSource(path))).contentType).toBe('image/png');
    expect((await box.uploadObject(path, 'p')).contentType).toBe('image/jpeg');
  });

  it('names no content type to a store that keeps none', async () => {
    const { box } = await openLab({ facts: { put: { attributes: [] } } });
    expect((await box.put('a.png', 'x')).contentType).toBeUndefined();
  });

  it('refuses bad keys, unknown options and what the store lacks before any request', async () => {
    const { box, calls } = await openLab({ facts: { put: { attributes: ['contentType'], conditions: [] } } });
    const failures = [
      failureOf((async () => box.put('', 'x'))()),
      failureOf(box.put('k', 'x', { contenttype: 'a/b' } as object)),
      failureOf(box.put('k', 'x', { contentType: 'a/b\r\nx-evil: 1' })),
      failureOf(box.put('k', 'x', { cacheControl: 'no-cache' })),
      failureOf(box.put('k', 'x', { ifNoneMatch: '*' })),
    ];
    const codes = (await Promise.all(failures)).map(({ code }) => code);
    expect(codes).toEqual([...Array(3).fill('invalid-argument'), 'unsupported', 'unsupported']);
    expect(calls).toEqual([]);
  });
});

describe('reading', () => {
  it('gives bytes, text, JSON and streams', async () => {
    const { box } = await openLab();
    const object = await box.put('k', '{"a":[1,"é"]}');
    expect((await object.bytes()).toString()).toBe('{"a":[1,"é"]}');
    expect(await object.json()).toEqual({ a: [1, 'é'] });
    const stream = await object.stream();
    expect(stream).toBeInstanceOf(Readable);
    expect(Buffer.concat(await stream.toArray()).toString()).toBe('{"a":[1,"é"]}');
    expect(stream.verified).toBe('client');
    expect(await readJson(await object.webStream())).toEqual({ a: [1, 'é'] });
  });

  it.each([
    [{ start: 2 }, 'cdef'],
    [{ start: 1, end: 3 }, 'bc'],
    [{ suffix: 2 }, 'ef'],
  ])('gives the range %j', async (range, expected) => {
    for (const suffixRanges of [true, false]) {
      const { box } = await openLab({ facts: { read: { suffixRanges } } });
      const object = await box.put('k', 'abcdef');
      expect(await object.text({ range })).toBe(expected);
      expect(Buffer.concat(await (await object.stream({ range })).toArray()).toString()).toBe(expected);
    }
  });

  it('says what is no JSON', async () => {
    const { box } = await openLab();
    const object = await box.put('k', '{');
    expect(await failureOf(object.json())).toMatchObject({
      code: 'invalid-argument',
      key: 'k',
      cause: expect.any(SyntaxError),
    });
  });

  it('downloads to a file, whole or by range, and keeps a file that is there', async () => {
    const { box } = await openLab();
    const object = await box.put('k', 'abcdef');
    const path = join(folder, 'down.txt');
    expect(await object.download(path)).toMatchObject({ path, size: 6, verified: 'client' });
    expect((await failureOf(object.download(path))).code).toBe('precondition-failed');
    await object.downloadRange(path, 1, 3, { overwrite: true });
    expect(await readFile(path, 'utf8')).toBe('bc');
  });

  it.each(['bytes', 'text', 'json', 'stream', 'webStream', 'stat'] as const)(
    'rejects %s of a missing object',
    async (method) => {
      const { box } = await openLab();
      const error = await failureOf(box.object('missing')[method]());
      expect(error).toMatchObject({
        code: 'object-not-found',
        operation: method === 'webStream' ? 'webStream' : method,
        key: 'missing',
        container: 'box',
        attempts: 1,
      });
    },
  );

  it('refuses ranges, conditions and versions that the store does not have', async () => {
    const facts = { read: { ranges: false, conditions: [] } };
    const { box, calls } = await openLab({ facts, lacks: ['versions'] });
    for (const options of [{ range: { start: 1 } }, { ifMatch: 'a' }, { versionId: 'v' }]) {
      expect((await failureOf(box.object('k').bytes(options))).code).toBe('unsupported');
    }
    expect(calls).toEqual([]);
  });

  it('tells "not-modified" by a condition', async () => {
    const { box } = await openLab();
    const object = await box.put('k', 'x');
    expect((await failureOf(object.bytes({ ifNoneMatch: object.etag! }))).code).toBe('not-modified');
  });
});

describe('handles', () => {
  it('spend no request', async () => {
    const { storage, calls } = await openLab();
    const object = storage.container('box').object('k');
    expect([object.size, object.etag, object.lastModified, object.hash]).toEqual(Array(4).fill(undefined));
    expect(calls).toEqual([]);
  });

  it('spend one request to learn the facts', async () => {
    const { storage, box, calls } = await openLab();
    await box.put('k', 'hello');
    calls.length = 0;
    const object = await storage.getObject('box', 'k');
    expect(object.size).toBe(5);
    expect(await object.exists()).toBe(true);
    expect(await box.exists('other')).toBe(false);
    expect(calls).toEqual(['stat', 'stat', 'stat']);
  });

  it('refuse keys that the store cannot hold at once', async () => {
    const { box } = await openLab({ facts: { keys: { maxBytes: 3 } } });
    expect(() => box.object('four')).toThrow('at most 3');
    await expect(box.getObject('four')).rejects.toThrow('at most 3');
  });

  it('print their names', async () => {
    const { box } = await openLab();
    const object = await box.put('k', 'hello');
    expect(String(object)).toBe('StoredObject lab:box/k');
    expect(JSON.parse(JSON.stringify(object))).toMatchObject({ provider: 'lab', container: 'box', key: 'k', size: 5 });
  });
});

describe('changing metadata', () => {
  const before = { contentType: 'text/plain', cacheControl: 'no-cache', metadata: { a: '1' } };

  it.each([
    ['by the store', {}, 'native'],
    ['by a copy over itself', { lacks: ['metadata'] as const, emulate: 'allow' as const }, 'emulated'],
    ['by writing it again', { lacks: ['metadata', 'copy'] as const, emulate: 'allow' as const }, 'emulated'],
  ])('changes what is named and keeps the rest: %s', async (_, options, level) => {
    const { box, storage } = await openLab(options);
    expect(storage.can.metadata).toBe(level);
    const object = await box.put('k', 'hello', before);
    const changed = await object.updateMetadata({ metadata: { b: '2' }, contentDisposition: 'inline' });
    const seen = await changed.stat();
    expect(seen).toMatchObject({
      contentType: 'text/plain',
      record: { cacheControl: 'no-cache', contentDisposition: 'inline' },
    });
    expect({ ...seen.metadata }).toEqual({ b: '2' });
    expect(await seen.text()).toBe('hello');
    expect((await failureOf(object.updateMetadata({ metadata: {} }, { ifMatch: 'other' }))).code).toBe(
      'precondition-failed',
    );
  });

  it('is told as absent where the store keeps nothing beside the bytes', async () => {
    const bare = await openLab({ lacks: ['metadata'], facts: { put: { attributes: [] } } });
    expect(bare.storage.can.metadata).toBe('absent');
  });

  it('is refused under "never" and told once under "warn"', async () => {
    const strict = await openLab({ lacks: ['metadata'], emulate: 'never' });
    expect(strict.storage.can.metadata).toBe('absent');
    await strict.box.put('k', 'x');
    expect((await failureOf(strict.box.object('k').updateMetadata({ metadata: {} }))).code).toBe('unsupported');
    const { box, warnings } = await openLab({ lacks: ['metadata'] });
    await box.put('k', 'x');
    for (let round = 0; round < 2; round++) await box.object('k').updateMetadata({ metadata: {} });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('updateMetadata()');
  });

  it('never writes over a change of another', async () => {
    for (const lacks of [['metadata'], ['metadata', 'copy']] as const) {
      const lab = await openLab({
        lacks,
        emulate: 'allow',
        after: async (call, result) => {
          if (call === 'stat' && armed) {
            armed = false;
            await lab.storage.driver.put({ container: 'box', key: 'k' }, bodyOf('newer'), {}, { attempt: 1 });
          }
          return result;
        },
      });
      let armed = false;
      const object = await lab.box.put('k', 'old');
      armed = true;
      expect((await failureOf(object.updateMetadata({ metadata: { a: '1' } }))).code).toBe('precondition-failed');
      expect(await object.text()).toBe('newer');
    }
  });
});
