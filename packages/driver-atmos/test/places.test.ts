import { bytesBody, streamBody } from '@stowage/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { ctx, type Lab, startLab } from './lab.js';

async function lab(): Promise<Lab> {
  const started = await startLab();
  onTestFinished(() => started.close());
  await started.driver.createContainer('box', {}, ctx);
  started.emulator.forget();
  return started;
}
const at = (key: string) => ({ container: 'box', key });

async function text({ driver }: Lab, key: string): Promise<string> {
  return ((await driver.read(at(key), { want: 'bytes' }, ctx)).bytes ?? '').toString();
}

function operations({ emulator }: Lab): string[] {
  const names = emulator.requests.map(({ operation }) => operation);
  emulator.forget();
  return names;
}

it('spends one request on a small new object, on a read, a stat and a page of a listing', async () => {
  const started = await lab();
  await started.driver.put(at('k'), bytesBody('x'), { contentType: 'text/plain' }, ctx);
  expect(operations(started)).toEqual(['CreateObject']);
  await text(started, 'k');
  await started.driver.stat(at('k'), {}, ctx);
  expect(operations(started)).toEqual(['ReadObject', 'HeadObject']);
  const { objects } = await started.driver.list('box', {}, ctx);
  expect(objects).toMatchObject([{ key: 'k', size: 1, checksums: { md5: '9dd4e461268c8034f5c8564e155c67a6' } }]);
  expect(operations(started)).toEqual(['ReadDirectory']);
});

it('replaces an object by a rename that readers see in one step', async () => {
  const started = await lab();
  await started.driver.put(at('k'), bytesBody('old'), { metadata: { a: 'b' } }, ctx);
  operations(started);
  await started.driver.put(at('k'), bytesBody('new'), {}, ctx);
  expect(operations(started).slice(0, 3)).toEqual(['CreateObject', 'CreateObject', 'Rename']);
  expect(await text(started, 'k')).toBe('new');
  expect({ ...(await started.driver.stat(at('k'), {}, ctx)).metadata }).toEqual({});
});

it('sends no stream to a name that readers know before it is whole', async () => {
  const started = await lab();
  await started.driver.put(at('k'), { ...streamBody(Buffer.from('streamed')), replayable: false }, {}, ctx);
  expect(operations(started).slice(0, 2)).toEqual(['CreateObject', 'Rename']);
  expect(await text(started, 'k')).toBe('streamed');
});

it('moves an object aside for a folder of its name, and back when the folder is gone', async () => {
  const started = await lab();
  const { driver } = started;
  await driver.put(at('a'), bytesBody('the object'), {}, ctx);
  await driver.put(at('a/b/c'), bytesBody('below it'), {}, ctx);
  expect([await text(started, 'a'), await text(started, 'a/b/c')]).toEqual(['the object', 'below it']);
  const folded = await driver.list('box', { delimiter: '/' }, ctx);
  expect([folded.objects.map(({ key }) => key), folded.prefixes]).toEqual([['a'], ['a/']]);
  await driver.delete(at('a/b/c'), {}, ctx);
  operations(started);
  expect(await text(started, 'a')).toBe('the object');
  expect(operations(started)).toEqual(['ReadObject']);
});

it('leaves no folder behind when its last object is deleted', async () => {
  const started = await lab();
  await started.driver.put(at('a/b/c'), bytesBody('x'), {}, ctx);
  await started.driver.delete(at('a/b/c'), {}, ctx);
  expect(await started.driver.list('box', { delimiter: '/' }, ctx)).toMatchObject({ objects: [], prefixes: [] });
});

it('never renames a folder when an object of its name is to be moved', async () => {
  const { driver } = await lab();
  await driver.put(at('a/b'), bytesBody('x'), {}, ctx);
  await expect(driver.move?.move(at('a'), at('c'), {}, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
  await driver.stat(at('a/b'), {}, ctx);
});

it('keeps metadata with commas, equals signs and any script, and tells tags apart', async () => {
  const { driver } = await lab();
  const metadata = { list: 'a, b=c, d', size: '12', md5: 'mine', '%x': 'y', título: '日本 é' };
  await driver.put(at('k'), bytesBody('x'), { metadata, tags: { 'photos/2026': 'ostend, belgium' } }, ctx);
  expect({ ...(await driver.stat(at('k'), {}, ctx)).metadata }).toEqual(metadata);
  expect({ ...(await driver.tags?.read(at('k'), ctx)) }).toEqual({ 'photos/2026': 'ostend, belgium' });
});

it('finds what a killed put left, and sweeps it', async () => {
  const { driver, emulator } = await lab();
  emulator.faults.add({
    fault: { kind: 'reset', at: 'before-work' },
    when: ({ operation }) => operation === 'Rename' || operation === 'DeleteObject',
    times: 2,
  });
  await expect(driver.put(at('k'), { ...streamBody(Buffer.from('x')), replayable: false }, {}, ctx)).rejects.toThrow();
  const { uploads } = await driver.parts!.listUploads('box', {}, ctx);
  expect(uploads).toMatchObject([{ ref: at('k') }]);
  await driver.parts!.abort(uploads[0]!, ctx);
  expect((await driver.parts!.listUploads('box', {}, ctx)).uploads).toEqual([]);
  await driver.deleteContainer('box', ctx);
});

it('looks for a container at most once a minute', async () => {
  const started = await lab();
  let nowMs = Date.now();
  const driver = started.open({}, { nowMs: () => nowMs });
  const put = (key: string) => driver.put(at(key), bytesBody('x'), {}, ctx);
  await put('one');
  await put('two');
  expect(operations(started)).toEqual(['ReadSystemMetadata', 'CreateObject', 'CreateObject']);
  nowMs += 61_000;
  await put('three');
  expect(operations(started)).toEqual(['ReadSystemMetadata', 'CreateObject']);
});
