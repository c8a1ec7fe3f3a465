import type { S3Client as VendorClient, S3ClientConfig } from '@aws-sdk/client-s3';
import type { S3Client } from './client.js';
import type { ChainLoader } from './credentials.js';
import type { S3Options } from './options.js';
import { sdkHandler } from './sdk-handler.js';

type HttpHandlerUserInput = NonNullable<S3ClientConfig['requestHandler']>;

/** The AWS chain of the vendor's SDK: environment, profile, SSO, web identity, ECS, EC2. Loads the SDK. */
export async function loadChain({ region, profile }: S3Options): ReturnType<ChainLoader> {
  const { S3Client: Vendor } = await import('@aws-sdk/client-s3');
  const client = new Vendor({ region: region ?? 'us-east-1', ...(profile !== undefined && { profile }) });
  return () => client.config.credentials();
}

/**
 * The vendor's client for the calls that Stowage leaves to it: lifecycle, policy, CORS, object lock, public access. It has the driver's
 * endpoint and credentials, and sends through the driver's own connections, so that CA, proxy and time-outs are the same.
 * Loads the SDK.
 */
export async function sdkClient(client: S3Client, options: S3Options): Promise<VendorClient> {
  const { S3Client: Vendor } = await import('@aws-sdk/client-s3');
  const { origin, basePath } = client.addresses.service();
  const isOwn = options.endpoint !== undefined || options.host !== undefined;
  const { isAmazon } = client.addresses;
  return new Vendor({
    region: client.addresses.region,
    ...(isOwn && { endpoint: origin + basePath, forcePathStyle: options.pathStyle ?? !isAmazon }),
    ...(options.accelerate === true && { useAccelerateEndpoint: true }),
    ...(options.dualStack === true && { useDualstackEndpoint: true }),
    // A bucket elsewhere is looked for where it is, as the driver itself does.
    ...(isAmazon && { followRegionRedirects: true }),
    credentials: async () => {
      const keys = await client.credentials.keys();
      if (!keys) return { accessKeyId: '', secretAccessKey: '' };
      const { accessKeyId, secretAccessKey, sessionToken } = keys;
      return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
    },
    ...(options.anonymous === true && { signer: { sign: (request) => Promise.resolve(request) } }),
    // Services that are not Amazon refuse the checksums that the SDK would add.
    ...(!isAmazon && { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' }),
    requestHandler: sdkHandler(client.transport) as unknown as HttpHandlerUserInput,
  });
}
