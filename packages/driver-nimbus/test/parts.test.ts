import { randomBytes } from 'node:crypto';
import { storageOver } from '@stowage/core';
import type { PartsGroup, UploadRef } from '@stowage/core/spi';
import { bytesBody } from '@stowage/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RESERVED_PREFIX } from '../src/keys.js';
import { ctx, type Lab, startLab } from './lab.js';

const MIB = 1024 ** 2;
let lab: Lab;
let parts: PartsGroup;
let container = '';
let count = 0;
beforeAll(async () => {
  lab = await startLab();
  parts = lab.driver.parts!;
});
beforeEach(async () => {
  container = `box-${String(++count)}`;
  await lab.driver.createContainer(container, {}, ctx);
  lab.emulator.faults.clear();
});
afterAll(() => lab.close());

const collection = () => lab.emulator.store.collections.get(container)!;
const ref = (key: string) => ({ container, key });
const bytesOf = async (key: string) => (await lab.driver.read(ref(key), { want: 'bytes' }, ctx)).bytes!.toString();
const send = (upload: UploadRef, number: number, body: string, attempt = 1) =>
  parts.put(upload, { number, offset: 0 }, bytesBody(body), { attempt });
const marks = () =>
  [...collection().keys()].filter((key) => key.startsWith(RESERVED_PREFIX) && collection().current(key));

describe('parts that are sent again', () => {
  it('are in the object once, whoever sends them', async () => {
    const upload = await parts.begin(ref('a'), {}, ctx);
    await send(upload, 1, 'one');
    await send(upload, 1, 'ONE');
    await send(upload, 2, 'two', 2);
    const resumed = JSON.parse(JSON.stringify(upload)) as UploadRef;
    await send(resumed, 2, 'TWO');
    const { parts: listed } = await parts.list(resumed, {}, ctx);
    expect(listed.map(({ number, size }) => [number, size]).sort()).toEqual([
      [1, 3],
      [2, 3],
    ]);
    await parts.complete(resumed, listed, {}, ctx);
    expect(await bytesOf('a')).toBe('ONETWO');
  });

  it('are in the object once when the answer to the first was lost', async () => {
    const storage = storageOver(lab.driver, { retry: { baseDelayMs: 1, maxDelayMs: 2 } });
    const body = randomBytes(3 * MIB);
    const isPart = ({ operation }: { operation: string }): boolean => operation === 'ArchivePart';
    lab.emulator.faults.add({ fault: { kind: 'reset', at: 'after-work' }, when: isPart, times: 2 });
    await storage.container(container).put('a', body, { partSize: MIB });
    expect((await storage.container(container).object('a').bytes()).equals(body)).toBe(true);
  });

  it('that are not wanted in the end are not in the object', async () => {
    const upload = await parts.begin(ref('a'), {}, ctx);
    const first = await send(upload, 1, 'one');
    await send(upload, 2, 'two');
    await parts.complete(upload, [first], {}, ctx);
    expect(await bytesOf('a')).toBe('one');
  });

  it('are refused by a server that does not compare them', async () => {
    const upload = await parts.begin(ref('a'), {}, ctx);
    await send(upload, 1, 'one');
    const isClearing = ({ operation, count: at }: { operation: string; count: number }) =>
      operation === 'ArchivePart' && at > 0;
    lab.emulator.faults.add({ fault: { kind: 'error-in-body', code: 'x' }, when: isClearing, times: 1 });
    await expect(send(upload, 1, 'ONE')).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('notes of an upload', () => {
  it('are objects of one byte that no listing shows, and go with it', async () => {
    const box = storageOver(lab.driver, { emulate: 'allow' }).container(container);
    for (const end of ['complete', 'abort'] as const) {
      const upload = await parts.begin(ref('é'), {}, ctx);
      const part = await send(upload, 1, 'one');
      expect(marks()).toHaveLength(2);
      expect((await box.listObjects()).filter(({ key }) => key !== 'é')).toEqual([]);
      await expect(lab.driver.deleteContainer(container, ctx)).rejects.toMatchObject({ code: 'container-not-empty' });
      if (end === 'complete') await parts.complete(upload, [part], {}, ctx);
      else await parts.abort(upload, ctx);
      expect(marks()).toEqual([]);
    }
    expect(lab.warnings).toEqual([]);
  });

  it('name one upload, although ids hold wildcards of the server', async () => {
    const uploads = await Promise.all(
      Array.from({ length: 6 }, (_, index) => parts.begin(ref(`k${String(index)}`), {}, ctx)),
    );
    for (const [index, upload] of uploads.entries()) await send(upload, 1, 'x'.repeat(index + 1));
    for (const [index, upload] of uploads.entries()) {
      const { parts: listed } = await parts.list(upload, {}, ctx);
      expect(listed.map(({ size }) => size)).toEqual([index + 1]);
    }
  });
});

describe('the end of an upload', () => {
  it('fails when something was written that was begun later: the server keeps that', async () => {
    const upload = await parts.begin(ref('a'), {}, ctx);
    const part = await send(upload, 1, 'parts');
    await lab.driver.put(ref('a'), bytesBody('put'), {}, ctx);
    await expect(parts.complete(upload, [part], {}, ctx)).rejects.toMatchObject({ code: 'precondition-failed' });
    expect(await bytesOf('a')).toBe('put');
  });

  it('never takes away by an abort what was completed', async () => {
    const upload = await parts.begin(ref('a'), {}, ctx);
    await parts.complete(upload, [await send(upload, 1, 'parts')], {}, ctx);
    await parts.abort(upload, ctx);
    expect(await bytesOf('a')).toBe('parts');
  });

  it('of an empty body is an empty object with its metadata', async () => {
    const upload = await parts.begin(ref('a'), { contentType: 'text/x', metadata: { a: 'b&c=d' } }, ctx);
    await parts.complete(upload, [await send(upload, 1, '')], {}, ctx);
    expect(await lab.driver.stat(ref('a'), {}, ctx)).toMatchObject({
      size: 0,
      contentType: 'text/x',
      metadata: { a: 'b&c=d' },
    });
  });

  it('is refused without part 1, and with a part that was not sent', async () => {
    const upload = await parts.begin(ref('a'), {}, ctx);
    const second = await send(upload, 2, 'two');
    for (const wanted of [[second], [{ number: 1, size: 3 }, second]])
      await expect(parts.complete(upload, wanted, {}, ctx)).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

it('uploads of other clients are listed and can be swept', async () => {
  const { store } = lab.emulator;
  const id = store.nextId();
  collection().conjoined.set(id, { id, key: 'foreign', createdAtMs: Date.now() - 60_000 });
  const box = storageOver(lab.driver).container(container);
  expect(await box.sweepUploads({ olderThanMs: 1000 })).toBe(1);
  expect(collection().conjoined.get(id)!.abortedAtMs).toBeDefined();
  expect(await box.sweepUploads()).toBe(0);
});

it.each([
  ['action=delete&__nimbus_io__a=b'],
  ['__nimbus_io__a=b&action=delete'],
  ['__nimbus_io__a=b#'],
  ['__nimbus_io__a=%ff'],
  ['__nimbus_io__a=b c'],
  [''],
])('a token that says something else than metadata is refused before any request: %j', async (query) => {
  const upload = await parts.begin(ref('a'), {}, ctx);
  lab.emulator.forget();
  const forged = { ...upload, state: { ...upload.state, query } };
  await expect(send(forged, 1, 'x')).rejects.toMatchObject({ code: 'invalid-argument' });
  expect(lab.emulator.requests).toEqual([]);
});
