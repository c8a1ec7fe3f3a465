import { DIGEST_HEX_DIGITS } from '../checksum/digest.js';
import type { ChecksumAlgorithm } from '../spi/checksums.js';
import { didYouMean } from '../errors/nearest.js';
import { StorageError } from '../errors/storage-error.js';

/** Says what a value must be when it is not that; undefined when it is good. */
export type Check = (value: unknown) => string | undefined;

/** Every option that a call knows, with its check. */
export type OptionChecks<Options> = { readonly [Name in keyof Options]-?: Check };

/**
 * Checks the names and values of a call's options. Throws `invalid-argument` for an unknown name, so that a misspelt option is not
 * ignored, and for a value of the wrong kind.
 */
export function checkOptions(call: string, options: unknown, checks: Readonly<Record<string, Check>>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new StorageError('invalid-argument', `The options of ${call}() must be an object.`);
  }
  for (const name in options) {
    const value = (options as Record<string, unknown>)[name];
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) throw unknownOption(call, name, Object.keys(checks));
    if (value === undefined) continue;
    const expected = check(value);
    if (expected === undefined) continue;
    throw new StorageError('invalid-argument', `The option "${name}" of ${call}() must be ${expected}.`);
  }
}

function unknownOption(call: string, name: string, known: readonly string[]): StorageError {
  const hint = didYouMean(name, known) || ` Known are ${known.join(', ')}.`;
  return new StorageError('invalid-argument', `${call}() has no option "${name}".${hint}`);
}

// eslint-disable-next-line no-control-regex -- it is what must not be there
const CONTROL_CHARACTERS = /[\0-\x08\x0a-\x1f\x7f]/;

export const aString: Check = (value) => (typeof value === 'string' ? undefined : 'a string');

export const aNonEmptyString: Check = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'a string that is not empty';

/** What goes into a header: a line break would begin another one. */
export const aHeaderValue: Check = (value) =>
  typeof value === 'string' && !CONTROL_CHARACTERS.test(value) ? undefined : 'a string without control characters';

export const anEtag: Check = (value) => {
  if (typeof value !== 'string' || value === '' || CONTROL_CHARACTERS.test(value)) return 'an ETag, or "*"';
  return value.endsWith('"') ? 'an ETag without its quotes' : undefined;
};

export const aStar: Check = (value) => (value === '*' ? undefined : '"*": write only where nothing is');

export const aBoolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');

export const aFunction: Check = (value) => (typeof value === 'function' ? undefined : 'a function');

export const anObject: Check = (value) => (typeof value === 'object' && value !== null ? undefined : 'an object');

export const aCount: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) > 0 ? undefined : 'a whole number above 0';

export const aSize: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : 'a whole number from 0 up';

/** `Infinity` stands for no limit. */
export const aDuration: Check = (value) =>
  typeof value === 'number' && value > 0 ? undefined : 'a number of milliseconds above 0, or Infinity';

export const aTime: Check = (value) =>
  Number.isFinite(value) ? undefined : 'a time in milliseconds since 1970, such as Date.now()';

export const aSignal: Check = (value) =>
  typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value
    ? undefined
    : 'an AbortSignal';

/** Accepts one of a few words. */
export function oneOf(...words: readonly string[]): Check {
  const expected = words.map((word) => `"${word}"`).join(' or ');
  return (value) => (words.includes(value as string) ? undefined : expected);
}

/** Accepts an object whose values are all strings without control characters. */
export const headerValues: Check = (value) => {
  if (anObject(value) !== undefined) return 'an object with string values';
  for (const [name, text] of Object.entries(value as object)) {
    if (CONTROL_CHARACTERS.test(name)) return 'an object whose names hold no control characters';
    if (aHeaderValue(text) !== undefined)
      return `an object whose values are strings without control characters; see "${name}"`;
  }
  return undefined;
};

/** Names of user metadata travel as parts of header names. */
const HEADER_TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export const userMetadata: Check = (value) => {
  const wrong = headerValues(value);
  if (wrong !== undefined) return wrong;
  const bad = Object.keys(value as object).find((name) => !HEADER_TOKEN.test(name));
  if (bad === undefined) return undefined;
  return `an object whose names are ASCII letters, digits and marks such as "-", without spaces or ":"; see ${JSON.stringify(bad)}`;
};

export const aRange: Check = (value) => {
  if (anObject(value) !== undefined) return 'an object: { start, end } or { suffix }';
  const { start, end, suffix, ...others } = value as Record<string, unknown>;
  const other = Object.keys(others)[0];
  if (other !== undefined) return `{ start, end } or { suffix }; it has no "${other}"`;
  if (suffix !== undefined) {
    if (start !== undefined || end !== undefined) return 'either { start, end } or { suffix }, not both';
    return aCount(suffix) && 'a range whose suffix is a whole number above 0';
  }
  if (aSize(start) !== undefined) return 'a range whose start is a whole number from 0 up';
  if (end === undefined) return undefined;
  if (aSize(end) !== undefined) return 'a range whose end is a whole number';
  return (start as number) < (end as number)
    ? undefined
    : 'a range whose start lies before its end; the end is exclusive';
};

export const aChecksum: Check = (value) => {
  const { algorithm, value: digest } = (value ?? {}) as { algorithm?: unknown; value?: unknown };
  const length =
    typeof algorithm === 'string' && Object.hasOwn(DIGEST_HEX_DIGITS, algorithm)
      ? DIGEST_HEX_DIGITS[algorithm as ChecksumAlgorithm]
      : undefined;
  if (length === undefined)
    return `{ algorithm, value } with one of the algorithms ${Object.keys(DIGEST_HEX_DIGITS).join(', ')}`;
  const good = typeof digest === 'string' && digest.length === length && /^[0-9a-f]+$/.test(digest);
  return good ? undefined : `{ algorithm, value } with a value of ${length} lower-case hexadecimal digits`;
};

/** What every call knows. */
export const CALL_CHECKS = { signal: aSignal, timeoutMs: aDuration } as const;

export const READ_CONDITION_CHECKS = {
  ifMatch: anEtag,
  ifNoneMatch: anEtag,
  ifModifiedSinceMs: aTime,
  ifUnmodifiedSinceMs: aTime,
} as const;

export const WRITE_CONDITION_CHECKS = { ifMatch: anEtag, ifNoneMatch: aStar } as const;

export const ATTRIBUTE_CHECKS = {
  contentType: aHeaderValue,
  contentEncoding: aHeaderValue,
  contentDisposition: aHeaderValue,
  contentLanguage: aHeaderValue,
  cacheControl: aHeaderValue,
  metadata: userMetadata,
  storageClass: aHeaderValue,
  tags: headerValues,
  acl: aHeaderValue,
} as const;
