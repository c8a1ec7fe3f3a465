import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DriverHost } from '@stowage/core/spi';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  configure,
  createStorages,
  defaultStorage,
  LibCloudStorage,
  overrideSettings,
  security,
  settings,
  type Settings,
} from '../../src/index.js';
import { sharedMemory } from '../storage/counted-driver.js';

const memory = sharedMemory();
const amazon = { type: memory, user: 'user', key: 'key', bucket: 'bucket-1' };

afterEach(() => {
  configure({});
  security.CA_CERTS_PATH = [];
  security.VERIFY_SSL_CERT = true;
});

const refusal = (message: string | RegExp): unknown =>
  expect.objectContaining({
    name: 'ImproperlyConfigured',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });

describe('the settings of a Django project', () => {
  it('make a storage at once, by name or by default', () => {
    configure({ LIBCLOUD_PROVIDERS: { amazon_1: amazon, default: amazon } });
    expect(new LibCloudStorage('amazon_1').bucket).toBe('bucket-1');
    expect(new LibCloudStorage().providerName).toBe('default');
    configure({ LIBCLOUD_PROVIDERS: { amazon_1: amazon }, DEFAULT_LIBCLOUD_PROVIDER: 'amazon_1' });
    expect(new LibCloudStorage(null).providerName).toBe('amazon_1');
  });

  it('that name no provider fail with the sentence of django-storages, and what was perhaps meant', () => {
    configure({ LIBCLOUD_PROVIDERS: { amazon_1: amazon, empty: {} }, DEFAULT_LIBCLOUD_PROVIDER: 'amazon-1' });
    expect(() => new LibCloudStorage()).toThrow(
      refusal('LIBCLOUD_PROVIDERS amazon-1 not defined or invalid. Did you mean "amazon_1"?'),
    );
    expect(() => new LibCloudStorage('empty')).toThrow(refusal('LIBCLOUD_PROVIDERS empty not defined or invalid'));
    expect(() => new LibCloudStorage('toString')).toThrow(
      refusal('LIBCLOUD_PROVIDERS toString not defined or invalid'),
    );
    configure({});
    expect(() => new LibCloudStorage()).toThrow(refusal('LIBCLOUD_PROVIDERS default not defined or invalid'));
  });

  it.each([
    [
      'an unknown constant',
      'libcloud.storage.types.Provider.S3_MOON',
      /^Unable to create libcloud driver type libcloud\.storage\.types\.Provider\.S3_MOON: ./,
    ],
    ['a foreign module', '../evil', /^Unable to create libcloud driver type \.\.\/evil: ./],
    ['no type', undefined, /^Unable to create libcloud driver type None: ./],
  ])('that give %s fail with the sentence of django-storages and the reason', (_, type, sentence) => {
    configure({ LIBCLOUD_PROVIDERS: { x: { ...amazon, type } as never } });
    expect(() => new LibCloudStorage('x')).toThrow(refusal(sentence));
    expect(() => new LibCloudStorage('x')).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ name: 'StorageError' }) }),
    );
  });

  it('with an option that the driver does not know are refused by name', () => {
    configure({ LIBCLOUD_PROVIDERS: { x: { ...amazon, usr: 'u' } } });
    expect(() => new LibCloudStorage('x')).toThrow(
      refusal(/^Unable to create libcloud driver type shared-memory: .*usr.*user/),
    );
  });

  it('without a bucket, or with a wrong option of the adapter, say so', () => {
    const { bucket: _, ...rest } = amazon;
    configure({
      LIBCLOUD_PROVIDERS: {
        noBucket: rest,
        twice: { ...amazon, url_base: '/a', urlBase: '/b' },
        wrong: { ...amazon, file_overwrite: 'yes' as never },
        seconds: { ...amazon, url_expires_in_seconds: -1 },
        slash: { ...amazon, bucket: 'a/b' },
      },
    });
    expect(() => new LibCloudStorage('noBucket')).toThrow(refusal(/^LIBCLOUD_PROVIDERS noBucket has no "bucket"/));
    expect(() => new LibCloudStorage('twice')).toThrow(
      refusal('LIBCLOUD_PROVIDERS twice.urlBase is given in both spellings. Keep one.'),
    );
    expect(() => new LibCloudStorage('wrong')).toThrow(
      refusal('LIBCLOUD_PROVIDERS wrong.file_overwrite must be a boolean, not string.'),
    );
    expect(() => new LibCloudStorage('slash')).toThrow(refusal(/^LIBCLOUD_PROVIDERS slash\.bucket: .*slash/));
    expect(() => new LibCloudStorage('seconds')).toThrow(refusal(/whole number above 0, not -1/));
  });

  it('that nobody would read are refused, with the name that was perhaps meant', () => {
    expect(() => configure({ LIBCLOUD_PROVIDER: {} } as Settings)).toThrow(
      refusal(/^LIBCLOUD_PROVIDER is no setting of storages\. Did you mean "LIBCLOUD_PROVIDERS"/),
    );
  });

  it('that are of no use are refused', () => {
    expect(() => configure({ FILE_UPLOAD_MAX_MEMORY_SIZE: -1 })).toThrow(
      refusal('FILE_UPLOAD_MAX_MEMORY_SIZE is a number of bytes, not -1.'),
    );
  });

  it('take values from the environment, which is read when a storage is made', () => {
    const environment: Record<string, string> = {};
    const provider = { ...amazon, key: { env: 'AWS_SECRET' }, bucket: '${STAGE}-files' };
    const storages = createStorages({ LIBCLOUD_PROVIDERS: { default: provider } }, { environment });
    expect(() => storages.open()).toThrow(
      refusal('LIBCLOUD_PROVIDERS default.key needs the environment variable AWS_SECRET, which is not set.'),
    );
    Object.assign(environment, { AWS_SECRET: 's', STAGE: 'test' });
    expect(storages.open().bucket).toBe('test-files');
  });

  it("are no settings before configure() was called: Django's error", async () => {
    vi.resetModules();
    const { settings: fresh } = await import('../../src/settings/configured.js');
    expect(() => fresh.LIBCLOUD_PROVIDERS).toThrow(
      refusal(/^Requested setting LIBCLOUD_PROVIDERS, but settings are not configured\./),
    );
  });
});

