import { type Command, Option } from 'commander';
import { cleanName } from '@stowage/django-style-adapter';
import { parseAddress } from '../address.js';
import type { Does } from '../program.js';
import type { Store } from '../stores.js';
import { UsageError } from '../usage-error.js';

interface UrlFlags {
  readonly expires?: number;
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  readonly public?: true;
}

export function addUrl(program: Command, does: Does): void {
  program
    .command('url')
    .description('print a link, as the settings want it: under url_base, signed, or plain')
    .argument('<address>', 'object; nobody asks whether it is there')
    .option('-e, --expires <seconds>', 'how long a signed link holds', parseSeconds)
    .addOption(new Option('--method <method>', 'sign for this method').choices(['GET', 'HEAD', 'PUT', 'DELETE']))
    .addOption(new Option('--public', 'the plain address, without a signature').conflicts(['expires', 'method']))
    .action(
      does<UrlFlags>(async ({ stores, output, signal }, flags, [text = '']) => {
        const opened = await stores();
        const { provider, key } = parseAddress(text, opened.names);
        const url = await makeUrl(opened.open(provider), key, flags, signal);
        await output.result(url, { key, url });
      }),
    );
}

async function makeUrl(
  { files, container }: Store,
  key: string,
  flags: UrlFlags,
  signal: AbortSignal,
): Promise<string> {
  const object = container.object(key);
  if (flags.public) return object.publicUrl();
  const { method, expires: expiresInSeconds } = flags;
  // The adapter knows the settings, and names files as Django does: a key such as a//b is none of its names.
  if (method === undefined && isFileName(key)) {
    return files.url(key, { signal, ...(expiresInSeconds !== undefined && { expiresInSeconds }) });
  }
  return (await object.signedUrl({ method, expiresInSeconds, signal })).url;
}

function isFileName(key: string): boolean {
  return !key.startsWith('/') && cleanName(key) === key;
}

function parseSeconds(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--expires takes a number of seconds above 0, not "${text}".`);
}
