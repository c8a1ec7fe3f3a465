import { type CallContext, type DeleteResult, isStorageError, type ObjectRef, StorageError } from '@stowage/core/spi';
import type { WireResponse } from '@stowage/http';
import { bulkDelete, checkOutcome, errorOfRow, readBulkOutcome } from './bulk.js';
import type { SwiftWire } from './client.js';
import { listRows } from './containers.js';
import { dynamicSegments } from './dynamic-segments.js';
import { SEGMENTS_SUFFIX } from './pending.js';
import type { OpenStackOptions } from './options.js';
import { containerCall, objectCall, objectPath, SLOW_CALL_MS, versionQuery } from './requests.js';
import { isLarge, isStaticLarge, readVersionId } from './wire.js';

/** Segments that lose their object; what is to be deleted when the write over it has succeeded. */
export type Retired =
  | { readonly kind: 'slo'; /** A second manifest of the same segments. */ readonly manifest: ObjectRef }
  | { readonly kind: 'dlo'; readonly container: string; readonly manifest: string };

/** How long a container is believed to have no segments that another process might have made meanwhile. */
const BELIEVED_MS = 60_000;
const MAX_KNOWN_CONTAINERS = 10_000;
/** Marks a container that this driver made for segments, so that it may go with the container that it belongs to. */
export const SEGMENTS_OF = 'x-container-meta-stowage-segments-of';

/**
 * Keeps segments from being orphaned when large objects are deleted or replaced: Swift itself leaves them where they are.
 * https://docs.openstack.org/swift/latest/overview_large_objects.html
 */
export class LargeObjects {
  readonly #wire: SwiftWire;
  readonly #fixedContainer: string | undefined;
  readonly keepsSegments: boolean;
  /** Until when a segments container is believed to be missing; infinite where it is there. */
  readonly #known = new Map<string, { readonly isThere: boolean; readonly untilMs: number }>();

  constructor(wire: SwiftWire, { segmentsContainer, keepSegments }: OpenStackOptions) {
    this.#wire = wire;
    this.#fixedContainer = segmentsContainer;
    this.keepsSegments = keepSegments === true;
  }

  /** Where the segments of a container's objects go. */
  segmentsContainer(container: string): string {
    return this.#fixedContainer ?? container + SEGMENTS_SUFFIX;
  }

  /** Takes note that a container has segments. */
  learn(container: string): void {
    this.#remember(this.segmentsContainer(container), true);
  }

