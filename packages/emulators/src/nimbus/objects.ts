import { createHash } from 'node:crypto';
import type { EmulatedResponse } from '../http-answer.js';
import { type EmulatedRequest, readBody } from '../http-request.js';
import { crash, json, NimbusError } from './errors.js';
import type { Identifiers } from './identifiers.js';
import { guessedHeaders } from './mime-types.js';
import type { Collection, Metadata, NimbusStore, StoredVersion } from './store.js';
import { httpTime, queryPairs, unquotePlus } from './text.js';

/** A call about what is in a collection, allowed. */
export interface DataCall {
  readonly store: NimbusStore;
  readonly identifiers: Identifiers;
  readonly collection: Collection;
  readonly request: EmulatedRequest;
  /** Decoded. */
  readonly key: string;
  readonly nowMs: number;
}

const META = '__nimbus_io__';
const AMAZON_META = 'x-amz-meta-';

/** A name that comes again keeps its last value. */
function metadataOf(rawQuery: string): Metadata {
  const found = new Map<string, string>();
  for (const [name, value] of queryPairs(rawQuery)) {
    const prefix = [META, AMAZON_META].find((each) => name.startsWith(each));
    if (prefix !== undefined) found.set(name.slice(prefix.length), value);
  }
  return [...found];
}

export function argument(request: EmulatedRequest, wanted: string): string | undefined {
  return queryPairs(request.rawQuery).find(([name]) => name === wanted)?.[1];
}

export async function archive(call: DataCall): Promise<EmulatedResponse> {
  const { store, identifiers, collection, request, key, nowMs } = call;
  const announced = request.headers['content-length'];
  if (announced === undefined) throw new NimbusError(411, 'Content-Length is required');
  const identifier = argument(request, 'conjoined_identifier');
  const id = identifier === undefined ? store.nextId() : identifiers.resolve(identifier);
  const part = Number(argument(request, 'conjoined_part') ?? 0);
  if (!Number.isInteger(part)) throw crash('ValueError');
  const body = await readBody(request);
  if (body.length !== Number(announced))
    throw new NimbusError(400, `actual content length ${String(body.length)} != expected ${announced}`);
  const md5 = request.headers['content-md5'];
  if (md5 !== undefined && createHash('md5').update(body).digest('base64') !== md5) {
    // What was written before under the same id and part is gone too.
    collection.cancel(key, id, part);
    throw new NimbusError(400, 'body md5 does not match content-md5 header');
  }
  const segment = { key, id, part, body, metadata: metadataOf(request.rawQuery), modifiedAtMs: nowMs };
  if (body.length > 0 || !store.quirks.has('zero-byte-objects')) collection.write(segment);
  const stats = collection.stats(nowMs);
  stats.archive_success += 1;
  stats.success_bytes_in += body.length;
  return json({ version_identifier: identifiers.publish(id) });
}

function findVersion({ collection, identifiers, request, key }: DataCall): StoredVersion {
  const identifier = argument(request, 'version_identifier');
  if (identifier === undefined) {
    const version = collection.current(key);
    if (version) return version;
    throw new NimbusError(404, 'key not found');
  }
  const id = identifiers.resolve(unquotePlus(identifier));
  const version = collection.versionsOf(key).find((each) => each.id === id);
  if (version) return version;
  throw new NimbusError(404, `key not found`);
}

/** Times in the database have parts of seconds, which those of a header lack. */
function checkTimes({ headers }: EmulatedRequest, modifiedAtMs: number): void {
  const since = readTime(headers['if-modified-since']);
  if (since !== undefined && modifiedAtMs < since) throw new NimbusError(304);
  const unmodified = readTime(headers['if-unmodified-since']);
  if (unmodified !== undefined && modifiedAtMs > unmodified) throw new NimbusError(412);
}

function readTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text))
    throw new NimbusError(503, 'unparsable timestamp');
  return Date.parse(text);
}

export function retrieve(call: DataCall): EmulatedResponse {
  const { store, collection, request, key, nowMs } = call;
  const version = findVersion(call);
  checkTimes(request, version.modifiedAtMs);
  const range = request.headers['range'];
  const whole = version.segments.map(({ body }) => body);
  const body = range === undefined ? whole : cut(Buffer.concat(whole), range);
  const stats = collection.stats(nowMs);
  stats.retrieve_success += 1;
  stats.success_bytes_out += body.reduce((sum, { length }) => sum + length, 0);
  return {
    status: range === undefined ? 200 : 206,
    headers: { 'last-modified': httpTime(version.modifiedAtMs), ...guessedHeaders(key) },
    body,
    endsWithConnection: store.quirks.has('lengthless-bodies'),
  };
}

/** Knows only `bytes=a-` and `bytes=a-b`. A range beyond the end is an empty body, and never 416. */
function cut(body: Buffer, range: string): readonly Buffer[] {
  const match = /^bytes=(\d+)-(\d*)$/.exec(range);
  const [start, last] = [Number(match?.[1]), match?.[2] ? Number(match[2]) : Infinity];
  if (!match || last < start) throw new NimbusError(503, 'unparsable range');
  return [body.subarray(start, last + 1)];
}

export function head(call: DataCall): EmulatedResponse {
  const { request, key } = call;
  const version = findVersion(call);
  checkTimes(request, version.modifiedAtMs);
  return {
    status: 200,
    headers: {
      'content-length': version.size,
      'last-modified': httpTime(version.modifiedAtMs),
      ...guessedHeaders(key),
    },
  };
}

/** Of an archive with parts, whichever part the database comes upon first. */
export function metadata({ collection, key }: DataCall): EmulatedResponse {
  const version = collection.current(key);
  if (!version) throw new NimbusError(404, 'key not found');
  const { segments } = version;
  return json(segments[version.size % segments.length]?.metadata ?? []);
}

export function remove({ store, identifiers, collection, request, key, nowMs }: DataCall): EmulatedResponse {
  const identifier = argument(request, 'version_identifier');
  const version = identifier === undefined ? undefined : identifiers.resolve(unquotePlus(identifier));
  collection.delete(key, store.nextId(), version);
  collection.stats(nowMs).delete_success += 1;
  return json({ success: true });
}
