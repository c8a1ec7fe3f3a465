import { type OptionsOf, type OptionTable, StorageError } from '@stowage/core/spi';
import { transportOptionTable } from '@stowage/http';

/** Every option of the driver. `user` and `key` are the names that Django settings use; the aliases are Libcloud's and OpenStack's. */
export const optionTable = {
  ...transportOptionTable,
  user: {
    type: 'string',
    aliases: ['username'],
    about: 'User name. Without any credentials the environment (OS_*, ST_*) or "cloud" of clouds.yaml is used.',
  },
  userId: { type: 'string', about: 'Id of the user, in place of "user" and its domain. Keystone v3.' },
  key: {
    type: 'string',
    secret: true,
    aliases: ['password', 'apiKey', 'secret'],
    about: 'Password or API key that goes with "user".',
  },
  authUrl: {
    type: 'string',
    aliases: ['exForceAuthUrl'],
    about:
      'Address of the login, such as "https://keystone.example.com:5000/v3" or "https://swift.example.com/auth/v1.0".',
  },
  authVersion: {
    type: 'string',
    aliases: ['exForceAuthVersion'],
    about:
      'Kind of login: "1.0", "1.1", "2.0_password", "2.0_apikey" ("2.0" means this, as in Libcloud), "3.x_password", "3.x_appcred", "3.x_token". Default: by the path of "authUrl" and the credentials given.',
  },
  projectName: {
    type: 'string',
    aliases: ['exTenantName', 'tenantName', 'tenant', 'project'],
    about: 'Project (tenant) to work in. Default: the only one that the user has.',
  },
  projectId: { type: 'string', aliases: ['exTenantId', 'tenantId'], about: 'Id of the project, in place of its name.' },
  userDomainName: {
    type: 'string',
    aliases: ['exDomainName', 'domainName'],
    about: 'Domain of the user by name. Default "Default".',
  },
  userDomainId: { type: 'string', aliases: ['domainId'], about: 'Domain of the user by id.' },
  projectDomainName: { type: 'string', about: "Domain of the project by name. Default: the user's." },
  projectDomainId: {
    type: 'string',
    aliases: ['exTenantDomainId', 'tenantDomainId'],
    about: 'Domain of the project by id.',
  },
  tokenScope: {
    type: 'string',
    aliases: ['exTokenScope'],
    about:
      'What the token is for: "project", "domain" or "unscoped". The last two need "storageUrl". Default "project".',
  },
  applicationCredentialId: { type: 'string', about: 'Id of an application credential. Keystone v3.' },
  applicationCredentialName: {
    type: 'string',
    about: 'Name of an application credential, with "user" and its domain or with "userId". Keystone v3.',
  },
  applicationCredentialSecret: { type: 'string', secret: true, about: 'Secret of the application credential.' },
  token: {
    type: 'string',
    secret: true,
    aliases: ['exForceAuthToken', 'authToken'],
    about: 'A token that was got elsewhere. It is used as it is with "storageUrl", else exchanged at "authUrl".',
  },
  anonymous: { type: 'boolean', about: 'Sends no token, for public containers. Needs "storageUrl". Default false.' },
  cloud: { type: 'string', about: 'Name of a cloud in clouds.yaml that gives what the other options do not.' },
  cloudsFile: {
    type: 'string',
    about:
      'Path of clouds.yaml. Default: OS_CLIENT_CONFIG_FILE, the working directory, ~/.config/openstack, /etc/openstack.',
  },
  region: {
    type: 'string',
    aliases: ['exForceServiceRegion', 'regionName'],
    about: 'Region of the catalog, in any case. Default: the first that the catalog has.',
  },
  interface: {
    type: 'string',
    aliases: ['endpointType'],
    about: 'Interface of the catalog: "public", "internal" or "admin". Default "public".',
  },
  useInternalUrl: { type: 'boolean', about: 'Means "interface": "internal", as in Libcloud. Default false.' },
  serviceType: {
    type: 'string',
    aliases: ['exForceServiceType'],
    about: 'Type of the service in the catalog. Default "object-store".',
  },
  serviceName: {
    type: 'string',
    aliases: ['exForceServiceName'],
    about: 'Name of the service in the catalog, such as "cloudFiles". Default: any.',
  },
  storageUrl: {
    type: 'string',
    aliases: ['exForceBaseUrl', 'endpoint', 'objectStorageUrl'],
    about:
      'Address of the account, such as "https://swift.example.com/v1/AUTH_demo", in place of the one that the login tells.',
  },
  cdnManagementUrl: {
    type: 'string',
    about: "Address of the CDN management of Cloud Files. Default: the catalog's.",
  },
  cdnScheme: {
    type: 'string',
    about: 'Which address getCdnUrl() gives: "https", "http", "streaming" or "ios". Default "https".',
  },
  service: {
    type: 'string',
    about:
      'What answers: "swift", "ceph" (the Swift API of RADOS Gateway) or "cloudfiles". Decides what is relied on. Default: "cloudfiles" where "serviceName" says so, else "swift".',
  },
  segmentsContainer: {
    type: 'string',
    about: 'Container for the segments of large objects. Default: the name of the container and "_segments".',
  },
  keepSegments: {
    type: 'boolean',
    about:
      'Leaves the segments of large objects that are deleted or replaced, which spares a request before each delete. Default false.',
  },
  tempUrlKey: {
    type: 'string',
    secret: true,
    about: 'Key that signs TempURLs and forms. Default: the one that the account tells.',
  },
  tempUrlDigest: {
    type: 'string',
    about:
      'Digest of TempURLs and forms: "sha256", "sha512" or "sha1". Default: the best that the service says it takes.',
  },
} as const satisfies OptionTable;

