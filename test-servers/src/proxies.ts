import { connect } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './installed.js';
import { freePorts, type Launched, ProcessGroup, ServerMissingError, until } from './launched.js';

export interface TinyproxyFacts {
  readonly port: number;
  /** `http://user:password@127.0.0.1:port`. */
  readonly url: string;
}

export interface StunnelOptions {
  /** Where the plain server listens on 127.0.0.1. */
  readonly targetPort: number;
  /** PEM of the server's certificate and of its key. */
  readonly cert: string;
  readonly key: string;
  /** PEM of the CA that must have signed a client's certificate; without it, no client certificate is asked for. */
  readonly clientCa?: string;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false)).once('connect', () => socket.destroy());
  });
}

function requireProgram(name: string, packageName: string): string {
  const path = findProgram(name);
  if (path !== undefined) return path;
  throw new ServerMissingError(
    `${name} is not installed; on Debian: apt-get install --no-install-recommends ${packageName}`,
  );
}

async function launch(
  name: string,
  program: string,
  write: (folder: string, port: number) => Promise<readonly string[]>,
): Promise<Launched<number>> {
  const folder = await mkdtemp(join(tmpdir(), `stowage-${name}-`));
  const group = new ProcessGroup(folder);
  const stop = async (): Promise<void> => {
    await group.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [port] = (await freePorts(1)) as [number];
    group.start(name, program, await write(folder, port));
    await until(name, () => accepts(port), { group, timeoutMs: 15_000 });
    return { facts: port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts tinyproxy, which asks for user and password and lets through to every port. */
export async function launchTinyproxy(user: string, password: string): Promise<Launched<TinyproxyFacts>> {
  const program = requireProgram('tinyproxy', 'tinyproxy-bin');
  const { facts: port, ...launched } = await launch('tinyproxy', program, async (folder, free) => {
    const config = join(folder, 'tinyproxy.conf');
    const lines = [`Port ${free}`, 'Listen 127.0.0.1', 'Timeout 60', 'MaxClients 50', `BasicAuth ${user} ${password}`];
    await writeFile(config, `${lines.join('\n')}\n`, { mode: 0o600 });
    return ['-d', '-c', config];
  });
  return { ...launched, facts: { port, url: `http://${user}:${password}@127.0.0.1:${port}` } };
}

/** Starts stunnel, which puts TLS before a plain server and may insist on a client certificate. */
export async function launchStunnel(options: StunnelOptions): Promise<Launched<{ readonly port: number }>> {
  const program = requireProgram('stunnel4', 'stunnel4');
  const { facts: port, ...launched } = await launch('stunnel', program, async (folder, free) => {
    const [cert, ca, config] = ['cert.pem', 'ca.pem', 'stunnel.conf'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(cert, `${options.cert}\n${options.key}\n`, { mode: 0o600 });
    const strict = options.clientCa === undefined ? [] : [`CAfile = ${ca}`, 'verifyChain = yes', 'requireCert = yes'];
    if (options.clientCa !== undefined) await writeFile(ca, options.clientCa);
    const service = [
      `accept = 127.0.0.1:${free}`,
      `connect = 127.0.0.1:${options.targetPort}`,
      `cert = ${cert}`,
      ...strict,
    ];
    await writeFile(config, ['foreground = yes', 'pid =', '[https]', ...service, ''].join('\n'));
    return [config];
  });
  return { ...launched, facts: { port } };
}
