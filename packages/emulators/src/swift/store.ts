import type { Bytes } from './bytes.js';

/** Swift's clock reading: a whole number of 10 microseconds since 1970. */
export type Timestamp = number;

/** Such as `1795426573.20672`. */
export function normalForm(timestamp: Timestamp): string {
  return (timestamp / 100_000).toFixed(5);
}

/** Such as `2026-11-23T09:34:18.757380`: how listings tell times, without a zone. */
export function isoForm(timestamp: Timestamp): string {
  const micros = String((timestamp % 100_000) * 10).padStart(6, '0');
  return `${new Date(timestamp / 100).toISOString().slice(0, 19)}.${micros}`;
}

/** Such as `Mon, 23 Nov 2026 09:34:19 GMT`; a part of a second counts as a whole one. */
export function httpForm(timestamp: Timestamp): string {
  return new Date(Math.ceil(timestamp / 100_000) * 1000).toUTCString();
}

export interface StoredObject {
  readonly name: string;
  readonly bytes: Bytes;
  /** MD5 of the bytes, for a manifest too. */
  readonly etag: string;
  readonly contentType: string;
  readonly createdAt: Timestamp;
  /** When it was written or its metadata was last changed. */
  readonly changedAt: Timestamp;
  /** `x-object-meta-*`, content headers, `x-delete-at` and what layers keep as `x-object-sysmeta-*`; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** More fields of its listing row, such as `slo_etag`; `bytes` and `hash` replace the object's own. */
  readonly listing: Readonly<Record<string, string | number | boolean>>;
}

export class Container {
  /** `x-container-meta-*`, ACLs and what layers keep as `x-container-sysmeta-*`; names in lower case. */
  readonly headers = new Map<string, string>();
  readonly #objects = new Map<string, StoredObject>();
  #sortedNames: readonly string[] | undefined;
  bytesUsed = 0;

  constructor(
    readonly name: string,
    readonly policy: string,
    readonly createdAt: Timestamp,
  ) {}

  get objectCount(): number {
    return this.#objects.size;
  }

  /** Every name by its UTF-8 bytes. */
  names(): readonly string[] {
    this.#sortedNames ??= [...this.#objects.keys()].sort(compareBytes);
    return this.#sortedNames;
  }

  get(name: string): StoredObject | undefined {
    return this.#objects.get(name);
  }

  set(object: StoredObject): void {
    const former = this.#objects.get(object.name);
    if (!former) this.#sortedNames = undefined;
    this.bytesUsed += object.bytes.size - (former?.bytes.size ?? 0);
    this.#objects.set(object.name, object);
  }

  delete(name: string): void {
    const former = this.#objects.get(name);
    if (!former) return;
    this.bytesUsed -= former.bytes.size;
    this.#sortedNames = undefined;
    this.#objects.delete(name);
  }
}

export class Account {
  readonly headers = new Map<string, string>();
  readonly containers = new Map<string, Container>();
  /** Those that a container ever had. */
  readonly policies = new Set<string>();

  constructor(
    readonly name: string,
    readonly createdAt: Timestamp,
  ) {}
}

/** All accounts of one region. Accounts exist as soon as they are named. */
export class SwiftStore {
  readonly accounts = new Map<string, Account>();
  #last: Timestamp = 0;

  account(name: string, nowMs: number): Account {
    const known = this.accounts.get(name);
    if (known) return known;
    const account = new Account(name, this.tick(nowMs));
    this.accounts.set(name, account);
    return account;
  }

  /** A reading of the clock that no other write had. */
  tick(nowMs: number): Timestamp {
    this.#last = Math.max(this.#last + 1, Math.round(nowMs * 100));
    return this.#last;
  }
}

/** Order of UTF-8 bytes, which is that of code points and not of UTF-16 units. */
export function compareBytes(left: string, right: string): number {
  if (isBelowSurrogates(left) && isBelowSurrogates(right)) return left < right ? -1 : left > right ? 1 : 0;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function isBelowSurrogates(text: string): boolean {
  return !/[\ud800-\uffff]/.test(text);
}
