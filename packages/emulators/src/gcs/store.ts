import { compareBytes } from '../key-walk.js';
import type { Content } from './content.js';
import { noSuchBucket, noSuchObject } from './errors.js';

/** A JSON document without a prototype's names. */
export type Json = Record<string, unknown>;

export interface AclEntry {
  readonly entity: string;
  readonly role: 'READER' | 'WRITER' | 'OWNER';
}

/** What a client may say of an object beside its bytes. */
export interface ObjectFields {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly contentDisposition?: string;
  readonly contentLanguage?: string;
  readonly cacheControl?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly storageClass?: string;
  readonly customTime?: string;
  readonly temporaryHold?: boolean;
  readonly eventBasedHold?: boolean;
  readonly retention?: { readonly mode: string; readonly retainUntilTime: string };
  readonly contexts?: unknown;
}

export interface StoredObject {
  readonly bucket: Bucket;
  readonly name: string;
  readonly generation: number;
  metageneration: number;
  readonly content: Content;
  readonly createdAtMs: number;
  updatedAtMs: number;
  classChangedAtMs: number;
  /** Since when it is not the live one. */
  replacedAtMs?: number;
  softDeletedAtMs?: number;
  fields: ObjectFields;
  acl: readonly AclEntry[];
  readonly owner: string;
  readonly componentCount?: number;
  /** Base64 of the SHA-256 of the customer's key. */
  readonly customerKeySha256?: string;
  readonly kmsKeyName?: string;
}

export class Bucket {
  metageneration = 1;
  updatedAtMs: number;
  /** What clients may change; see `bucketResource` for the rest. */
  config: Json;
  acl: readonly AclEntry[] = [];
  defaultObjectAcl: readonly AclEntry[] = [];
  policy: Json | undefined;
  readonly notifications = new Map<string, Json>();
  /** Generations that are not deleted, by name; the live one has no `replacedAtMs`. Oldest first. */
  readonly #objects = new Map<string, StoredObject[]>();
  readonly #softDeleted = new Map<string, StoredObject[]>();
  #sortedNames: readonly string[] | undefined;
  #sortedLive: readonly string[] | undefined;

  constructor(
    readonly name: string,
    readonly project: string,
    config: Json,
    readonly createdAtMs: number,
  ) {
    this.config = config;
    this.updatedAtMs = createdAtMs;
  }

  get keepsVersions(): boolean {
    return (this.config['versioning'] as { enabled?: boolean } | undefined)?.enabled === true;
  }

  get hasUniformAccess(): boolean {
    const iam = this.config['iamConfiguration'] as { uniformBucketLevelAccess?: { enabled?: boolean } } | undefined;
    return iam?.uniformBucketLevelAccess?.enabled === true;
  }

  get softDeleteSeconds(): number {
    const policy = this.config['softDeletePolicy'] as { retentionDurationSeconds?: string } | undefined;
    return Number(policy?.retentionDurationSeconds ?? 0);
  }

  /** Names that have a generation, by UTF-8 bytes. */
  names(): readonly string[] {
    return (this.#sortedNames ??= [...this.#objects.keys()].sort(compareBytes));
  }

  liveNames(): readonly string[] {
    return (this.#sortedLive ??= this.names().filter((name) => this.live(name)));
  }

  softDeletedNames(): readonly string[] {
    return [...this.#softDeleted.keys()].sort(compareBytes);
  }

  generationsOf(name: string): readonly StoredObject[] {
    return this.#objects.get(name) ?? [];
  }

  softDeletedOf(name: string): readonly StoredObject[] {
    return this.#softDeleted.get(name) ?? [];
  }

  live(name: string): StoredObject | undefined {
    const last = this.#objects.get(name)?.at(-1);
    return last?.replacedAtMs === undefined ? last : undefined;
  }

  /** One generation, or the live one. Throws 404. */
  find(name: string, generation?: string): StoredObject {
    const found =
      generation === undefined
        ? this.live(name)
        : this.generationsOf(name).find((object) => String(object.generation) === generation);
    if (found) return found;
    throw noSuchObject(this.name, name);
  }

  /** Makes an object the live one. */
  write(object: StoredObject, nowMs: number): void {
    const wasLive = this.live(object.name) !== undefined;
    this.#retire(object.name, nowMs);
    const generations = this.#objects.get(object.name);
    if (generations) generations.push(object);
    else this.#objects.set(object.name, [object]);
    if (!wasLive) this.#forgetOrder();
  }

  /** The live object becomes noncurrent where versions are kept, and else is deleted. */
  retire(name: string, nowMs: number): void {
    this.#retire(name, nowMs);
    this.#forgetOrder();
  }

  #retire(name: string, nowMs: number): void {
    const live = this.live(name);
    if (!live) return;
    live.replacedAtMs = nowMs;
    if (!this.keepsVersions) this.#remove(live, nowMs);
  }

  /** Deletes a generation: for good, or softly where the bucket says so. */
  remove(object: StoredObject, nowMs: number): void {
    this.#remove(object, nowMs);
    this.#forgetOrder();
  }

  #remove(object: StoredObject, nowMs: number): void {
    const rest = this.generationsOf(object.name).filter((other) => other !== object);
    if (rest.length > 0) this.#objects.set(object.name, rest);
    else this.#objects.delete(object.name);
    if (this.softDeleteSeconds === 0) return;
    object.softDeletedAtMs = nowMs;
    this.#softDeleted.set(object.name, [...this.softDeletedOf(object.name), object]);
  }

  dropSoftDeleted(object: StoredObject): void {
    const rest = this.softDeletedOf(object.name).filter((other) => other !== object);
    if (rest.length > 0) this.#softDeleted.set(object.name, rest);
    else this.#softDeleted.delete(object.name);
  }

  get isEmpty(): boolean {
    return this.#objects.size === 0;
  }

  #forgetOrder(): void {
    this.#sortedNames = undefined;
    this.#sortedLive = undefined;
  }
}

export class GcsStore {
  readonly buckets = new Map<string, Bucket>();
  #lastGeneration = 0;

  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (bucket) return bucket;
    throw noSuchBucket(name);
  }

  /** Microseconds of the clock, as Google's are, and never the same twice. */
  newGeneration(nowMs: number): number {
    this.#lastGeneration = Math.max(nowMs * 1000, this.#lastGeneration + 1);
    return this.#lastGeneration;
  }
}

/** Fields that have a value. */
export function compactFields(fields: Readonly<Record<keyof ObjectFields, unknown>> | ObjectFields): ObjectFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}
