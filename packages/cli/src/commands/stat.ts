import type { Command } from 'commander';
import { parseAddress } from '../address.js';
import type { Does } from '../program.js';
import { jsonOf } from './list.js';

export function addStat(program: Command, does: Does): void {
  program
    .command('stat')
    .description('tell what a store knows of objects')
    .argument('<address...>', 'objects')
    .action(
      does(async ({ stores, output, signal }, _, addresses) => {
        const opened = await stores();
        for (const text of addresses) {
          const { provider, key } = parseAddress(text, opened.names);
          const object = await opened.open(provider).container.getObject(key, { signal });
          const facts = Object.entries(jsonOf(object)).filter(([, value]) => value !== undefined);
          if (output.json) await output.result('', Object.fromEntries(facts));
          else await output.table(facts.map(([name, value]) => [name, show(value)]));
        }
      }),
    );
}

function show(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}
