import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const serve = fileURLToPath(new URL('serve.mjs', import.meta.url));

/** A registry that runs. */
export interface Registry {
  readonly url: string;
  stop(): void;
}

/** Starts an empty registry that keeps its packages below `folder`. */
export async function startRegistry(folder: string): Promise<Registry> {
  const child: ChildProcess = fork(serve, [folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The registry ended with ${String(code)} before it listened.`)));
  });
  return { url: `http://127.0.0.1:${port}/`, stop: () => child.disconnect() };
}

/** For a folder that publishes: npm wants a token, though the registry asks for none. */
export function npmrc(url: string): string {
  return [`registry=${url}`, `${url.slice('http:'.length)}:_authToken=anybody`, 'provenance=false', ''].join('\n');
}

/** For an application: the packages of these scopes come from the test's registry, all others from where this machine has them. */
export function scopedNpmrc(url: string): string {
  const scopes = ['@stowage', '@acme'].map((scope) => `${scope}:registry=${url}`);
  const quiet = ['audit=false', 'fund=false', 'update-notifier=false', 'prefer-offline=true'];
  return [...scopes, ...quiet, ''].join('\n');
}
