import { type Command, InvalidArgumentError } from 'commander';
import { isAddress, parsePlace } from '../address.js';
import type { Does } from '../program.js';
import type { Stores } from '../stores.js';
import { carryOut, type Side } from '../sync/carry-out.js';
import { readLocalTree } from '../sync/local-tree.js';
import { planSync } from '../sync/plan.js';
import { readStoreTree } from '../sync/store-tree.js';
import type { Tree } from '../sync/tree.js';
import { UsageError } from '../usage-error.js';

interface SyncFlags {
  readonly delete?: true;
  readonly checksum?: true;
  readonly dryRun?: true;
  readonly concurrency: number;
}

export function addSync(program: Command, does: Does): void {
  program
    .command('sync')
    .description('make one tree of files like another; one side or both are in a store')
    .argument('<from>', 'directory, or address of a folder')
    .argument('<to>', 'directory, or address of a folder')
    .option('--delete', 'also delete what the source does not have')
    .option('-c, --checksum', 'compare content where sizes are equal, not time; reads local files')
    .option('-d, --dry-run', 'only tell what would be done')
    .option('-j, --concurrency <number>', 'files at once', parseCount, 8)
    .action(
      does<SyncFlags>(async (session, flags, [fromText = '', toText = '']) => {
        const opened = await session.stores();
        const [from, to] = [sideOf(fromText, opened), sideOf(toText, opened)];
        if ('path' in from && 'path' in to)
          throw new UsageError('Both are directories of this machine; one must be in a store.');
        const { signal } = session;
        const [source, target] = await Promise.all([readTree(from, true, signal), readTree(to, false, signal)]);
        const plan = await planSync(source, target, {
          deletes: flags.delete ?? false,
          byContent: flags.checksum ?? false,
          concurrency: flags.concurrency,
          signal,
        });
        for (const { name, reason } of source.skipped) session.output.remark(`skipped ${name}: ${reason}`);
        await carryOut(session, plan, to, flags);
      }),
    );
}

function sideOf(text: string, stores: Stores): Side {
  const place = parsePlace(text, stores.names);
  if (!isAddress(place)) return place;
  const prefix = place.key === '' || place.key.endsWith('/') ? place.key : `${place.key}/`;
  return { container: stores.open(place.provider).container, prefix };
}

/** A directory that is to be read must be there; one that is to be written need not. */
function readTree(side: Side, mustExist: boolean, signal: AbortSignal): Promise<Tree> {
  return 'path' in side
    ? readLocalTree(side.path, { mustExist, signal })
    : readStoreTree(side.container, side.prefix, signal);
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number from 1 to 999.');
}
