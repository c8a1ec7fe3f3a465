import type { EmulatedRequest } from '../../http-request.js';
import { type Target, targetOf as pathTarget } from '../../s3/operations.js';

export interface Addressing {
  /** Host names under which `<bucket>.<name>` is a bucket's own host. */
  readonly domains: readonly string[];
  /** Hosts that stand for one bucket each. */
  readonly bucketHosts: Readonly<Record<string, string>>;
}

/** Bucket and object of a request: by the host where that names a bucket, else by the path. */
export function targetOf(request: EmulatedRequest, { domains, bucketHosts }: Addressing): Target {
  const host = (request.headers['host'] ?? '').replace(/:\d+$/, '');
  const bucket = bucketHosts[host];
  if (bucket === undefined) return pathTarget(request, domains);
  const { key, bucket: first } = pathTarget({ ...request, rawPath: `/bucket${request.rawPath}` }, []);
  return { bucket: first === undefined ? undefined : bucket, key };
}
