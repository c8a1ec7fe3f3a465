import type { EmulatedRequest } from '../http-request.js';
import { htmlError, SwiftError } from './errors.js';

export interface Target {
  readonly account: string;
  readonly container: string | undefined;
  readonly object: string | undefined;
}

/** Account, container and object of a path as it was sent, such as `/v1/AUTH_test/c/o`. Throws Swift's refusals. */
export function targetOf({ rawPath }: EmulatedRequest): Target {
  const path = decodePath(rawPath);
  const [, version = '', account = '', container, object] =
    /^\/([^/]*)(?:\/([^/]*)(?:\/([^/]*)(?:\/(.*))?)?)?$/s.exec(path) ?? [];
  if (version === '' || account === '' || (container === '' && object !== undefined)) throw htmlError(412, 'Bad URL');
  if (version !== 'v1' && version !== 'v1.0') throw new SwiftError(400);
  const isThere = (part: string | undefined): part is string => part !== undefined && part !== '';
  return {
    account,
    container: isThere(container) ? container : undefined,
    object: isThere(object) ? object : undefined,
  };
}

function decodePath(rawPath: string): string {
  try {
    const path = decodeURIComponent(rawPath);
    if (!path.includes('\0')) return path;
  } catch {
    // An escape that is no UTF-8, as below.
  }
  throw htmlError(412, 'Invalid UTF8 or contains NULL');
}

/** The emulator's name of a storage call, for faults and the request log. */
export function storageOperation({ method, query, headers, rawPath }: EmulatedRequest): string {
  const [, container = '', object = ''] = /^\/[^/]*\/[^/]*(?:\/([^/]*)(?:\/(.*))?)?$/s.exec(rawPath) ?? [];
  if (query.has('bulk-delete')) return 'BulkDelete';
  if (query.has('extract-archive')) return 'BulkUpload';
  if (container === '') return { GET: 'ListContainers', HEAD: 'HeadAccount', POST: 'PostAccount' }[method] ?? method;
  if (object === '') return containerOperation(method);
  return objectOperation(method, query.get('multipart-manifest'), 'x-copy-from' in headers);
}

function containerOperation(method: string): string {
  const names: Readonly<Record<string, string>> = { GET: 'ListObjects', OPTIONS: 'Preflight' };
  return names[method] ?? `${titled(method)}Container`;
}

function objectOperation(method: string, manifest: string | undefined, isCopy: boolean): string {
  if (method === 'COPY' || isCopy) return 'CopyObject';
  if (method === 'PUT' && manifest === 'put') return 'PutManifest';
  if (method === 'GET' && manifest === 'get') return 'GetManifest';
  if (method === 'DELETE' && manifest === 'delete') return 'DeleteManifest';
  return method === 'OPTIONS' ? 'Preflight' : `${titled(method)}Object`;
}

function titled(method: string): string {
  return method.charAt(0) + method.slice(1).toLowerCase();
}
