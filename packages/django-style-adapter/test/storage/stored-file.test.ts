import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { type CountedStorage, openCounted } from './counted-driver.js';

const MIB = 1_048_576;

async function withFile(content: string | Buffer, name = 'a.txt'): Promise<CountedStorage> {
  const counted = await openCounted();
  await counted.store.save(name, content);
  counted.takeRequests();
  return counted;
}

describe('a file that is read', () => {
  it('costs no request to open and to close, and one to read whole', async () => {
    const { store, takeRequests } = await withFile('hello');
    const unread = store.open('a.txt');
    await unread.close();
    expect(unread.closed).toBe(true);
    expect(takeRequests()).toEqual([]);
    expect(String(await store.open('a.txt').read())).toBe('hello');
    expect(takeRequests()).toEqual(['read']);
  });

  it('is read whole however large it is', async () => {
    const content = Buffer.alloc(12 * MIB, 'more than Libcloud gave: ');
    const { store } = await withFile(content);
    expect((await store.open('a.txt').read()).equals(content)).toBe(true);
  });

  it('is empty when it is empty', async () => {
    const { store } = await withFile('');
    const file = store.open('a.txt');
    expect(await file.read(10)).toEqual(Buffer.alloc(0));
    expect(await store.open('a.txt', 'r').read()).toBe('');
    for await (const chunk of store.open('a.txt').chunks()) expect(chunk).toBeUndefined();
  });

  it('is a FileNotFoundError when it is missing: of the first read, the size and the chunks, not of open', async () => {
    const { store } = await openCounted();
    const missing = {
      name: 'FileNotFoundError',
      code: 'ENOENT',
      message: 'No such file: "no/file.txt" in bucket "bucket-1".',
      cause: { name: 'StorageError', code: 'object-not-found' },
    };
    const file = store.open('no/file.txt');
    await expect(file.read()).rejects.toMatchObject(missing);
    await expect(file.read(5)).rejects.toMatchObject(missing);
    await expect(file.size()).rejects.toMatchObject(missing);
    await expect(file.chunks().next()).rejects.toMatchObject(missing);
    await expect(file.readline()).rejects.toMatchObject(missing);
    await file.close();
  });

  it('is streamed in chunks by one request, without being held', async () => {
    const content = Buffer.alloc(3 * MIB, 'chunk');
    const { store, takeRequests } = await withFile(content);
    const lengths: number[] = [];
    const received: Buffer[] = [];
    for await (const chunk of store.open('a.txt').chunks(500_000)) {
      lengths.push(chunk.length);
      received.push(chunk);
    }
    expect(lengths).toEqual([500_000, 500_000, 500_000, 500_000, 500_000, 500_000, 145_728]);
    expect(Buffer.concat(received).equals(content)).toBe(true);
    expect(takeRequests()).toEqual(['read']);
  });

  it('fetches ranges after a seek, and goes on in one stream', async () => {
    const content = Buffer.alloc(3 * MIB, '0123456789');
    const { store, takeRequests } = await withFile(content);
    const file = store.open('a.txt');
    await file.seek(2_000_005);
    expect(String(await file.read(5))).toBe('56789');
    expect(String(await file.read(5))).toBe('01234');
    expect(takeRequests()).toEqual(['read']);
    await file.seek(-10, 2);
    const end = content.subarray(-10);
    expect(await file.read()).toEqual(end);
    expect(await file.read(1)).toEqual(Buffer.alloc(0));
    expect(takeRequests()).toEqual(['read']);
    await file.seek(10 * MIB);
    expect(await file.read(10)).toEqual(Buffer.alloc(0));
    expect(takeRequests()).toEqual([]);
  });

  it('gives nothing behind its end, also when its size is not known yet', async () => {
    const { store } = await withFile('short');
    const file = store.open('a.txt');
    await file.seek(1_000);
    expect(await file.read(10)).toEqual(Buffer.alloc(0));
    await file.seek(1_000);
    expect(await file.read()).toEqual(Buffer.alloc(0));
  });

  it('is read by lines and as text', async () => {
    const { store } = await withFile('één\ntwee\r\ndrie');
    const file = store.open('a.txt', 'r');
    expect(await file.readline()).toBe('één\n');
    const lines: string[] = [];
    for await (const line of file) lines.push(line);
    expect(lines).toEqual(['één\n', 'twee\r\n', 'drie']);
    expect(await store.open('a.txt', 'rt').read(2)).toBe('éé');
  });

  it('never mixes two versions', async () => {
    const { store } = await withFile(Buffer.alloc(2 * MIB, 'a'));
    const file = store.open('a.txt');
    await file.read(10);
    await store.driver.container('bucket-1').put('a.txt', Buffer.alloc(2 * MIB, 'b'));
    await file.seek(MIB);
    await expect(file.read(10)).rejects.toMatchObject({ code: 'precondition-failed' });
    await file.close();
    await file.open();
    expect(String(await file.read(3))).toBe('bbb');
  });

  it('never mixes two versions where the store does not compare them', async () => {
    const { store } = await openCounted({
      capabilities: (facts) => ({ ...facts, read: { ...facts.read, conditions: [] } }),
    });
    await store.save('a.txt', Buffer.alloc(2 * MIB, 'a'));
    const file = store.open('a.txt');
    await file.read(10);
    await store.driver.container('bucket-1').put('a.txt', Buffer.alloc(2 * MIB, 'b'));
    await file.seek(MIB);
    await expect(file.read(10)).rejects.toMatchObject({ code: 'precondition-failed' });
  });

  it('is read from any position where the store has no ranges', async () => {
    const { store } = await openCounted({
      capabilities: (facts) => ({ ...facts, read: { ...facts.read, ranges: false, suffixRanges: false } }),
    });
    await store.save('a.txt', '0123456789');
    const file = store.open('a.txt');
    await file.seek(4);
    expect(String(await file.read(2))).toBe('45');
    await file.seek(2);
    expect(String(await file.read())).toBe('23456789');
  });

  it('is piped into a stream', async () => {
    const { store } = await withFile(Buffer.alloc(MIB, 'x'));
    let length = 0;
    await pipeline(Readable.from(store.open('a.txt').chunks()), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) length += chunk.length;
    });
    expect(length).toBe(MIB);
  });

  it('is not written to', async () => {
    const { store, requests } = await withFile('x');
    await expect(store.open('a.txt').write('y')).rejects.toMatchObject({
      name: 'UnsupportedOperation',
      message: 'File was opened for read-only access.',
    });
    expect(requests).toEqual([]);
  });
});

