import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A server that is up; `stop` ends every process that was started for it, and nothing else. */
export interface Launched<Facts> {
  readonly facts: Facts;
  stop(): Promise<void>;
}

/** Thrown when the programs of a server are not on this machine; `message` says how to get them. */
export class ServerMissingError extends Error {
  override readonly name = 'ServerMissingError';
}

/** Ports that were free a moment ago on 127.0.0.1. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Starts processes with their output in `folder` and ends them in reverse order. */
export class ProcessGroup {
  readonly #folder: string;
  readonly #started: { readonly name: string; readonly child: ChildProcess }[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  start(name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
    const log = createWriteStream(join(this.#folder, `${name}.log`), { flags: 'a' });
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.once('error', (error) => log.end(`${error.message}\n`));
    child.once('exit', () => log.end());
    this.#started.push({ name, child });
    return child;
  }

  /** The name of a process that ended although nobody stopped it. */
  ended(): string | undefined {
    return this.#started.find(({ child }) => child.exitCode !== null || child.signalCode !== null)?.name;
  }

  async stop(): Promise<void> {
    for (const { child } of this.#started.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const killed = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(killed);
    }
    this.#started.length = 0;
  }
}

/** Asks until `check` is true. Fails after `timeoutMs`, or at once when a process of the group ends. */
export async function until(
  what: string,
  check: () => Promise<boolean>,
  { group, timeoutMs = 60_000 }: { readonly group: ProcessGroup; readonly timeoutMs?: number },
): Promise<void> {
  const endMs = Date.now() + timeoutMs;
  while (!(await check())) {
    const ended = group.ended();
    if (ended !== undefined) throw new Error(`${ended} ended while waiting for ${what}; see its log`);
    if (Date.now() > endMs) throw new Error(`${what} took longer than ${String(timeoutMs / 1000)} s`);
    await delay(50);
  }
}
