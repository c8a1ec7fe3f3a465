import type { CallOptions, CallSubject } from '../call/caller.js';
import { StorageError } from '../errors/storage-error.js';
import type { ObjectRef } from '../spi/records.js';
import type { ProviderOptions } from '../spi/requests.js';
import { type PartsPlan, planParts, resumePlan, type TransferTuning } from './plan.js';
import type { ProgressListener } from './progress.js';
import { listParts, ReceivedParts } from './received-parts.js';
import { sendRemaining } from './send-remaining.js';
import { openSource, type Source, type UploadSource } from './source.js';
import type { TransferContext } from './transfer-context.js';
import { putRequest, type UploadOptions, type UploadResult } from './upload-options.js';
import { groupOf } from './upload-parts.js';
import { formatToken, parseToken, type UploadTicket } from './upload-token.js';
import type { VerifyMode } from './verify.js';

const OPERATION = 'put';

/** What sending takes that the token does not hold. */
export interface SendOptions extends CallOptions, Pick<TransferTuning, 'concurrency'> {
  readonly onProgress?: ProgressListener | undefined;
  readonly verify?: VerifyMode | undefined;
}

export interface ResumeOptions extends CallOptions {
  /** Must be given again when the upload was begun with it: a token holds none. */
  readonly provider?: ProviderOptions | undefined;
}

/** Begins an upload that can be gone on with after a failure, also by another process. Throws `unsupported` without parts. */
export async function createUpload(
  to: TransferContext,
  ref: ObjectRef,
  options: UploadOptions,
): Promise<ResumableUpload> {
  const { provider, driver, caller } = to;
  const { size, checksum } = options;
  const subject = subjectOf(ref);
  try {
    const plan = planParts({ provider, capabilities: driver.capabilities, size, options });
    const request = putRequest(options, undefined);
    const upload = await caller.run(subject, options, (ctx) => groupOf(driver).begin(ref, request, ctx));
    const { provider: providerOptions, checksum: _checksum, ...attributes } = request;
    const names = Object.keys(providerOptions ?? {});
    const { partSize, growth } = plan;
    const facts = { driver: driver.type, upload, size, partSize, growth, attributes, checksum };
    const ticket: UploadTicket = { ...facts, providerOptions: names };
    return new ResumableUpload(to, ticket, providerOptions, new ReceivedParts(plan, size, [], false));
  } catch (error) {
    throw caller.dress(error, subject);
  }
}

/**
 * Finds an upload again by its token, and asks the store how far it came. Throws `invalid-argument` for a token that is none or belongs
 * to another kind of store or another container, and `upload-not-found` when the upload was completed, aborted or swept.
 */
export async function resumeUpload(
  to: TransferContext,
  container: string,
  token: string,
  options: ResumeOptions,
): Promise<ResumableUpload> {
  const subject: CallSubject = { operation: OPERATION, container };
  const shared = to.caller.share(options);
  try {
    const ticket = parseToken(token);
    checkPlace(to, container, ticket);
    const missing = ticket.providerOptions.filter((name) => options.provider?.[name] === undefined);
    if (missing.length > 0) {
      const message = `The upload was begun with the provider options ${missing.join(', ')}; give them again as "provider".`;
      throw new StorageError('invalid-argument', message);
    }
    const found = new ResumableUpload(to, ticket, options.provider, undefined);
    await found.refresh(shared.options);
    return found;
  } catch (error) {
    throw to.caller.dress(error, subject);
  } finally {
    shared.end();
  }
}

function checkPlace({ driver, provider }: TransferContext, container: string, ticket: UploadTicket): void {
  if (ticket.driver !== driver.type) {
    const message = `The token belongs to an upload to a ${ticket.driver} store, and ${provider} is a ${driver.type} store.`;
    throw new StorageError('invalid-argument', message);
  }
  const { container: own } = ticket.upload.ref;
  if (own === container) return;
  throw new StorageError(
    'invalid-argument',
    `The token belongs to an upload into container "${own}", not "${container}".`,
  );
}

/** An upload that is sent in parts and survives failures: what the store has is not sent again. */
export class ResumableUpload {
  /**
   * Names the upload to `resumeUpload`, in this process or another. It is JSON and holds no credentials: whoever goes on needs the storage
   * too. The exception are uploads to a session that the store gives an address of its own, as Google Cloud Storage does with
   * `uploads: 'session'`: whoever has the token can send to that one upload, or end it. Keep such a token like a password.
   */
  readonly token: string;
  readonly container: string;
  readonly key: string;
  readonly #to: TransferContext;
  readonly #ticket: UploadTicket;
  readonly #provider: ProviderOptions | undefined;
  #received: ReceivedParts | undefined;
  #state: 'open' | 'sending' | 'done' | 'aborted' = 'open';

