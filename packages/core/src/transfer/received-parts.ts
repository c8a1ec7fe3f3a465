import { digestOf } from '../checksum/digest.js';
import type { CallSubject } from '../call/caller.js';
import { StorageError } from '../errors/storage-error.js';
import type { Verification } from '../spi/checksums.js';
import type { PartRecord, UploadRef } from '../spi/groups.js';
import type { PartReader, ReadPart } from './part-reader.js';
import { type PartsPlan, partSizeAt } from './plan.js';
import type { TransferContext } from './transfer-context.js';
import { groupOf } from './upload-parts.js';

/** Asks the store for all parts that it has of an upload. Throws `upload-not-found`. */
export async function listParts(
  { caller, driver }: TransferContext,
  upload: UploadRef,
  subject: CallSubject,
  signal: AbortSignal,
): Promise<PartRecord[]> {
  const group = groupOf(driver);
  const parts: PartRecord[] = [];
  let token: string | undefined;
  do {
    const page = await caller.run(subject, { signal }, (ctx) => group.list(upload, { token }, ctx));
    parts.push(...page.parts);
    if (page.next !== undefined && page.next === token) {
      throw new StorageError('unknown', `The store gave the page token "${token}" of a list of parts twice.`);
    }
    token = page.next;
  } while (token !== undefined);
  return parts.sort((a, b) => a.number - b.number);
}

/** Parts that the store has already, as far as they fit the plan. */
export class ReceivedParts {
  /** Of a store that takes parts in order, all that it has; of others, those of the right size. */
  readonly records: ReadonlyMap<number, PartRecord>;
  /** Bytes from the first on that need not be sent again. */
  readonly bytes: number;
  /** The first part that is missing. */
  readonly next: number;

  constructor(plan: PartsPlan, size: number | undefined, parts: readonly PartRecord[], sequential: boolean) {
    this.records = new Map(
      parts.filter((part) => sequential || fits(plan, size, part)).map((part) => [part.number, part]),
    );
    let [bytes, next] = [0, 1];
    for (let part = this.records.get(next); part; part = this.records.get(next)) {
      bytes += part.size;
      next++;
    }
    this.bytes = bytes;
    this.next = next;
  }
}

/** A part whose size differs was cut short, or is the last one of a body of unknown length. */
function fits(plan: PartsPlan, size: number | undefined, part: PartRecord): boolean {
  const full = partSizeAt(plan, part.number);
  if (size === undefined || plan.growth !== 1) return part.size === full;
  return part.size === Math.min(full, size - (part.number - 1) * plan.partSize);
}

/** A part that an earlier send left in the store. */
export type KeptPart = PartRecord & { readonly verified: Extract<Verification, 'client' | 'none'> };

/**
 * Gives the parts that the store does not have yet. Parts that it has are read where somebody must see their bytes, and sent again when
 * the digest that the store reports is not that of the source.
 */
export class RemainingParts {
  readonly kept: KeptPart[] = [];
  readonly #reader: PartReader;
  readonly #received: ReadonlyMap<number, PartRecord>;
  readonly #mustRead: boolean;
  readonly #onKept: (part: KeptPart) => void;

  constructor(
    reader: PartReader,
    received: ReadonlyMap<number, PartRecord>,
    options: { readonly mustRead: boolean; onKept(part: KeptPart): void },
  ) {
    this.#reader = reader;
    this.#received = received;
    this.#mustRead = options.mustRead;
    this.#onKept = (part) => options.onKept(part);
  }

  get nextSize(): number {
    return this.#reader.nextSize;
  }

  async next(): Promise<ReadPart | undefined> {
    for (;;) {
      const record = this.#received.get(this.#reader.number);
      if (!record) return this.#reader.next();
      if (!this.#mustRead && !record.checksum) {
        this.#reader.skip(record.size);
        this.#keep({ ...record, verified: 'none' });
        continue;
      }
      const part = await this.#reader.next();
      if (!part || !isSame(part, record)) return part;
      part.release();
      this.#keep({ ...record, verified: record.checksum ? 'client' : 'none' });
    }
  }

  #keep(part: KeptPart): void {
    this.kept.push(part);
    this.#onKept(part);
  }
}

function isSame(part: ReadPart, { size, checksum }: PartRecord): boolean {
  if (part.size !== size) return false;
  if (!checksum) return true;
  if (checksum.algorithm === part.checksum?.algorithm) return checksum.value === part.checksum.value;
  return part.body.bytes !== undefined && digestOf(checksum.algorithm, part.body.bytes) === checksum.value;
}
