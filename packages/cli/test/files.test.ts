import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeProject, stowage, writeTree } from './process.js';

it('puts, lists, tells, prints, fetches, copies, moves and deletes', async () => {
  const project = makeProject();
  writeTree(project, { 'sunset.txt': 'orange over blue' });
  expect(await stowage(project, ['put', 'sunset.txt', ':photos/', '--metadata', 'place=Ostend'])).toEqual({
    code: 0,
    stdout: 'photos/sunset.txt\n',
    stderr: '',
  });
  expect((await stowage(project, ['put', '-', 'two:from-stdin'], { input: 'piped' })).code).toBe(0);
  expect((await stowage(project, ['cat', 'two:from-stdin', ':photos/sunset.txt'])).stdout).toBe(
    'pipedorange over blue',
  );
  expect((await stowage(project, ['ls'])).stdout).toBe('photos/\n');
  expect((await stowage(project, ['ls', '-l', ':photos/'])).stdout).toMatch(
    /^ +16 {2}\d{4}-\S+Z {2}photos\/sunset\.txt\n$/,
  );
  const facts = JSON.parse((await stowage(project, ['stat', '--json', ':photos/sunset.txt'])).stdout) as object;
  expect(facts).toMatchObject({
    key: 'photos/sunset.txt',
    size: 16,
    contentType: 'text/plain',
    metadata: { place: 'Ostend' },
  });
  expect((await stowage(project, ['get', ':photos/sunset.txt', 'back.txt'])).stdout).toBe('back.txt\n');
  expect(readFileSync(join(project, 'back.txt'), 'utf8')).toBe('orange over blue');
  expect((await stowage(project, ['get', ':photos/sunset.txt', '-'])).stdout).toBe('orange over blue');
  expect((await stowage(project, ['cp', ':photos/sunset.txt', 'two:'])).stdout).toBe('sunset.txt\n');
  expect((await stowage(project, ['mv', 'two:sunset.txt', 'two:moved'])).code).toBe(0);
  expect((await stowage(project, ['ls', '-r', 'two:'])).stdout).toBe('from-stdin\nmoved\n');
  expect((await stowage(project, ['rm', 'two:moved', 'two:from-stdin'])).stdout).toBe('moved\nfrom-stdin\n');
  expect((await stowage(project, ['ls', 'two:'])).stdout).toBe('');
});

it('keeps what is there when it is told so, and exits with 4', async () => {
  const project = makeProject();
  writeTree(project, { 'one/bucket-1/a': 'old', 'one/bucket-1/b': 'b', a: 'new' });
  for (const args of [
    ['put', 'a', ':a', '-n'],
    ['get', ':b', 'a', '-n'],
    ['cp', ':b', ':a', '--no-clobber'],
    ['mv', ':b', ':a', '--no-clobber'],
  ]) {
    expect(await stowage(project, args), args.join(' ')).toMatchObject({ code: 4, stdout: '' });
  }
  expect(readFileSync(join(project, 'one/bucket-1/a'), 'utf8')).toBe('old');
  expect(readFileSync(join(project, 'one/bucket-1/b'), 'utf8')).toBe('b');
  expect(readFileSync(join(project, 'a'), 'utf8')).toBe('new');
});

it('makes links as the settings say: signed, plain, or under url_base', async () => {
  const project = makeProject();
  const signed = new URL((await stowage(project, ['url', ':a.txt', '--expires', '60'])).stdout.trim());
  expect(signed.origin + signed.pathname).toBe('https://files.example/all/bucket-1/a.txt');
  expect(signed.searchParams.get('signature')).toBeTruthy();
  expect((await stowage(project, ['url', ':a//b', '--public'])).stdout).toMatch(
    /^https:\/\/files\.example\/all\/[^?]*\n$/,
  );
  expect((await stowage(project, ['url', ':a', '--expires', '-5'])).code).toBe(2);
  const providers = { default: { type: 'memory', bucket: 'bucket-1', url_base: 'https://cdn.example/' } };
  const other = makeProject({ LIBCLOUD_PROVIDERS: providers });
  expect((await stowage(other, ['url', ':a b.txt'])).stdout).toBe('https://cdn.example/a%20b.txt\n');
});

it('deletes below a prefix, and the whole bucket only when that is said', async () => {
  const project = makeProject();
  writeTree(project, { 'one/bucket-1/a/1': '', 'one/bucket-1/a/2': '', 'one/bucket-1/b': '' });
  expect((await stowage(project, ['rm', '-r', '--dry-run', ':a/'])).stdout).toBe('a/1\na/2\n');
  expect(existsSync(join(project, 'one/bucket-1/a/1'))).toBe(true);
  expect((await stowage(project, ['rm', '-r', ':a/'])).stdout).toBe('2 deleted\n');
  expect(await stowage(project, ['rm', '-r', ':'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--all'),
  });
  expect((await stowage(project, ['ls'])).stdout).toBe('b\n');
  expect((await stowage(project, ['rm', '-r', '--all', ':'])).code).toBe(0);
  expect((await stowage(project, ['ls'])).stdout).toBe('');
});

it('shows what could steer a terminal as text', async () => {
  const project = makeProject();
  writeTree(project, { 'one/bucket-1/\u001b[2Jgone\n': 'x' });
  expect((await stowage(project, ['ls'])).stdout).toBe('\\u{1b}[2Jgone\\u{a}\n');
  expect(JSON.parse((await stowage(project, ['ls', '--json'])).stdout)).toMatchObject({ key: '\u001b[2Jgone\n' });
});
