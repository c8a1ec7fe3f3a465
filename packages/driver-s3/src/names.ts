/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, and the older rule of 255 characters. */
const AMAZON_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{2,254}$/;

/** Why Amazon has no bucket of this name; undefined for a good one. The finer rules differ by age and region, and Amazon tells. */
export function refuseAmazonBucket(name: string): string | undefined {
  if (AMAZON_NAME.test(name)) return undefined;
  return 'a bucket name has 3 to 63 letters, digits, "-", "." and "_", and begins with a letter or digit';
}

/** Why a bucket of this name cannot be addressed at all. Other services have rules of their own, and tell. */
export function refuseBucket(name: string): string | undefined {
  if (name === '.' || name === '..') return 'it would be a step in a path';
  if (name.includes('/')) return 'a bucket name has no "/"';
  // Ceph's gateway answers some of them with what is no HTTP.
  if (/\p{Cc}/u.test(name)) return 'a bucket name has no control characters';
  return name.length > 255 ? 'a bucket name has at most 255 characters' : undefined;
}

/**
 * Why Amazon has no object of this key: it reads `..` as a step up, and no key may step out of its bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
export function refuseAmazonKey(key: string): string | undefined {
  if (!key.includes('..')) return undefined;
  let depth = 0;
  for (const segment of key.split('/')) {
    depth += segment === '..' ? -1 : 1;
    if (depth < 0) return 'its ".." would step out of the bucket';
  }
  return undefined;
}

/** Why MinIO has no object of this key: it keeps keys as paths of files, and takes a leading slash away. */
export function refuseMinioKey(key: string): string | undefined {
  if (key.startsWith('/')) return 'MinIO takes the leading "/" away, so that two keys would be one';
  if (key.includes('//')) return 'MinIO has no empty names between slashes';
  const isStep = key.split('/').some((segment) => segment.trim() === '.' || segment.trim() === '..');
  return isStep ? 'MinIO has no names "." and ".."' : undefined;
}
