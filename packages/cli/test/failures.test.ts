import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { localProvider, makeProject, SECRET, start, stowage, writeTree } from './process.js';

describe('exit codes', () => {
  it.each([
    [['frobnicate'], 2, /unknown command 'frobnicate'/],
    [['cat'], 2, /missing required argument/],
    [['cat', 'on:key'], 2, /no provider "on"\. Did you mean "one"\?/],
    [['cat', `:${'k'.repeat(1025)}`], 2, /1025|1,024|1024/],
    [['cat', './file'], 2, /no address in a store/],
    [['put', 'no-such-file', ':key'], 2, /no-such-file does not exist/],
    [['cat', ':missing'], 3, /missing/],
    [['stat', ':missing'], 3, /missing/],
  ])('of %j', async (args, code, message) => {
    const ended = await stowage(makeProject(), args);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(message);
  });

  it('of a bucket that is not there', async () => {
    const project = makeProject();
    const providers = { default: localProvider(join(project, 'one'), { bucket: 'bucket-2' }) };
    writeTree(project, { 'other.json': JSON.stringify({ LIBCLOUD_PROVIDERS: providers }) });
    expect(await stowage(project, ['ls', '--settings', 'other.json'])).toMatchObject({ code: 3 });
  });

  it('of a driver that is not installed, with the command that mends it', async () => {
    const providers = { default: { type: 'GOOGLE_STORAGE', bucket: 'bucket-1', user: 'u', key: 'k' } };
    const ended = await stowage(makeProject({ LIBCLOUD_PROVIDERS: providers }), ['ls']);
    expect(ended).toMatchObject({ code: 7, stderr: expect.stringContaining('npm install @stowage/driver-gcs') });
  });

  it('tells the facts of an error as JSON', async () => {
    const { stderr, stdout } = await stowage(makeProject(), ['--json', 'stat', ':missing']);
    expect(stdout).toBe('');
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'object-not-found', key: 'missing', provider: 'local' },
    });
  });
});

describe('settings', () => {
  it('come from a JavaScript module, and from the environment', async () => {
    const project = makeProject();
    const providers = { default: localProvider(join(project, 'two')) };
    writeTree(project, {
      'two/bucket-1/in-two': '',
      'settings.mjs': `export const LIBCLOUD_PROVIDERS = ${JSON.stringify(providers)};`,
      'whole.mjs': `export default { LIBCLOUD_PROVIDERS: ${JSON.stringify(providers)} };`,
    });
    for (const file of ['settings.mjs', 'whole.mjs']) {
      expect((await stowage(project, ['ls', '-s', file])).stdout).toBe('in-two\n');
    }
    expect((await stowage(project, ['ls'], { env: { STOWAGE_SETTINGS: 'settings.mjs' } })).stdout).toBe('in-two\n');
    const env = { LIBCLOUD_PROVIDERS: JSON.stringify(providers) };
    expect((await stowage(project, ['ls'], { env })).stdout).toBe('in-two\n');
  });

  it('are asked for where there are none', async () => {
    const project = makeProject();
    expect(await stowage(join(project, 'one'), ['ls'])).toMatchObject({
      code: 2,
      stderr: /STOWAGE_SETTINGS/,
    });
  });

  it('never show a secret, not even when they are broken', async () => {
    const project = makeProject();
    writeTree(project, {
      'broken.json': `{\n"LIBCLOUD_PROVIDERS": {"default": {"key": "${SECRET}" "bucket": "b"}}}`,
      'unknown.json': JSON.stringify({
        LIBCLOUD_PROVIDERS: { default: { ...localProvider('.'), key: SECRET, kye: SECRET } },
      }),
    });
    const broken = await stowage(project, ['ls', '-s', 'broken.json']);
    expect(broken).toMatchObject({ code: 2, stderr: expect.stringContaining('broken.json is not JSON, line 2') });
    const unknown = await stowage(project, ['check', '-s', 'unknown.json']);
    expect(unknown).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('unknown option "kye". Did you mean "key"?'),
    });
    for (const { stdout, stderr } of [broken, unknown]) expect(stdout + stderr).not.toContain(SECRET);
  });
});

