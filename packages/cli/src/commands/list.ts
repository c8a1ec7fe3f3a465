import type { Command } from 'commander';
import type { CopiedRecord, StoredObject } from '@stowage/core';
import { parseAddress } from '../address.js';
import type { Output } from '../output.js';
import type { Does } from '../program.js';

interface ListFlags {
  readonly long?: true;
  readonly recursive?: true;
}

/** The widest size that is seen: 15 digits are a petabyte. */
const SIZE_WIDTH = 15;

export function addList(program: Command, does: Does): void {
  program
    .command('ls')
    .description('list keys, folder by folder')
    .argument('[address]', 'keys that begin with this; default: the whole bucket of the default provider', ':')
    .option('-l, --long', 'with size in bytes and time')
    .option('-r, --recursive', 'all keys, without folders')
    .action(
      does<ListFlags>(async ({ stores, output, signal }, { long = false, recursive = false }, [text = ':']) => {
        const opened = await stores();
        const { provider, key } = parseAddress(text, opened.names);
        const { container } = opened.open(provider);
        const listing = container.iterateObjects({ prefix: key, signal, ...(!recursive && { delimiter: '/' }) });
        for await (const { prefixes, objects } of listing.pages()) {
          for (const prefix of prefixes) {
            await output.result(long ? `${''.padStart(SIZE_WIDTH)}  ${''.padEnd(24)}  ${prefix}` : prefix, { prefix });
          }
          for (const object of objects) await printObject(output, object, long);
        }
      }),
    );
}

async function printObject(output: Output, object: StoredObject, long: boolean): Promise<void> {
  const size = String(object.size ?? '').padStart(SIZE_WIDTH);
  const time = (object.lastModified?.toISOString() ?? '').padEnd(24);
  await output.result(long ? `${size}  ${time}  ${object.key}` : object.key, jsonOf(object));
}

/** What a listing and `stat` tell of an object. */
export function jsonOf(object: StoredObject): Record<string, unknown> {
  const { key, size, etag, contentType, lastModified, metadata, checksums, versionId, extra } = object;
  const record: Partial<CopiedRecord> = object.record ?? {};
  const { contentEncoding, contentDisposition, contentLanguage, cacheControl, storageClass } = record;
  const headers = { contentType, contentEncoding, contentDisposition, contentLanguage, cacheControl };
  return { key, size, etag, lastModified, ...headers, metadata, checksums, versionId, storageClass, extra };
}
