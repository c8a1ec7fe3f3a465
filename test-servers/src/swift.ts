import { execFile } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { appendFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KeystoneAdmin } from './keystone-admin.js';
import { type KeystoneFacts, startKeystone } from './keystone.js';
import { freePorts, type Launched, ProcessGroup, ServerMissingError, until } from './launched.js';
import { swiftConfig, type SwiftPorts } from './swift-config.js';

const run = promisify(execFile);
/** Debian's own Python: another one that comes first on PATH has none of the packages. */
export const PYTHON = '/usr/bin/python3';
const SERVE = fileURLToPath(new URL('../swift/serve.py', import.meta.url));

export interface SwiftFacts {
  /** TempAuth, version 1. */
  readonly authUrl: string;
  readonly user: string;
  readonly key: string;
  readonly storageUrl: string;
  /** Swift's own S3 API; `user` and `key` are its access key and secret. */
  readonly s3Endpoint: string;
  readonly s3Region: string;
  readonly keystone: KeystoneFacts | undefined;
}

export interface SwiftOptions {
  /** Also a Keystone v3 and a proxy that trusts it; about 15 s more. */
  readonly keystone?: boolean;
  /** Lines of [swift-constraints], such as `max_file_size = 1048576`. */
  readonly constraints?: readonly string[];
  /** Life of a token of TempAuth. Default a day. */
  readonly tokenLifeSeconds?: number;
}

/** Starts a one-node OpenStack Swift: proxy with TempAuth and S3 API, back ends, container updater and object expirer. */
export async function launchSwift(options: SwiftOptions = {}): Promise<Launched<SwiftFacts>> {
  await requirePrograms(options);
  const folder = await mkdtemp(join(tmpdir(), 'stowage-swift-'));
  // Object metadata lies in extended attributes: tmpfs takes large ones, ext4 refuses at about 3,400 bytes.
  const devices = await mkdtemp('/dev/shm/stowage-swift-').catch(() => join(folder, 'devices'));
  const group = new ProcessGroup(folder);
  const log = await openLog(join(folder, 'swift.log'));
  const stop = async (): Promise<void> => {
    await group.stop();
    log.close();
    await Promise.all([folder, devices].map((path) => rm(path, { recursive: true, force: true })));
  };
  try {
    return { facts: await bringUp(folder, { devices, logPort: log.address().port, group }, options), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function requirePrograms(options: SwiftOptions): Promise<void> {
  const modules = options.keystone === true ? 'swift, keystonemiddleware, keystone' : 'swift';
  try {
    await run(PYTHON, ['-c', `import ${modules}`]);
    await run('memcached', ['-V']);
  } catch (cause) {
    throw new ServerMissingError(
      'OpenStack Swift is not installed; on Debian: apt-get install --no-install-recommends python3-swift memcached ' +
        'python3-keystone python3-keystonemiddleware uwsgi-core uwsgi-plugin-python3',
      { cause },
    );
  }
}

interface Place {
  readonly devices: string;
  readonly logPort: number;
  readonly group: ProcessGroup;
}

async function bringUp(folder: string, { devices, logPort, group }: Place, options: SwiftOptions): Promise<SwiftFacts> {
  const ports = { ...(await choosePorts()), log: logPort };
  await Promise.all([join(devices, 'd1'), join(folder, 'recon')].map((path) => mkdir(path, { recursive: true })));
  const files = swiftConfig({
    folder,
    devices,
    ports,
    user: userInfo().username,
    constraints: options.constraints ?? [],
    tokenLifeSeconds: options.tokenLifeSeconds ?? 86_400,
  });
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));

  const serve = (...args: string[]): void => void group.start(args.slice(-1).join(), PYTHON, [SERVE, folder, ...args]);
  group.start('memcached', 'memcached', [
    '-l',
    '127.0.0.1',
    '-p',
    String(ports.memcached),
    '-U',
    '0',
    '-m',
    '64',
    '-u',
    userInfo().username,
  ]);
  await run(PYTHON, [SERVE, folder, 'rings', ...[ports.account, ports.container, ports.object].map(String)]);
  for (const name of ['account-server', 'container-server', 'object-server', 'proxy-tempauth']) serve('server', name);
  const keystone = options.keystone === true ? await startKeystone({ folder, ports, group }) : undefined;
  if (keystone) serve('server', 'proxy-keystone');
  const proxies = keystone ? [ports.proxy, ports.keystoneProxy] : [ports.proxy];
  for (const port of proxies) await until(`the proxy on port ${String(port)}`, () => isHealthy(port), { group });
  for (const name of ['container-updater', 'object-expirer']) serve('daemon', name);

  const origin = `http://127.0.0.1:${String(ports.proxy)}`;
  const account = {
    authUrl: `${origin}/auth/v1.0`,
    user: 'test:tester',
    key: 'testing',
    storageUrl: `${origin}/v1/AUTH_test`,
  };
  await until('a first container', () => createsContainer(account), { group });
  if (keystone) await until('a login through Keystone', () => acceptsLogin(keystone), { group });
  return { ...account, s3Endpoint: origin, s3Region: 'us-east-1', keystone };
}

/** Swift logs to syslog or to UDP; a machine for tests has no syslog. */
async function openLog(path: string): Promise<Socket> {
  const socket = createSocket('udp4', (line) =>
    appendFileSync(path, `${line.toString().replace(/^<\d+>|\0$/g, '')}\n`),
  );
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  socket.unref();
  return socket;
}

async function choosePorts(): Promise<Omit<SwiftPorts, 'log'>> {
  const [proxy, keystoneProxy, keystone, object, container, account, memcached] = (await freePorts(7)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { proxy, keystoneProxy, keystone, object, container, account, memcached };
}

async function isHealthy(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${String(port)}/healthcheck`).then(
    (response) => response.ok,
    () => false,
  );
}

/** The proxy is healthy before its back ends are: only a write shows that all of them answer. */
async function createsContainer(
  account: Pick<SwiftFacts, 'authUrl' | 'user' | 'key' | 'storageUrl'>,
): Promise<boolean> {
  const login = await fetch(account.authUrl, { headers: { 'x-auth-user': account.user, 'x-auth-key': account.key } });
  const headers = { 'x-auth-token': login.headers.get('x-auth-token') ?? '' };
  const created = await fetch(`${account.storageUrl}/ready`, { method: 'PUT', headers });
  if (created.ok) await fetch(`${account.storageUrl}/ready`, { method: 'DELETE', headers });
  return created.ok;
}

/** Granting a role revokes the user's tokens of that same second, so the first login after it may be refused. */
async function acceptsLogin(keystone: KeystoneFacts): Promise<boolean> {
  const { user, password, project, authUrl, storageUrl } = keystone;
  const { token } = await KeystoneAdmin.login(authUrl, { user, password, project });
  const account = await fetch(storageUrl, { method: 'PUT', headers: { 'x-auth-token': token } });
  await account.body?.cancel();
  const listing = await fetch(storageUrl, { headers: { 'x-auth-token': token } });
  await listing.body?.cancel();
  return listing.ok;
}
