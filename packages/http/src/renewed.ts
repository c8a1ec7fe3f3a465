/** A credential with the time of its end. */
export interface Expiring<T> {
  readonly value: T;
  /** Milliseconds since 1970; `Infinity` when it has no end. */
  readonly expiresAtMs: number;
}

export interface RenewedSettings<T> {
  nowMs(): number;
  /** Fetches a new one. What it rejects with, the calls that wait reject with. */
  fetch(): Promise<Expiring<T>>;
  /** Renewed this long before its end. Milliseconds; default 5 minutes. */
  readonly renewBeforeMs?: number | undefined;
}

const RENEW_BEFORE_MS = 5 * 60 * 1000;
/** And not more often than this, whatever it says of its end. */
const RENEW_PAUSE_MS = 10_000;

/** A credential that ends: one fetch for however many calls wait, and the old one serves on while it is still good. */
export class Renewed<T> {
  readonly #settings: RenewedSettings<T>;
  #current: { readonly value: T; readonly renewAtMs: number; readonly expiresAtMs: number } | undefined;
  #fetching: Promise<T> | undefined;

  constructor(settings: RenewedSettings<T>) {
    this.#settings = settings;
  }

  /** A promise only while it must be fetched. */
  get(): T | Promise<T> {
    const current = this.#current;
    const nowMs = this.#settings.nowMs();
    if (current && nowMs < current.renewAtMs) return current.value;
    this.#fetching ??= this.#fetch();
    if (!current || nowMs >= current.expiresAtMs) return this.#fetching;
    // Still good: renew beside the request, and let a failure show when the credential is really needed.
    this.#fetching.catch(() => undefined);
    return current.value;
  }

  /** Has one that was refused fetched anew, unless that happened already. */
  drop(refused: T): void {
    if (this.#current?.value === refused) this.#current = undefined;
  }

  async #fetch(): Promise<T> {
    const settings = this.#settings;
    try {
      const { value, expiresAtMs } = await settings.fetch();
      const beforeMs = settings.renewBeforeMs ?? RENEW_BEFORE_MS;
      const renewAtMs = Math.max(expiresAtMs - beforeMs, settings.nowMs() + RENEW_PAUSE_MS);
      this.#current = { value, renewAtMs, expiresAtMs };
      return value;
    } finally {
      this.#fetching = undefined;
    }
  }
}
