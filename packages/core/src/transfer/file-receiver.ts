import type { Readable } from 'node:stream';
import { reasonOf } from '../call/scope.js';
import type { Digest } from '../checksum/digest.js';
import type { Piece, PieceDigests, PieceQueue } from './download-pieces.js';
import type { PartialFile, SequentialWriter } from './partial-file.js';
import type { DownloadPlan } from './plan.js';
import type { ProgressMeter } from './progress.js';
import { ResumingChunks } from './resuming-chunks.js';
import { ResumingRead, type ResumingReadInput } from './resuming-read.js';

/** What a download reads, and where it goes. */
export interface FileReceiverInput {
  readonly read: Omit<ResumingReadInput, 'signal'>;
  readonly plan: DownloadPlan;
  readonly queue: PieceQueue;
  readonly file: PartialFile;
  readonly digests: PieceDigests;
  readonly meter: ProgressMeter;
}

/** Fills a file from several reads at once. */
export class FileReceiver {
  readonly #input: FileReceiverInput;
  readonly #siblings = new AbortController();
  #failed: { readonly error: unknown } | undefined;
  #received = 0;

  constructor(input: FileReceiverInput) {
    this.#input = input;
  }

  /** Resolves when every byte is in the file. After a failure all reads are ended and waited for, and the first failure is thrown. */
  async run(first: Readable, signal: AbortSignal): Promise<void> {
    const { plan, read } = this.#input;
    const onAbort = (): void => this.#fail(reasonOf(signal));
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    // Streams outlive the calls that open them, and so does this signal.
    const shared = read.from.caller.share({ signal: this.#siblings.signal });
    const workers = [this.#fromFront(first, shared.signal)];
    for (let worker = 1; worker < plan.concurrency; worker++) workers.push(this.#fromBack(shared.signal));
    await Promise.all(workers.map((worker) => worker.catch((error: unknown) => this.#fail(error))));
    signal.removeEventListener('abort', onAbort);
    shared.end();
    if (this.#failed) throw this.#failed.error;
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = { error };
    this.#siblings.abort(error);
  }

  /** Reads on through the first answer, from piece to piece, until the others have taken the next one. */
  async #fromFront(first: Readable, signal: AbortSignal): Promise<void> {
    const { read, queue, plan } = this.#input;
    await this.#receive(first, new ResumingRead({ ...read, signal }), plan.start, () => queue.takeFirst(), signal);
  }

  /** Reads piece after piece, each by a request of its own. */
  async #fromBack(signal: AbortSignal): Promise<void> {
    const { queue, read } = this.#input;
    for (let piece = queue.takeLast(); piece && !signal.aborted; piece = queue.takeLast()) {
      const resuming = new ResumingRead({ ...read, range: { start: piece.start, end: piece.end }, signal });
      const only = [piece];
      await this.#receive(await resuming.open(), resuming, piece.start, () => only.pop(), signal);
    }
  }

  /** Writes what a read gives, as long as there is a next piece for it. */
  async #receive(
    stream: Readable,
    read: ResumingRead,
    start: number,
    next: () => Piece | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const sink = new PieceSink(this.#input, start, next);
    const chunks = new ResumingChunks(stream, read, signal);
    try {
      while (sink.wantsMore) {
        const chunk = await chunks.next();
        if (!chunk) break;
        this.#received += await sink.write(chunk);
        this.#input.meter.reach(this.#received);
      }
      await sink.end();
      if (read.isComplete) await chunks.next();
    } finally {
      await chunks.close();
    }
  }
}

/** Writes bytes that come in order into the file, piece by piece. */
class PieceSink {
  readonly #digests: PieceDigests;
  readonly #next: () => Piece | undefined;
  readonly #writer: SequentialWriter;
  #position: number;
  #piece: Piece | undefined;
  #digest: Digest | undefined;

  constructor({ digests, file, plan }: FileReceiverInput, start: number, next: () => Piece | undefined) {
    this.#digests = digests;
    this.#next = next;
    this.#writer = file.writeFrom(start - plan.start);
    this.#position = start;
    this.#begin();
  }

  /** False when the next bytes belong to a piece of another. */
  get wantsMore(): boolean {
    return this.#piece !== undefined;
  }

  /** Writes as much as belongs to its pieces; tells how many bytes. */
  async write(chunk: Buffer): Promise<number> {
    let taken = 0;
    while (taken < chunk.length && this.#piece) {
      const size = Math.min(chunk.length - taken, this.#piece.end - this.#position);
      const bytes = size === chunk.length ? chunk : chunk.subarray(taken, taken + size);
      this.#digest?.update(bytes);
      taken += size;
      this.#position += size;
      const writing = this.#writer.add(bytes);
      if (writing) await writing;
      if (this.#position === this.#piece.end) {
        this.#digests.end(this.#piece, this.#digest);
        this.#begin();
      }
    }
    return taken;
  }

  async end(): Promise<void> {
    await this.#writer.end();
  }

  #begin(): void {
    this.#piece = this.#next();
    this.#digest = this.#piece && this.#digests.begin();
  }
}
