import { describe, expect, it } from 'vitest';
import { failureOf, fill, openLab } from './lab.js';

describe('signed URLs', () => {
  it('are for GET and an hour by default', async () => {
    const { box } = await openLab({ host: { nowMs: () => 1_000_000 } });
    const url = await box.object('a b').signedUrl();
    expect(url.method).toBe('GET');
    expect(url.expiresAtMs).toBe(1_000_000 + 3_600_000);
    expect(new URL(box.object('a&b').publicUrl()).searchParams.get('key')).toBe('a&b');
  });

  it.each([
    [{ method: 'POST' }, 'invalid-argument'],
    [{ expiresInSeconds: 0 }, 'invalid-argument'],
    [{ expiresInSeconds: 1e9 }, 'invalid-argument'],
    [{ contentType: 'a/b' }, 'invalid-argument'],
    [{ method: 'PUT', response: { contentType: 'a/b' } }, 'invalid-argument'],
    [{ response: { contentDisposition: 'a\r\nb' } }, 'invalid-argument'],
    [{ response: { contentLength: 5 } }, 'invalid-argument'],
    [{ method: 'DELETE' }, 'unsupported'],
  ])('refuse %j before any request', async (options, code) => {
    const { box, calls } = await openLab({ facts: { urls: { methods: ['GET', 'PUT'] } } });
    expect((await failureOf(box.object('k').signedUrl(options as object))).code).toBe(code);
    expect(calls).toEqual([]);
  });

  it('are refused as forms where the store signs none', async () => {
    const { box } = await openLab({ lacks: ['urls'] });
    expect((await failureOf(box.object('k').signedForm())).code).toBe('unsupported');
  });
});

describe('versions', () => {
  it('are listed, read, and deleted for good', async () => {
    const { box } = await openLab({ pageSize: 2 });
    await box.setVersioned(true);
    expect(await box.isVersioned()).toBe(true);
    for (const text of ['one', 'two', 'three']) await box.put('k', text);
    await box.put('k2', 'other');
    await box.object('k').delete();
    const versions = [];
    for await (const version of box.object('k').versions()) versions.push(version);
    expect(versions.map(({ isDeleteMarker, isLatest }) => [isDeleteMarker, isLatest])).toEqual([
      [true, true],
      [false, false],
      [false, false],
      [false, false],
    ]);
    const [marker, newest, , oldest] = versions;
    expect(await newest!.text()).toBe('three');
    expect(await box.object('k').text({ versionId: oldest!.versionId })).toBe('one');
    expect((await oldest!.stat()).size).toBe(3);
    expect(await (await oldest!.copyTo({ key: 'restored' })).text()).toBe('one');
    await marker!.delete();
    expect(await box.object('k').text()).toBe('three');
    await box.object('k').delete({ versionId: newest!.versionId });
    expect(await box.object('k').text()).toBe('two');
  });

  it('are not pinned by a put', async () => {
    const { box } = await openLab();
    await box.setVersioned(true);
    const first = await box.put('k', 'one');
    await box.put('k', 'two');
    expect(await first.text()).toBe('two');
  });

  it('cannot be named to a store without them', async () => {
    const { box, calls } = await openLab({ lacks: ['versions'] });
    const object = box.object('k');
    const versionId = 'v';
    for (const method of ['stat', 'exists', 'bytes', 'stream', 'delete', 'signedUrl'] as const) {
      expect((await failureOf(object[method]({ versionId }))).code).toBe('unsupported');
    }
    expect(calls).toEqual([]);
  });
});

describe('uploads that can be resumed', () => {
  it('go on in another storage by their token', async () => {
    const lab = await openLab();
    const upload = await lab.box.createUpload('big.txt', { partSize: 4 });
    const again = await lab.storage.container('box').resumeUpload(upload.token);
    await again.send('hello world');
    expect(await lab.box.object('big.txt').stat()).toMatchObject({ size: 11, contentType: 'text/plain' });
  });

  it('are listed, and swept when they are old', async () => {
    let nowMs = Date.now();
    const { box } = await openLab({ host: { nowMs: () => nowMs } });
    await box.createUpload('a/1');
    await box.createUpload('b/1');
    const pending = [];
    for await (const upload of box.listUploads()) pending.push(upload);
    expect(pending.map(({ key }) => key)).toEqual(['a/1', 'b/1']);
    expect(pending[0]!.startedAt).toBeInstanceOf(Date);
    expect(await box.sweepUploads()).toBe(0);
    nowMs += 86_400_001;
    expect(await box.sweepUploads({ prefix: 'a/' })).toBe(1);
    expect(await box.sweepUploads({ olderThanMs: 0 })).toBe(1);
    for await (const upload of box.listUploads()) throw new Error(`${upload.key} was left.`);
  });

  it('whose age the store does not tell are swept only on demand', async () => {
    const { box } = await openLab({
      after: (call, result) => {
        if (call !== 'parts.listUploads') return result;
        const { uploads } = result as { uploads: object[] };
        return { uploads: uploads.map((upload) => ({ ...upload, startedAtMs: undefined })) };
      },
    });
    await box.createUpload('a');
    expect(await box.sweepUploads({ olderThanMs: 1 })).toBe(0);
    expect(await box.sweepUploads({ olderThanMs: 0 })).toBe(1);
  });
});

