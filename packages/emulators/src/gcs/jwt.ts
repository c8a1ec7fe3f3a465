import { type KeyObject, verify } from 'node:crypto';

export interface JwtClaims {
  readonly iss: string;
  readonly sub?: string;
  readonly aud?: string;
  readonly scope?: string;
  readonly iat: number;
  readonly exp: number;
  readonly target_audience?: string;
}

/** Claims of a JWT, before its signature is looked at; undefined when it is none. */
export function readJwt(token: string): JwtClaims | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const [header, claims] = parts
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown);
    const { alg } = header as { alg?: unknown };
    const { iss, iat, exp } = claims as Partial<JwtClaims>;
    const isWhole = typeof iss === 'string' && typeof iat === 'number' && typeof exp === 'number';
    return alg === 'RS256' && isWhole ? (claims as JwtClaims) : undefined;
  } catch {
    return undefined;
  }
}

export function verifyJwt(token: string, key: KeyObject): boolean {
  const end = token.lastIndexOf('.');
  return verify('sha256', Buffer.from(token.slice(0, end)), key, Buffer.from(token.slice(end + 1), 'base64url'));
}
