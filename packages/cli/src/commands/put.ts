import type { Command } from 'commander';
import { fileSource } from '@stowage/core';
import { keyFor, parseAddress } from '../address.js';
import { showProgress } from '../progress.js';
import type { Does } from '../program.js';
import { UsageError } from '../usage-error.js';

interface PutFlags {
  readonly clobber: boolean;
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export function addPut(program: Command, does: Does): void {
  program
    .command('put')
    .description('copy a file into a store')
    .argument('<path>', 'file; "-" is the standard input')
    .argument('<address>', 'key; one that is empty or ends with a slash gets the name of the file')
    .option('-n, --no-clobber', 'keep an object that is there, and fail')
    .option('--content-type <type>', 'default: guessed from the key')
    .option('--cache-control <value>', 'header that readers are given')
    .option('-m, --metadata <name=value>', 'user metadata; may be given again', collectPair)
    .action(
      does<PutFlags>(async ({ stores, output, signal }, flags, [path = '', text = '']) => {
        const { clobber, contentType, cacheControl, metadata } = flags;
        const opened = await stores();
        const address = parseAddress(text, opened.names);
        const key = keyFor(address, path);
        const { container } = opened.open(address.provider);
        const bar = showProgress(output, key);
        try {
          const stored = await container.put(key, path === '-' ? process.stdin : fileSource(path), {
            signal,
            contentType,
            cacheControl,
            metadata,
            ifNoneMatch: clobber ? undefined : '*',
            onProgress: bar.listener(),
          });
          await output.result(stored.key, { key: stored.key, size: stored.size, verified: stored.verified });
        } finally {
          bar.stop();
        }
      }),
    );
}

function collectPair(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--metadata takes name=value, not "${text}".`);
  const pairs = [...Object.entries(before), [text.slice(0, at), text.slice(at + 1)] as const];
  return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(pairs));
}
