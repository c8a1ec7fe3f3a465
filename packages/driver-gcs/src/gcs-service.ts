import type { GcsClient } from './client.js';
import type { EncryptionHeaders } from './encryption.js';
import type { GcsEndpoint } from './endpoint.js';
import type { GcsOptions } from './options.js';
import type { Dialect } from './requests.js';

/** What every group of the driver works with. */
export interface GcsService {
  readonly client: GcsClient;
  readonly endpoint: GcsEndpoint;
  readonly options: GcsOptions;
  readonly dialect: Dialect;
  readonly encryption: EncryptionHeaders;
  /** Bodies are signed by their SHA-256, since the channel protects nothing. */
  readonly signsBodies: boolean;
  /** Where buckets are made and listed; throws where nobody says. */
  readonly project: () => Promise<string | undefined>;
  /** The JSON API is there: it takes no HMAC keys. */
  readonly hasJson: boolean;
}
