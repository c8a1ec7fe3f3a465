import { isStorageError } from '@stowage/core/spi';
import { describe, expect, it } from 'vitest';
import { isSafeChannel } from '@stowage/http';
import { Addresses, objectPath } from '../src/address.js';
import type { S3Options } from '../src/options.js';

function addressOf(options: S3Options, bucket = 'bucket-1', region?: string): string {
  const addresses = new Addresses(options);
  const { origin, basePath } = addresses.bucket(bucket, region ?? addresses.region);
  return origin + basePath;
}

describe('the address of a bucket', () => {
  it.each<[string, S3Options, string, string]>([
    ['Amazon, no region', {}, 'bucket-1', 'https://bucket-1.s3.us-east-1.amazonaws.com'],
    ['a region', { region: 'eu-west-1' }, 'bucket-1', 'https://bucket-1.s3.eu-west-1.amazonaws.com'],
    ['a region that no table knows', { region: 'mars-north-7' }, 'b-1', 'https://b-1.s3.mars-north-7.amazonaws.com'],
    ['China', { region: 'cn-north-1' }, 'bucket-1', 'https://bucket-1.s3.cn-north-1.amazonaws.com.cn'],
    ['dual stack', { dualStack: true }, 'bucket-1', 'https://bucket-1.s3.dualstack.us-east-1.amazonaws.com'],
    ['acceleration', { accelerate: true }, 'bucket-1', 'https://bucket-1.s3-accelerate.amazonaws.com'],
    ['a dot in the name', {}, 'my.bucket', 'https://s3.us-east-1.amazonaws.com/my.bucket'],
    ['capitals in the name', {}, 'MyBucket', 'https://s3.us-east-1.amazonaws.com/MyBucket'],
    ['path style on request', { pathStyle: true }, 'bucket-1', 'https://s3.us-east-1.amazonaws.com/bucket-1'],
    ['an endpoint', { endpoint: 'https://s3.example.com' }, 'bucket-1', 'https://s3.example.com/bucket-1'],
    ['an endpoint with a path', { endpoint: 'https://example.com/s3/' }, 'b-1', 'https://example.com/s3/b-1'],
    ['an IP address', { endpoint: 'http://10.0.0.7:9000' }, 'b-1', 'http://10.0.0.7:9000/b-1'],
    ['an IP address, host style', { endpoint: 'http://10.0.0.7', pathStyle: false }, 'b-1', 'http://10.0.0.7/b-1'],
    ['IPv6', { endpoint: 'http://[::1]:9000' }, 'b-1', 'http://[::1]:9000/b-1'],
    ['IPv6 as Libcloud has it', { host: '::1', port: 9000, secure: false }, 'b-1', 'http://[::1]:9000/b-1'],
    ['localhost', { endpoint: 'http://localhost:9000' }, 'b-1', 'http://localhost:9000/b-1'],
    [
      'host style on request',
      { endpoint: 'https://s3.example.com', pathStyle: false },
      'b-1',
      'https://b-1.s3.example.com',
    ],
    ['host style and a dot', { endpoint: 'https://s3.x.de', pathStyle: false }, 'a.b', 'https://s3.x.de/a.b'],
    [
      'host, port, secure',
      { host: 'storage.local', port: 8080, secure: false },
      'b-1',
      'http://storage.local:8080/b-1',
    ],
    ['a host that is an address', { host: 'https://storage.local' }, 'b-1', 'https://storage.local/b-1'],
    ["Amazon's old host", { host: 's3-us-west-2.amazonaws.com' }, 'b-1', 'https://b-1.s3-us-west-2.amazonaws.com'],
    ['characters of other services', { endpoint: 'https://x.de' }, 'tenant:bucket', 'https://x.de/tenant%3Abucket'],
  ])('is right for %s', (_, options, bucket, expected) => {
    expect(addressOf(options, bucket)).toBe(expected);
  });

  it('takes the region from a host that bears it', () => {
    const hosts = {
      's3-us-west-2.amazonaws.com': 'us-west-2',
      's3.eu-central-1.amazonaws.com': 'eu-central-1',
      's3.dualstack.ap-south-1.amazonaws.com': 'ap-south-1',
      's3.us-west-004.backblazeb2.com': 'us-west-004',
      's3.eu-central-2.wasabisys.com': 'eu-central-2',
      's3.fr-par.scw.cloud': 'fr-par',
      's3.amazonaws.com': 'us-east-1',
      'storage.example.com': 'us-east-1',
    };
    for (const [host, region] of Object.entries(hosts)) expect(new Addresses({ host }).region).toBe(region);
    expect(new Addresses({ host: 's3.eu-central-1.amazonaws.com', region: 'eu-west-3' }).region).toBe('eu-west-3');
  });

  it('goes to the region of a bucket that is elsewhere, where the service is Amazon', () => {
    const elsewhere = 'https://bucket-1.s3.eu-west-3.amazonaws.com';
    expect(addressOf({}, 'bucket-1', 'eu-west-3')).toBe(elsewhere);
    expect(addressOf({ host: 's3.amazonaws.com' }, 'bucket-1', 'eu-west-3')).toBe(elsewhere);
    expect(addressOf({ host: 's3-us-west-2.amazonaws.com' }, 'bucket-1', 'eu-west-3')).toBe(elsewhere);
    const endpoint = { endpoint: 'https://bucket.vpce-1-abc.s3.us-east-1.vpce.amazonaws.com' };
    expect(addressOf(endpoint, 'bucket-1', 'eu-west-3')).toContain('vpce');
    expect(addressOf({ endpoint: 'https://s3.example.com' }, 'bucket-1', 'eu-west-3')).toBe(
      'https://s3.example.com/bucket-1',
    );
  });

  it('refuses what is no address, and shows no password', () => {
    for (const endpoint of [
      'storage',
      'ftp://x.de',
      'https://x.de/?a=b',
      'https://user:secret@x.de',
      'https://x.de/#f',
    ]) {
      const error = failureOf(() => new Addresses({ endpoint }));
      expect(isStorageError(error, 'invalid-argument')).toBe(true);
      expect(String(error)).not.toContain('secret');
    }
  });

  it('refuses a region that could lead to another host, and a name that acceleration cannot have', () => {
    expect(() => new Addresses({ region: 'x.evil.com/' })).toThrow(/"region"/);
    expect(() => addressOf({ accelerate: true }, 'my.bucket')).toThrow(/Acceleration/);
  });
});

describe('the path of an object', () => {
  it('escapes everything but slashes and normalises nothing', () => {
    const address = { origin: 'https://x.de', basePath: '/b' };
    expect(objectPath(address, 'a//b/../c d+é?#%41')).toBe('/b/a//b/../c%20d%2B%C3%A9%3F%23%2541');
    expect(objectPath(address, '/lead')).toBe('/b//lead');
  });
});

describe('a safe channel', () => {
  it('is TLS or this machine', () => {
    const safe = ['https://x.de', 'http://127.0.0.1:9000', 'http://127.1.2.3', 'http://localhost:1', 'http://[::1]:1'];
    const unsafe = ['http://x.de', 'http://10.0.0.1:9000', 'http://localhost.evil.com', 'http://127.0.0.1.evil.com'];
    expect(safe.filter((origin) => !isSafeChannel(origin))).toEqual([]);
    expect(unsafe.filter(isSafeChannel)).toEqual([]);
  });
});

function failureOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
