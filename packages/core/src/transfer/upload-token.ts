import { DIGEST_HEX_DIGITS } from '../checksum/digest.js';
import { StorageError } from '../errors/storage-error.js';
import type { Checksum, ChecksumAlgorithm } from '../spi/checksums.js';
import type { UploadRef } from '../spi/groups.js';
import type { PutAttributes, WriteConditions } from '../spi/requests.js';
import { MAX_GROWTH } from './plan.js';

const VERSION = 1;
const MAX_CHARACTERS = 128 * 1024;

/**
 * What must be known to go on with an upload in another process. It holds no credentials, and no options of one provider; `upload` may
 * hold an address that lets anyone go on with this one upload.
 */
export interface UploadTicket {
  /** The driver's type: another provider of the same kind, such as one opened by another name, may go on. */
  readonly driver: string;
  readonly upload: UploadRef;
  /** Bytes of the whole body; undefined when they are known only at the end. */
  readonly size: number | undefined;
  /** Bytes of the first part, and the factor by which parts grow; see `PartsPlan`. */
  readonly partSize: number;
  readonly growth: number;
  readonly attributes: PutAttributes & WriteConditions;
  readonly checksum: Checksum | undefined;
  /** Names of the provider options that the upload was begun with: whoever goes on must give them again. */
  readonly providerOptions: readonly string[];
}

/** Writes a ticket as a string of JSON. */
export function formatToken(ticket: UploadTicket): string {
  const { driver, upload, size, partSize, growth, attributes, checksum, providerOptions } = ticket;
  const { ref, uploadId, state } = upload;
  const { container, key } = ref;
  const facts = { container, key, uploadId, state, size, partSize, growth, attributes, checksum, providerOptions };
  return JSON.stringify({ stowageUpload: VERSION, driver, ...facts });
}

/**
 * Reads a token that may have been anywhere: in a cookie, a queue, somebody's hands. Every field is checked, and nothing else is taken
 * over. Throws `invalid-argument`.
 */
export function parseToken(token: string): UploadTicket {
  const fields = new Fields(readJson(token), 'token');
  const version = fields.take('stowageUpload');
  if (version !== VERSION) {
    throw unfit(
      typeof version === 'number'
        ? `it is of version ${version}, and this Stowage knows ${VERSION}`
        : 'it names no version',
    );
  }
  const ref = { container: fields.text('container'), key: fields.text('key') };
  const state = fields.optional('state', textRecord);
  const ticket: UploadTicket = {
    driver: fields.text('driver'),
    upload: { ref, uploadId: fields.text('uploadId'), ...(state && { state }) },
    size: fields.optional('size', wholeNumber),
    partSize: wholeNumber(fields.take('partSize'), 'partSize'),
    growth: growthFactor(fields.take('growth'), 'growth'),
    attributes: fields.optional('attributes', attributesOf) ?? {},
    checksum: fields.optional('checksum', checksumOf),
    providerOptions: fields.optional('providerOptions', texts) ?? [],
  };
  fields.end();
  return ticket;
}

function readJson(token: string): unknown {
  if (typeof token !== 'string') throw unfit('it is no string');
  if (token.length > MAX_CHARACTERS) throw unfit(`it has more than ${MAX_CHARACTERS} characters`);
  try {
    return JSON.parse(token);
  } catch (cause) {
    throw unfit('it is no JSON', cause);
  }
}

/** Own fields of an object that came from outside, each to be taken once. */
class Fields {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #left: Set<string>;
  readonly #what: string;

  constructor(value: unknown, what: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unfit(`its ${what} is no object`);
    this.#values = new Map(Object.entries(value));
    this.#left = new Set(this.#values.keys());
    this.#what = what;
  }

  take(name: string): unknown {
    this.#left.delete(name);
    return this.#values.get(name);
  }

  text(name: string): string {
    return text(this.take(name), name);
  }

  optional<T>(name: string, read: (value: unknown, name: string) => T): T | undefined {
    const value = this.take(name);
    return value === undefined ? undefined : read(value, name);
  }

  /** Refuses fields that nobody took. */
  end(): void {
    const [other] = this.#left;
    if (other !== undefined)
      throw unfit(`its ${this.#what} has a field ${JSON.stringify(other.slice(0, 40))} that is not known`);
  }
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw unfit(`its "${name}" is no text`);
}

function star(value: unknown, name: string): '*' {
  if (value === '*') return value;
  throw unfit(`its "${name}" is not "*"`);
}

function texts(value: unknown, name: string): readonly string[] {
  if (Array.isArray(value)) return value.map((item) => text(item, name));
  throw unfit(`its "${name}" is no list`);
}

function wholeNumber(value: unknown, name: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw unfit(`its "${name}" is no whole number`);
}

function growthFactor(value: unknown, name: string): number {
  if (typeof value === 'number' && value >= 1 && value <= MAX_GROWTH) return value;
  throw unfit(`its "${name}" is no factor`);
}

/** Without a prototype, so that a name such as `__proto__` is data. */
function textRecord(value: unknown, name: string): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unfit(`its "${name}" is no object`);
  const record = Object.create(null) as Record<string, string>;
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== 'string') throw unfit(`its "${name}" holds something other than text`);
    record[key] = item;
  }
  return record;
}

function attributesOf(value: unknown, name: string): PutAttributes & WriteConditions {
  const fields = new Fields(value, name);
  const attributes = {
    contentType: fields.optional('contentType', text),
    contentEncoding: fields.optional('contentEncoding', text),
    contentDisposition: fields.optional('contentDisposition', text),
    contentLanguage: fields.optional('contentLanguage', text),
    cacheControl: fields.optional('cacheControl', text),
    storageClass: fields.optional('storageClass', text),
    acl: fields.optional('acl', text),
    metadata: fields.optional('metadata', textRecord),
    tags: fields.optional('tags', textRecord),
    ifMatch: fields.optional('ifMatch', text),
    ifNoneMatch: fields.optional('ifNoneMatch', star),
  };
  fields.end();
  return attributes;
}

function checksumOf(value: unknown, name: string): Checksum {
  const fields = new Fields(value, name);
  const [algorithm, digest] = [fields.text('algorithm'), fields.text('value')];
  fields.end();
  const digits = Object.hasOwn(DIGEST_HEX_DIGITS, algorithm)
    ? DIGEST_HEX_DIGITS[algorithm as ChecksumAlgorithm]
    : undefined;
  if (digits === digest.length && /^[0-9a-f]+$/.test(digest))
    return { algorithm: algorithm as ChecksumAlgorithm, value: digest };
  throw unfit(`its "${name}" is no digest`);
}

function unfit(reason: string, cause?: unknown): StorageError {
  const message = `This is no token of a resumable upload: ${reason}. Begin the upload anew with createUpload().`;
  return new StorageError('invalid-argument', message, { cause });
}
