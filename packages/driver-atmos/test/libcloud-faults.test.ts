import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Container, openStorage, type Storage } from '@stowage/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { driver } from '../src/index.js';
import { type Lab, startLab } from './lab.js';

/** What Libcloud's Atmos driver gets wrong; each has a test. */
let lab: Lab;
let storage: Storage;
let box: Container;
beforeAll(async () => {
  lab = await startLab({}, { prefix: '/storage/v1.0' });
  const { uid: user, secret: key } = lab.emulator.account;
  storage = openStorage(driver, { endpoint: lab.emulator.endpoint, user, key });
  box = await storage.createContainer('box');
});
afterAll(async () => {
  await storage.close();
  await lab.close();
});

it('ends with the stream that it is given, and goes on behind an empty chunk', async () => {
  const chunks = [Buffer.from('one'), Buffer.alloc(0), Buffer.from('two')];
  const object = await box.put('stream', Readable.from(chunks));
  expect([object.size, await object.text()]).toEqual([6, 'onetwo']);
});

it('keeps every byte of binary data', async () => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
  const object = await box.put('binary', Readable.from([bytes]));
  expect((await object.bytes()).equals(bytes)).toBe(true);
  expect((await object.stat()).hash).toBe(createHash('md5').update(bytes).digest('hex'));
});

it.each(['plain.txt', 'a b+c/é.txt', '100%.txt'])('signs a CDN URL of %s that works', async (key) => {
  const object = await box.put(key, `content of ${key}`);
  await object.enableCdn();
  const url = await object.getCdnUrl();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/storage\/v1\.0\/rest\/namespace\/box\/[!-~]+$/);
  expect(await (await fetch(url)).text()).toBe(`content of ${key}`);
});

it('lists names beyond ASCII, with sizes and hashes, and folders', async () => {
  const names = await storage.createContainer('names');
  await names.put('日本/é.txt', 'twelve bytes');
  const [object] = await names.listObjects();
  expect([object?.key, object?.size]).toEqual(['日本/é.txt', 12]);
  expect(object?.hash).toBe(createHash('md5').update('twelve bytes').digest('hex'));
});

it('lists beyond the first page', async () => {
  const many = await storage.createContainer('many');
  for (let index = 0; index < 7; index++) await many.put(String(index), 'x');
  expect(await many.listObjects({ pageSize: 2 })).toHaveLength(7);
});

it('reads back metadata with a comma', async () => {
  const object = await box.put('comma', 'x', { metadata: { place: 'Ostend, Belgium', note: 'a=b, c' } });
  expect({ ...(await object.stat()).metadata }).toEqual({ place: 'Ostend, Belgium', note: 'a=b, c' });
});

it('tells a failed upload, and compares what it stores', async () => {
  expect((await box.put('compared', 'x')).verified).toBe('service');
  const checksum = { algorithm: 'md5', value: '0'.repeat(32) } as const;
  await expect(box.put('compared', 'y', { checksum })).rejects.toMatchObject({ code: 'checksum-mismatch' });
  expect(await box.object('compared').text()).toBe('x');
});

it('reads ranges', async () => {
  const object = await box.put('range', '0123456789');
  expect((await object.bytes({ range: { start: 2, end: 5 } })).toString()).toBe('234');
});
