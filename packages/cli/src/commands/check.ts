import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { AlreadyTold } from '../already-told.js';
import { factsOf } from '../exit-code.js';
import type { Does } from '../program.js';
import type { Session } from '../session.js';
import type { Store, Stores } from '../stores.js';
import { UsageError } from '../usage-error.js';

interface CheckFlags {
  readonly write?: true;
}

export function addCheck(program: Command, does: Does): void {
  program
    .command('check')
    .description('open providers of the settings, read one page of their buckets, and say what is wrong')
    .argument('[provider...]', 'names in the settings; default: all')
    .option('-w, --write', 'also write, read and delete a small object of a name of its own')
    .action(
      does<CheckFlags>(async (session, flags, given) => {
        const opened = await session.stores();
        const names = given.length > 0 ? given : opened.names;
        if (names.length === 0) throw new UsageError('The settings have no provider: LIBCLOUD_PROVIDERS is empty.');
        const failures: unknown[] = [];
        for (const name of names) {
          const failure = await checkOne(session, opened, name, flags);
          if (failure !== undefined) failures.push(failure);
          session.signal.throwIfAborted();
        }
        if (failures.length > 0) throw new AlreadyTold(failures[0]);
      }),
    );
}

/** Gives the error, when there is one; it has been told. */
async function checkOne(session: Session, stores: Stores, name: string, { write }: CheckFlags): Promise<unknown> {
  const { output, signal } = session;
  try {
    const store = stores.open(name);
    const startedMs = performance.now();
    await store.container.listPage({ limit: 1, signal });
    if (write) await writeAndRead(store, signal);
    const ms = Math.round(performance.now() - startedMs);
    const { provider, can } = store.storage;
    const facts = { provider: name, ok: true, type: provider, bucket: store.container.name, ms, can };
    await output.result(`ok      ${name}  ${provider}, bucket ${store.container.name}, ${ms} ms`, facts);
    return undefined;
  } catch (error) {
    const facts = factsOf(error);
    await output.result(`FAILED  ${name}  ${String(facts['message'])}`, { provider: name, ok: false, error: facts });
    return error;
  }
}

async function writeAndRead({ container }: Store, signal: AbortSignal): Promise<void> {
  const object = container.object(`stowage-check-${randomBytes(8).toString('hex')}`);
  const text = 'Written by "stowage check --write"; it can be deleted.\n';
  await object.put(text, { signal });
  try {
    if ((await object.text({ signal })) !== text) throw new Error('The store gave back other bytes than were written.');
  } finally {
    await object.delete({ signal });
  }
}
