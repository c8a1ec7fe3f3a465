import { StorageError } from '@stowage/core/spi';
import { XmlReader } from './reader.js';

/** An element of a small document. */
export interface XmlElement {
  /** Local name. */
  readonly name: string;
  /** Empty when there are children. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Elements of one document, at most; longer ones are listings and have parsers of their own. */
const MAX_ELEMENTS = 20_000;

function readElement(xml: XmlReader, name: string, budget: { left: number }): XmlElement {
  budget.left -= 1;
  if (budget.left < 0) throw new StorageError('unknown', `The server sent XML of more than ${MAX_ELEMENTS} elements.`);
  const text = xml.textBeforeTag();
  const children: XmlElement[] = [];
  for (let child = xml.child(); child !== undefined; child = xml.child())
    children.push(readElement(xml, child, budget));
  return { name, text: children.length > 0 ? '' : text, children };
}

/** Reads a small document, such as a configuration, whole. `what` names it in errors. Throws `unknown` when it is not well-formed. */
export function parseXml(bytes: Buffer, what: string): XmlElement {
  const xml = new XmlReader(bytes, what);
  const root = readElement(xml, xml.root(), { left: MAX_ELEMENTS });
  xml.end();
  return root;
}

/** Gives the text of the first element at a path of names below `element`; undefined when there is none. */
export function textAt(element: XmlElement, ...path: readonly string[]): string | undefined {
  let found: XmlElement | undefined = element;
  for (const name of path) found = found?.children.find((child) => child.name === name);
  return found?.text;
}

/** Gives all children of a name. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}
