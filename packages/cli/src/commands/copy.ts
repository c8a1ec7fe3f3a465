import type { Command } from 'commander';
import type { StoredObject } from '@stowage/core';
import { keyFor, parseAddress } from '../address.js';
import type { Does } from '../program.js';
import { showProgress } from '../progress.js';
import type { Stores } from '../stores.js';

interface CopyFlags {
  readonly clobber: boolean;
}

export function addCopyAndMove(program: Command, does: Does): void {
  for (const { name, about, isMove } of [
    { name: 'cp', about: 'copy an object, inside a store or from one to another', isMove: false },
    { name: 'mv', about: 'move an object; it is never gone before the copy is there', isMove: true },
  ]) {
    program
      .command(name)
      .description(about)
      .argument('<from>', 'object')
      .argument('<to>', 'key; one that is empty or ends with a slash gets the last part of the other key')
      .option('-n, --no-clobber', 'keep an object that is there, and fail')
      .action(
        does<CopyFlags>(async ({ stores, output, signal }, { clobber }, [fromText = '', toText = '']) => {
          const { from, to } = findBoth(await stores(), fromText, toText);
          const bar = showProgress(output, from.key);
          try {
            const options = { signal, ifNoneMatch: clobber ? undefined : ('*' as const), onProgress: bar.listener() };
            const made = isMove ? await from.moveTo(to, options) : await from.copyTo(to, options);
            await output.result(made.key, { from: from.key, key: made.key, size: made.size, etag: made.etag });
          } finally {
            bar.stop();
          }
        }),
      );
  }
}

function findBoth(stores: Stores, fromText: string, toText: string): { from: StoredObject; to: StoredObject } {
  const from = parseAddress(fromText, stores.names);
  const to = parseAddress(toText, stores.names);
  return {
    from: stores.open(from.provider).container.object(from.key),
    to: stores.open(to.provider).container.object(keyFor(to, from.key)),
  };
}
