import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { root } from '../../scripts/lib/workspace.mjs';

/** What a command did. */
export interface Ended {
  readonly status: number;
  /** Both streams, as they came. */
  readonly output: string;
  readonly stdout: string;
}

/** What `npm test` itself sets must not reach the package managers below; where packages come from, and proxies, must. */
const isInherited = (name: string): boolean =>
  !/^(npm_|pnpm_|node_options$|node_path$|vitest|init_cwd$)/i.test(name) ||
  /^npm_config_(registry|userconfig|globalconfig|cache|proxy|https_proxy|noproxy|cafile)$/i.test(name);

export const cleanEnvironment: Readonly<NodeJS.ProcessEnv> = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => isInherited(name)),
);

interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Give back a failure too. Default: it throws, with the output. */
  readonly mayFail?: boolean;
}

/** Runs a program to its end. */
export async function command(program: string, args: readonly string[], options: CommandOptions): Promise<Ended> {
  const ended = await new Promise<Ended>((resolve, reject) => {
    const env = { ...cleanEnvironment, ...options.env };
    const child = spawn(program, args, { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const all: Buffer[] = [];
    const stdout: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => void (all.push(chunk), stdout.push(chunk)));
    child.stderr.on('data', (chunk: Buffer) => void all.push(chunk));
    child.once('error', reject);
    child.once('close', (status) => {
      resolve({ status: status ?? 1, output: String(Buffer.concat(all)), stdout: String(Buffer.concat(stdout)) });
    });
  });
  if (ended.status === 0 || options.mayFail) return ended;
  throw new Error(`${[program, ...args].join(' ')} ended with ${ended.status}:\n${ended.output}`);
}

const major = Number(process.versions.node.split('.')[0]);

/** The Node that runs the tests, and Node 24 where there is a package of it for this machine. */
export const runtimes: readonly { readonly major: number; readonly path: string }[] = [
  { major, path: process.execPath },
  ...(major === 24
    ? []
    : [
        {
          major: 24,
          path: join(root, 'scripts/runtimes/node_modules', `node24-${process.platform}-${process.arch}`, 'bin/node'),
        },
      ]),
];

/** PATH that finds this Node first, so that `npm` and `node` in a shell are those of the tests. */
export const shellPath = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
