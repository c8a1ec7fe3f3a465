import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addCapabilities } from './commands/capabilities.js';
import { addCheck } from './commands/check.js';
import { addCopyAndMove } from './commands/copy.js';
import { addGetAndCat } from './commands/get.js';
import { addList } from './commands/list.js';
import { addProviders } from './commands/providers.js';
import { addPut } from './commands/put.js';
import { addRemove } from './commands/remove.js';
import { addStat } from './commands/stat.js';
import { addSync } from './commands/sync.js';
import { addUrl } from './commands/url.js';
import { action, type Streams, type Work } from './session.js';

/** Adds a command's work to a command. */
export type Does = <Options extends object>(work: Work<Options>) => (...given: unknown[]) => Promise<void>;

const HELP = `
Places:
  provider:key   an object, or the keys that begin so, in the bucket of a provider of your settings; ":key" is of the default provider
  path           a file of this machine; "-" is the standard input or output

Settings, the first that is found:
  --settings FILE, the variable STOWAGE_SETTINGS   a .json file, or a .js module that exports LIBCLOUD_PROVIDERS
  the variable LIBCLOUD_PROVIDERS                  the providers themselves, as JSON
  stowage.config.js, .mjs, .json                   in the working directory

Exit codes:
  0 done   1 failed   2 wrong arguments or settings   3 not found   4 exists, or a condition fails   5 no access
  6 try again later   7 driver missing or unfit   8 the store cannot do it   9 damaged on the way   130 stopped

Examples:
  stowage check
  stowage ls amazon_1:photos/ -l
  stowage put sunset.jpg amazon_1:photos/
  stowage sync ./public google_1:site --delete --dry-run
  tar c data | stowage put - amazon_1:backup.tar`;

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}

/** The whole command line. Actions end when the signal does. */
export function createProgram(streams: Streams, signal: AbortSignal): Command {
  const program = new Command('stowage')
    .description('Files in every store that your LIBCLOUD_PROVIDERS settings name.')
    .version(version())
    .option('-s, --settings <file>', 'settings to use')
    .option('--json', 'results as JSON, one value in a line')
    .option('-q, --quiet', 'no progress and no remarks')
    .showHelpAfterError('(stowage --help tells more)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => streams.stdout.write(text), writeErr: (text) => streams.stderr.write(text) })
    .addHelpText('after', HELP)
    .exitOverride();
  const does: Does = (work) => action(streams, signal, work);
  for (const add of [
    addProviders,
    addCapabilities,
    addCheck,
    addList,
    addStat,
    addGetAndCat,
    addPut,
    addCopyAndMove,
    addRemove,
    addUrl,
    addSync,
  ]) {
    add(program, does);
  }
  return program;
}
