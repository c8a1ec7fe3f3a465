import { StorageError } from '@stowage/core/spi';
import type { Storage, StorageOptions } from '@google-cloud/storage';
import type { GoogleAuth } from 'google-auth-library';
import type { Authority } from './authority.js';
import type { Credential } from './credentials.js';
import type { GcsEndpoint } from './endpoint.js';
import type { GcsOptions } from './options.js';
import type { FindProject } from './project.js';

/** What the vendor's client shares with the driver. */
export interface SdkSettings {
  readonly options: GcsOptions;
  readonly endpoint: GcsEndpoint;
  readonly credential: Credential;
  readonly load: () => Promise<Authority>;
  readonly findProject: FindProject;
}

/**
 * The vendor's client for the calls that Stowage leaves to it: IAM, lifecycle, CORS, notifications, HMAC keys. It has the driver's endpoint
 * and credentials, and connections of its own. Loads the SDK. Throws `unsupported` for HMAC keys, which its API does not take.
 */
export async function sdkClient({ options, endpoint, credential, load, findProject }: SdkSettings): Promise<Storage> {
  if (credential.kind === 'hmac')
    throw new StorageError(
      'unsupported',
      'The vendor\'s client speaks the JSON API, which takes no HMAC keys; open another storage with "keyFile", or with a service account\'s address and key.',
      { requestSent: false },
    );
  const { Storage: Vendor } = await import('@google-cloud/storage');
  const apiEndpoint = endpoint.isGoogle ? {} : { apiEndpoint: endpoint.origin + endpoint.basePath };
  const { universeDomain } = options;
  const project = await findProject();
  return new Vendor({
    ...apiEndpoint,
    ...(project !== undefined && { projectId: project }),
    ...(universeDomain !== undefined && { universeDomain }),
    ...(await authOptions(credential, load)),
  });
}

async function authOptions(credential: Credential, load: () => Promise<Authority>): Promise<StorageOptions> {
  if (credential.kind === 'oauth') {
    const authority = await load();
    return { authClient: (await authority.sdkAuth()) as GoogleAuth, useAuthWithCustomEndpoint: true };
  }
  const { OAuth2Client, PassThroughClient } = await import('google-auth-library');
  if (credential.kind !== 'token') return { authClient: new PassThroughClient(), useAuthWithCustomEndpoint: true };
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: credential.token });
  return { authClient, useAuthWithCustomEndpoint: true };
}
