import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { S3Error } from './errors.js';
import { listOf, parseXml } from './xml.js';

interface CorsRule {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
}

function readRules(document: string): CorsRule[] {
  const texts = (value: unknown): string[] => (value === undefined ? [] : ([] as unknown[]).concat(value).map(String));
  return listOf(parseXml(Buffer.from(document), 'CORSConfiguration')['CORSRule']).map((rule) => ({
    origins: texts(rule['AllowedOrigin']),
    methods: texts(rule['AllowedMethod']),
    headers: texts(rule['AllowedHeader']).map((name) => name.toLowerCase()),
    exposed: texts(rule['ExposeHeader']),
  }));
}

function allows(patterns: readonly string[], value: string): boolean {
  return patterns.some((pattern) => {
    const [head = '', tail] = pattern.split('*');
    return tail === undefined ? pattern === value : value.startsWith(head) && value.endsWith(tail);
  });
}

/** Headers that let a page of `origin` read the answer; none when no rule allows it. */
export function corsHeaders(
  document: string | undefined,
  origin: string | undefined,
  method: string,
): Record<string, string> {
  if (document === undefined || origin === undefined) return {};
  const rule = readRules(document).find(({ origins, methods }) => allows(origins, origin) && methods.includes(method));
  if (!rule) return {};
  return {
    'access-control-allow-origin': rule.origins.includes('*') ? '*' : origin,
    'access-control-allow-methods': rule.methods.join(', '),
    ...(rule.exposed.length > 0 && { 'access-control-expose-headers': rule.exposed.join(', ') }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

/** The browser's question before a request: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html */
export function preflight(document: string | undefined, request: EmulatedRequest): EmulatedResponse {
  const {
    origin,
    'access-control-request-method': method = '',
    'access-control-request-headers': asked = '',
  } = request.headers;
  const answer = corsHeaders(document, origin, method);
  const names = asked
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const allowed = document === undefined ? [] : readRules(document).flatMap((rule) => rule.headers);
  if (Object.keys(answer).length === 0 || !names.every((name) => allows(allowed, name))) {
    throw new S3Error(403, 'AccessForbidden', 'CORSResponse: This CORS request is not allowed.');
  }
  return { status: 200, headers: { ...answer, 'access-control-allow-headers': names.join(', ') } };
}
