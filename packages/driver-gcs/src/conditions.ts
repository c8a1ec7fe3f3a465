import { StorageError, type WriteConditions } from '@stowage/core/spi';

/** Which state of an object a condition names. Decimal numbers. */
export interface Generation {
  readonly generation: string;
  readonly metageneration: string | undefined;
}

/**
 * Reads what a condition names: a generation, which is the `etag` of this driver's records, or `<generation>/<metageneration>` for a
 * state of the metadata too. Throws `precondition-failed` for anything else: no object is in a state of that name.
 */
export function readCondition(name: string, text: string): Generation {
  const match = /^(\d{1,19})(?:\/(\d{1,19}))?$/.exec(text);
  if (match) return { generation: match[1] as string, metageneration: match[2] };
  const message = `"${name}" names no generation, so that no object is in this state; take the etag of a record.`;
  throw new StorageError('precondition-failed', message, { requestSent: false, retryable: false });
}

/** Throws `unsupported` for a condition that Google has no word for. */
function refuseAny(text: string | undefined): void {
  if (text !== '*') return;
  const message =
    'Google Cloud Storage has no condition "any version that there is"; name the etag, or remove "ifMatch".';
  throw new StorageError('unsupported', message, { requestSent: false });
}

/** Headers of the XML API, names and values in turn: https://cloud.google.com/storage/docs/request-preconditions */
export function writeConditionHeaders({ ifMatch, ifNoneMatch }: WriteConditions): string[] {
  if (ifNoneMatch !== undefined) return ['x-goog-if-generation-match', '0'];
  return ifMatch === undefined ? [] : matchHeaders('ifMatch', ifMatch, 'x-goog-if-');
}

/** The source of a copy. */
export function sourceConditionHeaders(sourceIfMatch: string | undefined): string[] {
  if (sourceIfMatch === undefined || sourceIfMatch === '*') return [];
  return matchHeaders('sourceIfMatch', sourceIfMatch, 'x-goog-copy-source-if-');
}

/** A read that wants one state; any object fits `*`. */
export function readConditionHeaders(ifMatch: string | undefined): string[] {
  return ifMatch === undefined || ifMatch === '*' ? [] : matchHeaders('ifMatch', ifMatch, 'x-goog-if-');
}

function matchHeaders(name: string, text: string, prefix: string): string[] {
  refuseAny(text);
  const { generation, metageneration } = readCondition(name, text);
  const headers = [`${prefix}generation-match`, generation];
  return metageneration === undefined ? headers : [...headers, `${prefix}metageneration-match`, metageneration];
}

/** The same as parameters of the JSON API, names and values in turn. */
export function writeConditionQuery({ ifMatch, ifNoneMatch }: WriteConditions): (string | undefined)[] {
  if (ifNoneMatch !== undefined) return ['ifGenerationMatch', '0'];
  return matchQuery('ifMatch', ifMatch, 'if');
}

export function sourceConditionQuery(sourceIfMatch: string | undefined): (string | undefined)[] {
  return sourceIfMatch === '*' ? [] : matchQuery('sourceIfMatch', sourceIfMatch, 'ifSource');
}

function matchQuery(name: string, text: string | undefined, prefix: string): (string | undefined)[] {
  if (text === undefined) return [];
  if (text === '*') return [`${prefix}GenerationNotMatch`, '0'];
  const { generation, metageneration } = readCondition(name, text);
  return [`${prefix}GenerationMatch`, generation, `${prefix}MetagenerationMatch`, metageneration];
}
