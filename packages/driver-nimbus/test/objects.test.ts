import { createHash } from 'node:crypto';
import { storageOver } from '@stowage/core';
import { bytesBody, streamBody } from '@stowage/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ctx, type Lab, startLab } from './lab.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
  await lab.driver.createContainer('box', {}, ctx);
});
afterAll(() => lab.close());

const ref = (key: string) => ({ container: 'box', key });
const stored = (key: string) => lab.emulator.store.collections.get('box')!.current(key);
const content = async (key: string, want: 'bytes' | 'stream' = 'bytes'): Promise<Buffer> => {
  const { bytes, stream } = await lab.driver.read(ref(key), { want }, ctx);
  if (bytes) return bytes;
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** Writes as other clients do: no metadata of ours. */
async function writeForeign(key: string, body: string): Promise<void> {
  const collection = lab.emulator.store.collections.get('box')!;
  const segment = { part: 0, metadata: [], body: Buffer.from(body), modifiedAtMs: Date.now() };
  collection.write({ key, id: lab.emulator.store.nextId(), ...segment });
}

describe('facts that the server does not keep', () => {
  it('are one entry of the metadata, beside those of the user', async () => {
    await lab.driver.put(
      ref('a.txt'),
      bytesBody('content'),
      { contentType: 'text/x', metadata: { colour: 'blue' } },
      ctx,
    );
    const metadata = Object.fromEntries(stored('a.txt')!.segments[0]!.metadata);
    expect(metadata).toEqual({
      stowage: expect.stringMatching(/^1\.7\.-\.[0-9a-f]{8}\.[\w-]{16}\.\d{13}$/),
      'stowage.type': 'text/x',
      colour: 'blue',
    });
  });

  it('cost one request to ask for, and a read of bytes two at once', async () => {
    await lab.driver.put(ref('one'), bytesBody('content'), {}, ctx);
    lab.emulator.forget();
    await lab.driver.stat(ref('one'), {}, ctx);
    expect(lab.emulator.requests.map(({ operation }) => operation)).toEqual(['GetMetadata']);
    lab.emulator.forget();
    await content('one');
    expect(lab.emulator.requests.map(({ operation }) => operation).sort()).toEqual(['GetMetadata', 'Retrieve']);
  });

  it('are missing from what others wrote, of which HEAD tells the rest', async () => {
    await writeForeign('foreign.tar.gz', 'content');
    const record = await lab.driver.stat(ref('foreign.tar.gz'), {}, ctx);
    expect(record).toMatchObject({ size: 7, contentType: 'application/x-tar', contentEncoding: 'gzip', metadata: {} });
    expect([record.etag, record.checksums]).toEqual([undefined, undefined]);
    for (const want of ['bytes', 'stream'] as const)
      expect((await content('foreign.tar.gz', want)).toString()).toBe('content');
  });

  it('cannot be forged by names of the user, who is told so before any request', async () => {
    const box = storageOver(lab.driver).container('box');
    lab.emulator.forget();
    await expect(box.put('x', 'y', { metadata: { stowage: '1.0.-.-.aaaaaaaaaaaa.-' } })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await expect(box.put('x', 'y', { metadata: { big: 'é'.repeat(2000) } })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await expect(box.put('x', 'y', { metadata: { a: 'é'.repeat(900), b: 'é'.repeat(900) } })).rejects.toThrow(
      /8,?192|7292/,
    );
    expect(lab.emulator.requests).toEqual([]);
  });
});

describe('objects without a byte', () => {
  it('are one byte in the store and none here', async () => {
    await lab.driver.put(ref('empty'), bytesBody(''), { contentType: 'text/plain' }, ctx);
    expect(stored('empty')!.size).toBe(1);
    expect(await lab.driver.stat(ref('empty'), {}, ctx)).toMatchObject({ size: 0, contentType: 'text/plain' });
    for (const want of ['bytes', 'stream'] as const) expect(await content('empty', want)).toHaveLength(0);
    const range = lab.driver.read(ref('empty'), { want: 'bytes', range: { start: 0 } }, ctx);
    await expect(range).rejects.toMatchObject({ code: 'range-not-satisfiable' });
  });

  it('are refused with the digest of another body', async () => {
    const checksum = { algorithm: 'md5', value: createHash('md5').update('x').digest('hex') } as const;
    await expect(lab.driver.put(ref('empty-2'), bytesBody(''), { checksum }, ctx)).rejects.toMatchObject({
      code: 'checksum-mismatch',
    });
    expect(stored('empty-2')).toBeUndefined();
  });
});

describe('a body that ends early as if it were whole', () => {
  it('is found out, and read again', async () => {
    const body = Buffer.alloc(300_000, 'x');
    const box = storageOver(lab.driver, { retry: { baseDelayMs: 1, maxDelayMs: 2 } }).container('box');
    await box.put('cut', body);
    const isRead = ({ operation }: { operation: string }): boolean => operation === 'Retrieve';
    for (const read of [
      () => box.object('cut').bytes(),
      async () => Buffer.concat((await (await box.object('cut').stream()).toArray()) as Buffer[]),
    ]) {
      lab.emulator.faults.add({ fault: { kind: 'truncate', afterBytes: 1000 }, when: isRead, times: 1 });
      expect((await read()).equals(body)).toBe(true);
    }
    lab.emulator.faults.clear();
  });

  it('is an error when it always is', async () => {
    await lab.driver.put(ref('cut'), bytesBody('0123456789'), {}, ctx);
    lab.emulator.faults.add({
      fault: { kind: 'truncate', afterBytes: 4 },
      when: ({ operation }) => operation === 'Retrieve',
    });
    for (const want of ['bytes', 'stream'] as const)
      await expect(content('cut', want)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    lab.emulator.faults.clear();
  });

  it('is found out by its digest when a bit is another', async () => {
    const box = storageOver(lab.driver, { retry: false }).container('box');
    await box.put('bit', Buffer.alloc(1000, 'x'));
    lab.emulator.faults.add({ fault: { kind: 'corrupt' }, when: ({ operation }) => operation === 'Retrieve' });
    await expect(box.object('bit').bytes()).rejects.toMatchObject({ code: 'checksum-mismatch' });
    lab.emulator.faults.clear();
  });
});

describe('a read while the object is replaced', () => {
  it.each(['bytes', 'stream'] as const)('gives bytes and facts of one version (%s)', async (want) => {
    const versions = ['aaaa', 'bbbb', 'cccc', 'dddd', 'eeee'];
    for (const is of versions) await lab.driver.put(ref(is), bytesBody(is), { metadata: { is } }, ctx);
    const { store, faults } = lab.emulator;
    // Each of the first requests finds another version than the one before, all of one length.
    let replacements = 0;
    const replace = (): void => {
      const [segment] = stored(versions[replacements++]!)!.segments;
      store.collections.get('box')!.write({ ...segment!, key: 'raced', id: store.nextId() });
    };
    replace();
    const when = (): boolean => {
      if (replacements < versions.length) replace();
      return false;
    };
    faults.add({ fault: { kind: 'hang', at: 'before-headers' }, when });
    const { bytes, stream, record } = await lab.driver.read(ref('raced'), { want }, ctx);
    const read = bytes ?? Buffer.concat((await stream.toArray()) as Buffer[]);
    faults.clear();
    expect(replacements).toBe(versions.length);
    expect(record.metadata?.['is']).toBe(read.toString());
  });
});

describe('the clock', () => {
  it("is corrected by the server's, with a warning", async () => {
    const offsetMs = 40 * 60_000;
    const other = await startLab({}, { nowMs: () => Date.now() + offsetMs });
    const storage = storageOver(other.driver, { host: { warn: () => undefined } });
    const box = await storage.createContainer('clock');
    await box.put('a', 'content');
    expect(other.warnings).toEqual([expect.stringContaining('40 minutes behind')]);
    const { lastModified } = await box.getObject('a');
    expect(Math.abs(lastModified!.getTime() - Date.now() - offsetMs)).toBeLessThan(5000);
    await other.close();
  });
});

it('a stream of known size has no digest before it is sent, and its MD5 is compared when it is given', async () => {
  const body = Buffer.alloc(5000, 'x');
  const { verified } = await lab.driver.put(ref('stream'), streamBody(body, { chunkBytes: 1000 }), {}, ctx);
  expect(verified).toBe('none');
  const checksum = { algorithm: 'md5', value: createHash('md5').update(body).digest('hex') } as const;
  expect(
    (await lab.driver.put(ref('stream'), streamBody(body, { chunkBytes: 1000 }), { checksum }, ctx)).verified,
  ).toBe('service');
  expect((await lab.driver.stat(ref('stream'), {}, ctx)).checksums).toEqual({ md5: checksum.value });
});
