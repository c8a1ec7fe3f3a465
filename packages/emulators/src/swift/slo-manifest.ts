import { parseRanges, satisfiable } from './conditions.js';
import { htmlError, SwiftError } from './errors.js';

/** A segment as a client names it. */
export interface GivenSegment {
  readonly path?: string;
  readonly etag?: string;
  readonly sizeBytes?: number;
  readonly range?: NonNullable<ReturnType<typeof parseRanges>>;
  /** Base64. */
  readonly data?: string;
}

const OBJECT_KEYS = new Set(['path', 'etag', 'size_bytes', 'range']);
const DATA_KEYS = new Set(['data']);

/** Throws 400 with a line for everything that is wrong with a manifest. `self` is `/container/object` of its own. */
export function parseGivenManifest(text: string, self: string): readonly GivenSegment[] {
  const rows = parseRows(text);
  const errors: string[] = [];
  const segments = rows.map((row, index): GivenSegment => {
    const outcome = readRow(row, { self, isLast: index === rows.length - 1 });
    if (typeof outcome !== 'string') return outcome;
    errors.push(`Index ${String(index)}: ${outcome}`);
    return {};
  });
  if (rows.length > 0 && rows.every((row) => typeof row === 'object' && row !== null && 'data' in row))
    errors.push('Inline data segments require at least one object-backed segment.');
  if (errors.length > 0) throw new SwiftError(400, `${errors.join('\n')}\n`);
  return segments;
}

function parseRows(text: string): readonly unknown[] {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch {
    throw htmlError(400, 'Manifest must be valid JSON.\n');
  }
  if (!Array.isArray(rows)) throw htmlError(400, 'Manifest must be a list.\n');
  return rows;
}

interface Place {
  readonly self: string;
  readonly isLast: boolean;
}

/** A segment, or what is wrong with it. */
function readRow(row: unknown, place: Place): GivenSegment | string {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return 'not a JSON object';
  const fields = row as Readonly<Record<string, unknown>>;
  if (!('path' in fields) && !('data' in fields)) return `expected keys to include one of 'path' or 'data'`;
  const allowed = 'path' in fields ? OBJECT_KEYS : DATA_KEYS;
  const extraneous = Object.keys(fields).filter((key) => !allowed.has(key));
  if (extraneous.length > 0)
    return `extraneous keys ${extraneous
      .sort()
      .map((key) => JSON.stringify(key))
      .join(', ')}`;
  return 'path' in fields ? readObjectRow(fields, place) : readDataRow(fields['data']);
}

function readDataRow(data: unknown): GivenSegment | string {
  if (typeof data !== 'string' || !/^[A-Za-z0-9+/\s]*=*$/.test(data)) return 'data must be valid base64';
  const bytes = Buffer.from(data, 'base64');
  return bytes.length === 0 ? 'too small; each segment must be at least 1 byte.' : { data: bytes.toString('base64') };
}

function readObjectRow(fields: Readonly<Record<string, unknown>>, place: Place): GivenSegment | string {
  const { path, etag = null } = fields;
  if (typeof path !== 'string') return '"path" must be a string';
  if (etag !== null && typeof etag !== 'string') return '"etag" must be a string or null (if provided)';
  if (!/[^/]\/./.test(path.replaceAll(/^\/+|\/+$/g, '')))
    return 'path does not refer to an object. Path must be of the form /container/object.';
  const size = readSize(fields['size_bytes'], place);
  if (typeof size === 'string') return size;
  if (`/${path.replace(/^\/+/, '')}` === place.self) return 'manifest must not include itself as a segment';
  const range = readRange(fields['range'], size.sizeBytes);
  if (typeof range === 'string') return range;
  return { path, ...(etag !== null && { etag }), ...size, ...range };
}

function readSize(size: unknown, { isLast }: Place): Pick<GivenSegment, 'sizeBytes'> | string {
  if (size === undefined || size === null) return {};
  const sizeBytes = Number(size);
  if (!Number.isInteger(sizeBytes)) return 'invalid size_bytes';
  if (sizeBytes < 1 && !isLast) return 'too small; each segment must be at least 1 byte.';
  return { sizeBytes };
}

function readRange(given: unknown, sizeBytes: number | undefined): Pick<GivenSegment, 'range'> | string {
  if (given === undefined || given === null || given === '') return {};
  const range = typeof given === 'string' ? parseRanges(`bytes=${given}`) : undefined;
  if (!range) return 'invalid range';
  if (range.length > 1) return 'multiple ranges (only one allowed)';
  if (sizeBytes !== undefined && satisfiable(range, sizeBytes).length !== 1) return 'unsatisfiable range';
  return { range };
}
