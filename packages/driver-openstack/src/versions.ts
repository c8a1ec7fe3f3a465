import {
  type CallContext,
  type ObjectRef,
  StorageError,
  type VersionPage,
  type VersionRecord,
  type VersionsGroup,
} from '@stowage/core/spi';
import { queryString } from '@stowage/http';
import { PAGE } from './capabilities.js';
import { type ObjectRow, objectRows, toListedRecord } from './listing.js';
import { containerCall, objectCall } from './requests.js';
import type { SwiftService } from './swift-service.js';

const MARKER_TYPE = 'application/x-deleted;swift_versions_deleted=1';

/** Object versioning: https://docs.openstack.org/swift/latest/middleware.html#module-swift.common.middleware.versioned_writes.object_versioning */
export function versionsGroup(service: SwiftService): VersionsGroup {
  const { wire, discovery } = service;
  return {
    async list(container, { prefix, delimiter, startAfter, token, limit = PAGE }, ctx) {
      const after = token === undefined ? { marker: startAfter } : readPosition(token);
      const query = queryString(
        ...['format', 'json', 'versions', '', 'limit', String(limit)],
        ...['prefix', prefix, 'delimiter', delimiter],
        ...['marker', after.marker, 'version_marker', 'version' in after ? after.version : undefined],
      );
      const rows = objectRows(await wire.send(containerCall('GET', container, query), ctx));
      return toVersionPage(rows, limit);
    },
    async isEnabled(container, ctx) {
      const response = await wire.send(containerCall('HEAD', container), ctx);
      return response.header('x-versions-enabled')?.toLowerCase() === 'true';
    },
    async setEnabled(container, enabled, ctx) {
      const info = await discovery.info(ctx);
      if (info !== undefined && !('object_versioning' in info)) {
        const message =
          'The service keeps no versions of objects; "versionsLocation" of sdk().setVersionsLocation() may be there instead.';
        throw new StorageError('unsupported', message, { requestSent: false });
      }
      await wire.send(containerCall('POST', container, '', ['x-versions-enabled', String(enabled)]), ctx);
    },
  };
}

function toVersionPage(rows: readonly ObjectRow[], limit: number): VersionPage {
  const versions: VersionRecord[] = [];
  const prefixes: string[] = [];
  for (const row of rows) {
    if (row.subdir !== undefined) prefixes.push(row.subdir);
    else versions.push(toVersion(row));
  }
  const last = rows.at(-1);
  const next =
    rows.length < limit || !last ? undefined : JSON.stringify([last.name ?? last.subdir, last.version_id ?? '']);
  return { versions, prefixes, next };
}

function toVersion(row: ObjectRow): VersionRecord {
  const isDeleteMarker = row.content_type === MARKER_TYPE;
  const record = toListedRecord(row);
  return {
    ...record,
    ...(isDeleteMarker && { size: 0 }),
    versionId: row.version_id ?? 'null',
    isLatest: row.is_latest === true,
    isDeleteMarker,
  };
}

/** Throws `invalid-argument` for a token that is none of ours. */
function readPosition(token: string): { readonly marker: string; readonly version: string | undefined } {
  let fields: unknown;
  try {
    fields = JSON.parse(token);
  } catch {
    fields = undefined;
  }
  const [marker, version] = Array.isArray(fields) ? (fields as unknown[]) : [];
  if (typeof marker === 'string' && typeof version === 'string')
    return { marker, version: version === '' ? undefined : version };
  throw new StorageError('invalid-argument', 'The page token is none that this listing gave.');
}

/**
 * When the latest version of an object is deleted, Swift shows none of the older ones: the newest that is left is made current, as in other
 * stores. Nothing happens where there is a current one.
 */
export async function promoteVersion({ wire, facts }: SwiftService, ref: ObjectRef, ctx: CallContext): Promise<void> {
  if (!facts.versions) return;
  const query = queryString('format', 'json', 'versions', '', 'limit', '2', 'prefix', ref.key);
  const rows = objectRows(await wire.send(containerCall('GET', ref.container, query), ctx));
  const newest = rows[0];
  if (newest?.name !== ref.key || newest.is_latest === true || newest.version_id === undefined) return;
  if (newest.content_type === MARKER_TYPE) return;
  await wire.send(objectCall('PUT', ref, queryString('version-id', newest.version_id)), ctx);
}
