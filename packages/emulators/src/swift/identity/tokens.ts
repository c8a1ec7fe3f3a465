import { randomUUID } from 'node:crypto';
import type { Session } from './directory.js';

export interface Token {
  readonly id: string;
  readonly session: Session;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** Every token that was issued and is neither revoked nor past its time. */
export class Tokens {
  readonly #tokens = new Map<string, Token>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  issue(session: Session, expiresAtMs: number, prefix = ''): Token {
    const id = `${prefix}${randomUUID().replaceAll('-', '')}`;
    const token = { id, session, issuedAtMs: this.#nowMs(), expiresAtMs };
    this.#tokens.set(id, token);
    return token;
  }

  find(id: string | undefined): Token | undefined {
    const token = this.#tokens.get(id ?? '');
    return token && token.expiresAtMs > this.#nowMs() ? token : undefined;
  }

  /** A token that fits and is still good: version 1 gives the same one again. */
  latest(isMeant: (token: Token) => boolean): Token | undefined {
    return [...this.#tokens.values()].findLast((token) => token.expiresAtMs > this.#nowMs() && isMeant(token));
  }

  revoke(id: string): void {
    this.#tokens.delete(id);
  }

  revokeAll(): void {
    this.#tokens.clear();
  }
}
