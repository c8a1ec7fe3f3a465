import { pipeline } from 'node:stream/promises';
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import type { StoredObject } from '@stowage/core';
import { parseAddress } from '../address.js';
import { showProgress } from '../progress.js';
import type { Does } from '../program.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

interface GetFlags {
  readonly clobber: boolean;
}

export function addGetAndCat(program: Command, does: Does): void {
  program
    .command('cat')
    .description('write objects to the standard output')
    .argument('<address...>', 'objects')
    .action(
      does(async (session, _, addresses) => {
        for (const text of addresses) await print(session, await find(session, text));
      }),
    );
  program
    .command('get')
    .description('copy an object to a file, which appears whole or not at all')
    .argument('<address>', 'object')
    .argument('[path]', 'file, or directory for a file of the same name; "-" is the standard output', '.')
    .option('-n, --no-clobber', 'keep a file that is there, and fail')
    .action(
      does<GetFlags>(async (session, { clobber }, [text = '', path = '.']) => {
        const object = await find(session, text);
        if (path === '-') return print(session, object);
        const file = fileFor(path, object.key);
        const bar = showProgress(session.output, object.key);
        try {
          const options = { overwrite: clobber, signal: session.signal, onProgress: bar.listener() };
          const { size, verified } = await object.download(file, options);
          await session.output.result(file, { key: object.key, path: file, size, verified });
        } finally {
          bar.stop();
        }
      }),
    );
}

async function find({ stores }: Session, text: string): Promise<StoredObject> {
  const opened = await stores();
  const { provider, key } = parseAddress(text, opened.names);
  return opened.open(provider).container.object(key);
}

async function print({ output, signal }: Session, object: StoredObject): Promise<void> {
  await pipeline(await object.stream({ signal }), output.stdout, { end: false, signal });
}

/** A directory gets a file that is named as the last part of the key. */
function fileFor(path: string, key: string): string {
  const isDirectory = path.endsWith('/') || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isDirectory) return path;
  const name = basename(key);
  if (['', '.', '..'].includes(name) || key.endsWith('/')) {
    throw new UsageError(`"${key}" names no file: write the whole path of the file.`);
  }
  return join(path, name);
}
