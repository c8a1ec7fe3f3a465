import {
  type Answer,
  bodyOf,
  type Call,
  type Handler,
  isSuccess,
  isTrue,
  type Layer,
  NO_BODY,
  withoutQuotes,
} from './call.js';
import { applyConditions } from './conditions.js';
import { htmlError, SwiftError } from './errors.js';

/** Server-side copies, by `COPY` with a `Destination` or by `PUT` with `X-Copy-From`. */
export const copies: Layer = (call, next) => {
  if (call.object === undefined) return next(call);
  if (call.method === 'COPY') return copy(asPut(call), next);
  if (call.method === 'PUT' && (call.headers['x-copy-from'] ?? '') !== '') return copy(call, next);
  return next(call);
};

interface Place {
  readonly account: string;
  readonly container: string;
  readonly object: string;
}

/** The same copy seen from its target. */
function asPut(call: Call): Call {
  const { destination, 'destination-account': toAccount, ...headers } = call.headers;
  if (destination === undefined || destination === '') throw htmlError(412, 'Destination header required');
  const target = placeOf(destination, toAccount ?? call.account, 'Destination');
  const from = [call.container ?? '', call.object ?? ''].map((part) => encodeURIComponent(part)).join('/');
  const source = { 'x-copy-from': from, 'x-copy-from-account': encodeURIComponent(call.account) };
  return { ...call, ...target, method: 'PUT', headers: { ...headers, ...source }, body: NO_BODY };
}

function placeOf(header: string, account: string, name: string): Place {
  const path = decode(header).replace(/^\//, '');
  const slash = path.indexOf('/');
  const object = path.slice(slash + 1);
  if (slash < 1 || object === '') {
    throw htmlError(412, `${name} header must be of the form <container name>/<object name>`);
  }
  return { account: decode(account), container: path.slice(0, slash), object };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SwiftError(412, 'Invalid UTF8 or contains NULL');
  }
}

async function copy(call: Call, next: Handler): Promise<Answer> {
  const { 'x-copy-from': from = '', 'x-copy-from-account': account, ...headers } = call.headers;
  if ((call.body.length ?? 0) > 0) throw new SwiftError(400, 'Copy requests require a zero byte body');
  const place = placeOf(from, account ?? call.account, 'X-Copy-From');
  const source = await readSource(call, place, next);
  if (source.status >= 300) return source;
  const target = { ...call, query: targetQuery(call, source), headers: targetHeaders(call, headers, source) };
  const answer = await next({ ...target, body: bodyOf(source.body) });
  if (!isSuccess(answer)) return answer;
  return { ...answer, headers: { ...answer.headers, ...told(place, source, target.headers) } };
}

async function readSource(call: Call, place: Place, next: Handler): Promise<Answer> {
  const isManifest = call.query.get('multipart-manifest') === 'get';
  const query = new Map([...call.query, ...(isManifest ? ([['format', 'raw']] as const) : [])]);
  const request = { ...call, ...place, method: 'GET', query };
  const source = applyConditions(request, await next(request));
  if (source.body.size > call.site.limits.maxFileBytes) throw new SwiftError(413);
  return source;
}

function targetQuery(call: Call, source: Answer): ReadonlyMap<string, string> {
  const query = new Map(call.query);
  query.delete('version-id');
  if (query.get('multipart-manifest') !== 'get') return query;
  if ('x-static-large-object' in source.headers) query.set('multipart-manifest', 'put');
  if ('x-object-manifest' in source.headers) query.delete('multipart-manifest');
  return query;
}

const NOT_COPIED = new Set([
  'x-static-large-object',
  'x-object-manifest',
  'etag',
  'content-type',
  'x-timestamp',
  'last-modified',
  'accept-ranges',
  'content-range',
  'x-manifest-etag',
]);

/** What the source has, but for what makes it a large object, under what the request says. */
function targetHeaders(
  call: Call,
  given: Readonly<Record<string, string>>,
  source: Answer,
): Readonly<Record<string, string>> {
  const isFresh = isTrue(given['x-fresh-metadata']);
  const isManifest = call.query.get('multipart-manifest') === 'get';
  const inherited = Object.entries(source.headers).filter(
    ([name]) => !isFresh && !NOT_COPIED.has(name) && !name.startsWith('x-object-sysmeta-slo-'),
  );
  const isStatic = 'x-static-large-object' in source.headers;
  const dynamic = source.headers['x-object-manifest'];
  const etag = withoutQuotes(source.headers['etag'] ?? '');
  const isVerified = source.status === 200 && !isStatic && (dynamic === undefined || isManifest);
  const type = given['content-type'];
  const { etag: _mine, ...rest } = given;
  return {
    ...Object.fromEntries(inherited),
    ...(isVerified ? rest : given),
    'content-type': type === undefined || type === '' ? (source.headers['content-type'] ?? '') : type,
    ...(isVerified && { etag }),
    ...(isManifest && dynamic !== undefined && { 'x-object-manifest': dynamic }),
  };
}

/** How the answer tells what was copied. */
function told(
  { account, container, object }: Place,
  source: Answer,
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith('x-object-meta-'));
  const path = [container, ...object.split('/')].map((part) => encodeURIComponent(part)).join('/');
  const version = source.headers['x-object-version-id'];
  return {
    ...Object.fromEntries(metadata),
    'x-copied-from': path,
    'x-copied-from-account': encodeURIComponent(account),
    'x-copied-from-last-modified': source.headers['last-modified'] ?? '',
    ...(version !== undefined && { 'x-copied-from-version-id': version }),
  };
}