describe('check', () => {
  it('says of every provider whether it works, and what is wrong', async () => {
    const project = makeProject();
    const providers = {
      good: localProvider(join(project, 'one')),
      'no-bucket': localProvider(join(project, 'one'), { bucket: 'bucket-2' }),
      'no-secret': localProvider(join(project, 'one'), { key: { env: 'NOT_SET' } }),
    };
    writeTree(project, { 'stowage.config.json': JSON.stringify({ LIBCLOUD_PROVIDERS: providers }) });
    const { code, stdout, stderr } = await stowage(project, ['check']);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^ok {6}good {2}local, bucket bucket-1, \d+ ms$/),
      expect.stringMatching(/^FAILED {2}no-bucket .*bucket-2/),
      expect.stringMatching(/^FAILED {2}no-secret .*NOT_SET, which is not set/),
      '',
    ]);
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
  });

  it('writes, reads and deletes with --write', async () => {
    const project = makeProject();
    const { code, stdout } = await stowage(project, ['check', '--write', '--json', 'one']);
    expect(JSON.parse(stdout)).toMatchObject({ provider: 'one', ok: true, bucket: 'bucket-1' });
    expect(code).toBe(0);
    expect(readdirSync(join(project, 'one/bucket-1'))).toEqual([]);
  });
});

describe('a process that is told to stop', () => {
  /** A driver whose objects begin and never end: only the signal ends the read. */
  const endless = `
    import { Readable } from 'node:stream';
    import { driver as local } from '@stowage/driver-local';
    const driver = { ...local, create(options, host) {
      const real = local.create(options, host);
      const read = async (ref, request, ctx) => ({
        record: { key: ref.key, size: 1e12 }, range: { start: 0, end: 1e12 },
        stream: new Readable({
          signal: ctx.signal,
          construct(done) {
            this.socket = setInterval(() => {}, 1000);
            this.push(Buffer.alloc(65536));
            done();
          },
          read() {},
          destroy(error, done) {
            clearInterval(this.socket);
            done(error);
          },
        }),
      });
      return Object.create(real, { read: { value: read } });
    } };
    export const LIBCLOUD_PROVIDERS = { default: { type: driver, root: 'one', bucket: 'bucket-1' } };`;

  it('leaves no part of a download', async () => {
    const project = makeProject();
    writeTree(project, { 'endless.mjs': endless });
    writeTree(project, { 'target/other': '' });
    const { child, end } = start(project, ['get', ':endless', 'target/file', '-s', 'endless.mjs']);
    await vi.waitFor(() => expect(readdirSync(join(project, 'target'))).toHaveLength(2), { timeout: 60_000 });
    child.kill('SIGINT');
    expect(await end).toMatchObject({ code: 130, stdout: '' });
    expect(readdirSync(join(project, 'target'))).toEqual(['other']);
  });

  it('leaves no part of an upload', async () => {
    const project = makeProject();
    const { child, end } = start(project, ['put', '-', ':half']);
    child.stdin?.write(Buffer.alloc(20 << 20));
    const staged = (): string[] => readdirSync(join(project, 'one/.stowage'), { recursive: true, encoding: 'utf8' });
    await vi.waitFor(() => expect(existsSync(join(project, 'one/.stowage')) && staged().length > 3).toBe(true), {
      timeout: 60_000,
    });
    child.kill('SIGTERM');
    expect(await end).toMatchObject({ code: 143, stdout: '' });
    expect(readdirSync(join(project, 'one/bucket-1'))).toEqual([]);
  });
});

it('ends in peace when its reader has enough', async () => {
  const project = makeProject();
  writeTree(
    project,
    Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`one/bucket-1/${'k'.repeat(90)}${n}`, ''])),
  );
  const { child, end } = start(project, ['ls', '-r']);
  child.stdout?.once('data', () => child.stdout?.destroy());
  expect(await end).toMatchObject({ code: 0, stderr: '' });
});
