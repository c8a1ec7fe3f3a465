import {
  type ContainerRecord,
  type ListedRecord,
  type ObjectPage,
  type ObjectRecord,
  StorageError,
} from '@stowage/core/spi';
import { parseIsoDateMs, unquote, type WireResponse } from '@stowage/http';

/** One row of a container's listing: https://docs.openstack.org/api-ref/object-store/#show-container-details-and-list-objects */
export interface ObjectRow {
  readonly name?: string;
  readonly subdir?: string;
  readonly bytes: number;
  readonly hash?: string;
  readonly content_type?: string;
  readonly last_modified?: string;
  /** ETag of a static large object, whose `hash` is that of its manifest. */
  readonly slo_etag?: string;
  readonly symlink_path?: string;
  readonly version_id?: string;
  readonly is_latest?: boolean;
}

interface ContainerRow {
  readonly name: string;
  readonly count?: number;
  readonly bytes?: number;
  readonly last_modified?: string;
}

/** Takes the rows of a JSON listing out of an answer, which is released; none for an empty answer. Throws `unavailable` for what is no listing. */
export function parseRows(response: WireResponse): readonly unknown[] {
  if (response.status === 204 || response.bytes.length === 0) return [];
  let rows: unknown;
  try {
    rows = JSON.parse(response.bytes.toString());
    response.release();
  } catch (cause) {
    throw new StorageError('unavailable', 'The service sent a listing that is no JSON.', { cause });
  }
  if (Array.isArray(rows)) return rows as readonly unknown[];
  throw new StorageError('unknown', 'The service sent something else than a listing.', { retryable: false });
}

export function objectRows(response: WireResponse): readonly ObjectRow[] {
  return parseRows(response) as readonly ObjectRow[];
}

export function containerRows(response: WireResponse): readonly ContainerRow[] {
  return parseRows(response) as readonly ContainerRow[];
}

/** One row as a record. Of what a row does not tell (MD5 of large objects, metadata) nothing is said. */
export function toListedRecord(row: ObjectRow): ObjectRecord {
  const { hash, slo_etag: sloEtag } = row;
  return {
    key: row.name as string,
    size: row.bytes,
    etag: sloEtag === undefined ? hash : unquote(sloEtag),
    modifiedAtMs: parseIsoDateMs(row.last_modified),
    contentType: row.content_type,
  };
}

const MD5_OF_NOTHING = 'd41d8cd98f00b204e9800998ecf8427e';

/**
 * A page is the last one when it is not full; `limit` is the one that was asked for. Where listings tell nothing of large objects
 * (`listsLarge` false), a row that says "empty" and a size speaks of a manifest.
 */
export function toObjectPage(rows: readonly ObjectRow[], limit: number, listsLarge = true): ObjectPage {
  const objects: ListedRecord[] = [];
  const prefixes: string[] = [];
  for (const row of rows) {
    if (row.subdir !== undefined) prefixes.push(row.subdir);
    else if (listsLarge || row.bytes === 0 || row.hash !== MD5_OF_NOTHING) objects.push(toListedRecord(row));
    else objects.push({ ...toListedRecord(row), size: undefined, etag: undefined });
  }
  const last = rows.at(-1);
  return { objects, prefixes, next: rows.length < limit ? undefined : (last?.name ?? last?.subdir) };
}

export function toContainerRecord({ name, count, bytes, last_modified: modified }: ContainerRow): ContainerRecord {
  const modifiedAtMs = parseIsoDateMs(modified);
  const extra = { objectCount: count, bytesUsed: bytes, ...(modifiedAtMs !== undefined && { modifiedAtMs }) };
  return { name, extra };
}
