import { StorageError } from '@stowage/core/spi';
import { parseIsoDateMs, type WireRequest, type WireResponse } from '@stowage/http';
import { readCatalogV11, readCatalogV2, readCatalogV3 } from './catalog.js';
import type { Identity } from './identity.js';
import { parseAddress, refuse } from './options.js';
import type { Grant } from './session.js';

type Json = Readonly<Record<string, unknown>>;

/** https://docs.openstack.org/swift/latest/overview_auth.html#tempauth */
export function loginV1(authUrl: string, { user = '', key = '' }: Identity): WireRequest {
  const { origin, path } = parseAddress(authUrl, 'authUrl');
  const full = /\/v1(\.0)?$/.test(path) ? path : `${path === '' ? '/auth' : path}/v1.0`;
  for (const value of [user, key]) {
    if (/[^\x20-\x7e]/.test(value))
      refuse('"user" and "key" of a login of version 1 must be plain ASCII: they travel as headers.');
  }
  const headers = ['x-auth-user', user, 'x-auth-key', key];
  return { method: 'GET', origin, path: full, headers, want: 'bytes' };
}

export function readGrantV1(response: WireResponse, nowMs: number): Grant {
  const token = response.header('x-auth-token') ?? response.header('x-storage-token');
  const storageUrl = response.header('x-storage-url');
  const seconds = Number(response.header('x-auth-token-expires') ?? 'Infinity');
  return {
    token: token ?? missing('a token'),
    expiresAtMs: seconds > 0 ? nowMs + seconds * 1000 : Infinity,
    catalog: [],
    storageUrl,
    cdnUrl: response.header('x-cdn-management-url'),
    isScoped: true,
  };
}

/** Rackspace's own version between 1 and 2. */
export function loginV11(authUrl: string, { user, key }: Identity): WireRequest {
  return post(authUrl, /\/v1\.1(\/auth)?$/, '/v1.1/auth', { credentials: { username: user, key } });
}

export function readGrantV11(response: WireResponse): Grant {
  const auth = child(parse(response), 'auth');
  const token = child(auth, 'token');
  return { ...tokenOf(token['id'], token['expires']), catalog: readCatalogV11(auth['serviceCatalog']), isScoped: true };
}

/** https://docs.openstack.org/api-ref/identity/v2/ and Rackspace's `RAX-KSKEY`. */
export function loginV2(authUrl: string, identity: Identity, kind: 'password' | 'apikey' | 'token'): WireRequest {
  const { user: username, key, token, projectName: tenantName, projectId: tenantId } = identity;
  const credentials = {
    password: { passwordCredentials: { username, password: key } },
    apikey: { 'RAX-KSKEY:apiKeyCredentials': { username, apiKey: key } },
    token: { token: { id: token } },
  }[kind];
  const auth = { ...credentials, ...(tenantId === undefined ? { tenantName } : { tenantId }) };
  return post(authUrl, /\/v2\.0(\/tokens)?$/, '/v2.0/tokens', { auth });
}

export function readGrantV2(response: WireResponse): Grant {
  const access = child(parse(response), 'access');
  const token = child(access, 'token');
  const catalog = readCatalogV2(access['serviceCatalog']);
  return { ...tokenOf(token['id'], token['expires']), catalog, isScoped: catalog.length > 0 };
}

/** https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management */
export function loginV3(
  authUrl: string,
  identity: Identity,
  kind: 'password' | 'application-credential' | 'token',
): WireRequest {
  const scope = kind === 'application-credential' ? undefined : scopeOf(identity);
  return post(authUrl, /\/v3(\/auth\/tokens)?$/, '/v3/auth/tokens', {
    auth: { identity: methodOf(identity, kind), ...(scope !== undefined && { scope }) },
  });
}

function methodOf(identity: Identity, kind: 'password' | 'application-credential' | 'token'): Json {
  if (kind === 'token') return { methods: ['token'], token: { id: identity.token } };
  if (kind === 'password')
    return { methods: ['password'], password: { user: { ...userOf(identity), password: identity.key } } };
  const {
    applicationCredentialId: id,
    applicationCredentialName: name,
    applicationCredentialSecret: secret,
  } = identity;
  const credential = id === undefined ? { name, secret, user: userOf(identity) } : { id, secret };
  return { methods: ['application_credential'], application_credential: credential };
}

function userOf({ user, userId, userDomainId, userDomainName }: Identity): Json {
  return userId === undefined ? { name: user, domain: domainOf(userDomainId, userDomainName) } : { id: userId };
}

