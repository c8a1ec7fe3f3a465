import { defaultBucketAcl } from './acl.js';
import type { GcsContext } from './context.js';
import { GcsError, invalid } from './errors.js';
import { isoTime } from './resource.js';
import { Bucket, type Json } from './store.js';

const NAME = /^(?!goog)(?!.*\.\.)[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

/** For both APIs: https://cloud.google.com/storage/docs/buckets#naming */
export function createBucket(context: GcsContext, name: string, project: string, config: Json): Bucket {
  const parts = name.split('.');
  const isNamed = NAME.test(name) && parts.every((part) => part.length <= 63) && !/^\d+\.\d+\.\d+\.\d+$/.test(name);
  if (!isNamed) throw invalid(`Invalid bucket name: '${name}'`, 'invalid', 'InvalidBucketName');
  const there = context.store.buckets.get(name);
  if (there) {
    const isOwn = there.project === project;
    throw new GcsError(
      409,
      'conflict',
      isOwn ? 'BucketAlreadyOwnedByYou' : 'BucketNameUnavailable',
      isOwn
        ? 'Your previous request to create the named bucket succeeded and you already own it.'
        : 'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    );
  }
  const location = ((config['location'] as string | undefined) ?? 'US').toUpperCase();
  const nowMs = context.nowMs();
  const given: Json = {
    locationType: /^(US|EU|ASIA)$/.test(location) ? 'multi-region' : 'region',
    storageClass: 'STANDARD',
    softDeletePolicy: { retentionDurationSeconds: String(context.softDeleteSeconds), effectiveTime: isoTime(nowMs) },
    ...config,
    iamConfiguration: iamConfiguration(config['iamConfiguration'], nowMs),
    location,
  };
  const bucket = new Bucket(name, project, given, nowMs);
  bucket.acl = defaultBucketAcl();
  bucket.defaultObjectAcl = defaultBucketAcl();
  context.store.buckets.set(name, bucket);
  return bucket;
}

export interface IamConfiguration {
  readonly uniformBucketLevelAccess?: { readonly enabled?: boolean };
  readonly bucketPolicyOnly?: { readonly enabled?: boolean };
  readonly publicAccessPrevention?: string;
}

export function iamConfiguration(given: unknown, nowMs: number): Json {
  const { uniformBucketLevelAccess, bucketPolicyOnly, publicAccessPrevention } = (given ?? {}) as IamConfiguration;
  const enabled = (uniformBucketLevelAccess ?? bucketPolicyOnly)?.enabled === true;
  const access = enabled ? { enabled, lockedTime: isoTime(nowMs + 90 * 86_400_000) } : { enabled };
  return {
    bucketPolicyOnly: access,
    uniformBucketLevelAccess: access,
    publicAccessPrevention: publicAccessPrevention ?? 'inherited',
  };
}

export function touch(bucket: Bucket, context: GcsContext): void {
  bucket.metageneration += 1;
  bucket.updatedAtMs = context.nowMs();
}

export function removeBucket(context: GcsContext, bucket: Bucket): void {
  if (!bucket.isEmpty)
    throw new GcsError(409, 'conflict', 'BucketNotEmpty', 'The bucket you tried to delete is not empty.');
  context.store.buckets.delete(bucket.name);
}
