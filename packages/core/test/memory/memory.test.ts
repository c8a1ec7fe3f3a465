import { openStorage } from '@stowage/core';
import { createMemoryDriver, driver, type MemoryDriver } from '@stowage/core/memory';
import { createHost } from '@stowage/core/spi';
import { describe, expect, it } from 'vitest';

const ctx = { attempt: 1 } as const;

async function memoryWith(keys: readonly string[], pageSize?: number): Promise<MemoryDriver> {
  const memory = createMemoryDriver({ pageSize });
  await memory.createContainer('box', {}, ctx);
  for (const key of keys) await putText(memory, key, `body of ${key}`);
  return memory;
}

function putText(memory: MemoryDriver, key: string, text: string, attributes: object = {}) {
  const bytes = Buffer.from(text);
  const body = { size: bytes.length, replayable: true, bytes, open: () => expect.unreachable('bytes are given') };
  return memory.put({ container: 'box', key }, body, attributes, ctx);
}

// The rules of the driver contract are tested by the conformance suite; here is what only this driver has.
describe('the memory driver', () => {
  it('begins empty whenever it is opened', async () => {
    const first = openStorage(driver, {});
    await first.createContainer('box');
    expect(await openStorage(driver, {}).listContainers()).toEqual([]);
    expect((await first.listContainers()).map(({ name }) => name)).toEqual(['box']);
  });

  it.each([0, -1, 1.5])('refuses %s as page size', (pageSize) => {
    expect(() => openStorage(driver, { pageSize })).toThrow(/"pageSize" is .*; give a whole number above 0/);
  });

  it('refuses options that it does not know, and never shows its key', () => {
    const settings = { type: driver, page_siez: 5, signing_key: 'a secret key' };
    expect(() => openStorage(settings as never)).toThrow(/pageSize|page_size/);
    expect(() => openStorage(settings as never)).not.toThrow(/a secret key/);
  });

  it('gives pages of the size that it is told, and takes it for its limit', async () => {
    const memory = await memoryWith(['a', 'b', 'c'], 2);
    const page = await memory.list('box', { limit: 100 }, ctx);
    expect(page.objects.map(({ key }) => key)).toEqual(['a', 'b']);
    expect(memory.capabilities.list.maxLimit).toBe(2);
  });

  it('lists one prefix out of many keys without a walk over the rest', async () => {
    const keys = Array.from({ length: 2_000 }, (_, index) => `${index % 20}/${index}`);
    const memory = await memoryWith(keys);
    const { prefixes, objects } = await memory.list('box', { delimiter: '/' }, ctx);
    expect([prefixes.length, objects.length]).toEqual([20, 0]);
    expect((await memory.list('box', { prefix: '7/' }, ctx)).objects).toHaveLength(100);
  });

  it.each(['', 'bm90LWEtdG9rZW4', '%%%', 'MQ', 'bnVsbA'])('refuses the page token "%s"', async (token) => {
    const memory = await memoryWith(['a']);
    await expect(memory.list('box', { token }, ctx)).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(memory.versions.list('box', { token }, ctx)).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('takes time and version ids from its host', async () => {
    const host = createHost({ nowMs: () => 1_000, randomBytes: (size) => Buffer.alloc(size, 7) });
    const memory = createMemoryDriver({}, host);
    expect(await memory.createContainer('box', {}, ctx)).toMatchObject({ createdAtMs: 1_000 });
    await memory.versions.setEnabled('box', true, ctx);
    const { record } = await putText(memory, 'key', 'text');
    expect(record).toMatchObject({ modifiedAtMs: 1_000, versionId: '07'.repeat(16) });
  });

  it('remembers when an object was first written', async () => {
    let nowMs = 1_000;
    const memory = createMemoryDriver({}, createHost({ nowMs: () => nowMs }));
    await memory.createContainer('box', {}, ctx);
    await putText(memory, 'key', 'one');
    nowMs = 2_000;
    const { record } = await putText(memory, 'key', 'two');
    expect(record).toMatchObject({ createdAtMs: 1_000, modifiedAtMs: 2_000 });
  });

  it('tells storage class and ACL, which it only remembers', async () => {
    const memory = await memoryWith(['plain']);
    await putText(memory, 'cold', 'text', { storageClass: 'COLD', acl: 'private', tags: { a: 'b' } });
    expect(await memory.stat({ container: 'box', key: 'plain' }, {}, ctx)).toMatchObject({ storageClass: 'STANDARD' });
    expect(await memory.stat({ container: 'box', key: 'cold' }, {}, ctx)).toMatchObject({
      storageClass: 'COLD',
      extra: { acl: 'private', tags: { a: 'b' } },
    });
  });

  it('keeps older versions when versioning is switched off again', async () => {
    const memory = await memoryWith([]);
    const versions = async () =>
      (await memory.versions.list('box', {}, ctx)).versions.map(({ versionId }) => versionId);
    await memory.versions.setEnabled('box', true, ctx);
    const { record } = await putText(memory, 'key', 'kept');
    await memory.versions.setEnabled('box', false, ctx);
    await putText(memory, 'key', 'one');
    await putText(memory, 'key', 'two');
    expect(await versions()).toEqual(['null', record.versionId]);
    await memory.delete({ container: 'box', key: 'key' }, {}, ctx);
    expect(await versions()).toEqual(['null', record.versionId]);
    expect(await memory.stat({ container: 'box', key: 'key' }, {}, ctx).catch((error: unknown) => error)).toMatchObject(
      {
        code: 'object-not-found',
      },
    );
  });

  it('copies an older version over the newest', async () => {
    const memory = await memoryWith([]);
    await memory.versions.setEnabled('box', true, ctx);
    const { record } = await putText(memory, 'key', 'one');
    await putText(memory, 'key', 'two');
    const ref = { container: 'box', key: 'key' };
    await memory.copy.copy({ ...ref, versionId: record.versionId }, ref, {}, ctx);
    expect((await memory.read(ref, { want: 'bytes' }, ctx)).bytes?.toString()).toBe('one');
    expect((await memory.versions.list('box', {}, ctx)).versions).toHaveLength(3);
  });

  it('refuses a part that was sent again since, and one that was never sent', async () => {
    const memory = await memoryWith([]);
    const upload = await memory.parts.begin({ container: 'box', key: 'key' }, {}, ctx);
    const send = async (text: string) => {
      const bytes = Buffer.from(text);
      const body = { size: bytes.length, replayable: true, bytes, open: () => expect.unreachable('bytes are given') };
      return memory.parts.put(upload, { number: 1, offset: 0 }, body, ctx);
    };
    const first = await send('one');
    const second = await send('two');
    const complete = (parts: readonly (typeof first)[]) => memory.parts.complete(upload, parts, {}, ctx);
    await expect(complete([first])).rejects.toThrow('Part 1 was sent again since');
    await expect(complete([second, { ...second, number: 2 }])).rejects.toThrow('Part 2 was never sent');
    await expect(complete([second])).resolves.toMatchObject({ record: { size: 3 } });
  });
});
