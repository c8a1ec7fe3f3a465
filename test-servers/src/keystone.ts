import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KeystoneAdmin } from './keystone-admin.js';
import { type ProcessGroup, until } from './launched.js';
import type { SwiftPorts } from './swift-config.js';

const run = promisify(execFile);

export interface KeystoneFacts {
  /** Ends with `/v3`. */
  readonly authUrl: string;
  readonly adminUser: string;
  readonly adminPassword: string;
  readonly user: string;
  readonly userId: string;
  readonly password: string;
  readonly project: string;
  readonly projectId: string;
  /** Name of the domain of users and projects. */
  readonly domain: string;
  readonly applicationCredential: { readonly id: string; readonly name: string; readonly secret: string };
  readonly storageUrl: string;
}

interface Place {
  readonly folder: string;
  readonly ports: SwiftPorts;
  readonly group: ProcessGroup;
}

/** Starts a Keystone with projects, users, roles, an application credential and a catalog of two regions. */
export async function startKeystone(place: Place): Promise<KeystoneFacts> {
  const { folder, ports, group } = place;
  const authUrl = `http://127.0.0.1:${String(ports.keystone)}/v3`;
  await makeDatabase(folder, authUrl);
  const config = join(folder, 'keystone.conf');
  group.start(
    'keystone',
    'uwsgi_python3',
    [
      ...['--http-socket', `127.0.0.1:${String(ports.keystone)}`, '--wsgi-file', '/usr/bin/keystone-wsgi-public'],
      ...['--need-app', '--processes', '1', '--threads', '4', '--enable-threads', '--buffer-size', '65535'],
      ...['--die-on-term', '--disable-logging', '--pyargv', `--config-file=${config}`],
    ],
    {
      ...process.env,
      OS_KEYSTONE_CONFIG_DIR: folder,
      OS_KEYSTONE_CONFIG_FILES: 'keystone.conf',
      PYTHONWARNINGS: 'ignore',
    },
  );
  const isUp = (): Promise<boolean> =>
    fetch(authUrl).then(
      (response) => response.ok,
      () => false,
    );
  await until('Keystone', isUp, { group });
  return populate(authUrl, ports);
}

async function makeDatabase(folder: string, authUrl: string): Promise<void> {
  const config = join(folder, 'keystone.conf');
  await mkdir(join(folder, 'keystone'), { mode: 0o700 });
  await writeFile(config, keystoneConfig(join(folder, 'keystone')));
  const manage = (...args: string[]) => run('keystone-manage', ['--config-file', config, ...args]);
  const owner = ['--keystone-user', userInfo().username, '--keystone-group', (await run('id', ['-gn'])).stdout.trim()];
  await manage('db_sync');
  // In SQLite's default journal mode Keystone's own open reader makes its next write fail with "database is locked".
  const journal = 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("PRAGMA journal_mode=WAL")';
  await run('/usr/bin/python3', ['-c', journal, join(folder, 'keystone', 'keystone.db')]);
  await manage('fernet_setup', ...owner);
  await manage('credential_setup', ...owner);
  const urls = ['admin', 'internal', 'public'].flatMap((kind) => [`--bootstrap-${kind}-url`, authUrl]);
  await manage('bootstrap', '--bootstrap-password', 'adminpw', '--bootstrap-region-id', 'RegionOne', ...urls);
}

async function populate(authUrl: string, ports: SwiftPorts): Promise<KeystoneFacts> {
  const admin = await KeystoneAdmin.login(authUrl, { user: 'admin', password: 'adminpw', project: 'admin' });
  const service = await admin.create('projects', 'project', { name: 'service', domain_id: 'default' });
  const demo = await admin.create('projects', 'project', { name: 'demo', domain_id: 'default' });
  const swift = await admin.create('users', 'user', { name: 'swift', password: 'swiftpw', domain_id: 'default' });
  const user = await admin.create('users', 'user', { name: 'demo', password: 'demopw', domain_id: 'default' });
  await admin.grant({ role: 'admin', userId: swift, projectId: service });
  await admin.grant({ role: 'service', userId: swift, projectId: service });
  await admin.grant({ role: 'member', userId: user, projectId: demo });
  await admin.create('roles', 'role', { name: 'ResellerAdmin' });
  await admin.create('regions', 'region', { id: 'RegionTwo' });
  const swiftService = await admin.create('services', 'service', { type: 'object-store', name: 'swift' });
  // Both regions are the same proxy by two names, so that a client that picks the wrong one is seen to.
  for (const [region, host] of [
    ['RegionOne', '127.0.0.1'],
    ['RegionTwo', 'localhost'],
  ] as const) {
    const url = `http://${host}:${String(ports.keystoneProxy)}/v1/AUTH_%(tenant_id)s`;
    for (const kind of ['public', 'internal', 'admin'])
      await admin.create('endpoints', 'endpoint', {
        service_id: swiftService,
        interface: kind,
        url,
        region_id: region,
      });
  }
  const asUser = await KeystoneAdmin.login(authUrl, { user: 'demo', password: 'demopw', project: 'demo' });
  const credential = { name: 'live', secret: 'app-secret' };
  const id = await asUser.create(`users/${user}/application_credentials`, 'application_credential', credential);
  return {
    authUrl,
    adminUser: 'admin',
    adminPassword: 'adminpw',
    user: 'demo',
    userId: user,
    password: 'demopw',
    project: 'demo',
    projectId: demo,
    domain: 'Default',
    applicationCredential: { id, ...credential },
    storageUrl: `http://127.0.0.1:${String(ports.keystoneProxy)}/v1/AUTH_${demo}`,
  };
}

/** bcrypt at its cheapest (the default costs 0.25 s a login); the pickling cache, since plain memory breaks /v3/s3tokens. */
function keystoneConfig(folder: string): string {
  return `[DEFAULT]
use_stderr = true
[database]
connection = sqlite:///${folder}/keystone.db?timeout=30
sqlite_synchronous = false
[token]
provider = fernet
expiration = 86400
[fernet_tokens]
key_repository = ${folder}/fernet-keys
[fernet_receipts]
key_repository = ${folder}/fernet-keys
[credential]
key_repository = ${folder}/credential-keys
[identity]
password_hash_algorithm = bcrypt
password_hash_rounds = 4
[cache]
enabled = true
backend = dogpile.cache.memory_pickle
`;
}