describe('a file that is written', () => {
  it('keeps every write and appears whole when it is closed, in one request where it is small', async () => {
    const { store, takeRequests } = await openCounted();
    const file = store.open('a.txt', 'w');
    expect(await file.write('één ')).toBe(6);
    await file.write(Buffer.from('two'));
    expect([await file.size(), file.tell()]).toEqual([9, 9]);
    expect(takeRequests()).toEqual([]);
    await file.close();
    await file.close();
    expect(takeRequests()).toEqual(['put']);
    expect(await store.open('a.txt', 'r').read()).toBe('één two');
  });

  it('goes out as it comes where it is large, and is invisible until it is closed', async () => {
    const { store } = await openCounted();
    const file = store.open('large.bin', 'wb');
    for (let index = 0; index < 30; index += 1) await file.write(Buffer.alloc(MIB, index));
    expect(await store.exists('large.bin')).toBe(false);
    await file.close();
    expect(await store.size('large.bin')).toBe(30 * MIB);
    const back = store.open('large.bin');
    await back.seek(29 * MIB);
    expect((await back.read(1))[0]).toBe(29);
  });

  it('drops everything on abort, small or large, and leaves what was there', async () => {
    const { store } = await openCounted();
    await store.save('a.txt', 'before');
    for (const size of [10, 20 * MIB]) {
      const file = store.open('a.txt', 'w');
      await file.write(Buffer.alloc(size));
      await file.abort();
      expect(file.closed).toBe(true);
      await file.close();
    }
    expect(await store.open('a.txt', 'r').read()).toBe('before');
    const uploads = [];
    for await (const upload of store.driver.container('bucket-1').listUploads()) uploads.push(upload);
    expect(uploads).toEqual([]);
  });

  it('is empty when nothing was written', async () => {
    const { store } = await openCounted();
    await store.open('empty', 'w').close();
    expect(await store.size('empty')).toBe(0);
  });

  it('is stored at the end of `await using`', async () => {
    const { store } = await openCounted();
    {
      await using file = store.open('a.txt', 'w');
      await file.write('kept');
    }
    expect(await store.open('a.txt', 'r').read()).toBe('kept');
  });

  it('is not read', async () => {
    const { store } = await openCounted();
    const file = store.open('a.txt', 'w');
    await expect(file.read()).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    await expect(file.seek(0)).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    await file.abort();
  });

  it('is written or read again after it was closed', async () => {
    const { store } = await openCounted();
    const file = store.open('a.txt', 'w');
    await file.write('one');
    await file.close();
    await expect(file.write('more')).rejects.toMatchObject({ name: 'ValueError' });
    await file.open();
    await file.write('two');
    await file.close();
    await file.open('r');
    expect(await file.read()).toBe('two');
  });

  it('tells at close that nothing could be stored', async () => {
    const { store } = await openCounted({}, { bucket: 'missing' });
    const file = store.open('a.txt', 'w');
    await file.write('x');
    await expect(file.close()).rejects.toMatchObject({ code: 'container-not-found' });
  });

  it('has no mode that changes objects in place', async () => {
    const { store } = await openCounted();
    for (const mode of ['a', 'r+', 'w+', 'x', '']) {
      expect(() => store.open('a.txt', mode as 'r')).toThrow(expect.objectContaining({ name: 'ValueError' }));
    }
  });

  it('needs a name that can be stored', async () => {
    const { store } = await openCounted();
    for (const name of ['', '/a', '../a', 'a/']) {
      expect(() => store.open(name, 'w')).toThrow(expect.objectContaining({ name: 'SuspiciousFileOperation' }));
    }
  });
});
