import type { EmulatedResponse } from '../../http-answer.js';
import { firstFrom, walk } from '../../key-walk.js';
import { invalid } from '../errors.js';
import { objectResource } from '../resource.js';
import type { Bucket, StoredObject } from '../store.js';
import { bucketOf, jsonAnswer, type JsonCall, projectionOf } from './call.js';

/** https://cloud.google.com/storage/docs/json_api/v1/objects/list */
export function listObjects(call: JsonCall): EmulatedResponse {
  const { query } = call.request;
  const bucket = bucketOf(call);
  const softDeleted = query.get('softDeleted') === 'true';
  const versions = query.get('versions') === 'true';
  if (softDeleted && versions) throw invalid('softDeleted and versions cannot both be true.');
  const names = softDeleted ? bucket.softDeletedNames() : versions ? bucket.names() : bucket.liveNames();
  const generationsOf = (name: string): readonly StoredObject[] =>
    softDeleted ? bucket.softDeletedOf(name) : versions ? bucket.generationsOf(name) : liveOf(bucket, name);
  const page = readPage(call, names, generationsOf);
  const projection = projectionOf(call);
  return jsonAnswer(call, {
    kind: 'storage#objects',
    ...(page.next !== undefined && { nextPageToken: page.next }),
    ...(page.prefixes.length > 0 && { prefixes: page.prefixes }),
    ...(page.objects.length > 0 && {
      items: page.objects.map((object) => objectResource(object, call.origin, projection)),
    }),
  });
}

function liveOf(bucket: Bucket, name: string): StoredObject[] {
  const live = bucket.live(name);
  return live ? [live] : [];
}

interface Page {
  readonly objects: readonly StoredObject[];
  readonly prefixes: readonly string[];
  readonly next: string | undefined;
}

const MAX_RESULTS = 1000;

function readPage(
  call: JsonCall,
  names: readonly string[],
  generationsOf: (name: string) => readonly StoredObject[],
): Page {
  const { query } = call.request;
  const maxKeys = readMaxResults(query.get('maxResults'));
  const [start, end] = [query.get('startOffset'), query.get('endOffset')];
  const within = names.slice(
    start === undefined ? 0 : firstFrom(names, start),
    end === undefined ? undefined : firstFrom(names, end),
  );
  const isShown = globFilter(query.get('matchGlob'));
  const { after, generation } = readToken(query.get('pageToken'));
  const rest = generationsOf(after).filter((object) => object.generation > generation);
  const delimiter = query.get('delimiter') ?? '';
  const walked = walk(within, after, { prefix: query.get('prefix') ?? '', delimiter, maxKeys }, isShown);
  const trailing = query.get('includeTrailingDelimiter') === 'true' && delimiter !== '' ? walked.prefixes : [];
  const folders = trailing.flatMap((prefix) => generationsOf(prefix));
  const rows = [...rest, ...walked.items.flatMap((name) => [...generationsOf(name)])];
  if (rows.length > maxKeys) return cutPage(rows, maxKeys);
  const next = walked.last === undefined ? undefined : writeToken(walked.last, Number.MAX_SAFE_INTEGER);
  return { objects: [...rows, ...folders], prefixes: walked.prefixes, next };
}

/** A page that ends between two generations of a name. */
function cutPage(rows: readonly StoredObject[], maxKeys: number): Page {
  const objects = rows.slice(0, maxKeys);
  const last = objects.at(-1) as StoredObject;
  return { objects, prefixes: [], next: writeToken(last.name, last.generation) };
}

function readMaxResults(text: string | undefined): number {
  const given = Number(text ?? MAX_RESULTS);
  if (!Number.isInteger(given) || given < 0)
    throw invalid(`Invalid value for maxResults: ${String(text)}`, 'invalidParameter');
  return Math.min(given === 0 ? MAX_RESULTS : given, MAX_RESULTS);
}

function writeToken(name: string, generation: number): string {
  return Buffer.from(JSON.stringify([name, generation])).toString('base64');
}

function readToken(token: string | undefined): { readonly after: string; readonly generation: number } {
  if (token === undefined || token === '') return { after: '', generation: Number.MAX_SAFE_INTEGER };
  try {
    const [after, generation] = JSON.parse(Buffer.from(token, 'base64').toString('utf8')) as [string, number];
    return { after, generation };
  } catch {
    throw invalid(`Invalid page token: ${token}`, 'invalidParameter');
  }
}

/** `*` stays within a folder, `**` does not: https://cloud.google.com/storage/docs/json_api/v1/objects/list#list-objects-and-prefixes-using-glob */
function globFilter(glob: string | undefined): (name: string) => boolean {
  if (glob === undefined) return () => true;
  const source = glob.replaceAll(/\*\*|\*|\?|[.+^${}()|[\]\\]/g, (token) => {
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token === '{') return '(?:';
    if (token === '}') return ')';
    return token === '[' || token === ']' ? token : `\\${token}`;
  });
  const pattern = new RegExp(`^${source.replaceAll(',', '|')}$`, 'su');
  return (name) => pattern.test(name);
}
