import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { Module } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { StorageError } from '../../src/errors/storage-error.js';
import { type ResolveOptions, resolveDriver } from '../../src/registry/resolve.js';
import { DRIVER_API, type DriverModule } from '../../src/spi/module.js';

function fakeDriver(type: string, more: Partial<DriverModule> = {}): DriverModule {
  const create = () => {
    throw new Error('not created here');
  };
  return { api: DRIVER_API, type, options: {}, create, ...more };
}

function failureOf(type: unknown, options?: ResolveOptions): StorageError {
  try {
    resolveDriver(type, options);
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  throw new Error('it was resolved');
}

afterEach(() => vi.restoreAllMocks());

describe('a driver module', () => {
  it('is taken as it is, and named by its type', () => {
    const driver = fakeDriver('acme');
    expect(resolveDriver(driver)).toEqual({ module: driver, preset: { provider: 'acme', defaults: {} } });
  });

  it.each([
    ['an array', []],
    ['a module namespace', { driver: fakeDriver('acme') }],
    ['a type that is a number', { ...fakeDriver('acme'), type: 7 }],
    ['no options', { ...fakeDriver('acme'), options: undefined }],
    ['presets that are a list', { ...fakeDriver('acme'), presets: [] }],
    ['no create', { ...fakeDriver('acme'), create: undefined }],
  ])('is refused with %s, saying what is wrong', (_, value) => {
    const error = failureOf(value);
    expect(error.code).toBe('driver-incompatible');
    expect(error.message).toMatch(/^The value given as "type" is no Stowage driver: its /);
  });

  it('is refused when it was made for another driver API', () => {
    const newer = failureOf({ ...fakeDriver('acme'), api: DRIVER_API + 1 });
    expect(newer.code).toBe('driver-incompatible');
    expect(newer.message).toContain(`made for driver API ${DRIVER_API + 1}`);
    expect(newer.message).toMatch(/@stowage\/core \d+\.\d+\.\d+ speaks driver API 1\. Update @stowage\/core/);
    const older = failureOf('s3', { drivers: [{ ...fakeDriver('s3'), api: 0 }] });
    expect(older.message).toMatch(/^Element 0 of "drivers" was made for driver API 0/);
    expect(older.message).toContain('Install a newer version of the driver');
  });
});

describe('drivers of the application', () => {
  it.each([
    ['libcloud.storage.types.Provider.S3_EU_CENTRAL', 's3', 's3_eu_central', { region: 'eu-central-1' }],
    ['CLOUDFIULES_UK', 'swift', 'cloudfiles_uk', { region: 'lon' }],
    ['google_storage', 'gcs', 'google_storage', {}],
    ['@stowage/driver-s3', 's3', '@stowage/driver-s3', {}],
    ['@stowage/driver-s3:wasabi', 's3', 'wasabi', { region: 'us-east-1' }],
  ])('serve %s by their type %s', (type, moduleType, provider, defaults) => {
    const driver = fakeDriver(moduleType);
    const resolved = resolveDriver(type, { drivers: [fakeDriver('other'), driver] });
    expect(resolved.module).toBe(driver);
    expect(resolved.preset).toMatchObject({ provider, defaults });
  });

  it('answer to their own type and presets', () => {
    const drivers = [fakeDriver('acme', { presets: { acme_eu: { zone: 'eu' } } })];
    expect(resolveDriver('acme', { drivers }).preset).toEqual({ provider: 'acme', defaults: {} });
    expect(resolveDriver('ACME_EU', { drivers }).preset).toEqual({ provider: 'acme_eu', defaults: { zone: 'eu' } });
  });

  it('serve a provider for which Stowage has no driver', () => {
    const azure = fakeDriver('azure', { presets: { azure_blobs: { tier: 'hot' } } });
    expect(resolveDriver('AZURE_BLOBS', { drivers: [azure] })).toEqual({
      module: azure,
      preset: { provider: 'azure_blobs', defaults: { tier: 'hot' } },
    });
  });

  it('add to the row of a provider what they know of it, and keep its address', () => {
    const s3 = fakeDriver('s3', { presets: { scaleway: { checksums: 'md5' } } });
    expect(resolveDriver('SCALEWAY', { drivers: [s3] }).preset).toMatchObject({
      provider: 'scaleway',
      defaults: { region: 'fr-par', checksums: 'md5' },
      endpoint: 'https://s3.{region}.scw.cloud',
    });
  });

  it('come before the memory driver of core', () => {
    const own = fakeDriver('memory');
    expect(resolveDriver('memory', { drivers: [own] }).module).toBe(own);
    expect(resolveDriver('libcloud.storage.types.Provider.DUMMY').module).toMatchObject({ type: 'memory' });
  });

  it('do not answer to names that every object inherits', () => {
    expect(failureOf('constructor', { drivers: [fakeDriver('acme', { presets: {} })] }).code).toBe('invalid-argument');
  });
});

describe('a driver that is not installed', () => {
  it('says which package to install and where it was looked for', () => {
    const error = failureOf('@acme/driver-absent', { resolveFrom: tmpdir(), cwd: tmpdir() });
    expect(error.code).toBe('driver-missing');
    expect(error.message).toContain('install it with `npm install @acme/driver-absent`');
    expect(error.message).toContain(
      'Looked for it from "resolveFrom", the application, @stowage/core, the working directory',
    );
  });

  it.each(['AZURE_BLOBS', 'BACKBLAZE_B2', 'ALIYUN_OSS'])('for %s says that there is none of ours', (type) => {
    const error = failureOf(type);
    expect(error.code).toBe('driver-missing');
    expect(error.message).toContain(`no driver of its own for ${type}`);
    expect(error.message).toContain('keyword stowage-driver');
  });
});

describe('an unknown type', () => {
  it('offers the nearest names and lists what there is', () => {
    const error = failureOf('libcloud.storage.types.Provider.S3_US_WST_OREGON');
    expect(error.code).toBe('invalid-argument');
    expect(error.message).toContain('Did you mean "S3_US_WEST_OREGON"');
    expect(error.message).toContain('s3, gcs, swift, cloudfiles, atmos, nimbus, local, memory');
  });

  it('offers what the drivers of the application know', () => {
    const drivers = [fakeDriver('acme', { presets: { acme_europe: {} } })];
    expect(failureOf('acme_eurpe', { drivers }).message).toContain('Did you mean "acme_europe"?');
    expect(failureOf('zzz', { drivers }).message).toContain("The application's own drivers know: acme, acme_europe.");
  });

  it.each([
    'left-pad',
    '../evil',
    '__proto__',
    'node:fs',
    'driver-x/../../y',
    'a'.repeat(100_000),
    'driver-x\0',
    '',
    11,
    -1,
  ])('is never looked up in node_modules: %j', (type) => {
    const lookups = vi.spyOn(Module as unknown as { _resolveFilename(): string }, '_resolveFilename');
    const error = failureOf(type);
    expect(error.code).toBe('invalid-argument');
    expect(error.message.length).toBeLessThan(600);
    expect(lookups).not.toHaveBeenCalled();
  });

  it.each([undefined, null, true, () => 's3'])('is refused when it is %j', (type) => {
    expect(failureOf(type).code).toBe('invalid-argument');
  });

  it('shows no password of an address', () => {
    const error = failureOf('s3://user:hunter2@storage.example.com');
    expect(error.message).toContain('"s3://..."');
    expect(error.message).not.toContain('hunter2');
  });

  it('names the presets of a package when the one asked for is not there', () => {
    const s3 = fakeDriver('s3', { presets: { my_minio: {} } });
    const error = failureOf('@stowage/driver-s3:my_mini', { drivers: [s3] });
    expect(error.code).toBe('invalid-argument');
    expect(error.message).toContain('no preset "my_mini"; it has my_minio. Did you mean "my_minio"?');
    expect(failureOf('@stowage/driver-s3:nimbus', { drivers: [s3] }).message).toContain('no preset "nimbus"');
  });
});

describe('resolveFrom', () => {
  it.each(['./relative', 'https://example.com/app.js', 'file://host%', 5])(
    'is refused when it is %j',
    (resolveFrom) => {
      const error = failureOf('s3', { resolveFrom: resolveFrom as string });
      expect(error.code).toBe('invalid-argument');
      expect(error.message).toContain('give import.meta.url');
    },
  );
});

describe('the package that a driver came from', () => {
  it('is told with its version, also under an alias of the application', async () => {
    const app = await realpath(await mkdtemp(join(tmpdir(), 'stowage-alias-')));
    onTestFinished(() => rm(app, { recursive: true, force: true }));
    const folder = join(app, 'node_modules', 'driver-old');
    await mkdir(join(folder, 'dist'), { recursive: true });
    await writeFile(
      join(folder, 'package.json'),
      '{ "name": "@acme/driver-acme", "version": "1.2.3", "main": "dist/index.cjs" }',
    );
    await writeFile(
      join(folder, 'dist', 'index.cjs'),
      "exports.driver = { api: 1, type: 'acme', options: {}, create() {} };",
    );
    const { module, installed } = resolveDriver('driver-old', { resolveFrom: app });
    expect(module.type).toBe('acme');
    expect(installed).toEqual({ name: 'driver-old', version: '1.2.3', file: join(folder, 'dist', 'index.cjs') });
  });

  it('is not told for a driver of the application itself, nor for the one that core brings', () => {
    expect(resolveDriver(fakeDriver('acme'))).not.toHaveProperty('installed');
    expect(resolveDriver('memory')).not.toHaveProperty('installed');
  });
});
