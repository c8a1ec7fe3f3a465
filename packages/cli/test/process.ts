import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';

const bin = fileURLToPath(new URL('../dist/bin.js', import.meta.url));
const driverLocal = fileURLToPath(new URL('../../driver-local', import.meta.url));

// A busy machine takes a second to start a process, and some tests start ten.
vi.setConfig({ testTimeout: 90_000 });

export const SECRET = 'the-secret-of-sixteen-and-more';

/** One provider over a folder of its own; the secret stands in the environment. */
export function localProvider(root: string, more: object = {}): object {
  return {
    type: 'libcloud.storage.types.Provider.LOCAL',
    user: root,
    key: { env: 'STOWAGE_TEST_SECRET' },
    bucket: 'bucket-1',
    ...more,
  };
}

/** A folder with the local driver installed, two buckets with nothing in them, and settings for both. */
export function makeProject(settings?: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  mkdirSync(join(folder, 'node_modules', '@stowage'), { recursive: true });
  symlinkSync(driverLocal, join(folder, 'node_modules', '@stowage', 'driver-local'));
  for (const store of ['one', 'two']) mkdirSync(join(folder, store, 'bucket-1'), { recursive: true });
  const providers = {
    one: localProvider(join(folder, 'one'), { base_url: 'https://files.example/all' }),
    two: localProvider(join(folder, 'two')),
  };
  const content = settings ?? { LIBCLOUD_PROVIDERS: providers, DEFAULT_LIBCLOUD_PROVIDER: 'one' };
  writeTree(folder, { 'stowage.config.json': JSON.stringify(content) });
  return folder;
}

export function writeTree(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built command. `end` resolves when it has ended. */
export function start(
  cwd: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly end: Promise<Ended> } {
  const env = { PATH: process.env.PATH, STOWAGE_TEST_SECRET: SECRET, ...environment };
  const child = spawn(process.execPath, [bin, ...args], { cwd, env });
  const chunks: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
  // A command may end before it has read everything.
  child.stdin.on('error', () => undefined);
  const end = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({
        code,
        stdout: Buffer.concat(chunks.stdout).toString(),
        stderr: Buffer.concat(chunks.stderr).toString(),
      });
    });
  });
  return { child, end };
}

/** Runs the built command to its end, with `input` on its standard input. */
export async function stowage(
  cwd: string,
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  const { child, end } = start(cwd, args, env);
  child.stdin?.end(input);
  return end;
}
