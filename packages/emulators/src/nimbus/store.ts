import type { AccessControl } from './access.js';
import type { NimbusQuirk, Quirks } from './quirks.js';

export type Metadata = readonly (readonly [string, string])[];

/** A stored body: an object of its own, or a part of a conjoined archive. */
export interface Segment {
  readonly key: string;
  /** Of the version; parts of one archive share it. Grows with time. */
  readonly id: number;
  /** From 1 on for parts, else 0. */
  readonly part: number;
  readonly body: Buffer;
  readonly metadata: Metadata;
  readonly modifiedAtMs: number;
}

export interface Conjoined {
  readonly id: number;
  readonly key: string;
  readonly createdAtMs: number;
  abortedAtMs?: number;
  completedAtMs?: number;
}

/** What a reader sees of a key at one version. */
export interface StoredVersion {
  readonly key: string;
  readonly id: number;
  /** In the order of the parts. */
  readonly segments: readonly Segment[];
  readonly size: number;
  /** Of its first part. */
  readonly modifiedAtMs: number;
}

export interface DayStats {
  retrieve_success: number;
  archive_success: number;
  listmatch_success: number;
  delete_success: number;
  success_bytes_in: number;
  success_bytes_out: number;
}

/** A collection keeps segments and the marks that end them; what can be seen follows from both. */
export class Collection {
  versioning = false;
  accessControl: AccessControl | null = null;
  readonly conjoined = new Map<number, Conjoined>();
  readonly days = new Map<string, DayStats>();
  readonly #segments = new Map<string, Segment[]>();
  /** The id of the latest delete of a key that named no version: it ends all that is older. */
  readonly #tombstones = new Map<string, number>();
  readonly #deleted = new Set<number>();

  constructor(
    readonly name: string,
    readonly owner: string,
    readonly isDefault: boolean,
    readonly createdAtMs: number,
    readonly quirks: Quirks,
  ) {}

  keys(): Iterable<string> {
    return this.#segments.keys();
  }

  write(segment: Segment): void {
    const segments = this.#segments.get(segment.key) ?? [];
    const kept = this.quirks.has('repeated-parts' satisfies NimbusQuirk)
      ? segments
      : segments.filter(({ id, part }) => id !== segment.id || part !== segment.part);
    this.#segments.set(segment.key, [...kept, segment]);
  }

  /** A write that failed takes with it all that bears the same id and part. */
  cancel(key: string, id: number, part: number): void {
    const left = (this.#segments.get(key) ?? []).filter((segment) => segment.id !== id || segment.part !== part);
    if (left.length > 0) this.#segments.set(key, left);
    else this.#segments.delete(key);
  }

  delete(key: string, id: number, version: number | undefined): void {
    if (version === undefined) this.#tombstones.set(key, id);
    else this.#deleted.add(version);
    this.#collect(key);
  }

  /** Versions that can be read, the oldest first. Where none are kept, the one that was begun last. */
  versionsOf(key: string): readonly StoredVersion[] {
    const byId = new Map<number, Segment[]>();
    for (const segment of this.#segments.get(key) ?? []) {
      if (this.#isOver(segment)) continue;
      byId.set(segment.id, [...(byId.get(segment.id) ?? []), segment]);
    }
    const versions = [...byId.entries()]
      .sort(([a], [b]) => a - b)
      .filter(([, segments]) => segments.some(({ part }) => part < 2))
      .map(([id, segments]) => toVersion(key, id, segments));
    return this.versioning ? versions : versions.slice(-1);
  }

  current(key: string): StoredVersion | undefined {
    return this.versionsOf(key).at(-1);
  }

  stats(nowMs: number): DayStats {
    const day = new Date(nowMs).toISOString().slice(0, 10);
    const none = { retrieve_success: 0, archive_success: 0, listmatch_success: 0, delete_success: 0 };
    const stats = this.days.get(day) ?? { ...none, success_bytes_in: 0, success_bytes_out: 0 };
    this.days.set(day, stats);
    return stats;
  }

  /** A delete came after the version was begun, or named it. */
  isDeleted(key: string, id: number): boolean {
    return this.#deleted.has(id) || (this.#tombstones.get(key) ?? 0) > id;
  }

  #isOver({ key, id, part }: Segment): boolean {
    if (this.isDeleted(key, id)) return true;
    const archive = this.conjoined.get(id);
    if (part === 0) return false;
    return archive?.completedAtMs === undefined || archive.abortedAtMs !== undefined;
  }

  /** Forgets the bodies that nobody can read any more. */
  #collect(key: string): void {
    const left = (this.#segments.get(key) ?? []).filter(({ id }) => !this.isDeleted(key, id));
    if (left.length > 0) this.#segments.set(key, left);
    else this.#segments.delete(key);
  }
}

function toVersion(key: string, id: number, segments: readonly Segment[]): StoredVersion {
  const inOrder = [...segments].sort((a, b) => a.part - b.part);
  const size = inOrder.reduce((sum, { body }) => sum + body.length, 0);
  const modifiedAtMs = Math.min(...inOrder.map((segment) => segment.modifiedAtMs));
  return { key, id, segments: inOrder, size, modifiedAtMs };
}

/** Users, and all collections by their name, which is global. */
export class NimbusStore {
  readonly collections = new Map<string, Collection>();
  #lastId = 0;

  constructor(readonly quirks: Quirks) {}

  nextId(): number {
    return ++this.#lastId;
  }

  add(name: string, owner: string, options: { readonly isDefault: boolean; readonly nowMs: number }): Collection {
    const collection = new Collection(name, owner, options.isDefault, options.nowMs, this.quirks);
    this.collections.set(name, collection);
    return collection;
  }

  of(owner: string): readonly Collection[] {
    return [...this.collections.values()].filter((collection) => collection.owner === owner);
  }
}
