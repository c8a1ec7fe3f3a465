import type { CallContext, Checksums } from '@stowage/core/spi';
import { childrenOf, parseIsoDateMs, parseXml, textAt, type XmlElement } from '@stowage/http';
import type { AtmosService } from './service.js';
import { KEY_TAG } from './tag-headers.js';
import { etagOf, extraOf, sortTags } from './wire.js';

/** Entries that one request asks for, at most. */
export const MAX_PAGE = 500;

export interface ListedEntry {
  /** As the namespace has it. */
  readonly name: string;
  readonly isDirectory: boolean;
  readonly size: number | undefined;
  readonly etag: string | undefined;
  readonly modifiedAtMs: number | undefined;
  readonly createdAtMs: number | undefined;
  readonly checksums: Checksums | undefined;
  /** The key of what is not an object yet. */
  readonly key: string | undefined;
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface DirectoryPage {
  readonly entries: readonly ListedEntry[];
  readonly next: string | undefined;
}

/** Reads a page of one directory, with sizes, times and digests. Throws what a missing one is, as `container-not-found`. */
export async function listPage(
  { client }: AtmosService,
  resource: string,
  { token, limit }: { readonly token?: string | undefined; readonly limit?: number | undefined },
  ctx: CallContext,
): Promise<DirectoryPage> {
  const headers = ['x-emc-include-meta', '1', 'x-emc-limit', String(Math.min(limit ?? MAX_PAGE, MAX_PAGE))];
  headers.push('x-emc-system-tags', 'size,mtime,itime,objectid,policyname,uid');
  headers.push('x-emc-user-tags', `md5,sha1,${KEY_TAG}`);
  if (token !== undefined) headers.push('x-emc-token', token);
  if (client.facts.utf8) headers.push('x-emc-utf8', 'true');
  const response = await client.send({ method: 'GET', resource, headers, notFound: 'container-not-found' }, ctx);
  const root = parseXml(response.bytes, 'a listing of a directory');
  const list = childrenOf(root, 'DirectoryList')[0];
  return {
    entries: childrenOf(list, 'DirectoryEntry').map(readEntry),
    next: response.header('x-emc-token') || undefined,
  };
}

function readEntry(entry: XmlElement): ListedEntry {
  const pairs = ['SystemMetadataList', 'UserMetadataList'].flatMap((name) =>
    childrenOf(childrenOf(entry, name)[0], 'Metadata').map(
      (row) => [textAt(row, 'Name') ?? '', textAt(row, 'Value') ?? ''] as const,
    ),
  );
  const { system, own, checksums } = sortTags(pairs);
  const size = system.get('size');
  const facts = new Map([['objectid', textAt(entry, 'ObjectID') ?? ''], ...system]);
  return {
    name: textAt(entry, 'Filename') ?? '',
    isDirectory: textAt(entry, 'FileType') === 'directory',
    size: size === undefined ? undefined : Number(size),
    etag: etagOf(facts),
    modifiedAtMs: parseIsoDateMs(system.get('mtime')),
    createdAtMs: parseIsoDateMs(system.get('itime')),
    checksums,
    key: own[KEY_TAG],
    extra: extraOf(facts),
  };
}
