import type { OptionSpec } from '../spi/options.js';

/** A checked value, or what was wrong with it, as the end of a sentence: `must be a number, not a list`. */
export type Converted = { readonly value: unknown } | { readonly problem: string };

const plainDecimal = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;

const booleanTexts: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/**
 * Checks one value against its type. What comes from the environment is text, so a text that says exactly one value of the type
 * is taken for it: a plain decimal number, `true`, `false`, `1` and `0`. A whole number is taken for its text, one text for a
 * list of one. No value appears in a problem: it may be a secret.
 */
export function convertValue(value: unknown, type: OptionSpec['type']): Converted {
  switch (type) {
    case 'any':
      return { value };
    case 'string':
      if (typeof value === 'string') return { value };
      return Number.isSafeInteger(value) ? { value: String(value) } : mustBe('a text', value);
    case 'number':
      return convertNumber(value);
    case 'boolean':
      return convertBoolean(value);
    case 'strings':
      return convertStrings(value);
    case 'object':
      return isPlainObject(value) ? { value } : mustBe('a plain object', value);
  }
}

function convertNumber(value: unknown): Converted {
  if (typeof value === 'number' && Number.isFinite(value)) return { value };
  if (typeof value !== 'string' || !plainDecimal.test(value)) return mustBe('a number', value);
  const number = Number(value);
  const isExact = value.includes('.') ? Number.isFinite(number) : Number.isSafeInteger(number);
  return isExact ? { value: number } : { problem: 'must be a number that is held exactly' };
}

function convertBoolean(value: unknown): Converted {
  if (typeof value === 'boolean') return { value };
  const meant = typeof value === 'string' ? booleanTexts.get(value.toLowerCase()) : undefined;
  return meant === undefined ? mustBe('true or false', value) : { value: meant };
}

function convertStrings(value: unknown): Converted {
  if (typeof value === 'string') return { value: [value] };
  const isList = Array.isArray(value) && value.every((element) => typeof element === 'string');
  return isList ? { value: [...value] } : mustBe('a list of texts', value);
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function mustBe(wanted: string, value: unknown): Converted {
  return { problem: `must be ${wanted}, not ${kindOf(value)}` };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return value === '' ? 'an empty text' : 'this text';
    case 'number':
      return Number.isFinite(value) ? 'a number' : 'NaN or Infinity';
    case 'boolean':
      return 'a boolean';
    case 'object':
      return isPlainObject(value) ? 'an object' : 'an instance of a class';
    default:
      return `a ${typeof value}`;
  }
}
