import type { CdnGroup } from '@stowage/core/spi';
import type { S3Service } from './s3-service.js';
import { signUrl } from './urls.js';

/** Libcloud's `get_object_cdn_url` on S3: a signed address that lives 24 hours unless the options say otherwise. */
export function cdnGroup(service: S3Service): CdnGroup {
  const { cdnUrlExpirySeconds = 24 * 60 * 60 } = service.options;
  return {
    objectUrl: async (ref) =>
      (await signUrl(service, ref, { method: 'GET', expiresInSeconds: cdnUrlExpirySeconds })).url,
  };
}
