import { existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeProject, stowage, writeTree } from './process.js';

const lines = (text: string): string[] => text.split('\n').filter(Boolean).sort();

it('makes a folder of a store like a directory, and the other way round', async () => {
  const project = makeProject();
  writeTree(project, { 'site/index.html': '<p>', 'site/img/a.png': 'png', 'one/bucket-1/site/old.html': 'old' });
  expect(lines((await stowage(project, ['sync', 'site', ':site', '--dry-run', '--delete'])).stdout)).toEqual([
    'copy img/a.png',
    'copy index.html',
    'delete old.html',
  ]);
  expect((await stowage(project, ['ls', '-r'])).stdout).toBe('site/old.html\n');
  const first = await stowage(project, ['sync', 'site', ':site', '--delete']);
  expect(first).toMatchObject({ code: 0, stderr: '2 copied (6 B), 1 deleted, 0 unchanged, 0 failed\n' });
  expect((await stowage(project, ['ls', '-r'])).stdout).toBe('site/img/a.png\nsite/index.html\n');
  expect((await stowage(project, ['sync', 'site', ':site'])).stdout).toBe('');
  expect((await stowage(project, ['sync', ':site', 'copy', '-q'])).stderr).toBe('');
  expect(readFileSync(join(project, 'copy/img/a.png'), 'utf8')).toBe('png');
  expect((await stowage(project, ['sync', ':site', 'copy', '--checksum'])).stdout).toBe('');
});

it('goes from store to store, and copies what is newer or of another size', async () => {
  const project = makeProject();
  writeTree(project, { 'one/bucket-1/a': 'a', 'one/bucket-1/b': 'b' });
  expect((await stowage(project, ['sync', 'one:', 'two:'])).code).toBe(0);
  writeTree(project, { 'one/bucket-1/a': 'longer' });
  utimesSync(join(project, 'one/bucket-1/b'), new Date(), new Date(Date.now() + 60_000));
  expect(lines((await stowage(project, ['sync', 'one:', 'two:'])).stdout)).toEqual(['copy a', 'copy b']);
  expect((await stowage(project, ['cat', 'two:a'])).stdout).toBe('longer');
});

it('tells with --checksum a change that neither size nor time shows', async () => {
  const project = makeProject();
  writeTree(project, { 'site/a': 'aaa' });
  await stowage(project, ['sync', 'site', ':']);
  writeTree(project, { 'site/a': 'bbb' });
  utimesSync(join(project, 'site/a'), new Date(0), new Date(0));
  expect((await stowage(project, ['sync', 'site', ':'])).stdout).toBe('');
  expect((await stowage(project, ['sync', 'site', ':', '--checksum'])).stdout).toBe('copy a\n');
});

it('writes nothing outside of the directory, whatever keys a store has, and goes on with the others', async () => {
  const project = makeProject();
  for (const key of ['../evil', 'a//b', 'fine']) await stowage(project, ['put', '-', `:${key}`], { input: key });
  const { code, stdout, stderr } = await stowage(project, ['sync', ':', 'deep/target']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: 'copy fine\n' });
  expect(stderr).toMatch(/\.\.\/evil.*no path below a directory/);
  expect(existsSync(join(project, 'deep/evil'))).toBe(false);
});

it('follows no link out of the directory', async () => {
  const project = makeProject();
  writeTree(project, { 'one/bucket-1/link/file': 'x' });
  mkdirSync(join(project, 'target'));
  mkdirSync(join(project, 'elsewhere'));
  symlinkSync(join(project, 'elsewhere'), join(project, 'target/link'));
  expect(await stowage(project, ['sync', ':', 'target'])).toMatchObject({ code: 2, stdout: '' });
  expect(existsSync(join(project, 'elsewhere/file'))).toBe(false);
});

it('leaves out links of the source, and deletes nothing for them', async () => {
  const project = makeProject();
  writeTree(project, { 'site/a': 'a', 'one/bucket-1/link': 'kept' });
  symlinkSync('a', join(project, 'site/link'));
  const { stdout, stderr } = await stowage(project, ['sync', 'site', ':', '--delete']);
  expect(stdout).toBe('copy a\n');
  expect(stderr).toContain('skipped link');
  expect((await stowage(project, ['ls'])).stdout).toBe('a\nlink\n');
});

it('refuses two directories, and a source that is not there', async () => {
  const project = makeProject();
  writeTree(project, { 'one/bucket-1/a': 'a' });
  expect((await stowage(project, ['sync', 'a', 'b'])).code).toBe(2);
  expect((await stowage(project, ['sync', 'not-there', ':', '--delete'])).code).toBe(2);
  expect((await stowage(project, ['ls'])).stdout).toBe('a\n');
});

it('asks for sizes that a listing does not tell', async () => {
  const project = makeProject();
  writeTree(project, {
    'sizeless.mjs': `
      import { driver as local } from '@stowage/driver-local';
      const driver = { ...local, create(options, host) {
        const real = local.create(options, host);
        const list = async (...request) => {
          const page = await real.list(...request);
          return { ...page, objects: page.objects.map(({ key }) => ({ key, size: undefined })) };
        };
        const capabilities = { ...real.capabilities, list: { ...real.capabilities.list, tellsSizes: false } };
        return Object.create(real, { list: { value: list }, capabilities: { value: capabilities } });
      } };
      export const LIBCLOUD_PROVIDERS = { default: { type: driver, root: 'one', bucket: 'bucket-1' } };`,
    'site/a': 'aaa',
  });
  const sync = (): ReturnType<typeof stowage> => stowage(project, ['sync', 'site', ':', '-s', 'sizeless.mjs']);
  expect((await sync()).stdout).toBe('copy a\n');
  expect((await sync()).stdout).toBe('');
});
