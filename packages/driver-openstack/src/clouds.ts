import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Env, authVersionOf } from './environment.js';
import type { Identity } from './identity.js';
import { refuse } from './options.js';

type Entry = Readonly<Record<string, unknown>>;

/**
 * Reads one cloud of `clouds.yaml`, with the secrets of `secure.yaml` beside it.
 * https://docs.openstack.org/python-openstackclient/latest/configuration/index.html
 */
export async function identityOfCloud(name: string, file: string | undefined, env: Env): Promise<Identity> {
  const paths = file !== undefined ? [file] : placesOf(env);
  for (const path of paths) {
    const document = await readYaml(path);
    if (document === undefined) continue;
    const secure = await readYaml(path.replace(/clouds(\.ya?ml)$/, 'secure$1'), path);
    return toIdentity(name, merge(cloudOf(document, name, path), cloudOf(secure ?? {}, name)));
  }
  return refuse(`No clouds.yaml was found for the cloud "${name}"; looked at ${paths.join(', ')}.`);
}

function placesOf(env: Env): readonly string[] {
  const given = env['OS_CLIENT_CONFIG_FILE'];
  const folders = [process.cwd(), join(env['HOME'] ?? homedir(), '.config', 'openstack'), '/etc/openstack'];
  const names = folders.flatMap((folder) => [join(folder, 'clouds.yaml'), join(folder, 'clouds.yml')]);
  return given === undefined || given === '' ? names : [given, ...names];
}

/** The document; undefined where there is no such file, or it is `unless`. */
async function readYaml(path: string, unless?: string): Promise<Entry | undefined> {
  if (path === unless) return undefined;
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { parse } = await import('yaml');
  let document: unknown;
  try {
    document = parse(text);
  } catch {
    // The parser's own message quotes the line, which may hold a password.
    return refuse(`"${path}" is not YAML.`);
  }
  return isEntry(document) ? document : refuse(`"${path}" holds no mapping.`);
}

function cloudOf(document: Entry, name: string, path?: string): Entry {
  const clouds = isEntry(document['clouds']) ? document['clouds'] : {};
  const cloud = Object.hasOwn(clouds, name) ? clouds[name] : undefined;
  if (isEntry(cloud)) return cloud;
  if (path === undefined) return {};
  return refuse(`"${path}" has no cloud "${name}"; it has ${Object.keys(clouds).join(', ') || 'none'}.`);
}

function merge(cloud: Entry, secure: Entry): Entry {
  const auth = { ...asEntry(cloud['auth']), ...asEntry(secure['auth']) };
  return { ...cloud, ...secure, auth };
}

function toIdentity(name: string, cloud: Entry): Identity {
  if (cloud['profile'] !== undefined)
    refuse(`The cloud "${name}" builds on a profile of a vendor; write its auth_url into clouds.yaml.`);
  const auth = asEntry(cloud['auth']);
  const text = (...keys: readonly string[]): string | undefined => {
    const value = keys.map((key) => auth[key] ?? cloud[key]).find((one) => one !== undefined && one !== null);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  return {
    authUrl: text('auth_url'),
    authVersion: authVersionOf(text('auth_type'), text('identity_api_version')),
    user: text('username'),
    userId: text('user_id'),
    key: text('password'),
    token: text('token'),
    applicationCredentialId: text('application_credential_id'),
    applicationCredentialName: text('application_credential_name'),
    applicationCredentialSecret: text('application_credential_secret'),
    projectName: text('project_name', 'tenant_name'),
    projectId: text('project_id', 'tenant_id'),
    userDomainName: text('user_domain_name', 'domain_name'),
    userDomainId: text('user_domain_id', 'domain_id', 'default_domain'),
    projectDomainName: text('project_domain_name', 'domain_name'),
    projectDomainId: text('project_domain_id', 'domain_id', 'default_domain'),
    region: text('region_name') ?? firstRegion(cloud['regions']),
    interface: text('interface', 'endpoint_type'),
    serviceType: text('object_store_service_type'),
    serviceName: text('object_store_service_name'),
    storageUrl: text('object_store_endpoint_override'),
  };
}

function firstRegion(regions: unknown): string | undefined {
  const first: unknown = Array.isArray(regions) ? regions[0] : undefined;
  if (typeof first === 'string') return first;
  return isEntry(first) && typeof first['name'] === 'string' ? first['name'] : undefined;
}

function asEntry(value: unknown): Entry {
  return isEntry(value) ? value : {};
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