  /** False where no object of the container can have segments in the place for them; asks at most once a minute. */
  async mayHold(container: string, ctx: CallContext): Promise<boolean> {
    const segments = this.segmentsContainer(container);
    const known = this.#known.get(segments);
    if (known && this.#wire.host.nowMs() < known.untilMs) return known.isThere;
    const isThere = await this.#exists(segments, ctx);
    this.#remember(segments, isThere);
    return isThere;
  }

  /** To be called before a write over an object; give what it returns to `settle`. */
  async beforeWrite(ref: ObjectRef, ctx: CallContext): Promise<Retired | undefined> {
    if (this.keepsSegments || !(await this.mayHold(ref.container, ctx))) return undefined;
    const old = await this.look(ref, ctx);
    if (!old || !isLarge(old) || (await this.#keepsVersions(ref.container, ctx))) return undefined;
    if (!isStaticLarge(old)) {
      return { kind: 'dlo', container: ref.container, manifest: old.header('x-object-manifest') ?? '' };
    }
    const name = this.#wire.host.randomBytes(12).toString('hex');
    const manifest = { container: this.segmentsContainer(ref.container), key: `.stowage-retired/${name}` };
    // A copy of the manifest keeps hold of the segments, also of nested ones, while the object gets another.
    const call = objectCall('COPY', ref, '?multipart-manifest=get', ['destination', objectPath(manifest)]);
    await this.#wire.send({ ...call, headersTimeoutMs: SLOW_CALL_MS }, ctx);
    return { kind: 'slo', manifest };
  }

  /** To be called after the write. What cannot be cleaned up is told, and is no failure of the write. */
  async settle(retired: Retired | undefined, isReplaced: boolean): Promise<void> {
    if (retired === undefined) return;
    const place = retired.kind === 'dlo' ? retired.manifest : `${retired.manifest.container}/${retired.manifest.key}`;
    await this.tidy(`The segments of an object that was replaced could not be deleted (${place})`, async (ctx) => {
      if (retired.kind === 'dlo') {
        if (isReplaced) await this.#deleteDynamic(retired.container, retired.manifest, ctx);
      } else if (isReplaced) await this.#deleteStatic(retired.manifest, ctx);
      else await this.deletePlain(retired.manifest, ctx);
    });
  }

  /**
   * Cleans up after a call that has succeeded: nobody would repeat it, so that it is tried again here when only the token was old, and
   * what fails is told.
   */
  async tidy(complaint: string, work: (ctx: CallContext) => Promise<unknown>): Promise<void> {
    const again = async (error: unknown): Promise<unknown> => {
      if (isStorageError(error) && error.mended) return work({ attempt: 2 });
      throw error;
    };
    try {
      await work({ attempt: 1 }).catch(again);
    } catch (error) {
      this.#wire.host.warn(`${complaint}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Deletes an object and, where no version keeps them, its segments. */
  async delete(ref: ObjectRef, ctx: CallContext): Promise<DeleteResult> {
    const found = this.keepsSegments ? undefined : await this.look(ref, ctx);
    const isLone =
      found && isLarge(found) && (ref.versionId !== undefined || !(await this.#keepsVersions(ref.container, ctx)));
    if (isLone && isStaticLarge(found)) return this.#deleteStatic(ref, ctx);
    const result = await this.deletePlain(ref, ctx);
    const manifest = isLone ? found.header('x-object-manifest') : undefined;
    if (manifest !== undefined) await this.#deleteDynamic(ref.container, manifest, ctx);
    return result;
  }

  /** Deletes an object, and nothing of what it may be made of. */
  async deletePlain(ref: ObjectRef, ctx: CallContext): Promise<DeleteResult> {
    try {
      const response = await this.#wire.send(objectCall('DELETE', ref, versionQuery(ref)), ctx);
      const marker = ref.versionId === undefined ? readVersionId(response) : undefined;
      return { existed: true, ...(marker !== undefined && { versionId: marker, isDeleteMarker: true }) };
    } catch (error) {
      if (isStorageError(error, 'object-not-found')) return { existed: false };
      throw error;
    }
  }

  /** HEAD of the object itself, not of what a link points to; undefined where there is none. */
  async look(ref: ObjectRef, ctx: CallContext): Promise<WireResponse | undefined> {
    const query = versionQuery(ref) === '' ? '?symlink=get' : `${versionQuery(ref)}&symlink=get`;
    try {
      return await this.#wire.send({ ...objectCall('HEAD', ref, query), conflict: 'unknown' }, ctx);
    } catch (error) {
      if (isStorageError(error, 'object-not-found') || isStorageError(error, 'container-not-found')) return undefined;
      throw error;
    }
  }

  /** Deletes the segments container of a container that is gone, when this driver made it and it is empty. */
  async forgetContainer(container: string, ctx: CallContext): Promise<void> {
    const segments = this.segmentsContainer(container);
    this.#known.delete(segments);
    if (this.#fixedContainer !== undefined) return;
    try {
      const response = await this.#wire.send(containerCall('HEAD', segments), ctx);
      if (response.header(SEGMENTS_OF) !== undefined)
        await this.#wire.send({ ...containerCall('DELETE', segments), conflict: 'container-not-empty' }, ctx);
    } catch (error) {
      const isOver = ['container-not-found', 'container-not-empty', 'permission-denied'] as const;
      if (!isOver.some((code) => isStorageError(error, code))) throw error;
    }
  }

  /** `multipart-manifest=delete` takes the segments too, also those of nested manifests, and the manifest last. */
  async #deleteStatic(ref: ObjectRef, ctx: CallContext): Promise<DeleteResult> {
    const query = `?multipart-manifest=delete${versionQuery(ref).replace('?', '&')}`;
    const call = objectCall('DELETE', ref, query, ['accept', 'application/json']);
    const outcome = readBulkOutcome(await this.#wire.send({ ...call, headersTimeoutMs: SLOW_CALL_MS }, ctx));
    checkOutcome(outcome);
    const [first] = outcome.errors;
    if (first === undefined) return { existed: outcome.deleted > 0 };
    const [path, text] = first;
    // It was replaced by a plain one since it was looked at.
    if (/not an slo manifest/i.test(text)) return this.deletePlain(ref, ctx);
    throw new StorageError(errorOfRow(text).code, `A segment could not be deleted (${path}): ${text.slice(0, 200)}`);
  }

  async #deleteDynamic(container: string, manifest: string, ctx: CallContext): Promise<void> {
    const segments = dynamicSegments(manifest, container);
    if (segments === undefined) return;
    for (let marker: string | undefined; ;) {
      const { prefix } = segments;
      const rows = await listRows({ wire: this.#wire }, segments.container, { prefix, marker, limit: 1000 }, ctx).catch(
        noRows,
      );
      const last = rows.at(-1)?.name;
      if (last === undefined) return;
      const names = rows.map(({ name = '' }) => name).filter(segments.isSegment);
      const refs = names.map((key) => ({ container: segments.container, key }));
      if (refs.length > 0) {
        const outcome = await bulkDelete(this.#wire, refs, ctx);
        checkOutcome(outcome);
        const [first] = outcome.errors.values();
        if (first !== undefined) throw errorOfRow(first);
      }
      marker = last;
    }
  }

  /** Segments of a version live on when the object is replaced. */
  async #keepsVersions(container: string, ctx: CallContext): Promise<boolean> {
    const response = await this.#wire.send(containerCall('HEAD', container), ctx);
    const isOn = response.header('x-versions-enabled')?.toLowerCase() === 'true';
    return isOn || (response.header('x-versions-location') ?? response.header('x-history-location')) !== undefined;
  }

  async #exists(container: string, ctx: CallContext): Promise<boolean> {
    try {
      await this.#wire.send(containerCall('HEAD', container), ctx);
      return true;
    } catch (error) {
      // Who may not see segments cannot delete them either.
      if (isStorageError(error, 'container-not-found') || isStorageError(error, 'permission-denied')) return false;
      if (isStorageError(error, 'invalid-argument')) return false;
      throw error;
    }
  }

  #remember(segments: string, isThere: boolean): void {
    if (this.#known.size >= MAX_KNOWN_CONTAINERS) this.#known.clear();
    this.#known.set(segments, { isThere, untilMs: isThere ? Infinity : this.#wire.host.nowMs() + BELIEVED_MS });
  }
}

function noRows(error: unknown): readonly [] {
  if (isStorageError(error, 'container-not-found')) return [];
  throw error;
}
