import type { ContainerRecord } from '@stowage/core/spi';
import { parseHttpDateMs } from '@stowage/http';
import { fromStoredKey, RESERVED_PREFIX } from './keys.js';

/** A row of a listing as the server sends it. */
export interface KeyRow {
  /** As it is stored. */
  readonly stored: string;
  readonly versionId: string;
  readonly modifiedAtMs: number | undefined;
}

export interface KeyPage {
  readonly rows: readonly KeyRow[];
  readonly isTruncated: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new TypeError('The document is no object.');
}

function rowsOf(value: unknown): readonly Fields[] {
  if (Array.isArray(value)) return value.map(fieldsOf);
  throw new TypeError('The document holds no list.');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError('A field of the document is no text.');
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'string' ? parseHttpDateMs(value) : undefined;
}

/** Of keys, and of versions. */
export function readKeyPage(bytes: Buffer): KeyPage {
  const { key_data: data, truncated } = fieldsOf(JSON.parse(bytes.toString()));
  const rows = rowsOf(data).map((row) => ({
    stored: textOf(row['key']),
    versionId: textOf(row['version_identifier']),
    modifiedAtMs: timeOf(row['timestamp']),
  }));
  return { rows, isTruncated: truncated === true };
}

export interface ConjoinedRow {
  readonly stored: string;
  readonly uploadId: string;
  readonly startedAtMs: number | undefined;
  /** Neither finished nor aborted. */
  readonly isPending: boolean;
}

export function readConjoinedPage(bytes: Buffer): {
  readonly rows: readonly ConjoinedRow[];
  readonly isTruncated: boolean;
} {
  const { conjoined_list: list, truncated } = fieldsOf(JSON.parse(bytes.toString()));
  const rows = rowsOf(list).map((row) => ({
    stored: textOf(row['key']),
    uploadId: textOf(row['conjoined_identifier']),
    startedAtMs: timeOf(row['create_timestamp']),
    isPending: (row['abort_timestamp'] ?? row['complete_timestamp'] ?? null) === null,
  }));
  return { rows, isTruncated: truncated === true };
}

export function readUploadId(bytes: Buffer): string {
  return textOf(fieldsOf(JSON.parse(bytes.toString()))['conjoined_identifier']);
}

export function readContainer(bytes: Buffer): ContainerRecord {
  return toContainer(JSON.parse(bytes.toString()));
}

export function readContainers(bytes: Buffer): ContainerRecord[] {
  const list = JSON.parse(bytes.toString()) as unknown;
  if (!Array.isArray(list)) throw new TypeError('The document is no list.');
  return list.map(toContainer);
}

/** Older servers give a name, something and a date instead of fields. */
function toContainer(value: unknown): ContainerRecord {
  if (Array.isArray(value)) return { name: textOf(value[0]), createdAtMs: timeOf(value[2]) };
  const fields = fieldsOf(value);
  return {
    name: textOf(fields['name']),
    createdAtMs: timeOf(fields['creation-time']),
    extra: {
      isDefault: fields['default_collection'] === true,
      isVersioned: fields['versioning'] === true,
      accessControl: fields['access_control'] ?? undefined,
    },
  };
}

/** The key of a row; undefined for one that no key of Stowage has. */
export function keyOfRow({ stored }: Pick<KeyRow, 'stored'>): string | undefined {
  return stored.startsWith(RESERVED_PREFIX) ? undefined : fromStoredKey(stored);
}
