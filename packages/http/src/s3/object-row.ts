import type { ObjectRecord } from '@stowage/core/spi';
import type { XmlReader } from '../xml/reader.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A row of a listing under way. `extra` holds what only some services send. */
export type ObjectRow = Writable<ObjectRecord>;

/** Elements of a row that hold others. */
export const OBJECT_GROUPS: readonly string[] = ['Owner', 'RestoreStatus'];

/** A row in which every field has its place, so that all rows are alike to the engine. */
export function createObjectRow(): ObjectRow {
  return { key: '', size: 0, etag: undefined, modifiedAtMs: undefined, storageClass: undefined, extra: undefined };
}

function readExtra(xml: XmlReader, field: string): readonly [name: string, value: unknown] | undefined {
  switch (field) {
    case 'Owner/ID':
      return ['ownerId', xml.word()];
    case 'Owner/DisplayName':
      return ['ownerName', xml.word()];
    case 'ChecksumAlgorithm':
      return ['checksumAlgorithm', xml.word()];
    case 'ChecksumType':
      return ['checksumType', xml.word()];
    case 'RestoreStatus/IsRestoreInProgress':
      return ['isRestoring', xml.flag()];
    case 'RestoreStatus/RestoreExpiryDate':
      return ['restoredUntilMs', xml.time()];
    default:
      return undefined;
  }
}

/** Reads one field of a row; false when it is none that is kept. */
export type ObjectFieldReader = (xml: XmlReader, field: string, row: ObjectRow) => boolean;

/** Reads a field that rows of objects and of versions have in common; false when it is none. */
export function readObjectField(xml: XmlReader, field: string, row: ObjectRow): boolean {
  switch (field) {
    case 'Key':
      row.key = xml.text();
      return true;
    case 'LastModified':
      row.modifiedAtMs = xml.time();
      return true;
    case 'ETag':
      row.etag = xml.unquoted();
      return true;
    case 'Size':
      row.size = xml.integer();
      return true;
    case 'StorageClass':
      row.storageClass = xml.word();
      return true;
    default: {
      const extra = readExtra(xml, field);
      if (extra) ((row.extra ??= {}) as Record<string, unknown>)[extra[0]] = extra[1];
      return extra !== undefined;
    }
  }
}
