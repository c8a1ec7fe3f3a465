import { StorageError } from '@stowage/core/spi';
import { isSafeChannel, type Transport } from '@stowage/http';
import type { AuthClient, GoogleAuth, GoogleAuthOptions } from 'google-auth-library';
import { type OAuthSource, readKeyFile } from './credentials.js';
import { refuse } from './options.js';
import { isGoogleTokenUrl, tokenTransporter } from './token-transporter.js';

/** Whose tokens are wanted, and by what way they are asked for. */
export interface Account {
  readonly source: OAuthSource;
  readonly impersonate: string | undefined;
  readonly universeDomain: string | undefined;
  readonly transport: Pick<Transport, 'send'>;
}

type Json = Readonly<Record<string, unknown>>;
type KnownJson = Parameters<GoogleAuth['fromJSON']>[0];
type ClientOptions = NonNullable<GoogleAuthOptions['clientOptions']>;

export const GOOGLE_UNIVERSE = 'googleapis.com';
const SCOPES = ['https://www.googleapis.com/auth/devstorage.full_control', 'https://www.googleapis.com/auth/iam'];
const IMPERSONATED_SECONDS = 3600;

/**
 * Makes a new client of Google's library: https://github.com/googleapis/google-auth-library-nodejs. Loads it. Throws `invalid-argument`
 * for credentials that cannot be used, or that would be sent where others could read them.
 */
export async function accountClient(account: Account): Promise<AuthClient> {
  const { source, impersonate } = account;
  const client = await sourceClient(source, account);
  if (impersonate === undefined) return client;
  const { Impersonated } = await import('google-auth-library');
  return new Impersonated({ ...IMPERSONATION, sourceClient: client, targetPrincipal: impersonate });
}

const IMPERSONATION = { targetScopes: SCOPES, delegates: [], lifetime: IMPERSONATED_SECONDS };

async function sourceClient(source: OAuthSource, account: Account): Promise<AuthClient> {
  switch (source.kind) {
    case 'metadata-server': {
      const { Compute } = await import('google-auth-library');
      return new Compute({ scopes: SCOPES, ...clientOptions(account, undefined) });
    }
    case 'service-account':
      return clientOf({ client_email: source.email, private_key: source.privateKey }, account);
    case 'credentials':
      return clientOf(source.json, account);
    case 'key-file':
      return clientOf(await readKeyFile(source.path), account);
  }
}

async function clientOf(json: Json, account: Account): Promise<AuthClient> {
  checkAddresses(json);
  checkUniverse(json, account.universeDomain);
  if (json['type'] === 'impersonated_service_account') return impersonatedOf(json, account);
  const { GoogleAuth, JWT } = await import('google-auth-library');
  const tokenUri = json['token_uri'] as string | undefined;
  const auth = new GoogleAuth<AuthClient>({ scopes: SCOPES });
  const client = known(() => auth.fromJSON(json as KnownJson, clientOptions(account, tokenUri)));
  // Who else than Google gives tokens wants to be named by what asks for them.
  if (client instanceof JWT && tokenUri !== undefined && !isGoogleTokenUrl(tokenUri))
    client.additionalClaims = { aud: tokenUri };
  return client;
}

function known<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
    throw new StorageError('invalid-argument', `The credentials cannot be used: ${reason}`, {
      requestSent: false,
      cause,
    });
  }
}

/** Such a file, of `gcloud auth application-default login --impersonate-service-account`, holds the one of who acts as another. */
async function impersonatedOf(json: Json, account: Account): Promise<AuthClient> {
  const { Impersonated } = await import('google-auth-library');
  const { service_account_impersonation_url: url = '', source_credentials: own } = json;
  const targetPrincipal = /\/([^/]+):generateAccessToken$/.exec(url as string)?.[1];
  if (targetPrincipal === undefined || !isRecord(own))
    return refuse('The credentials of an impersonated account name no account, or no "source_credentials".');
  const delegates = Array.isArray(json['delegates']) ? (json['delegates'] as string[]) : [];
  const sourceClient = await clientOf(own, account);
  return new Impersonated({
    ...IMPERSONATION,
    sourceClient,
    targetPrincipal,
    delegates,
    endpoint: new URL(url as string).origin,
  });
}

function clientOptions({ transport, universeDomain }: Account, tokenUri: string | undefined): ClientOptions {
  const transporter = tokenTransporter(transport, tokenUri) as NonNullable<ClientOptions['transporter']>;
  return { transporter, ...(universeDomain !== undefined && { universeDomain }) };
}

/** What is sent there is as good as a token. */
const SECRET_ADDRESSES = ['token_uri', 'token_url', 'service_account_impersonation_url'];

function checkAddresses(json: Json): void {
  for (const name of SECRET_ADDRESSES) {
    const value = json[name];
    if (value === undefined) continue;
    if (typeof value !== 'string' || !URL.canParse(value)) refuse(`"${name}" of the credentials is no address.`);
    if (!isSafeChannel(new URL(value).origin)) refuse(`"${name}" of the credentials must be an https address.`);
  }
}

/** Credentials of one cloud are worth something there, and are not shown to another. */
function checkUniverse({ universe_domain: own }: Json, wanted = GOOGLE_UNIVERSE): void {
  if (typeof own !== 'string' || own === wanted) return;
  refuse(`The credentials are those of "${own}", and requests go to "${wanted}"; set "universeDomain".`);
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}
