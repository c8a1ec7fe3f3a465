import { fileURLToPath } from 'node:url';
import { openStorage } from '@stowage/core';
import { checkManifest } from '@stowage/testkit';
import { expect, it } from 'vitest';
import { driver } from '../src/index.js';
import { options } from './options.js';

it('is a package that Stowage finds, loads and trusts; it must be built', async () => {
  expect(await checkManifest(fileURLToPath(new URL('..', import.meta.url)))).toEqual([]);
});

it('serves the portable API', async () => {
  const storage = openStorage(driver, options);
  const photos = await storage.createContainer('stowage-test-package', { ifExists: 'ignore' });
  await photos.put('a/b.txt', 'text');
  expect(await photos.object('a/b.txt').text()).toBe('text');
  await expect(photos.object('a/c.txt').text()).rejects.toMatchObject({ code: 'object-not-found', provider: 'pocket' });
  await photos.object('a/b.txt').delete();
  await storage.deleteContainer(photos.name);
  await storage.close();
});