export type OpenStackOptions = OptionsOf<typeof optionTable>;

/** What an option may say, where that is one of a few words. */
const CHOICES = {
  service: ['swift', 'ceph', 'cloudfiles'],
  interface: ['public', 'internal', 'admin', 'publicURL', 'internalURL', 'adminURL'],
  tokenScope: ['project', 'domain', 'unscoped'],
  cdnScheme: ['https', 'http', 'streaming', 'ios'],
  tempUrlDigest: ['sha256', 'sha512', 'sha1'],
} as const satisfies Partial<Record<keyof OpenStackOptions, readonly string[]>>;

/** Throws `invalid-argument` for options that do not fit together, before any request. */
export function checkOptions(options: OpenStackOptions): void {
  for (const [name, known] of Object.entries(CHOICES) as [keyof typeof CHOICES, readonly string[]][]) {
    const value = options[name];
    if (value !== undefined && !known.includes(value))
      refuse(`"${name}" must be one of ${known.join(', ')}, not ${JSON.stringify(value)}.`);
  }
  checkCredentials(options);
  checkPlaces(options);
}

function checkCredentials(options: OpenStackOptions): void {
  const { user, userId, key, token, anonymous, applicationCredentialSecret: secret } = options;
  const hasUser = user !== undefined || userId !== undefined;
  if (user !== undefined && userId !== undefined) refuse('"user" and "userId" both say who logs in; give one.');
  if (hasUser && (key ?? secret ?? token) === undefined)
    refuse('"user" is given without "key"; give both, or none for the environment or clouds.yaml.');
  if (key !== undefined && !hasUser) refuse('"key" is given without "user"; give both.');
  checkApplicationCredential(options, hasUser);
  if (anonymous === true && (key ?? secret ?? token) !== undefined)
    refuse('"anonymous" and credentials exclude each other; remove one.');
}

function checkApplicationCredential(options: OpenStackOptions, hasUser: boolean): void {
  const { applicationCredentialId: id, applicationCredentialName: name, applicationCredentialSecret: secret } = options;
  if (((id ?? name) !== undefined) !== (secret !== undefined))
    refuse(
      '"applicationCredentialSecret" goes with "applicationCredentialId" or "applicationCredentialName"; give both.',
    );
  if (id !== undefined && name !== undefined)
    refuse('"applicationCredentialId" and "applicationCredentialName" name one credential twice; give one.');
  if (name !== undefined && !hasUser) refuse('"applicationCredentialName" needs the "user" or "userId" that owns it.');
}

function checkPlaces(options: OpenStackOptions): void {
  const { anonymous, storageUrl, tokenScope, useInternalUrl, interface: kind, segmentsContainer } = options;
  if (anonymous === true && storageUrl === undefined)
    refuse('"anonymous" needs "storageUrl": there is no login that tells it.');
  if (tokenScope !== undefined && tokenScope !== 'project' && storageUrl === undefined)
    refuse(`"tokenScope" "${tokenScope}" gives a token without a catalog; give "storageUrl" too.`);
  if (useInternalUrl === true && kind !== undefined && !kind.startsWith('internal'))
    refuse('"useInternalUrl" and "interface" contradict each other; give one.');
  if (segmentsContainer !== undefined && (segmentsContainer === '' || segmentsContainer.includes('/')))
    refuse('"segmentsContainer" must be the name of a container, without "/".');
  for (const name of ['authUrl', 'storageUrl', 'cdnManagementUrl'] as const) {
    const value = options[name];
    if (value !== undefined) parseAddress(value, name);
  }
}

/** An address of a service, in the parts that a request is made of. */
export interface Address {
  /** Scheme and authority. */
  readonly origin: string;
  /** Without a slash at its end; empty for the root. */
  readonly path: string;
}

/** Reads an address. Throws `invalid-argument`; `name` says which option or answer it is. */
export function parseAddress(text: string, name: string): Address {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // Told below, without the text: it may hold a password.
  }
  if (!url || !/^https?:$/.test(url.protocol) || url.host === '')
    return refuse(`"${name}" must be an address such as "https://swift.example.com/v1".`);
  if (url.username !== '' || url.password !== '')
    return refuse(`"${name}" must hold no user or password; give "user" and "key".`);
  if (url.search !== '' || url.hash !== '') return refuse(`"${name}" must have no "?" and no "#".`);
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, '') };
}

export function refuse(message: string): never {
  throw new StorageError('invalid-argument', message, { requestSent: false });
}
