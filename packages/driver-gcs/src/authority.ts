import { isStorageError, StorageError } from '@stowage/core/spi';
import type { Expiring } from '@stowage/http';
import type { AuthClient, GoogleAuth } from 'google-auth-library';
import { type Account, accountAuth, accountClient, GOOGLE_UNIVERSE } from './account-client.js';

/** What Google's library does for an account. */
export interface Authority {
  /** A new token, and when it ends. */
  token(): Promise<Expiring<string>>;
  /** Signature of a text by the account's key, wherever that is, in lower-case hexadecimal. */
  sign(text: string): Promise<string>;
  email(): Promise<string>;
  /** The project of the machine's account; undefined for others. */
  project(): Promise<string | undefined>;
  /** For the vendor's own client. */
  sdkAuth(): Promise<GoogleAuth<AuthClient>>;
}

/** Loads Google's library; replaced in tests. */
export type AuthorityLoader = (account: Account) => Promise<Authority>;

/** Loads Google's own authentication, and makes sure that the credentials are some. */
export async function loadAuthority(account: Account): Promise<Authority> {
  const client = await accountClient(account);
  const isMachine = account.source.kind === 'metadata-server';
  let known: Promise<string> | undefined;
  const email = (): Promise<string> =>
    (known ??= emailOf(client, account).catch((cause: unknown) => {
      known = undefined;
      throw failure('The account cannot be told', account, cause);
    }));
  return {
    sdkAuth: () => accountAuth({ ...account, isForSdk: true }),
    // By a client of its own each time: the library's clients keep tokens, and give out again one that was refused.
    token: async () =>
      accountClient(account)
        .then(freshToken)
        .catch((cause: unknown) => {
          throw failure('No access token was given', account, cause);
        }),
    sign: async (text) => {
      const signer = await email();
      return signBlob(client, signer, text).catch((cause: unknown) => {
        throw failure('The account could not sign', account, cause);
      });
    },
    email,
    project: async () =>
      isMachine
        ? ofMachine('project', 'project-id').catch((cause: unknown) => {
            throw failure('The project cannot be told', account, cause);
          })
        : undefined,
  };
}

async function freshToken(client: AuthClient): Promise<Expiring<string>> {
  const { JWT } = await import('google-auth-library');
  // Other clouds than Google's give no tokens to service accounts: these sign theirs themselves, for an hour.
  if (client instanceof JWT && client.universeDomain !== GOOGLE_UNIVERSE) {
    const { Authorization = '' } = await client.getRequestHeaders();
    return { value: Authorization.replace(/^Bearer /, ''), expiresAtMs: Date.now() + 3_600_000 };
  }
  const { token } = await client.getAccessToken();
  if (typeof token !== 'string') throw new TypeError('The library gave no token.');
  return { value: token, expiresAtMs: client.credentials.expiry_date ?? Infinity };
}

/** https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob */
async function signBlob(client: AuthClient, email: string, text: string): Promise<string> {
  const { Impersonated } = await import('google-auth-library');
  if (client instanceof Impersonated) return toHex((await client.sign(text)).signedBlob);
  const url = `https://iamcredentials.${client.universeDomain}/v1/projects/-/serviceAccounts/${email}:signBlob`;
  const data = { payload: Buffer.from(text).toString('base64') };
  const answer = await client.request<{ readonly signedBlob: string }>({ method: 'POST', url, data });
  return toHex(answer.data.signedBlob);
}

function toHex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}

async function emailOf(client: AuthClient, { source }: Account): Promise<string> {
  const { BaseExternalAccountClient, Impersonated, JWT } = await import('google-auth-library');
  if (client instanceof Impersonated) return client.getTargetPrincipal();
  if (source.kind === 'metadata-server') return ofMachine('instance', 'service-accounts/default/email');
  const email =
    client instanceof BaseExternalAccountClient
      ? client.getServiceAccountEmail()
      : client instanceof JWT
        ? client.email
        : undefined;
  if (email !== undefined && email !== null) return email;
  const message = 'These credentials name no service account that could sign; give its key, or "impersonate" one.';
  throw new StorageError('unsupported', message, { requestSent: false });
}

async function ofMachine(kind: 'instance' | 'project', property: string): Promise<string> {
  const { gcpMetadata } = await import('google-auth-library');
  return gcpMetadata[kind]<string>(property);
}

/** The one error of what the library could not do. */
function failure(what: string, { source }: Account, cause: unknown): unknown {
  if (isStorageError(cause, 'invalid-argument') || isStorageError(cause, 'unsupported')) return cause;
  // The library is not installed: Node says it best.
  if ((cause as NodeJS.ErrnoException | undefined)?.code === 'ERR_MODULE_NOT_FOUND') return cause;
  const reason = cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
  const message = `${what} (${source.kind}): ${reason}`;
  if (isPassing(cause, source.kind === 'metadata-server'))
    return new StorageError('unavailable', message, { requestSent: false, cause });
  const advice =
    source.kind === 'metadata-server'
      ? 'Outside of Google Cloud there is no metadata server: name credentials in the settings.'
      : 'Check the credentials that the settings name.';
  return new StorageError('unauthenticated', `${message} ${advice}`, { requestSent: false, cause });
}

/** The library itself asks a metadata server that does not answer several times. */
function isPassing(cause: unknown, isMachine: boolean): boolean {
  if (isStorageError(cause)) return cause.retryable;
  const { status, config, response } = (cause ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof status === 'number') return status === 429 || status >= 500;
  return config !== undefined && response === undefined && !isMachine;
}
