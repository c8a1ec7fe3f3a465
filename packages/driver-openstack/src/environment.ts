import type { Identity } from './identity.js';

export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables of the OpenStack clients, and `ST_*` of the old Swift client. Undefined where they name nobody.
 * https://docs.openstack.org/python-openstackclient/latest/cli/man/openstack.html#environment-variables
 */
export function identityOfEnvironment(env: Env): Identity | undefined {
  const read = (...names: readonly string[]): string | undefined =>
    names.map((name) => env[name]).find((value) => value !== undefined && value !== '');
  const domain = read('OS_DOMAIN_NAME', 'OS_DEFAULT_DOMAIN_NAME');
  const identity: Identity = {
    authUrl: read('OS_AUTH_URL'),
    authVersion: authVersionOf(read('OS_AUTH_TYPE'), read('OS_IDENTITY_API_VERSION', 'OS_AUTH_VERSION')),
    user: read('OS_USERNAME'),
    userId: read('OS_USER_ID'),
    key: read('OS_PASSWORD', 'OS_API_KEY'),
    token: read('OS_TOKEN', 'OS_AUTH_TOKEN'),
    applicationCredentialId: read('OS_APPLICATION_CREDENTIAL_ID'),
    applicationCredentialName: read('OS_APPLICATION_CREDENTIAL_NAME'),
    applicationCredentialSecret: read('OS_APPLICATION_CREDENTIAL_SECRET'),
    projectName: read('OS_PROJECT_NAME', 'OS_TENANT_NAME'),
    projectId: read('OS_PROJECT_ID', 'OS_TENANT_ID'),
    userDomainName: read('OS_USER_DOMAIN_NAME') ?? domain,
    userDomainId: read('OS_USER_DOMAIN_ID', 'OS_DEFAULT_DOMAIN'),
    projectDomainName: read('OS_PROJECT_DOMAIN_NAME') ?? domain,
    projectDomainId: read('OS_PROJECT_DOMAIN_ID', 'OS_DEFAULT_DOMAIN'),
    region: read('OS_REGION_NAME'),
    interface: read('OS_INTERFACE', 'OS_ENDPOINT_TYPE'),
    serviceType: read('OS_SERVICE_TYPE'),
    storageUrl: read('OS_STORAGE_URL'),
  };
  const { user, userId, token, applicationCredentialId } = identity;
  if ((user ?? userId ?? token ?? applicationCredentialId) !== undefined) return identity;
  const [authUrl, oldUser, key] = [read('ST_AUTH'), read('ST_USER'), read('ST_KEY')];
  return oldUser === undefined ? undefined : { ...identity, authUrl, user: oldUser, key, authVersion: '1.0' };
}

/** `password` and `token` say how, and the number says at which version; names such as `v3password` say both. */
export function authVersionOf(type: string | undefined, version: string | undefined): string | undefined {
  if (type !== undefined && type !== 'password' && type !== 'token') return type;
  return version?.replace(/^v/, '').replace(/^2\.0$/, '2');
}
