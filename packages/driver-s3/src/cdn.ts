import type { CdnGroup } from '@stowage/core/spi';
import { refuse, type S3Options } from './options.js';
import type { S3Service } from './s3-service.js';
import { signUrl } from './urls.js';

const DEFAULT_EXPIRY_SECONDS = 24 * 60 * 60;

/**
 * Libcloud's `get_object_cdn_url` on S3: a signed address that lives 24 hours, unless the options or Libcloud's variable
 * `LIBCLOUD_S3_CDN_URL_EXPIRY_HOURS` say otherwise.
 */
export function cdnGroup(service: S3Service, env: Readonly<Record<string, string | undefined>>): CdnGroup {
  const expiresInSeconds = expirySeconds(service.options, env['LIBCLOUD_S3_CDN_URL_EXPIRY_HOURS']);
  return { objectUrl: async (ref) => (await signUrl(service, ref, { method: 'GET', expiresInSeconds })).url };
}

function expirySeconds({ cdnUrlExpirySeconds }: S3Options, hours: string | undefined): number {
  if (cdnUrlExpirySeconds !== undefined) return cdnUrlExpirySeconds;
  if (hours === undefined || hours === '') return DEFAULT_EXPIRY_SECONDS;
  const seconds = Number(hours) * 3600;
  if (Number.isInteger(seconds) && seconds > 0) return seconds;
  return refuse(`LIBCLOUD_S3_CDN_URL_EXPIRY_HOURS must be a number of hours, not "${hours}".`);
}
