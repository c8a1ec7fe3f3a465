import { bytesBody } from '@stowage/testkit';
import { expect, it, onTestFinished } from 'vitest';
import type { AtmosTools } from '../src/index.js';
import { ctx, type Lab, startLab } from './lab.js';

const ref = { container: 'box', key: 'notes/a.txt' };

async function open(): Promise<Lab & { readonly tools: AtmosTools }> {
  const lab = await startLab();
  onTestFinished(() => lab.close());
  await lab.driver.createContainer('box', {}, ctx);
  await lab.driver.put(ref, bytesBody('0123456789'), { tags: { 'year/2026': 'x' } }, ctx);
  return { ...lab, tools: (await lab.driver.sdk?.()) as AtmosTools };
}

it('tells what the service is', async () => {
  const { tools } = await open();
  const features = expect.arrayContaining(['namespace', 'versioning']) as string[];
  expect(await tools.serviceInformation()).toEqual({ version: '2.1.0', features, utf8: true });
});

it('reads several ranges in one request', async () => {
  const { tools, emulator } = await open();
  emulator.forget();
  const ranges = [
    { start: 7, end: 9 },
    { start: 0, end: 2 },
    { start: 4, end: 5 },
  ];
  expect((await tools.readRanges(ref, ranges)).map(String)).toEqual(['78', '01', '4']);
  expect((await tools.readRanges(ref, [{ start: 1, end: 3 }])).map(String)).toEqual(['12']);
  expect(emulator.requests).toHaveLength(2);
});

it('reads and changes ACLs', async () => {
  const { tools } = await open();
  await tools.setAcl(ref, { users: { mary: 'WRITE', john: 'FULL_CONTROL' }, others: 'READ' });
  const acl = await tools.getAcl(ref);
  expect([{ ...acl.users }, acl.others]).toEqual([{ mary: 'WRITE', john: 'FULL_CONTROL' }, 'READ']);
  await expect(tools.setAcl(ref, { users: { 'a=b': 'READ' } })).rejects.toMatchObject({ code: 'invalid-argument' });
});

it('finds objects by their listable tags', async () => {
  const { tools } = await open();
  expect(await tools.listTags()).toEqual(['year']);
  expect(await tools.listTags('year')).toEqual(['2026']);
  const { objectid } = await tools.systemMetadata(ref);
  expect(await tools.findTagged('year/2026')).toMatchObject({ oids: [objectid] });
  expect(await tools.findTagged('nothing')).toEqual({ oids: [] });
});

it('makes, reads, restores and deletes versions', async () => {
  const { tools } = await open();
  const first = await tools.versions.create(ref);
  expect(await tools.versions.list(ref)).toMatchObject([{ oid: first, number: 0 }]);
  expect((await tools.objects.read(first)).bytes.toString()).toBe('0123456789');
  await tools.versions.restore(ref, first);
  await tools.versions.delete(first);
  expect(await tools.versions.list(ref)).toEqual([]);
});

it('works on objects without a name', async () => {
  const { tools } = await open();
  const oid = await tools.objects.create(Buffer.from('one'), { metadata: { colour: 'blue, green' } });
  await tools.objects.append(oid, 3, Buffer.from(' two'));
  const { bytes, metadata } = await tools.objects.read(oid);
  expect([bytes.toString(), { ...metadata }]).toEqual(['one two', { colour: 'blue, green' }]);
  await tools.objects.delete(oid);
  await expect(tools.objects.read(oid)).rejects.toMatchObject({ code: 'object-not-found' });
  await expect(tools.objects.read('../x')).rejects.toMatchObject({ code: 'invalid-argument' });
});

it('gives out, lists and takes back access tokens', async () => {
  const { tools } = await open();
  const policy = { expiresAt: new Date(Date.now() + 60_000), maxDownloads: 1 };
  const { id, url } = await tools.tokens.create(ref, policy);
  expect(await (await fetch(url)).text()).toBe('0123456789');
  expect((await fetch(url)).ok).toBe(false);
  expect(await tools.tokens.info(id)).toMatchObject({ id, maxDownloads: 0, path: '/box/notes/a.txt' });
  expect(await tools.tokens.list()).toMatchObject([{ id }]);
  await tools.tokens.delete(id);
  await expect(tools.tokens.info(id)).rejects.toMatchObject({ code: 'object-not-found' });
});

it('signs an upload for somebody else', async () => {
  const { tools, driver } = await open();
  const target = { container: 'box', key: 'posted é.txt' };
  const { url, method, headers } = tools.presign('POST', target, { expiresInSeconds: 60, contentType: 'text/plain' });
  expect((await fetch(url, { method, headers, body: 'posted' })).status).toBe(201);
  expect((await driver.stat(target, {}, ctx)).contentType).toBe('text/plain');
  expect((await fetch(url.replace('posted', 'other'), { method, headers, body: 'x' })).status).toBe(403);
});
