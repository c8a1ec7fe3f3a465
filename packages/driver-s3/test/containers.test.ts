import { compareBytes, type StorageDriver } from '@stowage/core/spi';
import { bytesBody } from '@stowage/testkit';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ctx, type Lab, startLab } from './lab.js';
import { openAt, serve } from './told-server.js';

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

const operations = (): string[] => lab!.emulator.requests.map(({ operation }) => operation);

describe('creating a bucket', () => {
  it('of mine that is there fails, also where the service would say yes', async () => {
    lab = await startLab({}, { lacks: ['bucket-conflicts'] });
    await lab.driver.createContainer('bucket-1', {}, ctx);
    await expect(lab.driver.createContainer('bucket-1', {}, ctx)).rejects.toMatchObject({ code: 'container-exists' });
    expect(operations()).toEqual(['HeadBucket', 'CreateBucket', 'HeadBucket']);
  });

  it('takes one request where the service tells', async () => {
    lab = await startLab({ service: 'minio' });
    await lab.driver.createContainer('bucket-1', {}, ctx);
    await expect(lab.driver.createContainer('bucket-1', {}, ctx)).rejects.toMatchObject({ code: 'container-exists' });
    expect(operations()).toEqual(['CreateBucket', 'CreateBucket']);
  });

  it.each([
    [{ region: 'eu-west-1' }, 'eu-west-1'],
    [{ region: 'eu-west-1', locationConstraint: 'EU' }, 'EU'],
    [{ region: 'eu-west-1', locationConstraint: '' }, undefined],
    [{ region: 'us-east-1' }, undefined],
    [{ region: 'default' }, undefined],
    [{ region: 'auto' }, undefined],
    [{}, undefined],
  ])('with %o sends the location %s', async (options, expected) => {
    const bodies: string[] = [];
    const endpoint = await serve((request, body) => {
      if (request.method === 'PUT') bodies.push(body);
      return [request.method === 'HEAD' ? 404 : 200, ''];
    });
    const driver = openAt(endpoint, options);
    await driver.createContainer('bucket-1', {}, ctx);
    expect(/<LocationConstraint>(.*)<\/LocationConstraint>/.exec(bodies[0] ?? '')?.[1]).toBe(expected);
  });

  it('takes the options of S3 and refuses others', async () => {
    lab = await startLab({ service: 'minio' });
    const provider = { objectLockEnabled: true };
    await lab.driver.createContainer('bucket-1', { provider }, ctx);
    expect(await lab.driver.versions?.isEnabled('bucket-1', ctx)).toBe(true);
    const wrong = lab.driver.createContainer('bucket-2', { provider: { objectLock: true } }, ctx);
    await expect(wrong).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('listing buckets', () => {
  it('cuts pages out of what a service gives at once', async () => {
    lab = await startLab();
    for (const name of ['bbb', 'aaa', 'ccc', 'abc']) await lab.driver.createContainer(name, {}, ctx);
    const names: string[][] = [];
    let token: string | undefined;
    do {
      const page = await lab.driver.listContainers({ limit: 2, token }, ctx);
      names.push(page.containers.map(({ name }) => name));
      token = page.next;
    } while (token !== undefined);
    expect(names).toEqual([
      ['aaa', 'abc'],
      ['bbb', 'ccc'],
    ]);
    const { containers } = await lab.driver.listContainers({ prefix: 'a', limit: 5 }, ctx);
    expect(containers.map(({ name }) => name)).toEqual(['aaa', 'abc']);
  });

  it('asks Amazon for pages', async () => {
    lab = await startLab({ service: 'aws' });
    for (const name of ['aaa', 'bbb', 'ccc']) await lab.driver.createContainer(name, {}, ctx);
    const first = await lab.driver.listContainers({ limit: 2 }, ctx);
    expect(first.containers).toHaveLength(2);
    const second = await lab.driver.listContainers({ limit: 2, token: first.next }, ctx);
    expect(second).toMatchObject({ containers: [{ name: 'ccc' }], next: undefined });
  });
});

describe('listing objects', () => {
  const KEYS = ['a', 'a b', 'a+b', 'a/1', 'a/2', 'b%41', 'b/1', 'é', 'z/1', '🙂'];

  const listAll = async (
    driver: StorageDriver,
    request: Parameters<StorageDriver['list']>[1],
  ): Promise<[string[], number]> => {
    const rows: string[] = [];
    let token: string | undefined;
    for (let pages = 1; ; pages++) {
      const page = await driver.list('bucket-1', { ...request, token }, ctx);
      rows.push(...page.objects.map(({ key }) => key), ...page.prefixes);
      if (page.next === undefined) return [rows.sort(compareBytes), pages];
      if (pages > 50) throw new Error('The listing does not end.');
      token = page.next;
    }
  };

  it.each([
    ['as Amazon does it', []],
    ['where only ListObjects is known', ['list-v2']],
    ['where nothing is escaped', ['encoding-type']],
    ['where nothing newer is known', ['list-v2', 'encoding-type']],
  ] as const)('gives every row once, whatever the pages: %s', async (_, lacks) => {
    lab = await startLab({}, { lacks });
    await lab.driver.createContainer('bucket-1', {}, ctx);
    for (const key of KEYS) await lab.driver.put({ container: 'bucket-1', key }, bytesBody(''), {}, ctx);
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          limit: fc.integer({ min: 1, max: 12 }),
          delimiter: fc.constantFrom(undefined, '/'),
          startAfter: fc.constantFrom(undefined, 'a', 'a b', 'a/1', 'b', 'b%41', 'zz', '🙂'),
          prefix: fc.constantFrom(undefined, 'a', 'b', 'z/'),
        }),
        async ({ delimiter, startAfter, prefix = '', limit }) => {
          const [rows] = await listAll(lab!.driver, { limit, delimiter, startAfter, prefix });
          const wanted = KEYS.filter((key) => key.startsWith(prefix) && compareBytes(key, startAfter ?? '') > 0);
          const folded = wanted.map((key) => {
            const at = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
            return at < 0 ? key : key.slice(0, at + 1);
          });
          const expected = [...new Set(folded)].sort(compareBytes);
          // Whether a folder in which a listing begins shows once more is left open: the services differ.
          const isOpen = (row: string): boolean => row.endsWith('/') && (startAfter ?? '').startsWith(row);
          expect(rows.filter((row) => !isOpen(row))).toEqual(expected.filter((row) => !isOpen(row)));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('says so when a service announces more and does not say where', async () => {
    const endpoint = await serve(() => [200, '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>']);
    const page = openAt(endpoint).list('bucket-1', {}, ctx);
    await expect(page).rejects.toMatchObject({ code: 'unknown', retryable: false });
  });

  it('refuses a token that is none of its own', async () => {
    lab = await startLab();
    await expect(lab.driver.list('bucket-1', { token: 'x' }, ctx)).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('tells what a bucket is, as far as the service does', async () => {
    const endpoint = await serve(() => [200, '', { 'x-rgw-object-count': '8', 'x-rgw-bytes-used': '16' }]);
    const record = await openAt(endpoint).statContainer('bucket-1', ctx);
    expect(record).toEqual({ name: 'bucket-1', extra: { objectCount: 8, bytesUsed: 16 } });
  });
});
