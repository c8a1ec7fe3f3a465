import { invalid } from './errors.js';

/** A partial response, such as `items(name,size),nextPageToken`: https://cloud.google.com/storage/docs/json_api#partial-response */
type Selection = ReadonlyMap<string, Selection | 'all'>;

/** Keeps of a document what `fields` names; everything when it is missing. */
export function selectFields(document: unknown, fields: string | undefined): unknown {
  if (fields === undefined || fields === '*') return document;
  const reader = { text: fields, at: 0 };
  const selection = readList(reader);
  if (reader.at < fields.length) throw invalid(`Invalid field selection ${fields}`, 'invalidParameter');
  return pick(document, selection);
}

interface Reader {
  readonly text: string;
  at: number;
}

function readList(reader: Reader): Selection {
  const found = new Map<string, Selection | 'all'>();
  do {
    const name = /^[\w*-]+/.exec(reader.text.slice(reader.at))?.[0];
    if (name === undefined) throw invalid(`Invalid field selection ${reader.text}`, 'invalidParameter');
    reader.at += name.length;
    found.set(name, readInner(reader));
  } while (take(reader, ','));
  return found;
}

function readInner(reader: Reader): Selection | 'all' {
  if (take(reader, '/')) return readList1(reader);
  if (!take(reader, '(')) return 'all';
  const inner = readList(reader);
  if (!take(reader, ')')) throw invalid(`Invalid field selection ${reader.text}`, 'invalidParameter');
  return inner;
}

/** One name behind a slash. */
function readList1(reader: Reader): Selection {
  const name = /^[\w*-]+/.exec(reader.text.slice(reader.at))?.[0] ?? '';
  reader.at += name.length;
  return new Map([[name, readInner(reader)]]);
}

function take(reader: Reader, character: string): boolean {
  if (reader.text[reader.at] !== character) return false;
  reader.at += 1;
  return true;
}

function pick(value: unknown, selection: Selection | 'all'): unknown {
  if (selection === 'all' || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => pick(item, selection));
  const wanted = selection.get('*');
  const entries = Object.entries(value).flatMap(([name, inner]) => {
    const chosen = selection.get(name) ?? wanted;
    return chosen === undefined ? [] : [[name, pick(inner, chosen)] as const];
  });
  return Object.fromEntries(entries);
}
