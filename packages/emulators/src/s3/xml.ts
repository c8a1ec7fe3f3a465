import { XMLParser } from 'fast-xml-parser';
import { S3Error } from './errors.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Characters that XML cannot hold are written as references, as S3 does. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] as string)
    .replaceAll(/\p{Cc}/gu, (character) => `&#x${character.charCodeAt(0).toString(16)};`);
}

export type XmlValue =
  string | number | boolean | undefined | Siblings | readonly XmlValue[] | { readonly [name: string]: XmlValue };

/** Elements of several names in one order; the name of the property that holds them is not written. */
export class Siblings {
  readonly entries: readonly (readonly [name: string, value: XmlValue])[];

  constructor(entries: readonly (readonly [name: string, value: XmlValue])[]) {
    this.entries = entries;
  }
}

/** Writes nested records as elements; an array repeats its element, undefined leaves it out. */
export function toXml(name: string, value: XmlValue, namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(name, value, ` xmlns="${namespace}"`)}`;
}

function element(name: string, value: XmlValue, attributes = ''): string {
  if (value === undefined) return '';
  if (value instanceof Siblings) return value.entries.map(([child, inner]) => element(child, inner)).join('');
  if (Array.isArray(value)) return value.map((item: XmlValue) => element(name, item)).join('');
  if (typeof value !== 'object') return `<${name}${attributes}>${escapeXml(String(value))}</${name}>`;
  const children = Object.entries(value as Record<string, XmlValue>).map(([child, inner]) => element(child, inner));
  return `<${name}${attributes}>${children.join('')}</${name}>`;
}

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  htmlEntities: true,
});

/** What XML 1.0 cannot carry, as itself or as a reference: S3 refuses the document. */
// eslint-disable-next-line no-control-regex -- these are the characters that are looked for
const IMPOSSIBLE = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;
const REFERENCE = /&#(?:x([0-9a-f]+)|([0-9]+));/gi;

function checkCharacters(text: string): void {
  const references = [...text.matchAll(REFERENCE)].map(([, hex, decimal]) =>
    hex === undefined ? Number(decimal) : Number.parseInt(hex, 16),
  );
  const hasBad = references.some((code) => code > 0x10ffff || IMPOSSIBLE.test(String.fromCodePoint(code)));
  if (hasBad || IMPOSSIBLE.test(text)) throw new Error('A character that XML cannot carry');
}

/** Reads a request's document; throws MalformedXML. Values stay text. */
export function parseXml(body: Buffer, root: string): Readonly<Record<string, unknown>> {
  try {
    const text = body.toString('utf8');
    checkCharacters(text);
    const document = parser.parse(text) as Record<string, unknown>;
    const found = document[root];
    if (typeof found === 'object' && found !== null) return found as Record<string, unknown>;
    if (found === '') return {};
  } catch {
    // Falls through to the same refusal.
  }
  throw new S3Error(
    400,
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}

/** One element, many or none, as a list. */
export function listOf(value: unknown): Readonly<Record<string, unknown>>[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]) as Record<string, unknown>[];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
