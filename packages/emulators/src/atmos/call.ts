import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { AtmosError } from './errors.js';
import type { AtmosNode } from './node.js';
import type { AtmosQuirks } from './quirks.js';
import type { AtmosStore } from './store.js';

/** What a request names, after the service's prefix. */
export type Target =
  | { readonly kind: 'service' }
  | { readonly kind: 'namespace'; readonly path: string }
  | { readonly kind: 'objects'; readonly oid: string | undefined }
  | { readonly kind: 'tokens'; readonly id: string | undefined }
  | { readonly kind: 'unknown' };

/** One request on its way through the server. */
export interface Call {
  readonly request: EmulatedRequest;
  readonly target: Target;
  readonly store: AtmosStore;
  readonly quirks: AtmosQuirks;
  /** The user's own name, without the subtenant. */
  readonly user: string;
  readonly nowMs: number;
}

/** Bytes of a request. `isWhole` is false when the connection broke before all of them came. */
export interface ReceivedBody {
  readonly bytes: Buffer;
  readonly isWhole: boolean;
}

export function targetOf(resource: string): Target {
  const match = /^\/rest\/(service|namespace|objects|accesstokens)(?:\/(.*))?$/s.exec(resource);
  const [, kind, rest = ''] = match ?? [];
  if (kind === 'service') return { kind };
  if (kind === 'namespace') return { kind, path: rest };
  if (kind === 'objects') return { kind, oid: rest || undefined };
  if (kind === 'accesstokens') return { kind: 'tokens', id: rest || undefined };
  return { kind: 'unknown' };
}

/** The object that a request names, as readers see it. */
export function nodeOf({ target, store }: Call): AtmosNode {
  if (target.kind === 'namespace') return store.find(store.place(target.path));
  if (target.kind === 'objects' && target.oid !== undefined) return store.byOid(target.oid);
  throw new AtmosError(1008);
}

/** As `nodeOf`, for a change. */
export function nodeNow(call: Call): AtmosNode {
  const { target, store } = call;
  return target.kind === 'namespace' ? store.findNow(store.place(target.path)) : nodeOf(call);
}

/** As `nodeOf`, where it must be a file: a directory that is named without its slash is refused. */
export function fileOf(call: Call, node = nodeOf(call)): AtmosNode {
  if (node.kind === 'directory') throw new AtmosError(1022);
  return node;
}

export function xml(body: string, headers: EmulatedResponse['headers'] = {}): EmulatedResponse {
  return { status: 200, headers: { 'content-type': 'text/xml', ...headers }, body };
}

export function created(node: AtmosNode, headers: EmulatedResponse['headers'] = {}): EmulatedResponse {
  return {
    status: 201,
    headers: {
      location: `/rest/objects/${node.oid}`,
      'x-emc-delta': node.content.size,
      'x-emc-policy': 'default',
      ...headers,
    },
  };
}

const LARGE = 1024 ** 2;

/** Reads a body as far as it comes. */
export async function receive({ headers, incoming }: EmulatedRequest): Promise<ReceivedBody> {
  const announced = Number(headers['content-length'] ?? 0);
  const large = announced > LARGE ? Buffer.allocUnsafe(announced) : undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  const bytes = (): Buffer => large?.subarray(0, size) ?? Buffer.concat(chunks);
  try {
    for await (const piece of incoming) {
      const chunk = piece as Buffer;
      if (large) chunk.copy(large, size);
      else chunks.push(chunk);
      size += chunk.length;
    }
    return { bytes: bytes(), isWhole: true };
  } catch {
    return { bytes: bytes(), isWhole: false };
  }
}
