/** The programs of the applications, in plain JavaScript as users write it. Each prints one line of JSON. */

/** Django's settings and the main job over S3; `endpoint user key` are its arguments. */
const S3_JOB = `
  const [endpoint, user, key] = process.argv.slice(2);
  async function job(options) {
    configure({
      LIBCLOUD_PROVIDERS: {
        amazon_1: {
          type: 'libcloud.storage.types.Provider.S3_US_STANDARD_HOST',
          user, key, bucket: 'bucket-1', endpoint, service: 'aws',
        },
      },
      DEFAULT_LIBCLOUD_PROVIDER: 'amazon_1',
    }, options);
    const store = new LibCloudStorage();
    await store.driver.createContainer('bucket-1', { ifExists: 'ignore' });
    const name = await store.save('a/b.txt', new ContentFile('one'));
    const content = String(await store.open(name).read());
    await store.delete(name);
    await store.close();
    console.log(JSON.stringify({ content }));
  }`;

export const S3_APP = `
  import { configure, ContentFile, LibCloudStorage } from '@stowage/django-style-adapter';
  ${S3_JOB}
  await job();`;

export const S3_APP_COMMONJS = `
  const { configure, ContentFile, LibCloudStorage } = require('@stowage/django-style-adapter');
  ${S3_JOB}
  job();`;

/** For a bundler: nothing is looked for at run time. */
export const S3_APP_BUNDLED = `
  import { configure, ContentFile, LibCloudStorage } from '@stowage/django-style-adapter';
  import { driver } from '@stowage/driver-s3';
  ${S3_JOB}
  job({ drivers: [driver] });`;

export const LOCAL_APP = `
  import { mkdirSync } from 'node:fs';
  import { configure, ContentFile, LibCloudStorage } from '@stowage/django-style-adapter';
  mkdirSync('files', { recursive: true });
  configure({ LIBCLOUD_PROVIDERS: { default: { type: 'libcloud.storage.types.Provider.LOCAL', user: 'files', key: '', bucket: 'bucket-1' } } });
  const store = new LibCloudStorage();
  await store.driver.createContainer('bucket-1', { ifExists: 'ignore' });
  const name = await store.save('a.txt', new ContentFile('one'));
  console.log(JSON.stringify({ content: String(await store.open(name).read()) }));
  await store.close();`;

/** Opens the providers in its first argument, and tells from which package and version each came. */
export const WHICH_DRIVERS = `
  import { LibCloudStorage } from '@stowage/django-style-adapter';
  import { resolveDriver } from '@stowage/core';
  const providers = JSON.parse(process.argv[2]);
  const answers = {};
  for (const [name, settings] of Object.entries(providers)) {
    const store = new LibCloudStorage(name, { settings: { LIBCLOUD_PROVIDERS: providers } });
    const { installed } = resolveDriver(settings.type);
    answers[name] = { opened: store.driver.driver.type, driver: installed.name + '@' + installed.version };
    await store.close();
  }
  console.log(JSON.stringify(answers));`;

/** Uses a driver of somebody else; another type may be given as its argument. */
export const PAPER_APP = `
  import { openStorage } from '@stowage/core';

  const storage = openStorage({ type: '@acme/driver-paper', page_size: 100 });
  const photos = await storage.createContainer('photos');
  await photos.put('a.txt', 'one');
  console.log(JSON.stringify({ provider: storage.provider, text: await photos.object('a.txt').text() }));
  await storage.close();`;

export const TYPED_APP = `
  import { openStorage, type Storage } from '@stowage/core';
  import { createStorages, type Settings } from '@stowage/django-style-adapter';
  import { driver } from '@stowage/driver-s3';

  export const settings: Settings = { LIBCLOUD_PROVIDERS: { default: { type: driver, user: 'u', key: 'k', bucket: 'b' } } };
  export const storage: Storage = openStorage(driver, { user: 'u', key: 'k', region: 'eu-west-1' });
  export const size: Promise<number> = createStorages(settings).default.size('a.txt');
  export const text: Promise<string> = storage.container('b').object('a').text();`;

/** Each line is wrong, and only the compiler can know. */
export const WRONGLY_TYPED = [
  `import { openStorage } from '@stowage/core'; import { driver } from '@stowage/driver-s3'; openStorage(driver, { user: 'u', kye: 'k' });`,
  `import { openStorage } from '@stowage/core'; import { driver } from '@stowage/driver-s3'; openStorage(driver, { user: 7 });`,
  `import { configure } from '@stowage/django-style-adapter'; configure({ LIBCLOUD_PROVIDER: {} });`,
  `import { openStorage } from '@stowage/core'; openStorage({ type: 's3' }).container('b').put('a', '', { contentTyp: 'x' });`,
];
