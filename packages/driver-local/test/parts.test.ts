import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { digestOf, type UploadRef } from '@stowage/core/spi';
import { describe, expect, it } from 'vitest';
import { at, bodyOf, ctx, type Lab, listAll, makeLab, put, streamOf, text } from './lab.js';

const uploadFolder = ({ root }: Lab, { uploadId }: UploadRef): string =>
  join(root, '.stowage/containers/box/uploads', uploadId);

describe('parts', () => {
  it('may come in any order, at once, and from another process than the one that began', async () => {
    const { driver, again } = await makeLab();
    const whole = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
    const upload = await driver.parts!.begin(at('a'), { metadata: { m: '1' } }, ctx);
    const token = JSON.parse(JSON.stringify(upload)) as UploadRef;
    const starts = [2, 0, 4, 1, 3].map((part) => part * 20_000);
    await Promise.all(
      starts.map((offset) => {
        const body = bodyOf(whole.subarray(offset, offset + 20_000));
        return again().parts!.put(token, { number: offset / 20_000 + 1, offset }, body, ctx);
      }),
    );
    expect((await listAll(driver)).keys).toEqual([]);
    const finisher = again();
    const { parts } = await finisher.parts!.list(token, {}, ctx);
    const { record } = await finisher.parts!.complete(token, parts, {}, ctx);
    expect(record).toMatchObject({
      size: 100_000,
      metadata: { m: '1' },
      checksums: { crc32: crc32(whole).toString(16).padStart(8, '0') },
    });
    expect((await driver.read(at('a'), { want: 'bytes' }, ctx)).bytes!.equals(whole)).toBe(true);
    await expect(driver.parts!.list(upload, {}, ctx)).rejects.toMatchObject({ code: 'upload-not-found' });
  });

  it('that were sent again count as sent last, also when they became shorter', async () => {
    const { driver } = await makeLab();
    const upload = await driver.parts!.begin(at('a'), {}, ctx);
    const old = await driver.parts!.put(upload, { number: 1, offset: 0 }, bodyOf('longer than that'), ctx);
    const part = await driver.parts!.put(upload, { number: 1, offset: 0 }, bodyOf('short'), ctx);
    await expect(driver.parts!.complete(upload, [old], {}, ctx)).rejects.toMatchObject({ code: 'invalid-argument' });
    await driver.parts!.complete(upload, [part], {}, ctx);
    expect(await text(driver, 'a')).toBe('short');
  });

  it.each([
    ['with a gap', [1, 3]],
    ['out of order', [2, 1, 3]],
    ['never sent', [1, 2, 3, 4]],
  ])('%s make no object, and may still be mended', async (_what, numbers) => {
    const { driver } = await makeLab();
    const upload = await driver.parts!.begin(at('a'), {}, ctx);
    const send = (number: number) =>
      driver.parts!.put(upload, { number, offset: (number - 1) * 3 }, bodyOf(`p${number};`), ctx);
    const parts = [await send(1), await send(2), await send(3)];
    const named = numbers.map((number) => ({ number, size: 3, etag: parts[number - 1]?.etag }));
    await expect(driver.parts!.complete(upload, named, {}, ctx)).rejects.toMatchObject({ code: 'invalid-argument' });
    expect((await listAll(driver)).keys).toEqual([]);
    await driver.parts!.complete(upload, [...parts, await send(4)], {}, ctx);
    expect(await text(driver, 'a')).toBe('p1;p2;p3;p4;');
  });

  it('of which one failed halfway are not whole', async () => {
    const { driver } = await makeLab();
    const upload = await driver.parts!.begin(at('a'), {}, ctx);
    await driver.parts!.put(upload, { number: 1, offset: 0 }, bodyOf('whole'), ctx);
    const failing = driver.parts!.put(upload, { number: 1, offset: 0 }, streamOf([Buffer.from('ha')], 5), ctx);
    await expect(failing).rejects.toMatchObject({ code: 'invalid-argument' });
    expect((await driver.parts!.list(upload, {}, ctx)).parts).toEqual([]);
  });

  it('that are still being written keep the upload from being completed, so that no object is ever half', async () => {
    const lab = await makeLab();
    const { driver, again } = lab;
    const upload = await driver.parts!.begin(at('a'), {}, ctx);
    const first = await driver.parts!.put(upload, { number: 1, offset: 0 }, bodyOf('first;'), ctx);
    let release!: () => void;
    const slow = streamOf(
      (async function* () {
        yield Buffer.from('se');
        await new Promise<void>((resolve) => (release = resolve));
        yield Buffer.from('cond');
      })(),
    );
    const writing = again().parts!.put(upload, { number: 2, offset: 6 }, slow, ctx);
    await expect.poll(() => release).toBeTypeOf('function');
    let isComplete = false;
    const completing = driver.parts!.complete(upload, [first], {}, ctx).then(() => (isComplete = true));
    await expect.poll(() => readdirSync(uploadFolder(lab, upload))).toContain('whole');
    expect(isComplete).toBe(false);
    release();
    await Promise.all([writing, completing]);
    expect(await text(driver, 'a')).toBe('first;');
  });

  it('are checked against digests of their own, and the whole against one of any kind', async () => {
    const { driver } = await makeLab();
    const upload = await driver.parts!.begin(at('a'), {}, ctx);
    const checksum = { algorithm: 'md5', value: digestOf('md5', Buffer.from('content')) } as const;
    const part = { number: 1, offset: 0, checksum };
    await expect(driver.parts!.put(upload, part, bodyOf('another'), ctx)).rejects.toMatchObject({
      code: 'checksum-mismatch',
    });
    const sent = await driver.parts!.put(upload, part, bodyOf('content'), ctx);
    expect(sent.verified).toBe('service');
    const sha256 = (value: string) => ({
      checksum: { algorithm: 'sha256', value: digestOf('sha256', Buffer.from(value)) } as const,
    });
    await expect(driver.parts!.complete(upload, [sent], sha256('other'), ctx)).rejects.toMatchObject({
      code: 'checksum-mismatch',
    });
    const result = await driver.parts!.complete(upload, [sent], sha256('content'), ctx);
    expect(result.verified).toBe('service');
    expect(Object.keys(result.record.checksums!)).toEqual(['crc32', 'sha256']);
  });

  it('go on after a completion that its process did not live to end', async () => {
    const lab = await makeLab();
    const { driver, again } = lab;
    const upload = await driver.parts!.begin(at('a'), {}, ctx);
    const first = await driver.parts!.put(upload, { number: 1, offset: 0 }, bodyOf('first;'), ctx);
    renameSync(join(uploadFolder(lab, upload), 'data'), join(uploadFolder(lab, upload), 'whole'));
    const second = await again().parts!.put(upload, { number: 2, offset: 6 }, bodyOf('second'), ctx);
    renameSync(join(uploadFolder(lab, upload), 'data'), join(uploadFolder(lab, upload), 'whole'));
    await again().parts!.complete(upload, [first, second], {}, ctx);
    expect(await text(driver, 'a')).toBe('first;second');
    expect(readdirSync(join(uploadFolder(lab, upload), '..'))).toEqual([]);
  });

  it('of a completion that comes twice make one object, and the second time no upload', async () => {
    const { driver, again } = await makeLab();
    const upload = await driver.parts!.begin(at('a'), {}, ctx);
    const part = await driver.parts!.put(upload, { number: 1, offset: 0 }, bodyOf('content'), ctx);
    const outcomes = await Promise.allSettled([
      driver.parts!.complete(upload, [part], {}, ctx),
      again().parts!.complete(upload, [part], {}, ctx),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const rejected = outcomes.find((outcome) => outcome.status === 'rejected')!;
    expect(rejected.reason).toMatchObject({ code: 'upload-not-found' });
    expect(await text(driver, 'a')).toBe('content');
  });
});

describe('an upload', () => {
  it('that must not replace anything is refused at once, and when it is completed', async () => {
    const { driver } = await makeLab();
    await put(driver, 'there');
    const refused = { code: 'object-exists' };
    await expect(driver.parts!.begin(at('there'), { ifNoneMatch: '*' }, ctx)).rejects.toMatchObject(refused);
    const upload = await driver.parts!.begin(at('a'), { ifNoneMatch: '*' }, ctx);
    const part = await driver.parts!.put(upload, { number: 1, offset: 0 }, bodyOf('late'), ctx);
    await put(driver, 'a', 'early');
    await expect(driver.parts!.complete(upload, [part], { ifNoneMatch: '*' }, ctx)).rejects.toMatchObject(refused);
    expect(await text(driver, 'a')).toBe('early');
    await driver.parts!.complete(upload, [part], {}, ctx);
    expect(await text(driver, 'a')).toBe('late');
  });

  it('without parts is an empty object', async () => {
    const { driver } = await makeLab();
    const upload = await driver.parts!.begin(at('a'), {}, ctx);
    const { record } = await driver.parts!.complete(upload, [], {}, ctx);
    expect(record).toMatchObject({ size: 0, checksums: { crc32: '00000000' } });
  });

  it('that was aborted is gone, also while a part is written', async () => {
    const lab = await makeLab();
    const { driver } = lab;
    const upload = await driver.parts!.begin(at('a'), {}, ctx);
    const abortLater = (async function* () {
      yield Buffer.from('x');
      await driver.parts!.abort(upload, ctx);
      yield Buffer.from('y');
    })();
    const writing = driver.parts!.put(upload, { number: 1, offset: 0 }, streamOf(abortLater), ctx);
    await expect(writing).rejects.toMatchObject({ code: 'upload-not-found' });
    await driver.parts!.abort(upload, ctx);
    expect((await driver.parts!.listUploads('box', {}, ctx)).uploads).toEqual([]);
    expect(readdirSync(join(uploadFolder(lab, upload), '..'))).toEqual([]);
  });

  it('of another key, or of a made-up name, is not found', async () => {
    const { driver } = await makeLab();
    const upload = await driver.parts!.begin(at('a'), {}, ctx);
    for (const other of [
      { ...upload, ref: at('b') },
      { ...upload, uploadId: '0'.repeat(32) },
    ]) {
      const sent = driver.parts!.put(other, { number: 1, offset: 0 }, bodyOf('x'), ctx);
      await expect(sent).rejects.toMatchObject({ code: 'upload-not-found' });
      await expect(driver.parts!.complete(other, [], {}, ctx)).rejects.toMatchObject({ code: 'upload-not-found' });
    }
  });
});
