import type { EmulatedRequest } from '../../http-request.js';
import { invalid } from '../errors.js';
import { compactFields, type ObjectFields, type StoredObject } from '../store.js';

export type Headers = Readonly<Record<string, string>>;

/**
 * Headers with Google's names: those of Amazon mean the same, but for conditions by generation, which only Google has. Throws when both
 * are mixed.
 */
export function readHeaders({ headers }: EmulatedRequest): Headers {
  const names = Object.keys(headers);
  const amazon = names.filter((name) => name.startsWith('x-amz-'));
  if (amazon.length === 0) return headers;
  if (names.some((name) => name.startsWith('x-goog-')))
    throw invalid('Headers of x-goog- and x-amz- cannot be mixed.', 'invalid', 'ExcessHeaderValues');
  const renamed = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    if (!name.startsWith('x-amz-')) return [[name, value]];
    const rest = name.slice('x-amz-'.length);
    return /^(copy-source-)?if-(meta)?generation/.test(rest) ? [] : [[`x-goog-${rest}`, value]];
  });
  return Object.fromEntries(renamed);
}

export function isAmazon({ headers }: EmulatedRequest): boolean {
  return Object.keys(headers).some((name) => name.startsWith('x-amz-'));
}

const META = 'x-goog-meta-';

/** What a write keeps of its headers. */
export function fieldsOf(headers: Headers): ObjectFields {
  const metadata = Object.entries(headers)
    .filter(([name]) => name.startsWith(META))
    .map(([name, value]) => [name.slice(META.length), fromWire(value)] as const);
  const text = (name: string): string | undefined => {
    const value = headers[name];
    return value === undefined ? undefined : fromWire(value);
  };
  return compactFields({
    contentType: text('content-type') ?? 'application/octet-stream',
    contentEncoding: contentEncoding(text('content-encoding')),
    contentDisposition: text('content-disposition'),
    contentLanguage: text('content-language'),
    cacheControl: text('cache-control'),
    customTime: text('x-goog-custom-time'),
    storageClass: text('x-goog-storage-class'),
    ...(metadata.length > 0 && { metadata: Object.fromEntries(metadata) }),
  } as ObjectFields);
}

function contentEncoding(given: string | undefined): string | undefined {
  const rest = given?.replace(/^aws-chunked,?\s*/, '');
  return rest === '' ? undefined : rest;
}

/** Header bytes are UTF-8 where they can be. */
function fromWire(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? value : text;
}

/** The custom metadata of an object as headers of an answer. */
export function metadataHeaders({ fields }: StoredObject, prefix: 'x-goog-' | 'x-amz-'): Headers {
  const entries = Object.entries(fields.metadata ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [`${prefix}meta-${name.toLowerCase()}`, toWire(value)]));
}

export function toWire(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
