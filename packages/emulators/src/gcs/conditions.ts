import { conditionNotMet, GcsError, invalid } from './errors.js';
import type { StoredObject } from './store.js';

/** Decimal numbers as text, as they were sent. */
export interface Conditions {
  readonly generationMatch?: string | undefined;
  readonly generationNotMatch?: string | undefined;
  readonly metagenerationMatch?: string | undefined;
  readonly metagenerationNotMatch?: string | undefined;
}

function number(name: string, value: string | undefined): string | undefined {
  if (value === undefined || /^\d{1,19}$/.test(value)) return value === undefined ? undefined : String(BigInt(value));
  throw invalid(`Invalid value for ${name}: ${value}`);
}

/** `ifGenerationMatch` and its kin; `prefix` is `ifSource` for the source of a copy. */
export function queryConditions(query: ReadonlyMap<string, string>, prefix: 'if' | 'ifSource' = 'if'): Conditions {
  const take = (name: string): string | undefined => number(`${prefix}${name}`, query.get(`${prefix}${name}`));
  return {
    generationMatch: take('GenerationMatch'),
    generationNotMatch: take('GenerationNotMatch'),
    metagenerationMatch: take('MetagenerationMatch'),
    metagenerationNotMatch: take('MetagenerationNotMatch'),
  };
}

/** `x-goog-if-generation-match` and its kin: https://cloud.google.com/storage/docs/xml-api/reference-headers */
export function headerConditions(
  headers: Readonly<Record<string, string>>,
  prefix: 'x-goog-if-' | 'x-goog-copy-source-if-' = 'x-goog-if-',
): Conditions {
  const take = (name: string): string | undefined => number(`${prefix}${name}`, headers[`${prefix}${name}`]);
  return { generationMatch: take('generation-match'), metagenerationMatch: take('metageneration-match') };
}

type Numbered = Pick<StoredObject, 'generation' | 'metageneration'>;

/**
 * Throws 412, or 304 for a read of what has not changed. Generation 0 stands for "no such object":
 * https://cloud.google.com/storage/docs/request-preconditions
 */
export function checkConditions(current: Numbered | undefined, conditions: Conditions, isRead = false): void {
  const generation = String(current?.generation ?? 0);
  const metageneration = current === undefined ? undefined : String(current.metageneration);
  const { generationMatch, generationNotMatch, metagenerationMatch, metagenerationNotMatch } = conditions;
  if (generationMatch !== undefined && generationMatch !== generation) throw conditionNotMet();
  if (metagenerationMatch !== undefined && metagenerationMatch !== metageneration) throw conditionNotMet();
  const unchanged =
    (generationNotMatch !== undefined && generationNotMatch === generation) ||
    (metagenerationNotMatch !== undefined &&
      (metagenerationNotMatch === metageneration || metageneration === undefined));
  if (!unchanged) return;
  if (isRead) throw new GcsError(304, 'notModified', 'NotModified', 'Not Modified');
  throw conditionNotMet('If-None-Match');
}

/** HTTP's own conditions of a read, by ETag and date. */
export function checkHttpConditions(
  { etag, modifiedAtMs }: { readonly etag: string; readonly modifiedAtMs: number },
  headers: Readonly<Record<string, string>>,
  prefix: '' | 'x-goog-copy-source-' = '',
): void {
  const names = (value: string): boolean =>
    value
      .split(',')
      .some((item) => item.trim() === '*' || item.trim().replace(/^W\//, '').replaceAll('"', '') === etag);
  const seconds = Math.floor(modifiedAtMs / 1000) * 1000;
  const value = (name: string): string | undefined => headers[`${prefix}if-${name}`];
  const [match, noneMatch] = [value('match'), value('none-match')];
  const [unmodified, modified] = [value('unmodified-since'), value('modified-since')];
  if (match !== undefined && !names(match)) throw conditionNotMet();
  if (match === undefined && unmodified !== undefined && seconds > Date.parse(unmodified))
    throw conditionNotMet('If-Unmodified-Since');
  const unchanged =
    noneMatch !== undefined ? names(noneMatch) : modified !== undefined && seconds <= Date.parse(modified);
  if (!unchanged) return;
  if (prefix !== '') throw conditionNotMet('If-None-Match');
  throw new GcsError(304, 'notModified', 'NotModified', 'Not Modified', { headers: { etag: `"${etag}"` } });
}
