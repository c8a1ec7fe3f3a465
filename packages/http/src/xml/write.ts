import { StorageError } from '@stowage/core/spi';

/** What an element holds: text, a number or a flag; elements by name; several of one name; undefined is left out. */
export type XmlContent =
  string | number | boolean | undefined | { readonly [name: string]: XmlContent | readonly XmlContent[] };

/** Characters that have no place in XML 1.0, not even as references. */
const IMPOSSIBLE =
  // eslint-disable-next-line no-control-regex -- these are the characters that are looked for
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const NEEDS_ESCAPE = /[&<>"'\t\n\r\x7f-\x9f\u2028]/g;
const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * Escapes text for an element. White space becomes references, since parsers may change it. Throws `invalid-argument` for
 * characters that XML 1.0 cannot carry.
 */
export function escapeXml(text: string): string {
  if (IMPOSSIBLE.test(text)) {
    throw new StorageError(
      'invalid-argument',
      `${JSON.stringify(text)} holds a character that XML cannot carry, and this call is XML.`,
    );
  }
  return text.replace(
    NEEDS_ESCAPE,
    (character) => NAMED[character] ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`,
  );
}

function writeElement(name: string, content: XmlContent | readonly XmlContent[]): string {
  if (content === undefined) return '';
  if (Array.isArray(content)) return content.map((each: XmlContent) => writeElement(name, each)).join('');
  if (typeof content !== 'object') return `<${name}>${escapeXml(String(content))}</${name}>`;
  const inner = Object.entries(content as Record<string, XmlContent | readonly XmlContent[]>);
  return `<${name}>${inner.map(([child, value]) => writeElement(child, value)).join('')}</${name}>`;
}

/** Writes a document for the body of a request. `namespace` is that of the root element, if it has one. */
export function writeXml(root: string, content: XmlContent, namespace?: string): Buffer {
  const text = writeElement(root, content);
  const start = namespace === undefined ? `<${root}>` : `<${root} xmlns="${escapeXml(namespace)}">`;
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${start}${text.slice(root.length + 2)}`);
}
