import type { S3Client } from './client.js';
import type { EncryptionHeaders } from './encryption.js';
import type { S3Options } from './options.js';
import type { ServiceFacts } from './service.js';
import type { BodyPolicy } from './uploads.js';

/** What every group of the driver works with. */
export interface S3Service {
  readonly client: S3Client;
  readonly options: S3Options;
  readonly facts: ServiceFacts;
  readonly encryption: EncryptionHeaders;
  readonly bodies: BodyPolicy;
}
