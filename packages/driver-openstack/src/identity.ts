import type { OpenStackOptions } from './options.js';
import { refuse } from './options.js';

/** How a client logs in. */
export type LoginKind =
  'v1' | 'v1.1' | 'v2-password' | 'v2-apikey' | 'v3-password' | 'v3-application-credential' | 'v3-token' | 'v2-token';

/** Who logs in, where, and for what; options, environment and clouds.yaml all come down to this. */
export interface Identity {
  readonly authUrl?: string | undefined;
  readonly authVersion?: string | undefined;
  readonly user?: string | undefined;
  readonly userId?: string | undefined;
  readonly key?: string | undefined;
  readonly token?: string | undefined;
  readonly applicationCredentialId?: string | undefined;
  readonly applicationCredentialName?: string | undefined;
  readonly applicationCredentialSecret?: string | undefined;
  readonly projectName?: string | undefined;
  readonly projectId?: string | undefined;
  readonly userDomainName?: string | undefined;
  readonly userDomainId?: string | undefined;
  readonly projectDomainName?: string | undefined;
  readonly projectDomainId?: string | undefined;
  readonly tokenScope?: string | undefined;
  readonly region?: string | undefined;
  readonly interface?: string | undefined;
  readonly serviceType?: string | undefined;
  readonly serviceName?: string | undefined;
  readonly storageUrl?: string | undefined;
}

/** True when the options themselves say who logs in. */
export function hasCredentials(options: Identity): boolean {
  const { user, userId, token, applicationCredentialId, applicationCredentialName } = options;
  return [user, userId, token, applicationCredentialId, applicationCredentialName].some((given) => given !== undefined);
}

/** What the options say, with Libcloud's `useInternalUrl` as an interface. */
export function identityOfOptions(options: OpenStackOptions): Identity {
  return options.useInternalUrl === true ? { ...options, interface: 'internal' } : options;
}

/** Names of logins: Libcloud's, those of clouds.yaml and OS_AUTH_TYPE, and plain numbers. */
const KINDS: Readonly<Record<string, LoginKind>> = {
  '1': 'v1',
  '1.0': 'v1',
  v1: 'v1',
  v1password: 'v1',
  '1.1': 'v1.1',
  '2': 'v2-password',
  '2.0': 'v2-apikey',
  '2.0_password': 'v2-password',
  '2.0_apikey': 'v2-apikey',
  v2password: 'v2-password',
  v2token: 'v2-token',
  rackspace_apikey: 'v2-apikey',
  '3': 'v3-password',
  '3.x': 'v3-password',
  '3.0': 'v3-password',
  '3.x_password': 'v3-password',
  v3password: 'v3-password',
  '3.x_appcred': 'v3-application-credential',
  v3applicationcredential: 'v3-application-credential',
  '3.x_token': 'v3-token',
  v3token: 'v3-token',
};

/** Which login an identity asks for; undefined when only the server can tell which versions it has. */
export function loginKind(identity: Identity): LoginKind | undefined {
  const { authVersion, authUrl = '', token, applicationCredentialSecret } = identity;
  const named = authVersion === undefined ? undefined : kindOfName(authVersion);
  if (applicationCredentialSecret !== undefined) return kindOfCredential(named);
  if (named === 'v3-application-credential')
    return refuse('"authVersion" asks for an application credential, and none is given.');
  const version = named?.slice(0, 2) ?? versionOfPath(authUrl);
  if (token !== undefined) return version === 'v2' ? 'v2-token' : 'v3-token';
  if (named === 'v3-token' || named === 'v2-token')
    return refuse('"authVersion" asks for a login by token, and no "token" is given.');
  return named ?? KIND_BY_VERSION[version ?? ''];
}

const KIND_BY_VERSION: Readonly<Record<string, LoginKind>> = { v1: 'v1', v2: 'v2-password', v3: 'v3-password' };

function kindOfCredential(named: LoginKind | undefined): LoginKind {
  if (named === undefined || named.startsWith('v3')) return 'v3-application-credential';
  return refuse('An application credential needs Keystone v3; remove "authVersion" or make it "3.x_appcred".');
}

function kindOfName(name: string): LoginKind | undefined {
  if (name === 'password' || name === 'token') return undefined;
  const kind = Object.hasOwn(KINDS, name.toLowerCase()) ? KINDS[name.toLowerCase()] : undefined;
  if (kind !== undefined) return kind;
  return refuse(
    `"authVersion" ${JSON.stringify(name)} is not known; use "1.0", "1.1", "2.0_password", "2.0_apikey", "3.x_password", "3.x_appcred" or "3.x_token".`,
  );
}

function versionOfPath(authUrl: string): 'v1' | 'v2' | 'v3' | undefined {
  const path = authUrl.replace(/^[^/]*\/\/[^/]*/, '').replace(/\/+$/, '');
  if (/\/v3(\/auth\/tokens)?$/.test(path)) return 'v3';
  if (/\/v2\.0(\/tokens)?$/.test(path)) return 'v2';
  return /\/(v1(\.0)?|auth)$/.test(path) ? 'v1' : undefined;
}
