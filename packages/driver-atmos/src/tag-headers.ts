import { type PutAttributes, StorageError, type UserMetadata } from '@stowage/core/spi';
import { escapeUri } from '@stowage/http';

/** Tags of the system, which stand beside the user's on the same header. */
export const SYSTEM_TAGS: ReadonlySet<string> = new Set([
  'atime',
  'mtime',
  'ctime',
  'itime',
  'type',
  'uid',
  'gid',
  'objectid',
  'objname',
  'size',
  'nlink',
  'policyname',
  'x-emc-wschecksum',
]);
/** Tags by which Stowage, and Libcloud for `md5`, keep what the store does not. */
const DIGEST_TAGS = ['md5', 'sha1'] as const;
export const KEY_TAG = 'stowage-key';
export const PART_TAG = 'stowage-part';
const OWN_TAGS: ReadonlySet<string> = new Set([...DIGEST_TAGS, KEY_TAG, PART_TAG]);
const MAX_NAME = 250;
const MAX_VALUE = 1024;

/** A name of metadata that means something else as a tag is written with `%` before it. */
function toTag(name: string): string {
  return SYSTEM_TAGS.has(name) || OWN_TAGS.has(name) || name.startsWith('%') ? `%${name}` : name;
}

export function fromTag(tag: string): string {
  return tag.startsWith('%') ? tag.slice(1) : tag;
}

/** One header of tags: `a=1, b=2`, percent-encoded where the store takes that. Throws `invalid-argument` for what it cannot carry. */
export function writeTags(pairs: readonly (readonly [string, string])[], utf8: boolean): string {
  return pairs
    .map(([name, value]) => {
      if (utf8) return `${escapeUri(name)}=${escapeUri(value)}`;
      if (/[^\x20-\x7e]|[,=]/.test(name) || /[^\x20-\x7e]|,/.test(value) || value !== value.trim())
        throw invalid(`without "utf8" the store takes only plain ASCII without commas, not "${name}"`);
      return `${name}=${value}`;
    })
    .join(', ');
}

export function metadataTags(metadata: UserMetadata): (readonly [string, string])[] {
  return Object.entries(metadata).map(([name, value]) => {
    if (value.length > MAX_VALUE) throw invalid(`the value of "${name}" has more than ${String(MAX_VALUE)} characters`);
    return [toTag(name), value] as const;
  });
}

export function refuseMetadataName(name: string): string | undefined {
  if (name === '') return 'a tag has a name';
  return name.length > MAX_NAME ? `a name has at most ${String(MAX_NAME)} characters` : undefined;
}

/** Headers for what is stored beside the bytes; `own` are tags of Stowage's. */
export function attributeHeaders(
  { metadata, tags, acl }: PutAttributes,
  own: readonly (readonly [string, string])[],
  utf8: boolean,
): string[] {
  const headers: string[] = [];
  const pairs = [...own, ...metadataTags(metadata ?? {})];
  const listable = Object.entries(tags ?? {});
  checkApart(Object.keys(metadata ?? {}), listable);
  if (pairs.length > 0) headers.push('x-emc-meta', writeTags(pairs, utf8));
  if (listable.length > 0) headers.push('x-emc-listable-meta', writeTags(listable, utf8));
  if (headers.length > 0 && utf8) headers.push('x-emc-utf8', 'true');
  if (acl !== undefined) headers.push(...aclHeaders(acl));
  return headers;
}

/** The store has one name space for both. */
export function checkApart(metadata: readonly string[], listable: readonly (readonly [string, string])[]): void {
  const clash = listable.find(([name]) => metadata.includes(name) || SYSTEM_TAGS.has(name) || OWN_TAGS.has(name));
  if (clash) throw invalid(`"${clash[0]}" would be a tag and metadata at once, or is a name of the store's own`);
}

const CANNED: Readonly<Record<string, string>> = { private: 'other=NONE', 'public-read': 'other=READ' };

function aclHeaders(acl: string): string[] {
  const group = Object.hasOwn(CANNED, acl) ? CANNED[acl] : undefined;
  if (group === undefined) throw invalid(`"acl" is "private" or "public-read", not "${acl}"; tools.setAcl() takes any`);
  return ['x-emc-groupacl', group];
}

function invalid(reason: string): StorageError {
  return new StorageError('invalid-argument', `The store cannot keep these attributes: ${reason}.`);
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Reads a header of tags into pairs, in their order. */
export function readTags(header: string | undefined, utf8: boolean): (readonly [string, string])[] {
  if (header === undefined || header === '') return [];
  return utf8 ? readEncodedTags(header) : readPlainTags(header);
}

function readEncodedTags(header: string): (readonly [string, string])[] {
  const tags: (readonly [string, string])[] = [];
  for (let from = 0; from <= header.length;) {
    const comma = header.indexOf(',', from);
    const to = comma < 0 ? header.length : comma;
    const equals = header.indexOf('=', from);
    const split = equals < 0 || equals > to ? to : equals;
    tags.push([decode(header.slice(from, split).trim()), decode(header.slice(split + 1, to).trim())]);
    from = to + 1;
  }
  return tags;
}

/** Without percent-encoding only a comma before the next "name=" ends a value. */
function readPlainTags(header: string): (readonly [string, string])[] {
  return header.split(/,(?=[^,=]+=)/).map((piece) => {
    const text = piece.trim();
    const split = text.indexOf('=');
    return split < 0 ? [text, ''] : [text.slice(0, split), text.slice(split + 1)];
  });
}
