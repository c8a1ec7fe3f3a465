import type { EmulatedResponse } from '../../http-answer.js';
import type { EmulatedRequest } from '../../http-request.js';
import { forbidden } from '../errors.js';
import type { Bucket } from '../store.js';

interface CorsRule {
  readonly origin?: readonly string[];
  readonly method?: readonly string[];
  readonly responseHeader?: readonly string[];
  readonly maxAgeSeconds?: number;
}

function ruleFor(bucket: Bucket | undefined, origin: string | undefined, method: string): CorsRule | undefined {
  const rules = (bucket?.config['cors'] ?? []) as readonly CorsRule[];
  if (origin === undefined) return undefined;
  const allows = (names: readonly string[] | undefined, name: string): boolean =>
    names?.some((allowed) => allowed === '*' || allowed === name) === true;
  return rules.find((rule) => allows(rule.origin, origin) && allows(rule.method, method));
}

/** Headers that let a page read the answer; none when no rule allows it. https://cloud.google.com/storage/docs/cross-origin */
export function corsHeaders(bucket: Bucket | undefined, { headers, method }: EmulatedRequest): Record<string, string> {
  const rule = ruleFor(bucket, headers['origin'], method);
  if (!rule) return {};
  return {
    'access-control-allow-origin': rule.origin?.includes('*') === true ? '*' : (headers['origin'] ?? ''),
    'access-control-expose-headers': (rule.responseHeader ?? []).join(', '),
    vary: 'Origin',
  };
}

/** The browser's question before a request; all headers that it asks for must be among `responseHeader`. */
export function preflight(bucket: Bucket | undefined, { headers }: EmulatedRequest): EmulatedResponse {
  const {
    origin,
    'access-control-request-method': method = '',
    'access-control-request-headers': asked = '',
  } = headers;
  const rule = ruleFor(bucket, origin, method);
  const allowed = (rule?.responseHeader ?? []).map((name) => name.toLowerCase());
  const names = asked
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const isAllowed = names.every(
    (name) =>
      allowed.includes(name) ||
      allowed.includes('*') ||
      allowed.some((prefix) => prefix.endsWith('*') && name.startsWith(prefix.slice(0, -1))),
  );
  if (!rule || !isAllowed) throw forbidden('This CORS request is not allowed.');
  return {
    status: 200,
    headers: {
      'access-control-allow-origin': rule.origin?.includes('*') === true ? '*' : origin,
      'access-control-allow-methods': (rule.method ?? []).join(', '),
      'access-control-allow-headers': names.join(', '),
      'access-control-max-age': rule.maxAgeSeconds,
    },
  };
}
