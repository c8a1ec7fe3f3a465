import type { EmulatedRequest } from '../http-request.js';

/** What a request asks for, as far as its address tells. */
export interface Target {
  readonly operation: NimbusOperation;
  /** Of the management: whose collections. */
  readonly user?: string;
  readonly collection?: string;
  /** Still percent-encoded. */
  readonly rawKey?: string;
  readonly rawIdentifier?: string;
}

export type NimbusOperation =
  | 'ListCollections'
  | 'CreateCollection'
  | 'GetCollection'
  | 'GetSpaceUsage'
  | 'SetVersioning'
  | 'SetAccessControl'
  | 'DeleteCollection'
  | 'ListVersions'
  | 'ListKeys'
  | 'GetMetadata'
  | 'Retrieve'
  | 'Head'
  | 'Archive'
  | 'ArchivePart'
  | 'Delete'
  | 'StartConjoined'
  | 'FinishConjoined'
  | 'AbortConjoined'
  | 'ListConjoined'
  | 'ListConjoinedParts'
  | 'Ping'
  | 'Unknown';

type Route = readonly [pattern: RegExp, operation: NimbusOperation];

/** Order matters, and so does the order of arguments in the query. */
const ROUTES: Readonly<Record<string, readonly Route[]>> = {
  GET: [
    [/^\/\?versions(&.*)?$/, 'ListVersions'],
    [/^\/data\/(\?.*)?$/, 'ListKeys'],
    [/^\/data\/(?<key>\S+?)\?action=meta$/, 'GetMetadata'],
    [/^\/data\/(?<key>\S+?)(\?.*)?$/, 'Retrieve'],
    [/^\/conjoined\/(\?.*)?$/, 'ListConjoined'],
    [/^\/conjoined\/(?<key>\S+?)\/(?<id>\S+)\/$/, 'ListConjoinedParts'],
    [/^\/ping$/, 'Ping'],
  ],
  POST: [
    [/^\/data\/(?<key>\S+?)\?action=delete(&.*)?$/, 'Delete'],
    [/^\/data\/(?<key>\S+?)\?(.*&)?conjoined_identifier=.*$/, 'ArchivePart'],
    [/^\/data\/(?<key>\S+?)(\?.*)?$/, 'Archive'],
    [/^\/conjoined\/(?<key>\S+?)\?action=start$/, 'StartConjoined'],
    [/^\/conjoined\/(?<key>\S+?)\?action=finish&conjoined_identifier=(?<id>\S+)$/, 'FinishConjoined'],
    [/^\/conjoined\/(?<key>\S+?)\?action=abort&conjoined_identifier=(?<id>\S+)$/, 'AbortConjoined'],
  ],
  DELETE: [[/^\/data\/(?<key>\S+?)(\?.*)?$/, 'Delete']],
  // The whole rest of the address is the key.
  HEAD: [[/^\/data\/(?<key>\S+)$/, 'Head']],
  PUT: [],
  PATCH: [],
};

/** Undefined for a method that the director does not pass on. */
export function targetOf(request: EmulatedRequest, domain: string): Target | undefined {
  const { method, rawPath, rawQuery, headers } = request;
  const host = (headers['host'] ?? '').replace(/:\d+$/, '').toLowerCase();
  if (host === domain) return managementTarget(request);
  const collection = host.split('.')[0] ?? '';
  const routes = Object.hasOwn(ROUTES, method) ? ROUTES[method] : undefined;
  if (!routes) return undefined;
  const address = rawQuery === '' ? rawPath : `${rawPath}?${rawQuery}`;
  for (const [pattern, operation] of routes) {
    const groups = pattern.exec(address)?.groups ?? (pattern.test(address) ? {} : undefined);
    if (groups) return { operation, collection, rawKey: groups['key'] ?? '', rawIdentifier: groups['id'] ?? '' };
  }
  return { operation: 'Unknown', collection };
}

function managementTarget({ method, rawPath, query }: EmulatedRequest): Target {
  const match = /^\/customers\/([^/]+)\/collections(?:\/([^/]+))?$/.exec(rawPath);
  if (!match) return { operation: rawPath === '/ping' ? 'Ping' : 'Unknown' };
  const [, user = '', collection] = match;
  return { operation: managementOperation(method, collection, query), user, ...(collection && { collection }) };
}

function managementOperation(
  method: string,
  collection: string | undefined,
  query: ReadonlyMap<string, string>,
): NimbusOperation {
  const action = query.get('action');
  if (collection === undefined) {
    if (method === 'GET') return 'ListCollections';
    return method === 'POST' && action === 'create' ? 'CreateCollection' : 'Unknown';
  }
  if (method === 'GET') return action === 'space_usage' ? 'GetSpaceUsage' : 'GetCollection';
  if (method === 'DELETE' || (method === 'POST' && action === 'delete')) return 'DeleteCollection';
  if (method !== 'PUT') return 'Unknown';
  if (query.has('versioning')) return 'SetVersioning';
  return query.has('access_control') ? 'SetAccessControl' : 'Unknown';
}
