import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { GcsError } from './errors.js';
import { type JwtClaims, readJwt, verifyJwt } from './jwt.js';

export interface GcsServiceAccount {
  readonly email: string;
  /** PEM; a key is made when somebody asks for it and none was given. */
  readonly privateKey?: string;
}

export interface GcsHmacKey {
  readonly accessKey: string;
  readonly secretKey: string;
  /** Whose key it is; default the first service account. */
  readonly email?: string;
  readonly state?: 'ACTIVE' | 'INACTIVE';
}

/** A person's consent, as `gcloud auth application-default login` keeps it. */
export interface GcsUser {
  readonly email: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

/** Who asks. No email: nobody, anonymously. */
export interface Principal {
  readonly email: string | undefined;
  readonly scopes?: readonly string[] | undefined;
}

export const ANONYMOUS: Principal = { email: undefined };

interface Token extends Principal {
  readonly email: string;
  readonly expiresAtMs: number;
}

const WRITE_SCOPES = /\/auth\/(cloud-platform|devstorage\.(read_write|full_control))$/;
const READ_SCOPES = /\/auth\/(cloud-platform(\.read-only)?|devstorage\.(read_only|read_write|full_control))$/;

/** Service accounts, HMAC keys, users and the tokens that were given to them. */
export class Identities {
  readonly accounts = new Map<string, GcsServiceAccount>();
  readonly hmacKeys = new Map<string, GcsHmacKey>();
  readonly users: GcsUser[];
  readonly #keys = new Map<string, string>();
  readonly #tokens = new Map<string, Token>();
  readonly #nowMs: () => number;

  constructor(
    accounts: readonly GcsServiceAccount[],
    hmacKeys: readonly GcsHmacKey[],
    users: readonly GcsUser[],
    nowMs: () => number,
  ) {
    for (const account of accounts) this.accounts.set(account.email, account);
    for (const key of hmacKeys) this.hmacKeys.set(key.accessKey, key);
    this.users = [...users];
    this.#nowMs = nowMs;
  }

  get defaultEmail(): string {
    return [...this.accounts.keys()][0] ?? 'nobody@emulated.iam.gserviceaccount.com';
  }

  /** PEM of an account's private key, made on first use. */
  privateKeyOf(email: string): string {
    const account = this.accounts.get(email);
    if (!account) throw new GcsError(404, 'notFound', 'InvalidSecurity', `Account not found: ${email}`);
    const known = account.privateKey ?? this.#keys.get(email);
    if (known !== undefined) return known;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    this.#keys.set(email, pem);
    return pem;
  }

  publicKeyOf(email: string): KeyObject | undefined {
    return this.accounts.has(email) ? createPublicKey(this.privateKeyOf(email)) : undefined;
  }

  emailOf(key: GcsHmacKey): string {
    return key.email ?? this.defaultEmail;
  }

  /** A new bearer token. */
  issue(email: string, lifetimeSeconds: number, scopes?: readonly string[]): string {
    const token = `ya29.${randomBytes(24).toString('base64url')}`;
    this.#tokens.set(token, { email, scopes, expiresAtMs: this.#nowMs() + lifetimeSeconds * 1000 });
    return token;
  }

  revoke(token: string): boolean {
    return this.#tokens.delete(token);
  }

  revokeAll(): void {
    this.#tokens.clear();
  }

  find(token: string): (Principal & { readonly expiresAtMs: number }) | undefined {
    const known = this.#tokens.get(token);
    return known && known.expiresAtMs > this.#nowMs() ? known : undefined;
  }

  /** Who sends `Authorization: Bearer`. Takes tokens of this server and JWTs that an account signed itself. Throws 401. */
  bearer(authorization: string): Principal {
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '';
    const known = this.find(token);
    if (known) return known;
    const claims = readJwt(token);
    if (claims && this.isSelfSigned(token, claims)) return { email: claims.iss, scopes: scopesOf(claims) };
    throw unauthenticated();
  }

  /** https://google.aip.dev/auth/4111 */
  isSelfSigned(token: string, claims: JwtClaims): boolean {
    const now = this.#nowMs() / 1000;
    const key = this.publicKeyOf(claims.iss);
    const isFresh = claims.iat <= now + 300 && claims.exp > now && claims.exp - claims.iat <= 3600;
    const names = claims.scope !== undefined || /^https:\/\/[\w.-]*storage[\w.-]*\/?$/.test(claims.aud ?? '');
    return key !== undefined && isFresh && names && claims.sub === claims.iss && verifyJwt(token, key);
  }
}

function scopesOf(claims: JwtClaims): readonly string[] | undefined {
  return claims.scope?.split(' ');
}

export function unauthenticated(): GcsError {
  return new GcsError(401, 'authError', 'AuthenticationRequired', 'Invalid Credentials', {
    location: ['header', 'Authorization'],
    headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
  });
}

/** Throws 403 when the token was made for less. */
export function checkScopes(principal: Principal, isWrite: boolean): void {
  const { scopes } = principal;
  if (!scopes || scopes.some((scope) => (isWrite ? WRITE_SCOPES : READ_SCOPES).test(scope))) return;
  throw new GcsError(403, 'insufficientPermissions', 'AccessDenied', 'Provided scope(s) are not authorized');
}
