import { randomBytes } from 'node:crypto';
import { checkConditions, type Conditions } from './conditions.js';
import { Content } from './content.js';
import type { GcsContext } from './context.js';
import { GcsError, invalid } from './errors.js';
import type { StoredObject } from './store.js';
import { checkWrite, writeObject, type WriteRequest } from './write.js';

/** What the first call asked for holds for all that follow with its token. */
interface RewriteState {
  readonly source: StoredObject;
  readonly request: WriteRequest;
  copiedBytes: number;
}

/** Rewrites under way, by their token. */
export class Rewrites {
  readonly #states = new Map<string, RewriteState>();

  find(token: string, source: StoredObject, { bucket, name }: WriteRequest): RewriteState {
    const state = this.#states.get(token);
    if (state?.source === source && state.request.bucket === bucket && state.request.name === name) return state;
    throw invalid('Invalid rewrite token.');
  }

  start(source: StoredObject, request: WriteRequest): { readonly token: string; readonly state: RewriteState } {
    const token = randomBytes(24).toString('base64url');
    const state = { source, request, copiedBytes: 0 };
    this.#states.set(token, state);
    return { token, state };
  }

  end(token: string): void {
    this.#states.delete(token);
  }
}

export interface RewriteProgress {
  readonly copiedBytes: number;
  readonly token: string | undefined;
  readonly object: StoredObject | undefined;
}

const MEBIBYTE = 1024 ** 2;

/** One call of a rewrite: https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite */
export function rewriteObject(
  context: GcsContext,
  source: StoredObject,
  request: WriteRequest,
  call: { readonly token: string | undefined; readonly maxBytes: number | undefined },
): RewriteProgress {
  checkWrite(request, context.nowMs());
  const { token, state } =
    call.token === undefined
      ? context.rewrites.start(source, request)
      : { token: call.token, state: context.rewrites.find(call.token, source, request) };
  if (call.maxBytes !== undefined && (call.maxBytes < MEBIBYTE || call.maxBytes % MEBIBYTE !== 0))
    throw invalid('maxBytesRewrittenPerCall must be a multiple of 1 MiB.');
  const { size } = source.content;
  const step = Math.min(call.maxBytes ?? Infinity, context.rewriteChunkBytes);
  state.copiedBytes = Math.min(state.copiedBytes + step, size);
  if (state.copiedBytes < size) return { copiedBytes: state.copiedBytes, token, object: undefined };
  context.rewrites.end(token);
  const object = copyWhole(context, source, state.request);
  return { copiedBytes: size, token: undefined, object };
}

/** A new generation that shares the bytes of another. */
export function copyWhole(context: GcsContext, source: StoredObject, request: WriteRequest): StoredObject {
  return writeObject(context, request, source.content, {}, source.componentCount);
}

export interface Component {
  readonly name: string;
  readonly generation?: string | undefined;
  readonly conditions?: Conditions;
}

const MAX_COMPONENTS = 32;

/** https://cloud.google.com/storage/docs/composite-objects */
export function composeObject(
  context: GcsContext,
  request: WriteRequest,
  components: readonly Component[],
): StoredObject {
  if (components.length === 0) throw invalid('You must provide at least one source component.', 'required');
  if (components.length > MAX_COMPONENTS)
    throw invalid('The number of source components provided exceeds the maximum (32).');
  const sources = components.map(({ name, generation, conditions }) => {
    const source = request.bucket.find(name, generation);
    checkConditions(source, conditions ?? {});
    if (source.customerKeySha256 !== request.customerKeySha256)
      throw invalid('The provided encryption key is incorrect.', 'customerEncryptionKeyIsIncorrect');
    return source;
  });
  const count = sources.reduce((sum, source) => sum + (source.componentCount ?? 1), 0);
  const size = sources.reduce((sum, source) => sum + source.content.size, 0);
  if (size > 5 * 1024 ** 4) throw new GcsError(400, 'invalid', 'EntityTooLarge', 'The composite would be too large.');
  return writeObject(context, request, Content.joined(sources.map((source) => source.content)), {}, count);
}
