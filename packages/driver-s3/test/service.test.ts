import { describe, expect, it } from 'vitest';
import { capabilitiesOf } from '../src/capabilities.js';
import type { S3Options } from '../src/options.js';
import { serviceFacts, uploadDigest } from '../src/service.js';

describe('the facts of a service', () => {
  it.each([
    ['s3.eu-west-1.amazonaws.com', 'aws'],
    ['s3.cn-north-1.amazonaws.com.cn', 'aws'],
    ['abc.r2.cloudflarestorage.com', 'r2'],
    ['s3.us-west-004.backblazeb2.com', 'b2'],
    ['s3.wasabisys.com', 'wasabi'],
    ['osu.eu-west-2.outscale.com', 'ceph'],
    ['nyc3.digitaloceanspaces.com', 'ceph'],
    ['storage.example.com', 'generic'],
    ['amazonaws.com.evil.com', 'generic'],
    ['notamazonaws.com', 'generic'],
  ])('follow from the host %s: %s', (host, name) => {
    expect(serviceFacts({}, host).name).toBe(name);
  });

  it('are those of the service that the options name', () => {
    expect(serviceFacts({ service: 'minio' }, 's3.amazonaws.com').name).toBe('minio');
  });

  it('promise nothing of a service that nobody knows', () => {
    const facts = serviceFacts({}, 'storage.example.com');
    const { put, parts, copy, checksums } = capabilitiesOf(facts, uploadDigest({}, facts), false);
    expect([put.conditions, parts?.conditions, copy?.conditions, checksums.reported]).toEqual([[], [], [], []]);
  });

  it('use buckets as hosts where a service wants it', () => {
    expect(serviceFacts({}, 'oss-cn-hangzhou.aliyuncs.com').virtualHosts).toBe(true);
    expect(serviceFacts({}, 'aliyuncs.com.evil.com').virtualHosts).toBe(false);
  });
});

describe('the digest of uploads', () => {
  it.each<[S3Options, string]>([
    [{ service: 'aws' }, 'crc32'],
    [{ service: 'minio' }, 'crc32'],
    [{ service: 'ceph' }, 'payload'],
    [{ service: 'swift' }, 'payload'],
    [{ service: 'generic' }, 'md5'],
    [{ service: 'ceph', anonymous: true }, 'md5'],
    [{ service: 'generic', checksum: 'crc64nvme' }, 'crc64nvme'],
    [{ service: 'aws', checksum: 'payload' }, 'payload'],
  ])('for %o is %s', (options, digest) => {
    expect(uploadDigest(options, serviceFacts(options, 'x.de'))).toBe(digest);
  });

  it('that the user asks for is known to the service', () => {
    expect(serviceFacts({ checksum: 'crc32c' }, 'x.de').checksums).toBe(true);
    expect(serviceFacts({ checksum: 'md5' }, 'x.de').checksums).toBe(false);
  });
});
