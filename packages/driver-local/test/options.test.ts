import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHost, type StorageError } from '@stowage/core/spi';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { driver, type LocalOptions } from '../src/index.js';
import { at, bodyOf, ctx, makeRoot, SECRET } from './lab.js';

const open = (options: LocalOptions) => driver.create(options, createHost());

function refusal(options: LocalOptions): StorageError {
  try {
    open(options);
  } catch (error) {
    return error as StorageError;
  }
  return expect.unreachable('the options were taken');
}

afterEach(() => vi.restoreAllMocks());

describe('the root', () => {
  it('must exist, as for Libcloud, and the error says what to do', () => {
    const root = join(makeRoot(), 'missing');
    expect(refusal({ root })).toMatchObject({
      code: 'invalid-argument',
      message: `The root "${root}" does not exist. Make the directory, or set createRoot to true.`,
    });
    expect(existsSync(root)).toBe(false);
  });

  it('is made when that is asked for', () => {
    const root = join(makeRoot(), 'not/yet');
    open({ root, createRoot: true });
    expect(existsSync(root)).toBe(true);
  });

  it.each([
    ['a file', (root: string) => writeFileSync(root, '')],
    ['a link to nothing', (root: string) => symlinkSync('/nowhere/at/all', root)],
  ])('cannot be %s', (_what, make) => {
    const root = join(makeRoot(), 'root');
    make(root);
    expect(refusal({ root }).code).toBe('invalid-argument');
  });

  it.each(['', 'nul\0', undefined as unknown as string])('cannot be %j', (root) => {
    expect(refusal({ root })).toMatchObject({ code: 'invalid-argument', message: expect.stringContaining('user') });
  });

  it('may be a link itself', async () => {
    const [real, link] = [makeRoot(), join(makeRoot(), 'link')];
    symlinkSync(real, link);
    const local = open({ root: link, fsync: false });
    await local.createContainer('box', {}, ctx);
    await local.put(at('a'), bodyOf('x'), {}, ctx);
    expect(existsSync(join(real, 'box/a'))).toBe(true);
  });

  it('is spelt "user" in Libcloud settings', () => {
    expect(driver.options['root']).toMatchObject({ required: true, aliases: ['user'] });
  });
});

describe('other options', () => {
  it.each([
    ['baseUrl', { baseUrl: 'files' }],
    ['baseUrl', { baseUrl: 'ftp://host/files' }],
    ['baseUrl', { baseUrl: 'http://host/files?x=1' }],
    ['urlSecret', { baseUrl: 'http://host', urlSecret: 'short' }],
    ['fileMode', { fileMode: 0o17777 }],
    ['directoryMode', { directoryMode: 1.5 }],
    ['abandonedUploadHours', { abandonedUploadHours: 0 }],
    ['abandonedUploadHours', { abandonedUploadHours: NaN }],
  ])('that make no sense are refused by name: %s', (name, options) => {
    const error = refusal({ root: makeRoot(), ...options });
    expect(error).toMatchObject({ code: 'invalid-argument', message: expect.stringContaining(name) });
    expect(error.message).not.toContain('short');
  });

  it('with secrets are marked, so that they are never printed', () => {
    const secrets = Object.entries(driver.options).filter(([, { secret }]) => secret);
    expect(secrets.map(([name]) => name)).toEqual(['urlSecret', 'key']);
  });

  it('that Libcloud has and this driver does not need are taken', () => {
    open({ root: makeRoot(), key: '', exUseLocking: true });
  });

  it('decide whether there are URLs, and whether they can be signed', async () => {
    const [root, baseUrl] = [makeRoot(), 'http://host/files/'];
    mkdirSync(join(root, 'box'));
    expect(open({ root, key: SECRET })).not.toHaveProperty('urls');
    expect(open({ root, key: SECRET }).capabilities).not.toHaveProperty('urls');
    const unsigned = open({ root, baseUrl });
    expect(unsigned.capabilities.urls?.methods).toEqual([]);
    expect(unsigned.urls!.publicUrl!(at('a b'))).toBe('http://host/files/box/a%20b');
    const request = { method: 'GET', expiresInSeconds: 1 } as const;
    await expect(unsigned.urls!.sign(at('a'), request, ctx)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('urlSecret'),
    });
    const host = createHost({ nowMs: () => 0 });
    const byKey = await driver.create({ root, baseUrl, key: SECRET }, host).urls!.sign(at('a'), request, ctx);
    const bySecret = await driver.create({ root, baseUrl, urlSecret: SECRET }, host).urls!.sign(at('a'), request, ctx);
    expect(byKey).toEqual(bySecret);
  });

  it('are refused on Windows, where this driver could not keep its promises', () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('win32');
    expect(refusal({ root: makeRoot() })).toMatchObject({ code: 'unsupported' });
  });
});
