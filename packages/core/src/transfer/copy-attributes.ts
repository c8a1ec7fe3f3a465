import { StorageError } from '../errors/storage-error.js';
import type { Capabilities } from '../spi/capabilities.js';
import type { ContentHeaders, ObjectRecord } from '../spi/records.js';
import type { PutAttributes } from '../spi/requests.js';

const HEADERS: readonly (keyof ContentHeaders)[] = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
];

/** What the target of a copy can hold of the source's attributes, and what it cannot. */
export interface CarriedAttributes {
  readonly attributes: PutAttributes;
  /** Names of attributes that the target does not hold, or not as they are. */
  readonly lost: readonly string[];
}

/**
 * Takes over what a store tells of an object and another can be told. Storage class, tags and ACL are words of one provider and stay
 * behind, as in the copy calls of the stores themselves.
 */
export function carryAttributes(record: ObjectRecord, target: Capabilities): CarriedAttributes {
  const attributes: { -readonly [Name in keyof PutAttributes]: PutAttributes[Name] } = {};
  const lost: string[] = [];
  for (const name of HEADERS) {
    if (record[name] === undefined) continue;
    if (target.put.attributes.includes(name)) attributes[name] = record[name];
    else lost.push(name);
  }
  const metadata = Object.entries(record.metadata ?? {});
  if (metadata.length === 0) return { attributes, lost };
  const loss = metadataLoss(metadata, target);
  if (loss) lost.push(loss);
  if (loss !== 'metadata') attributes.metadata = record.metadata;
  return { attributes, lost };
}

function metadataLoss(metadata: readonly (readonly [string, string])[], target: Capabilities): string | undefined {
  const { names, maxBytes } = target.metadata;
  const bytes = metadata.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  const lower = new Set(metadata.map(([name]) => name.toLowerCase()));
  const cannotHold = names === 'none' || bytes > maxBytes || !target.put.attributes.includes('metadata');
  if (cannotHold || (names === 'lower-case' && lower.size < metadata.length)) return 'metadata';
  const changesNames = names === 'lower-case' && metadata.some(([name]) => name !== name.toLowerCase());
  return changesNames ? 'letter case of metadata names' : undefined;
}

/** Refuses a copy that would lose something, before any byte is read. */
export function refuseLoss(lost: readonly string[], provider: string): void {
  if (lost.length === 0) return;
  const message = `${provider} cannot hold ${lost.join(', ')} of the source; give the "attributes" that the copy shall have, or lossy: 'report' to leave them behind.`;
  throw new StorageError('unsupported', message);
}