describe('websites and CDN', () => {
  it('are reached where the store has them', async () => {
    const { box, calls } = await openLab();
    await box.enableWebsite({ indexKey: 'index.html' });
    await box.disableWebsite();
    await box.enableCdn({ ttlSeconds: 60 });
    expect(await box.getCdnUrl()).toMatch(/^http/);
    await box.put('k', 'x');
    expect(await box.object('k').getCdnUrl()).toMatch(/^http/);
    await box.disableCdn();
    expect(calls).toEqual([
      'website.enable',
      'website.disable',
      'cdn.enableContainer',
      'cdn.containerUrl',
      'put',
      'cdn.objectUrl',
      'cdn.disableContainer',
    ]);
    expect((await failureOf(box.enableWebsite({ indexKey: '' }))).code).toBe('invalid-argument');
  });
});

describe('tags', () => {
  it('are read and replaced alone where the store can', async () => {
    const { storage, box } = await openLab();
    const object = await box.put('k', 'x', { tags: { team: 'blue' } });
    expect({ ...(await object.getTags()) }).toEqual({ team: 'blue' });
    await object.setTags({ owner: 'me' });
    expect({ ...(await object.getTags()) }).toEqual({ owner: 'me' });
    expect(storage.can.tags).toBe('native');
    expect((await failureOf(object.setTags({ team: 'a\nb' }))).code).toBe('invalid-argument');
  });

  it('are refused where the store has none to read alone', async () => {
    const { box, calls } = await openLab({ lacks: ['tags'] });
    expect((await failureOf(box.object('k').getTags())).code).toBe('unsupported');
    expect((await failureOf(box.object('k').setTags({}))).code).toBe('unsupported');
    expect(calls).toEqual([]);
  });
});

describe("Libcloud's names", () => {
  it('reach the same calls', async () => {
    const { storage, box } = await openLab();
    const object = await storage.uploadObjectViaStream('abcdef', box, 'k');
    expect(Buffer.concat(await (await storage.downloadObjectAsStream(object)).toArray()).toString()).toBe('abcdef');
    expect(Buffer.concat(await (await box.downloadObjectRangeAsStream(object, 1, 3)).toArray()).toString()).toBe('bc');
    expect(Buffer.concat(await (await object.rangeAsStream(4)).toArray()).toString()).toBe('ef');
    expect(Buffer.concat(await (await object.asStream({ chunkSize: 2 })).toArray()).toString()).toBe('abcdef');
    expect((await storage.listContainerObjects(box)).map(({ key }) => key)).toEqual(['k']);
    await storage.enableContainerCdn(box);
    expect(await storage.getObjectCdnUrl(object)).toBe(await object.getCdnUrl());
    expect(await storage.getContainerCdnUrl(box)).toBe(await box.getCdnUrl());
    await storage.deleteObject(object);
    await fill(box, ['x']);
    const keys: string[] = [];
    for await (const { key } of storage.iterateContainerObjects(box)) keys.push(key);
    expect(keys).toEqual(['x']);
  });

  const surface = {
    storage: [
      'listContainers',
      'iterateContainers',
      'iterateContainerObjects',
      'listContainerObjects',
      'getContainer',
      'getContainerCdnUrl',
      'getObject',
      'getObjectCdnUrl',
      'enableContainerCdn',
      'enableObjectCdn',
      'downloadObject',
      'downloadObjectAsStream',
      'downloadObjectRange',
      'downloadObjectRangeAsStream',
      'uploadObject',
      'uploadObjectViaStream',
      'deleteObject',
      'createContainer',
      'deleteContainer',
    ],
    container: [
      'iterateObjects',
      'listObjects',
      'getCdnUrl',
      'enableCdn',
      'getObject',
      'uploadObject',
      'uploadObjectViaStream',
      'downloadObject',
      'downloadObjectAsStream',
      'downloadObjectRange',
      'downloadObjectRangeAsStream',
      'deleteObject',
      'delete',
    ],
    object: ['getCdnUrl', 'enableCdn', 'download', 'asStream', 'downloadRange', 'rangeAsStream', 'delete'],
  };

  it('are all there', async () => {
    const { storage, box } = await openLab();
    const object = await box.put('k', 'x');
    const missing = (target: object, names: readonly string[]) =>
      names.filter((name) => typeof Reflect.get(target, name) !== 'function');
    expect(missing(storage, surface.storage)).toEqual([]);
    expect(missing(box, surface.container)).toEqual([]);
    expect(missing(object, surface.object)).toEqual([]);
    for (const fact of ['key', 'size', 'hash', 'extra', 'metadata', 'container', 'storage'])
      expect(Reflect.get(object, fact)).toBeDefined();
  });
});
