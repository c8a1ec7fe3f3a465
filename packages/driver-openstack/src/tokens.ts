import { StorageError } from '@stowage/core/spi';
import type { Session } from './session.js';

/** Makes sessions; `Login` in production. */
export interface SessionMaker {
  run(): Promise<Session>;
  isRenewable(): Promise<boolean>;
}

/** A token is renewed this long before its end, or in the last tenth of a short life. */
const RENEW_BEFORE_MS = 60_000;

/** Keeps one session. One login for however many calls wait; while a token is still good, its renewal goes beside the calls. */
export class Tokens {
  readonly #login: SessionMaker;
  readonly #nowMs: () => number;
  #current: Session | undefined;
  #pending: Promise<Session> | undefined;

  constructor(login: SessionMaker, nowMs: () => number) {
    this.#login = login;
    this.#nowMs = nowMs;
  }

  /** The session that is at hand, whether or not it is still good. */
  get known(): Session | undefined {
    return this.#current;
  }

  /** A promise only while somebody must log in; it rejects with the signal's reason when that fires. */
  session(signal: AbortSignal | undefined): Session | Promise<Session> {
    const current = this.#current;
    const nowMs = this.#nowMs();
    if (current && nowMs < renewAtMs(current)) return current;
    this.#pending ??= this.#renew();
    if (!current || nowMs >= current.expiresAtMs) return withSignal(this.#pending, signal);
    // Still good: let a failure show when the new token is really needed.
    this.#pending.catch(() => undefined);
    return current;
  }

  /**
   * Takes note that the service refused a token. True when the next attempt has another one: not where the token was given from outside,
   * and not when the service refuses one that it has only just given.
   */
  async refuse(refused: Session, attempt: number): Promise<boolean> {
    if (this.#current !== undefined && this.#current !== refused) return true;
    if (!(await this.#login.isRenewable())) return false;
    if (!refused.isProven && attempt > 1) return false;
    if (this.#current === refused) this.#current = undefined;
    return true;
  }

  async #renew(): Promise<Session> {
    try {
      return (this.#current = await this.#login.run());
    } finally {
      this.#pending = undefined;
    }
  }
}

function renewAtMs({ expiresAtMs, issuedAtMs }: Session): number {
  return expiresAtMs - Math.min(RENEW_BEFORE_MS, (expiresAtMs - issuedAtMs) / 10);
}

/** Waits no longer than its own caller wants, and leaves the login to the others. */
function withSignal<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      const cause: unknown = signal.reason;
      reject(
        new StorageError('aborted', 'The call was ended while it waited for a login.', { requestSent: false, cause }),
      );
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
