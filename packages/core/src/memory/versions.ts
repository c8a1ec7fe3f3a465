import type { VersionsGroup } from '../spi/groups.js';
import type { VersionPage, VersionRecord } from '../spi/records.js';
import type { ListRequest } from '../spi/requests.js';
import { checkNotAborted } from './errors.js';
import { firstIndex, invalidToken, walk } from '../spi/key-page.js';
import type { MemoryContainer, MemoryStore } from './store.js';
import { toVersionRecord } from './stored-version.js';

/** What a page of versions ended with. */
type Position = { readonly prefix: string } | { readonly key: string; readonly sequence: number };

/** Keeps what is overwritten and deleted, for containers where that was switched on. */
export function createVersions(store: MemoryStore, pageSize: number): VersionsGroup {
  return {
    async list(container, request, ctx): Promise<VersionPage> {
      checkNotAborted(ctx);
      return listVersions(store.container(container), request, Math.min(request.limit ?? pageSize, pageSize));
    },

    async isEnabled(container, ctx) {
      checkNotAborted(ctx);
      return store.container(container).isVersioned;
    },

    async setEnabled(container, enabled, ctx) {
      checkNotAborted(ctx);
      store.container(container).isVersioned = enabled;
    },
  };
}

/** Lists keys in byte order, and of each key the newest version first. */
function listVersions(container: MemoryContainer, request: ListRequest, limit: number): VersionPage {
  const after = request.token === undefined ? undefined : readPosition(request.token);
  const versions: VersionRecord[] = [];
  const prefixes: string[] = [];
  let last: Position | undefined;
  for (const [position, record] of rows(container, request, after)) {
    if (versions.length + prefixes.length === limit) return { versions, prefixes, next: writePosition(last) };
    if (record) versions.push(record);
    else if ('prefix' in position) prefixes.push(position.prefix);
    last = position;
  }
  return { versions, prefixes };
}

function* rows(
  container: MemoryContainer,
  request: ListRequest,
  after: Position | undefined,
): Generator<readonly [Position, VersionRecord?]> {
  const { keys } = container;
  let index = firstIndex(keys, { ...request, token: undefined });
  if (after) index = 'prefix' in after ? keys.firstBeyond(after.prefix) : keys.firstFrom(after.key);
  for (const { kind, name } of walk(keys, index, request, () => true)) {
    if (kind === 'prefix') yield [{ prefix: name }];
    else yield* versionRows(container, name, after);
  }
}

function* versionRows(
  container: MemoryContainer,
  key: string,
  after: Position | undefined,
): Generator<readonly [Position, VersionRecord]> {
  const versions = container.versionsOf(key);
  const latest = versions.at(-1);
  const below = after && 'key' in after && after.key === key ? after.sequence : Infinity;
  for (const version of versions.toReversed()) {
    const { sequence } = version;
    if (sequence < below) yield [{ key, sequence }, toVersionRecord(version, version === latest)];
  }
}

function writePosition(position: Position | undefined): string | undefined {
  return position && Buffer.from(JSON.stringify(position)).toString('base64url');
}

function readPosition(token: string): Position {
  const position = parse(Buffer.from(token, 'base64url').toString());
  if (typeof position === 'object' && position !== null && ('prefix' in position || 'key' in position)) {
    return position as Position;
  }
  throw invalidToken();
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