function domainOf(id: string | undefined, name: string | undefined): Json {
  return id === undefined ? { name: name ?? 'Default' } : { id };
}

/** Undefined asks for the user's own default project. */
function scopeOf(identity: Identity): unknown {
  const { tokenScope, projectId, projectName, userDomainId, userDomainName } = identity;
  if (tokenScope === 'unscoped') return 'unscoped';
  if (tokenScope === 'domain') return { domain: domainOf(userDomainId, userDomainName) };
  if (projectId !== undefined) return { project: { id: projectId } };
  if (projectName === undefined) return undefined;
  const { projectDomainId, projectDomainName } = identity;
  const hasOwn = projectDomainId !== undefined || projectDomainName !== undefined;
  const domain = hasOwn ? domainOf(projectDomainId, projectDomainName) : domainOf(userDomainId, userDomainName);
  return { project: { name: projectName, domain } };
}

export function readGrantV3(response: WireResponse): Grant {
  const token = child(parse(response), 'token');
  const catalog = readCatalogV3(token['catalog']);
  const id = response.header('x-subject-token');
  return { ...tokenOf(id, token['expires_at']), catalog, isScoped: token['project'] !== undefined };
}

/** The projects that an unscoped token may be exchanged for. */
export function projectsRequest(authUrl: string, token: string): WireRequest {
  const { origin, path } = place(authUrl, /\/v3(\/auth\/tokens)?$/, '/v3/auth/projects');
  return { method: 'GET', origin, path, headers: ['x-auth-token', token, 'accept', 'application/json'], want: 'bytes' };
}

export function readProjects(response: WireResponse): readonly { readonly id: string; readonly name: string }[] {
  const { projects } = parse(response);
  if (!Array.isArray(projects)) return [];
  return (projects as Json[]).flatMap(({ id, name }) =>
    typeof id === 'string' ? [{ id, name: typeof name === 'string' ? name : id }] : [],
  );
}

/** Asks a bare address which versions it has: https://docs.openstack.org/api-ref/identity/v3/#api-versions */
export function versionsRequest(authUrl: string): WireRequest {
  const { origin, path } = parseAddress(authUrl, 'authUrl');
  return { method: 'GET', origin, path: `${path}/`, headers: ['accept', 'application/json'], want: 'bytes' };
}

/** The newest version that both sides know; undefined when the answer tells none. */
export function readVersions(response: WireResponse): 'v3' | 'v2' | undefined {
  let document: Json;
  try {
    document = JSON.parse(response.bytes.toString()) as Json;
  } catch {
    return undefined;
  }
  const versions = child(document, 'versions');
  const values: readonly unknown[] = Array.isArray(versions['values'])
    ? versions['values']
    : Array.isArray(document['versions'])
      ? document['versions']
      : [];
  const ids = values.map((value) => (value as Json | null)?.['id']).filter((id) => typeof id === 'string');
  if (ids.some((id) => id.startsWith('v3'))) return 'v3';
  return ids.some((id) => id.startsWith('v2')) ? 'v2' : undefined;
}

function post(authUrl: string, suffix: RegExp, path: string, document: Json): WireRequest {
  const target = place(authUrl, suffix, path);
  const body = Buffer.from(JSON.stringify(document));
  const headers = ['content-type', 'application/json', 'accept', 'application/json'];
  return { method: 'POST', ...target, headers, body, want: 'bytes' };
}

/** Addresses are written with and without the version and with the whole path of the call. */
function place(authUrl: string, suffix: RegExp, path: string): { readonly origin: string; readonly path: string } {
  const address = parseAddress(authUrl, 'authUrl');
  return { origin: address.origin, path: address.path.replace(suffix, '') + path };
}

function tokenOf(id: unknown, expires: unknown): Pick<Grant, 'token' | 'expiresAtMs'> {
  const expiresAtMs = typeof expires === 'string' ? parseIsoDateMs(expires) : undefined;
  return { token: typeof id === 'string' && id !== '' ? id : missing('a token'), expiresAtMs: expiresAtMs ?? Infinity };
}

function parse(response: WireResponse): Json {
  try {
    return JSON.parse(response.bytes.toString()) as Json;
  } catch {
    return missing('JSON');
  }
}

function child(document: Json, name: string): Json {
  const value = document[name];
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function missing(what: string): never {
  throw new StorageError(
    'unavailable',
    `The login answers without ${what}; "authUrl" or "authVersion" may name another service.`,
    {
      retryable: false,
    },
  );
}