describe('defaultStorage', () => {
  it('is made when it is first used, of DEFAULT_FILE_STORAGE', async () => {
    expect(defaultStorage).toBeInstanceOf(LibCloudStorage);
    configure({
      LIBCLOUD_PROVIDERS: { default: amazon },
      DEFAULT_FILE_STORAGE: 'storages.backends.apache_libcloud.LibCloudStorage',
    });
    await defaultStorage.driver.createContainer('bucket-1', { ifExists: 'ignore' });
    expect(await defaultStorage.exists(await defaultStorage.save('lazy.txt', 'x'))).toBe(true);
    expect(defaultStorage.driver).toBe(defaultStorage.driver);
    expect('driver' in defaultStorage).toBe(true);
  });

  it('follows configure and overrides', () => {
    configure({
      LIBCLOUD_PROVIDERS: { one: amazon, two: { ...amazon, bucket: 'bucket-2' } },
      DEFAULT_LIBCLOUD_PROVIDER: 'one',
    });
    const { driver } = defaultStorage;
    const override = overrideSettings({ DEFAULT_LIBCLOUD_PROVIDER: 'two' });
    expect([defaultStorage.bucket, settings.DEFAULT_LIBCLOUD_PROVIDER]).toEqual(['bucket-2', 'two']);
    override.restore();
    override.restore();
    expect([defaultStorage.bucket, defaultStorage.driver === driver]).toEqual(['bucket-1', true]);
    {
      using _ = overrideSettings({ DEFAULT_LIBCLOUD_PROVIDER: 'two' });
      expect(defaultStorage.bucket).toBe('bucket-2');
    }
    expect(defaultStorage.bucket).toBe('bucket-1');
  });

  it.each([{ provider_name: 'two' }, { providerName: 'two' }])(
    'is the default of STORAGES with OPTIONS %j',
    (OPTIONS) => {
      configure({
        LIBCLOUD_PROVIDERS: { default: amazon, two: { ...amazon, bucket: 'bucket-2' } },
        STORAGES: { default: { BACKEND: 'storages.backends.apache_libcloud.LibCloudStorage', OPTIONS } },
      });
      expect(defaultStorage.bucket).toBe('bucket-2');
    },
  );

  it('refuses other backends, unknown options, missing aliases and both forms at once', () => {
    const BACKEND = 'storages.backends.apache_libcloud.LibCloudStorage';
    const LIBCLOUD_PROVIDERS = { default: amazon };
    configure({ DEFAULT_FILE_STORAGE: 'django.core.files.storage.FileSystemStorage' });
    expect(() => defaultStorage.bucket).toThrow(refusal(/^Could not find backend 'django\.core\.files/));
    configure({ LIBCLOUD_PROVIDERS, STORAGES: { other: { BACKEND } } });
    expect(() => defaultStorage.bucket).toThrow(refusal("Could not find config for 'default' in settings.STORAGES."));
    configure({ LIBCLOUD_PROVIDERS, STORAGES: { default: { BACKEND, OPTIONS: { bucket: 'x' } as never } } });
    expect(() => defaultStorage.bucket).toThrow(refusal(/^STORAGES\.default\.OPTIONS\.bucket is unknown/));
    expect(() => configure({ DEFAULT_FILE_STORAGE: BACKEND, STORAGES: {} })).toThrow(
      refusal('DEFAULT_FILE_STORAGE/STORAGES are mutually exclusive.'),
    );
  });
});

describe('createStorages', () => {
  it('keeps several sets of settings apart', async () => {
    const BACKEND = 'storages.backends.apache_libcloud.LibCloudStorage';
    const of = (bucket: string) =>
      createStorages({
        LIBCLOUD_PROVIDERS: { default: { ...amazon, bucket } },
        STORAGES: { default: { BACKEND }, staticfiles: { BACKEND } },
      });
    const [one, two] = [of('bucket-1'), of('bucket-2')];
    expect([one.default.bucket, two.default.bucket]).toEqual(['bucket-1', 'bucket-2']);
    expect(one.get('staticfiles')).toBe(one.get('staticfiles'));
    expect(one.get('staticfiles')).not.toBe(one.default);
    expect(() => one.get('nope')).toThrow(refusal("Could not find config for 'nope' in settings.STORAGES."));
    const { driver } = one.default;
    await one.close();
    await expect(driver.listContainers()).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('security', () => {
  let directory: string;
  let bundle: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'stowage-security-'));
    bundle = join(directory, 'cacerts.pem');
    writeFileSync(bundle, '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function networkOf(extra: Settings = {}): DriverHost['network'] {
    let network: DriverHost['network'] | undefined;
    const type = {
      ...memory,
      create: (options: Readonly<Record<string, unknown>>, host: DriverHost) => {
        network = host.network;
        return memory.create(options, host);
      },
    };
    createStorages({ LIBCLOUD_PROVIDERS: { default: { ...amazon, type } }, ...extra }).open();
    return network!;
  }

  it('trusts the paths of CA_CERTS_PATH of the settings and of libcloud.security', () => {
    expect(networkOf()).toEqual({ caCertsPath: [], verifyTls: true });
    security.CA_CERTS_PATH.push(bundle);
    expect(networkOf().caCertsPath).toEqual([bundle]);
    expect(networkOf({ CA_CERTS_PATH: ['/no/such.pem', directory] }).caCertsPath).toEqual([directory, bundle]);
    expect(networkOf({ CA_CERTS_PATH: bundle }).caCertsPath).toEqual([bundle, bundle]);
  });

  it('passes VERIFY_SSL_CERT on', () => {
    security.VERIFY_SSL_CERT = false;
    expect(networkOf().verifyTls).toBe(false);
  });

  it('fails with the documented sentence when the paths hold no certificates', () => {
    security.CA_CERTS_PATH.push('/no/such.pem');
    expect(() => networkOf()).toThrow(refusal(/^No CA Certificates were found in CA_CERTS_PATH/));
  });
});

describe('a storage of its own settings', () => {
  it('needs no configure(), and takes options beside those of configure()', () => {
    const own = { LIBCLOUD_PROVIDERS: { default: { ...amazon, bucket: 'own' } } };
    expect(new LibCloudStorage(null, { settings: own }).bucket).toBe('own');
    configure({ LIBCLOUD_PROVIDERS: { default: { ...amazon, bucket: '${BUCKET}' } } });
    expect(new LibCloudStorage(null, { environment: { BUCKET: 'from-the-call' } }).bucket).toBe('from-the-call');
  });
});
