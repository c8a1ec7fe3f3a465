import { isStorageError, StorageError } from '@stowage/core/spi';
import { type Expiring, isSafeChannel, type Transport } from '@stowage/http';
import type { AuthClient, GoogleAuth, GoogleAuthOptions } from 'google-auth-library';

type Transporter = NonNullable<NonNullable<GoogleAuthOptions['clientOptions']>['transporter']>;
import { tokenTransporter } from './token-transporter.js';
import type { OAuthSource } from './credentials.js';
import { refuse } from './options.js';

/** What Google's library does for an account. */
export interface Authority {
  /** A new token, and when it ends. */
  token(): Promise<Expiring<string>>;
  /** Signature of a text by the account's key, wherever that is, in lower-case hexadecimal. */
  sign(text: string): Promise<string>;
  email(): Promise<string>;
  /** For the vendor's own client. */
  client(): Promise<AuthClient>;
}

/** Loads Google's library; replaced in tests. */
export type AuthorityLoader = (account: Account) => Promise<Authority>;

/** Whose tokens are wanted, and by what way they are asked for. */
export interface Account {
  readonly source: OAuthSource;
  readonly impersonate: string | undefined;
  readonly project: string | undefined;
  readonly universeDomain: string | undefined;
  readonly transport: Pick<Transport, 'send'>;
}

const SCOPES = ['https://www.googleapis.com/auth/devstorage.full_control', 'https://www.googleapis.com/auth/iam'];
const IMPERSONATED_SECONDS = 3600;

/** Google's own authentication: https://github.com/googleapis/google-auth-library-nodejs. Loads it. */
export async function loadAuthority(account: Account): Promise<Authority> {
  const auth = await authOf(account);
  return {
    client: () => auth.getClient(),
    async token() {
      try {
        const client = await auth.getClient();
        // The library keeps tokens too; whoever asks here knows that the last one ends soon, or was refused.
        client.credentials.expiry_date = 1;
        const { token } = await client.getAccessToken();
        if (token === undefined || token === null) throw new TypeError('The library gave no token.');
        return { value: token, expiresAtMs: client.credentials.expiry_date ?? Infinity };
      } catch (cause) {
        throw notGiven('No access token was given', account, cause);
      }
    },
    async sign(text) {
      try {
        return Buffer.from(await auth.sign(text), 'base64').toString('hex');
      } catch (cause) {
        throw notGiven('The account could not sign', account, cause);
      }
    },
    async email() {
      const { client_email: email } = await auth.getCredentials();
      if (email !== undefined) return email;
      throw new StorageError(
        'unsupported',
        'These credentials name no service account that could sign; give its key, or "impersonate" one.',
        { requestSent: false },
      );
    },
  };
}

async function authOf(account: Account): Promise<GoogleAuth<AuthClient>> {
  const { GoogleAuth, Impersonated } = await import('google-auth-library');
  const common = { scopes: SCOPES, ...(account.project !== undefined && { projectId: account.project }) };
  const auth = new GoogleAuth<AuthClient>({ ...common, ...(await sourceOptions(account)) });
  const { impersonate: targetPrincipal } = account;
  if (targetPrincipal === undefined) return auth;
  const sourceClient = await auth.getClient();
  const authClient = new Impersonated({
    ...{ sourceClient, targetPrincipal, targetScopes: SCOPES, delegates: [], lifetime: IMPERSONATED_SECONDS },
  });
  return new GoogleAuth<AuthClient>({ ...common, authClient });
}

async function sourceOptions({ source, universeDomain, transport }: Account): Promise<GoogleAuthOptions<AuthClient>> {
  const json = source.kind === 'credentials' ? source.json : undefined;
  const transporter = tokenTransporter(transport, tokenUriOf(json)) as Transporter;
  const clientOptions = { transporter, ...(universeDomain !== undefined && { universeDomain }) };
  switch (source.kind) {
    case 'service-account': {
      const credentials = { client_email: source.email, private_key: source.privateKey };
      return { credentials, clientOptions };
    }
    case 'credentials':
      return { credentials: source.json as NonNullable<GoogleAuthOptions['credentials']>, clientOptions };
    case 'key-file':
      return { keyFilename: source.path, clientOptions };
    case 'metadata-server': {
      const { Compute } = await import('google-auth-library');
      return { authClient: new Compute({ scopes: SCOPES }) };
    }
  }
}

/** Where a key file says that its tokens are got; the library knows only Google's own place. */
function tokenUriOf(json: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const uri = json?.['token_uri'];
  if (typeof uri !== 'string' || !URL.canParse(uri)) return undefined;
  // What is sent there is as good as a token.
  if (!isSafeChannel(new URL(uri).origin)) refuse('"token_uri" of the credentials must be an https address.');
  return uri;
}

function notGiven(what: string, { source }: Account, cause: unknown): StorageError {
  const reason = cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
  const status = (cause as { readonly status?: unknown } | undefined)?.status;
  const isPassing = isStorageError(cause)
    ? cause.retryable
    : typeof status === 'number' && (status === 429 || status >= 500);
  const message = `${what} (${source.kind}): ${reason}`;
  return isPassing
    ? new StorageError('unavailable', message, { requestSent: false, cause })
    : new StorageError('unauthenticated', `${message} Check the credentials that the settings name.`, {
        requestSent: false,
        cause,
      });
}
