import { createServer, connect, type AddressInfo } from 'node:net';
import { configure, LibCloudStorage } from '@stowage/django-style-adapter';
import { driver } from '@stowage/driver-s3';
import { expect, it, onTestFinished } from 'vitest';
import { launchCeph } from '../src/ceph.js';
import { describeLive } from '../src/describe-live.js';
import { CEPH } from '../src/requirements.js';

/** Passes connections on, and counts the requests that go by. */
async function countingRelay(endpoint: string): Promise<{ readonly endpoint: string; take(): number }> {
  const { hostname, port } = new URL(endpoint);
  let count = 0;
  const relay = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.on('data', (data) => {
      if (/^(?:GET|PUT|HEAD|POST|DELETE) \S+ HTTP/.test(data.toString('latin1'))) count += 1;
      far.write(data);
    });
    far.on('data', (data) => near.write(data));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void relay.close());
  const take = (): number => {
    const taken = count;
    count = 0;
    return taken;
  };
  return { endpoint: `http://127.0.0.1:${String((relay.address() as AddressInfo).port)}`, take };
}

/** Requests that a save takes: one where the driver knows that the service can refuse to overwrite, one to look and one to write elsewhere. */
const WAYS = [
  { title: 'verbatim', more: {}, saveRequests: 2 },
  { title: 'with the service named', more: { service: 'ceph' }, saveRequests: 1 },
] as const;

describeLive('the example of the first release', CEPH, () => {
  it.each(WAYS)("runs on Ceph's gateway in as few requests as promised, $title", async ({ more, saveRequests }) => {
    const server = await launchCeph();
    const { facts } = server;
    onTestFinished(() => server.stop());
    const relay = await countingRelay(facts.s3Endpoint);
    configure({
      LIBCLOUD_PROVIDERS: {
        amazon_1: {
          type: 'libcloud.storage.types.Provider.S3_US_STANDARD_HOST',
          user: facts.accessKey,
          key: facts.secretKey,
          bucket: 'bucket-1',
          host: relay.endpoint,
          ...more,
        },
      },
      DEFAULT_LIBCLOUD_PROVIDER: 'amazon_1',
    });
    const store = new LibCloudStorage('amazon_1', { drivers: [driver] });
    await store.driver.createContainer('bucket-1');
    relay.take();
    const counted = async <T>(call: Promise<T>): Promise<readonly [T, number]> => [await call, relay.take()];
    expect(await counted(store.save('hello.txt', 'hello world'))).toEqual(['hello.txt', saveRequests]);
    const [content, reads] = await counted(Promise.resolve(store.open('hello.txt').read()));
    expect([String(content), reads]).toEqual(['hello world', 1]);
    expect(await counted(store.listdir(''))).toEqual([[[], ['hello.txt']], 1]);
    expect(await counted(store.size('hello.txt'))).toEqual([11, 1]);
    expect(await counted(store.exists('hello.txt'))).toEqual([true, 1]);
    expect((await counted(Promise.resolve(store.url('hello.txt'))))[1]).toBe(0);
    expect((await counted(store.delete('hello.txt')))[1]).toBe(1);
    expect(await store.exists('hello.txt')).toBe(false);
  });
});
