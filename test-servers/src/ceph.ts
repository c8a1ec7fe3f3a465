import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cephConfig } from './ceph-config.js';
import { freePorts, type Launched, ProcessGroup, ServerMissingError, until } from './launched.js';

const run = promisify(execFile);

export interface CephFacts {
  readonly s3Endpoint: string;
  readonly s3TlsEndpoint: string;
  /** PEM file of the certificate authority that signed the TLS endpoint's certificate. */
  readonly caPath: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** A second account, for tests of permissions. */
  readonly otherAccessKey: string;
  readonly otherSecretKey: string;
  readonly swiftAuthUrl: string;
  readonly swiftUser: string;
  readonly swiftKey: string;
}

/** Starts Ceph's monitor, one OSD in memory and the RADOS gateway with its S3 and Swift APIs, in about 3 s. */
export async function launchCeph(): Promise<Launched<CephFacts>> {
  await requirePrograms();
  const folder = await mkdtemp(join(tmpdir(), 'stowage-ceph-'));
  const group = new ProcessGroup(folder);
  const stop = async (): Promise<void> => {
    await group.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { facts: await bringUp(folder, group), stop };
  } catch (error) {
    const logs = await readFile(join(folder, 'gateway.log'), 'utf8').catch(() => 'the gateway was not reached');
    await stop();
    throw new Error(`Ceph did not start; its gateway said: ${logs.slice(-2_000)}`, { cause: error });
  }
}

async function requirePrograms(): Promise<void> {
  try {
    await Promise.all(['ceph-mon', 'ceph-osd', 'radosgw'].map((program) => run(program, ['--version'])));
  } catch (cause) {
    throw new ServerMissingError(
      'Ceph is not installed; on Debian: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common openssl',
      { cause },
    );
  }
}

async function bringUp(folder: string, group: ProcessGroup): Promise<CephFacts> {
  const [http, https, monitorV1, monitorV2] = (await freePorts(4)) as [number, number, number, number];
  await Promise.all(['mon', 'osd', 'log', 'run', 'tls'].map((name) => mkdir(join(folder, name))));
  await makeCertificates(join(folder, 'tls'));
  const fsid = randomUUID();
  const config = join(folder, 'ceph.conf');
  await writeFile(config, cephConfig(folder, fsid, { http, https, monitorV1, monitorV2 }));

  const map = join(folder, 'monmap');
  const addresses = `[v2:127.0.0.1:${String(monitorV2)},v1:127.0.0.1:${String(monitorV1)}]`;
  await run('monmaptool', ['--create', '--clobber', '--fsid', fsid, '--addv', 'a', addresses, map]);
  await run('ceph-mon', ['-c', config, '--mkfs', '-i', 'a', '--monmap', map]);
  group.start('monitor', 'ceph-mon', ['-c', config, '-i', 'a', '-f']);
  const osd = randomUUID();
  await until('the monitor', () => succeeds('ceph', ['-c', config, '--connect-timeout', '10', 'osd', 'new', osd]), {
    group,
  });
  await run('ceph-osd', ['-c', config, '-i', '0', '--mkfs', '--osd-uuid', osd]);
  await run('ceph', ['-c', config, 'osd', 'crush', 'add', '0', '1.0', 'root=default', 'host=localhost']);
  group.start('osd', 'ceph-osd', ['-c', config, '-i', '0', '-f']);
  await until('the OSD', async () => (await run('ceph', ['-c', config, 'osd', 'stat'])).stdout.includes('1 up'), {
    group,
  });

  const users = await createUsers(config);
  group.start('gateway', 'radosgw', ['-c', config, '-n', 'client.rgw.a', '-f']);
  const s3Endpoint = `http://127.0.0.1:${String(http)}`;
  await until('the gateway', () => answers(s3Endpoint), { group });
  return {
    s3Endpoint,
    s3TlsEndpoint: `https://localhost:${String(https)}`,
    caPath: join(folder, 'tls', 'ca.pem'),
    swiftAuthUrl: `${s3Endpoint}/auth/v1.0`,
    swiftUser: 'testid:swift',
    ...users,
  };
}

async function createUsers(
  config: string,
): Promise<Pick<CephFacts, 'accessKey' | 'secretKey' | 'otherAccessKey' | 'otherSecretKey' | 'swiftKey'>> {
  const admin = (...args: string[]) => run('radosgw-admin', ['-c', config, ...args]);
  const keys = {
    accessKey: secret(),
    secretKey: secret(),
    otherAccessKey: secret(),
    otherSecretKey: secret(),
    swiftKey: secret(),
  };
  await admin(
    'user',
    'create',
    '--uid=testid',
    '--display-name=Test',
    `--access-key=${keys.accessKey}`,
    `--secret=${keys.secretKey}`,
  );
  await admin(
    'user',
    'create',
    '--uid=otherid',
    '--display-name=Other',
    `--access-key=${keys.otherAccessKey}`,
    `--secret=${keys.otherSecretKey}`,
  );
  await admin(
    'subuser',
    'create',
    '--uid=testid',
    '--subuser=testid:swift',
    '--access=full',
    '--key-type=swift',
    `--secret=${keys.swiftKey}`,
  );
  const storageClass = ['--placement-id', 'default-placement', '--storage-class', 'STANDARD_IA'];
  await admin('zonegroup', 'placement', 'add', '--rgw-zonegroup', 'default', ...storageClass);
  await admin(
    'zone',
    'placement',
    'add',
    '--rgw-zone',
    'default',
    ...storageClass,
    '--data-pool',
    'default.rgw.buckets.data',
  );
  return keys;
}

function secret(): string {
  return randomBytes(20).toString('hex');
}

/** A certificate authority of its own and a certificate for localhost, its subdomains and 127.0.0.1. */
async function makeCertificates(folder: string): Promise<void> {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  await openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '30',
    '-subj',
    '/CN=Stowage test CA',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  );
  await openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=localhost',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
  );
  await writeFile(join(folder, 'names'), 'subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1\n');
  await openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '30',
    '-extfile',
    'names',
    '-out',
    'server.pem',
  );
  const both = await Promise.all(['server.pem', 'server.key'].map((name) => readFile(join(folder, name), 'utf8')));
  await writeFile(join(folder, 'server-and-key.pem'), both.join(''));
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}
