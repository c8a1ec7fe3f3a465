import type { Command } from 'commander';
import { AlreadyTold } from '../already-told.js';
import { type Address, parseAddress } from '../address.js';
import type { Does } from '../program.js';
import type { Session } from '../session.js';
import type { Stores } from '../stores.js';
import { UsageError } from '../usage-error.js';

interface RemoveFlags {
  readonly recursive?: true;
  readonly all?: true;
  readonly dryRun?: true;
}

export function addRemove(program: Command, does: Does): void {
  program
    .command('rm')
    .description('delete objects; one that is not there counts as deleted')
    .argument('<address...>', 'objects, or with -r keys that begin with this')
    .option('-r, --recursive', 'every key that begins with the address')
    .option('--all', 'with -r: also the whole bucket')
    .option('-d, --dry-run', 'only tell what would be deleted')
    .action(
      does<RemoveFlags>(async (session, flags, texts) => {
        const opened = await session.stores();
        const addresses = texts.map((text) => parseAddress(text, opened.names));
        for (const address of addresses) check(address, flags);
        for (const address of addresses) await remove(session, opened, address, flags);
      }),
    );
}

function check({ key }: Address, { recursive, all }: RemoveFlags): void {
  if (key !== '' || (recursive && all)) return;
  throw new UsageError(
    recursive ? 'That is the whole bucket: add --all if it is meant.' : 'The address names no object.',
  );
}

async function remove(session: Session, stores: Stores, address: Address, flags: RemoveFlags): Promise<void> {
  const { output, signal } = session;
  const { container } = stores.open(address.provider);
  const told = async (key: string): Promise<void> => output.result(key, { deleted: key });
  if (!flags.recursive) {
    if (!flags.dryRun) await container.deleteObject(address.key, { signal });
    return told(address.key);
  }
  if (flags.dryRun) {
    for await (const { key } of container.iterateObjects({ prefix: address.key, signal })) await told(key);
    return;
  }
  const { deleted, errors } = await container.deletePrefix(address.key, { signal });
  await output.result(`${deleted} deleted`, { deleted, failed: errors.map(({ key, error }) => ({ key, error })) });
  for (const { key, error } of errors) output.warn(`${key}: ${error.message}`);
  if (errors[0]) throw new AlreadyTold(errors[0].error);
}
