import {
  type CallContext,
  type ListRequest,
  StorageError,
  type VersionPage,
  type VersionRecord,
  type VersionsGroup,
} from '@stowage/core/spi';
import { toStoredPrefix } from './keys.js';
import { collectionCall, listCall, listingArgument } from './requests.js';
import type { NimbusService } from './service.js';
import { type KeyPage, type KeyRow, keyOfRow, readContainer, readKeyPage } from './wire.js';

const PAGE_ROWS = 1000;

/** Where a page begins: after a row, and after as many versions of the next key, the newest of which come first. */
interface Position {
  readonly after: Pick<KeyRow, 'stored' | 'versionId'> | undefined;
  readonly skip: number;
}

export function versionsGroup(service: NimbusService): VersionsGroup {
  const { client } = service;
  const { user } = client.identity;
  return {
    list: (container, request, ctx) => listVersions(service, container, request, ctx),
    async isEnabled(container, ctx) {
      const { extra } = await client.ask(collectionCall('GET', user, container), ctx, readContainer);
      return extra?.['isVersioned'] === true;
    },
    async setEnabled(container, enabled, ctx) {
      await client.send(collectionCall('PUT', user, container, `?versioning=${String(enabled)}`), ctx);
    },
  };
}

/**
 * The server gives the oldest version of a key first, and does not tell which is the newest: all versions of a key are read before
 * the first is given.
 */
async function listVersions(
  { client }: NimbusService,
  container: string,
  request: ListRequest,
  ctx: CallContext,
): Promise<VersionPage> {
  const { prefix = '', token, limit = PAGE_ROWS } = request;
  const start = readPosition(token);
  const rows: KeyRow[] = [];
  let isTruncated = true;
  while (isTruncated && (rows.length === 0 || rows.at(-1)?.stored === rows[0]?.stored)) {
    const call = versionsCall(container, prefix, rows.at(-1) ?? start.after);
    const page: KeyPage = await client.ask(call, ctx, readKeyPage);
    if (page.isTruncated && page.rows.length === 0)
      throw new StorageError('unknown', 'The server says that its listing goes on, and not where.', {
        retryable: false,
      });
    rows.push(...page.rows);
    ({ isTruncated } = page);
  }
  const runs = runsOf(rows);
  // Of the last key there may be more versions.
  if (isTruncated) runs.pop();
  return takePage(runs, { start, limit, prefix, goesOn: isTruncated });
}

function versionsCall(container: string, prefix: string, after: Position['after']) {
  const stored = toStoredPrefix(prefix);
  return listCall(container, '/?versions', [
    stored === '' ? undefined : listingArgument('prefix', stored),
    listingArgument('max_keys', String(PAGE_ROWS)),
    after && listingArgument('key_marker', after.stored),
    after && listingArgument('version_id_marker', after.versionId),
  ]);
}

function runsOf(rows: readonly KeyRow[]): KeyRow[][] {
  const runs: KeyRow[][] = [];
  for (const row of rows) {
    const run = runs.at(-1);
    if (run?.[0]?.stored === row.stored) run.push(row);
    else runs.push([row]);
  }
  return runs;
}

function takePage(
  runs: readonly (readonly KeyRow[])[],
  how: { readonly start: Position; readonly limit: number; readonly prefix: string; readonly goesOn: boolean },
): VersionPage {
  const versions: VersionRecord[] = [];
  let { after, skip } = how.start;
  for (const run of runs) {
    const key = keyOfRow(run[0] as KeyRow);
    if (key?.startsWith(how.prefix)) {
      const left = toVersions(key, run).slice(skip);
      const taken = left.slice(0, how.limit - versions.length);
      versions.push(...taken);
      skip += taken.length;
      if (taken.length < left.length) return { versions, prefixes: [], next: writePosition({ after, skip }) };
    }
    after = run.at(-1);
    skip = 0;
  }
  return { versions, prefixes: [], next: how.goesOn ? writePosition({ after, skip }) : undefined };
}

/** The newest first. The server keeps no marks of deletes: they end all versions before them. */
function toVersions(key: string, run: readonly KeyRow[]): VersionRecord[] {
  return run.toReversed().map(({ versionId, modifiedAtMs }, age) => ({
    ...{ key, versionId, modifiedAtMs },
    isLatest: age === 0,
    isDeleteMarker: false,
  }));
}

function writePosition({ after, skip }: Position): string {
  return JSON.stringify([after?.stored ?? '', after?.versionId ?? '', skip]);
}

/** Throws `invalid-argument` for a token that is none of ours. */
function readPosition(token: string | undefined): Position {
  if (token === undefined) return { after: undefined, skip: 0 };
  let fields: unknown;
  try {
    fields = JSON.parse(token);
  } catch {
    fields = undefined;
  }
  const [stored, versionId, skip] = Array.isArray(fields) ? (fields as unknown[]) : [];
  if (typeof stored === 'string' && typeof versionId === 'string' && Number.isSafeInteger(skip)) {
    return { after: stored === '' ? undefined : { stored, versionId }, skip: skip as number };
  }
  throw new StorageError('invalid-argument', 'The page token is none that this listing gave.');
}
