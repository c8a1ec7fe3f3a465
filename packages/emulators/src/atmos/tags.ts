import { AtmosError } from './errors.js';
import type { AtmosNode, Tag } from './node.js';
import type { AtmosQuirks } from './quirks.js';

const MAX_TAGS = 127;
const MAX_NAME = 255;
const MAX_VALUE = 1024;

type Headers = Readonly<Record<string, string>>;

export function isUtf8(headers: Headers): boolean {
  return headers['x-emc-utf8'] === 'true';
}

/** Splits `a=1, b=2`. With `x-emc-utf8` names and values are percent-encoded, so that commas in them do no harm. */
function parsePairs(text: string, utf8: boolean, { commasCut }: AtmosQuirks): (readonly [string, string])[] {
  const pieces = utf8 || commasCut ? text.split(',') : text.split(/,(?=[^,]+=)/);
  return pieces
    .filter((piece) => piece.trim() !== '')
    .map((piece) => {
      const [name = '', ...value] = piece.trim().split('=');
      return [decodeText(name, utf8), decodeText(value.join('='), utf8)] as const;
    });
}

/** Reads a percent-encoded header value where `x-emc-utf8` says that it is one. */
export function decodeText(text: string, utf8: boolean): string {
  if (!utf8) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AtmosError(1002);
  }
}

/** The user's tags that a request sends, listable ones among them. */
export function readTags(headers: Headers, quirks: AtmosQuirks): Map<string, Tag> {
  const tags = new Map<string, Tag>();
  for (const [header, listable] of [['x-emc-meta', false] as const, ['x-emc-listable-meta', true] as const]) {
    for (const [name, value] of parsePairs(headers[header] ?? '', isUtf8(headers), quirks)) {
      if (name === '' || name.length > MAX_NAME || value.length > MAX_VALUE) throw new AtmosError(1002);
      tags.set(name, { value, listable });
    }
  }
  return tags;
}

/** Adds tags to those that a node has. */
export function mergeTags(node: AtmosNode, tags: ReadonlyMap<string, Tag>): void {
  if (new Set([...node.tags.keys(), ...tags.keys()]).size > MAX_TAGS) throw new AtmosError(1014);
  for (const [name, tag] of tags) node.tags.set(name, tag);
}

export function systemTags(node: AtmosNode): readonly (readonly [string, string])[] {
  const time = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
  const size = node.kind === 'regular' ? node.content.size : 4096;
  return [
    ['atime', time(node.modifiedAtMs)],
    ['mtime', time(node.modifiedAtMs)],
    ['ctime', time(node.changedAtMs)],
    ['itime', time(node.createdAtMs)],
    ['type', node.kind],
    ['uid', node.userAcl.split('=')[0] ?? ''],
    ['gid', 'apache'],
    ['objectid', node.oid],
    ['objname', node.name],
    ['size', String(size)],
    ['nlink', node.parent ? '1' : '0'],
    ['policyname', 'default'],
  ];
}

/** Writes tags as one header; without `x-emc-utf8` what is not Latin-1 is lost. */
export function formatPairs(pairs: readonly (readonly [string, string])[], utf8: boolean): string | undefined {
  if (pairs.length === 0) return undefined;
  const write = (text: string): string => (utf8 ? encodeURIComponent(text) : text.replaceAll(/[^\x20-\xff]/gu, '?'));
  return pairs.map(([name, value]) => `${write(name)}=${write(value)}`).join(', ');
}

/** Names that a header asks for; undefined when it does not. */
export function namesOf(text: string | undefined, utf8: boolean): ReadonlySet<string> | undefined {
  if (text === undefined) return undefined;
  return new Set(text.split(',').map((name) => decodeText(name.trim(), utf8)));
}

export function userTags(node: AtmosNode, listable: boolean): (readonly [string, string])[] {
  return [...node.tags].filter(([, tag]) => tag.listable === listable).map(([name, { value }]) => [name, value]);
}

/** Headers that tell of a node on GET and HEAD: system tags first, the user's behind them in the same header. */
export function tagHeaders(node: AtmosNode, headers: Headers, withSystem: boolean): Record<string, string | undefined> {
  const utf8 = isUtf8(headers);
  const system = withSystem ? systemTags(node) : [];
  return {
    'x-emc-meta': formatPairs([...system, ...userTags(node, false)], utf8),
    'x-emc-listable-meta': formatPairs(userTags(node, true), utf8),
    'x-emc-utf8': utf8 ? 'true' : undefined,
    'x-emc-useracl': node.userAcl,
    'x-emc-groupacl': node.groupAcl,
    'x-emc-policy': 'default',
  };
}
