import type { EmulatedResponse } from '../../http-answer.js';
import type { EmulatedRequest } from '../../http-request.js';
import { readBody } from '../../http-request.js';
import type { GcsContext } from '../context.js';
import { invalid } from '../errors.js';
import { selectFields } from '../fields.js';
import type { Principal } from '../identities.js';
import type { Bucket, Json } from '../store.js';

/** A request of the JSON API and what it works on. */
export interface JsonCall {
  readonly context: GcsContext;
  readonly request: EmulatedRequest;
  readonly principal: Principal;
  /** Path behind `/storage/v1/`, decoded. */
  readonly segments: readonly string[];
  readonly origin: string;
}

export function bucketOf({ context, segments }: JsonCall): Bucket {
  return context.store.bucket(segments[1] ?? '');
}

export function emailOf({ principal, context }: JsonCall): string {
  return principal.email ?? context.identities.defaultEmail;
}

/** 200 with a document, cut down to the `fields` that were asked for. */
export function jsonAnswer({ request }: JsonCall, document: Json, status = 200): EmulatedResponse {
  const etag = document['etag'];
  const body = JSON.stringify(selectFields(document, request.query.get('fields')));
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=UTF-8',
      etag: typeof etag === 'string' ? etag : undefined,
    },
    body,
  };
}

export async function readJson({ request }: JsonCall): Promise<Json> {
  return parseJson((await readBody(request)).toString('utf8'));
}

export function parseJson(text: string): Json {
  if (text.trim() === '') return {};
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document as Json;
  } catch {
    // Falls through to the same refusal.
  }
  throw invalid('Parse Error', 'parseError');
}

export function projectionOf({ request }: JsonCall): 'noAcl' | 'full' {
  const given = request.query.get('projection') ?? 'noAcl';
  if (given === 'noAcl' || given === 'full') return given;
  throw invalid(`Invalid value for projection: ${given}`, 'invalidParameter');
}

/** RFC 7396, as PATCH merges: null takes away. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const merged = new Map(Object.entries(base));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}