  /** @internal */
  constructor(
    to: TransferContext,
    ticket: UploadTicket,
    provider: ProviderOptions | undefined,
    received: ReceivedParts | undefined,
  ) {
    this.token = formatToken(ticket);
    this.container = ticket.upload.ref.container;
    this.key = ticket.upload.ref.key;
    this.#to = to;
    this.#ticket = ticket;
    this.#provider = provider;
    this.#received = received;
  }

  /** Bytes from the first on that the store has: where a stream given to `send` must begin. */
  get receivedBytes(): number {
    return this.#received?.bytes ?? 0;
  }

  /** Bytes of the whole body, where they were given. */
  get size(): number | undefined {
    return this.#ticket.size;
  }

  /** Asks the store how far the upload came. Throws `upload-not-found`. */
  async refresh(options: CallOptions = {}): Promise<void> {
    const shared = this.#to.caller.share(options);
    try {
      await this.#list(shared.signal);
    } finally {
      shared.end();
    }
  }

  /**
   * Sends what the store does not have, and completes the object. A string, bytes, a Blob or a file is given whole; a stream or an
   * iterable begins at `receivedBytes`. After a failure the upload stays and `send` may be called again: at once with a source that is
   * given whole, after `refresh()` with a stream.
   */
  async send(source: UploadSource, options: SendOptions = {}): Promise<UploadResult> {
    this.#enter('sending');
    const shared = this.#to.caller.share(options);
    try {
      const result = await this.#send(source, options, shared.signal);
      this.#state = 'done';
      return result;
    } catch (error) {
      this.#state = 'open';
      this.#received = undefined;
      throw this.#to.caller.dress(error, subjectOf(this.#ticket.upload.ref));
    } finally {
      shared.end();
    }
  }

  /** Frees what the store holds of the upload; it cannot be gone on with. */
  async abort(options: CallOptions = {}): Promise<void> {
    this.#enter('aborted');
    const { upload } = this.#ticket;
    const { caller, driver } = this.#to;
    await caller.run(subjectOf(upload.ref), options, (ctx) => groupOf(driver).abort(upload, ctx));
  }

  #plan(concurrency: number | undefined): PartsPlan {
    const { provider, driver } = this.#to;
    return resumePlan(provider, driver.capabilities, this.#ticket, concurrency);
  }

  #enter(state: 'sending' | 'aborted'): void {
    const reasons = { sending: 'is being sent', done: 'is complete', aborted: 'was aborted' } as const;
    if (this.#state !== 'open') {
      const message = `The upload of "${this.key}" ${reasons[this.#state]}; a new one begins with createUpload().`;
      throw this.#to.caller.dress(new StorageError('invalid-argument', message), subjectOf(this.#ticket.upload.ref));
    }
    this.#state = state;
  }

  async #send(input: UploadSource, options: SendOptions, signal: AbortSignal): Promise<UploadResult> {
    const source = await openSource(input, undefined);
    let failure: unknown;
    try {
      const received = await this.#receivedFor(source, signal);
      const { concurrency, verify, onProgress } = options;
      const plan = this.#plan(concurrency);
      const upload = { to: this.#to, ticket: this.#ticket, provider: this.#provider, plan };
      return await sendRemaining({ ...upload, received, source, verify, onProgress, signal });
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      await source.close(failure);
    }
  }

  /** How far the store came. After a failure it is asked again, since an answer may have been lost. */
  async #receivedFor(source: Source, signal: AbortSignal): Promise<ReceivedParts> {
    if (this.#received) return this.#received;
    if (source.replayable) return this.#list(signal);
    const message = 'After a failure, call refresh() and give a stream that begins at receivedBytes.';
    throw new StorageError('invalid-argument', message);
  }

  async #list(signal: AbortSignal): Promise<ReceivedParts> {
    const { upload, size } = this.#ticket;
    const plan = this.#plan(undefined);
    const parts = await listParts(this.#to, upload, subjectOf(upload.ref), signal);
    const isSequential = this.#to.driver.capabilities.parts?.sequential ?? false;
    return (this.#received = new ReceivedParts(plan, size, parts, isSequential));
  }
}

function subjectOf({ container, key }: ObjectRef): CallSubject {
  return { operation: OPERATION, container, key, changes: true };
}
