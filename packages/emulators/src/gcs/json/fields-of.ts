import { readAcl } from '../acl.js';
import { invalid } from '../errors.js';
import { type AclEntry, compactFields, type Json, type ObjectFields } from '../store.js';

const TEXTS = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
  'storageClass',
  'customTime',
] as const;

/** The writable part of an object resource; throws 400 for values of a wrong type. */
export function objectFields(resource: Json): ObjectFields {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, textField(resource, name)]));
  const { temporaryHold, eventBasedHold, retention, contexts } = resource;
  return compactFields({
    ...(texts as ObjectFields),
    metadata: metadataOf(resource['metadata']),
    temporaryHold,
    eventBasedHold,
    retention,
    contexts,
  } as ObjectFields);
}

function textField(resource: Json, name: string): string | undefined {
  const value = resource[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw invalid(`Invalid value for: ${name}`);
}

function metadataOf(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = Object.entries(value as Json).filter(([, text]) => text !== null);
  if (typeof value !== 'object' || entries.some(([, text]) => typeof text !== 'string'))
    throw invalid('Invalid value for: metadata');
  return Object.fromEntries(entries) as Record<string, string>;
}

export function aclField(resource: Json): readonly AclEntry[] | undefined {
  return resource['acl'] === undefined ? undefined : readAcl(resource['acl']);
}
