import { StorageError } from '@stowage/core/spi';
import { isSafeChannel, type Transport } from '@stowage/http';
import type { AuthClient, GoogleAuth, GoogleAuthOptions, Impersonated } from 'google-auth-library';
import { type OAuthSource, readKeyFile } from './credentials.js';
import { refuse } from './options.js';
import { isGoogleTokenUrl, tokenTransporter } from './token-transporter.js';

/** Whose tokens are wanted, and by what way they are asked for. */
export interface Account {
  readonly source: OAuthSource;
  readonly impersonate: string | undefined;
  readonly universeDomain: string | undefined;
  readonly transport: Pick<Transport, 'send'>;
  /** The vendor's SDK sends its data, too, by such a client: only tokens go by the driver's transport then. */
  readonly isForSdk?: boolean;
}

type Json = Readonly<Record<string, unknown>>;
type KnownJson = NonNullable<GoogleAuthOptions['credentials']>;
type ImpersonatedOptions = NonNullable<ConstructorParameters<typeof Impersonated>[0]>;
type ClientOptions = NonNullable<GoogleAuthOptions['clientOptions']>;

export const GOOGLE_UNIVERSE = 'googleapis.com';
const SCOPES = ['https://www.googleapis.com/auth/devstorage.full_control', 'https://www.googleapis.com/auth/iam'];
const IMPERSONATED_SECONDS = 3600;

/**
 * Makes a new client of Google's library: https://github.com/googleapis/google-auth-library-nodejs. Loads it. Throws `invalid-argument`
 * for credentials that cannot be used, or that would be sent where others could read them.
 */
export async function accountClient(account: Account): Promise<AuthClient> {
  return (await accountAuth(account)).getClient();
}

/** The same, in the form that the vendor's SDK takes. */
export async function accountAuth(account: Account): Promise<GoogleAuth<AuthClient>> {
  const { source, impersonate: targetPrincipal } = account;
  if (targetPrincipal === undefined) return sourceAuth(source, account);
  const auth = await sourceAuth(source, forTokens(account));
  return impersonatedAuth({ ...IMPERSONATION, sourceClient: await auth.getClient(), targetPrincipal });
}

/** Who acts as another sends nothing but what gives it that account's tokens. */
function forTokens(account: Account): Account {
  return { ...account, isForSdk: false };
}

const IMPERSONATION = { targetScopes: SCOPES, delegates: [] as string[], lifetime: IMPERSONATED_SECONDS };

async function sourceAuth(source: OAuthSource, account: Account): Promise<GoogleAuth<AuthClient>> {
  switch (source.kind) {
    case 'metadata-server': {
      const { Compute, GoogleAuth } = await import('google-auth-library');
      const authClient = new Compute({ scopes: SCOPES, ...(await clientOptions(account, undefined)) });
      return new GoogleAuth<AuthClient>({ authClient });
    }
    case 'service-account':
      return jsonAuth({ client_email: source.email, private_key: source.privateKey }, account);
    case 'credentials':
      return jsonAuth(source.json, account);
    case 'key-file':
      return jsonAuth(await readKeyFile(source.path), account);
  }
}

async function jsonAuth(json: Json, account: Account): Promise<GoogleAuth<AuthClient>> {
  checkAddresses(json);
  checkUniverse(json, account.universeDomain);
  if (json['type'] === 'impersonated_service_account') return impersonatedFile(json, account);
  const { GoogleAuth, JWT } = await import('google-auth-library');
  const tokenUri = json['token_uri'] as string | undefined;
  const options = await clientOptions(account, tokenUri);
  const auth = new GoogleAuth<AuthClient>({ scopes: SCOPES, credentials: json as KnownJson, clientOptions: options });
  const client = await auth.getClient().catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
    const message = `The credentials cannot be used: ${reason}`;
    throw new StorageError('invalid-argument', message, { requestSent: false, cause });
  });
  // Who else than Google gives tokens wants to be named by what asks for them.
  if (client instanceof JWT && tokenUri !== undefined && !isGoogleTokenUrl(tokenUri))
    client.additionalClaims = { aud: tokenUri };
  return auth;
}

/** Such a file, of `gcloud auth application-default login --impersonate-service-account`, holds the one of who acts as another. */
async function impersonatedFile(json: Json, account: Account): Promise<GoogleAuth<AuthClient>> {
  const { service_account_impersonation_url: url = '', source_credentials: own } = json;
  const targetPrincipal = /\/([^/]+):generateAccessToken$/.exec(url as string)?.[1];
  if (targetPrincipal === undefined || !isRecord(own))
    return refuse('The credentials of an impersonated account name no account, or no "source_credentials".');
  const delegates = Array.isArray(json['delegates']) ? (json['delegates'] as string[]) : [];
  const sourceClient = await (await jsonAuth(own, forTokens(account))).getClient();
  const endpoint = new URL(url as string).origin;
  return impersonatedAuth({ ...IMPERSONATION, sourceClient, targetPrincipal, delegates, endpoint });
}

async function impersonatedAuth(options: ImpersonatedOptions): Promise<GoogleAuth<AuthClient>> {
  const { GoogleAuth, Impersonated } = await import('google-auth-library');
  return new GoogleAuth<AuthClient>({ authClient: new Impersonated(options) });
}

async function clientOptions(account: Account, tokenUri: string | undefined): Promise<ClientOptions> {
  const { DefaultTransporter } = await import('google-auth-library');
  const { transport, universeDomain, isForSdk = false } = account;
  const beyond = isForSdk ? new DefaultTransporter() : undefined;
  const transporter = tokenTransporter(transport, { tokenUri, beyond }) as NonNullable<ClientOptions['transporter']>;
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
