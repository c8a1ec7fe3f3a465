import type { Command } from 'commander';
import type { Does } from '../program.js';

export function addCapabilities(program: Command, does: Does): void {
  program
    .command('capabilities')
    .description('tell what the store of a provider can do, and its limits; makes no request')
    .argument('[provider]', 'name in the settings; default: the default provider')
    .action(
      does(async ({ stores, output }, _, [provider]) => {
        const { storage } = (await stores()).open(provider);
        const { can, capabilities } = storage;
        if (output.json) return output.result('', { provider: storage.provider, can, capabilities });
        await output.table([
          ...Object.entries(can).map(([ability, level]) => [ability, level]),
          ...Object.entries(limitsOf(capabilities)),
        ]);
      }),
    );
}

/** `{ put: { maxBytes: 5 } }` -> `put.maxBytes 5`; functions are no facts. */
function limitsOf(facts: object, path = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]: [string, unknown]) => {
      const here = path === '' ? name : `${path}.${name}`;
      if (value === undefined || typeof value === 'function') return [];
      if (Array.isArray(value)) return [[here, value.join(', ') || 'none']];
      if (typeof value === 'object' && value !== null) return Object.entries(limitsOf(value, here));
      return [[here, typeof value === 'string' ? value : JSON.stringify(value)]];
    }),
  );
}
