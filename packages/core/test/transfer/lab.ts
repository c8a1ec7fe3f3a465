/** A store in memory for tests of transfers: it counts, it can be told to fail, and it looks at every byte. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { createCaller, type RetryOptions } from '../../src/call/caller.js';
import { digestOf } from '../../src/checksum/digest.js';
import { isStorageError, StorageError } from '../../src/errors/storage-error.js';
import type { Capabilities, PartsCapabilities } from '../../src/spi/capabilities.js';
import type { ChecksumAlgorithm } from '../../src/spi/checksums.js';
import type { CallContext } from '../../src/spi/context.js';
import type { StorageDriver } from '../../src/spi/driver.js';
import type { PartRecord, PartResult, PartsGroup, UploadRef } from '../../src/spi/groups.js';
import { createHost } from '../../src/spi/host.js';
import type { ObjectRecord, ObjectRef } from '../../src/spi/records.js';
import type { PutBody, PutRequest, PutResult, ReadRequest, ReadResult } from '../../src/spi/requests.js';
import type { TransferContext } from '../../src/transfer/transfer-context.js';

export const KIB = 1024;
export const MIB = 1024 * KIB;

export interface LabSettings {
  readonly type?: string;
  /** False: no parts at all. */
  readonly parts?: Partial<PartsCapabilities> | false;
  readonly put?: Partial<Capabilities['put']>;
  readonly read?: Partial<Capabilities['read']>;
  readonly checksums?: Partial<Capabilities['checksums']>;
  readonly metadata?: Partial<Capabilities['metadata']>;
  readonly delete?: Partial<Capabilities['delete']>;
  readonly retry?: RetryOptions | false;
  /** False: bodies are counted and digested, not kept. */
  readonly keep?: boolean;
}

/** One call that the driver got, as its tests look at it. */
export interface LabCall {
  readonly name: string;
  readonly attempt: number;
  readonly number?: number | undefined;
  readonly offset?: number | undefined;
  readonly range?: ReadRequest['range'];
  readonly ifMatch?: string | undefined;
  readonly size?: number | undefined;
  readonly last?: boolean | undefined;
  readonly checksum?: ChecksumAlgorithm | undefined;
}

interface StoredObject {
  readonly bytes: Buffer;
  readonly record: ObjectRecord;
}

interface OpenUpload {
  readonly ref: ObjectRef;
  readonly request: PutRequest;
  readonly parts: Map<number, { readonly bytes: Buffer; readonly record: PartRecord }>;
}

type Hook = (call: LabCall, ctx: CallContext) => Promise<void> | void;

const DEFAULT_PARTS: PartsCapabilities = {
  minBytes: 1,
  maxBytes: 5 * 1024 * MIB,
  maxParts: 10_000,
  multipleOf: 1,
  sequential: false,
  thresholdBytes: 8 * MIB,
  conditions: ['ifMatch', 'ifNoneMatch'],
  upload: ['crc32'],
};

/** The driver, and everything that tests want to know of it. */
export class Lab {
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, OpenUpload>();
  readonly calls: LabCall[] = [];
  readonly warnings: string[] = [];
  readonly driver: StorageDriver;
  readonly context: TransferContext;
  readonly closing = new AbortController();
  /** Runs before each call is carried out; what it throws is the driver's answer. */
  before: Hook = () => undefined;
  /** Runs after a call was carried out; what it throws is a lost answer. */
  after: Hook = () => undefined;
  /** Changes what the store has received, as a fault of the network would. */
  damage: (bytes: Buffer) => Buffer = (bytes) => bytes;
  /** Makes the stream of a read from its bytes. */
  stream: (bytes: Buffer, call: LabCall, ctx: CallContext) => Readable = (bytes) => chunked(bytes);
  /** Changes what a record tells. */
  report: (record: ObjectRecord) => ObjectRecord = (record) => record;
  /** Bytes of bodies that the driver holds now, and the most that it ever held. */
  heldBytes = 0;
  mostHeldBytes = 0;
  /** Part requests under way now, and the most at once. */
  underWay = 0;
  mostUnderWay = 0;
  #versions = 0;
  #settings: LabSettings;

  constructor(settings: LabSettings = {}) {
    this.#settings = settings;
    this.driver = this.#makeDriver();
    const host = createHost({
      randomBytes: (size) => Buffer.alloc(size, 1),
      warn: (text) => void this.warnings.push(text),
    });
    const caller = createCaller({
      ...{ provider: 'lab', host, timeoutMs: 60_000, secrets: [], closed: this.closing.signal },
      retry: settings.retry ?? { baseDelayMs: 0, maxDelayMs: 0 },
    });
    this.context = { provider: 'lab', driver: this.driver, caller, host };
  }

  ref(key = 'key'): ObjectRef {
    return { container: 'box', key };
  }

  bytes(key = 'key'): Buffer {
    const object = this.objects.get(key);
    if (!object) throw new Error(`There is no object ${key}.`);
    return object.bytes;
  }

  /** Puts an object there without any call. */
  seed(bytes: Buffer, key = 'key', facts: Partial<ObjectRecord> = {}): ObjectRecord {
    return this.#store(this.ref(key), bytes, { ...facts }).record;
  }

  count(name: string): number {
    return this.calls.filter((call) => call.name === name).length;
  }

  named(name: string): LabCall[] {
    return this.calls.filter((call) => call.name === name);
  }

  #store(ref: ObjectRef, bytes: Buffer, facts: Partial<ObjectRecord>): PutResult {
    const checksums: Record<string, string> = {};
    for (const algorithm of this.driver.capabilities.checksums.reported)
      checksums[algorithm] = digestOf(algorithm, bytes);
    const kept = this.#settings.keep === false ? Buffer.alloc(0) : bytes;
    const record: ObjectRecord = {
      ...facts,
      ...{ key: ref.key, size: bytes.length, etag: `v${++this.#versions}`, checksums },
    };
    this.objects.set(ref.key, { bytes: kept, record });
    return { record: this.report(record), verified: 'none' };
  }

  #makeDriver(): StorageDriver {
    const capabilities = this.#capabilities();
    const parts = capabilities.parts && this.#makeParts();
    const unused = async (): Promise<never> => {
      throw new Error('Transfers do not call this.');
    };
    return {
      type: this.#settings.type ?? 'lab',
      capabilities,
      listContainers: unused,
      statContainer: unused,
      createContainer: unused,
      deleteContainer: unused,
      list: unused,
      stat: (ref, _request, ctx) => this.#call({ name: 'stat' }, ctx, async () => this.report(this.#find(ref).record)),
      read: (ref, request, ctx) => this.#read(ref, request, ctx),
      put: (ref, body, request, ctx) => this.#put(ref, body, request, ctx),
      delete: (ref, { ifMatch }, ctx) =>
        this.#call({ name: 'delete', ifMatch }, ctx, async () => ({ existed: this.objects.delete(ref.key) })),
      ...(parts && { parts }),
    };
  }

  #capabilities(): Capabilities {
    const { parts, put, read, checksums, metadata } = this.#settings;
    return {
      keys: { maxBytes: 1024 },
      containers: {},
      list: { order: 'bytes', delimiter: 'any', startAfter: true, maxLimit: 1000, consistency: 'strong', prefix: true },
      read: { ranges: true, suffixRanges: true, conditions: ['ifMatch', 'ifNoneMatch'], ...read },
      put: {
        ...{ maxBytes: 64 * MIB, unknownSize: true, conditions: ['ifMatch', 'ifNoneMatch'] },
        attributes: ['contentType', 'contentEncoding', 'cacheControl', 'metadata'],
        ...put,
      },
      delete: { conditions: ['ifMatch'], tellsMissing: true, ...this.#settings.delete },
      metadata: { names: 'exact', maxBytes: 2048, ...metadata },
      checksums: { upload: ['crc32'], reported: ['md5'], ...checksums },
      parts: parts === false ? undefined : { ...DEFAULT_PARTS, ...parts },
    };
  }

  async #call<T>(call: Omit<LabCall, 'attempt'>, ctx: CallContext, work: () => Promise<T>): Promise<T> {
    const made = { ...call, attempt: ctx.attempt };
    this.calls.push(made);
    await nextTurn();
    await this.before(made, ctx);
    ctx.signal?.throwIfAborted();
    const result = await work();
    await this.after(made, ctx);
    return result;
  }

  #find(ref: ObjectRef): StoredObject {
    const object = this.objects.get(ref.key);
    if (object) return object;
    throw new StorageError('object-not-found', `There is no object "${ref.key}".`);
  }

  async #put(ref: ObjectRef, body: PutBody, request: PutRequest, ctx: CallContext): Promise<PutResult> {
    const { ifMatch, checksum } = request;
    return this.#call({ name: 'put', size: body.size, ifMatch, checksum: checksum?.algorithm }, ctx, async () => {
      const bytes = this.damage(await this.#receive(body, ctx));
      const { contentType, contentEncoding, cacheControl, metadata } = request;
      const verified = compare(request.checksum, bytes);
      return { ...this.#store(ref, bytes, { contentType, contentEncoding, cacheControl, metadata }), verified };
    });
  }

  async #read(ref: ObjectRef, request: ReadRequest, ctx: CallContext): Promise<ReadResult> {
    const { range, ifMatch, want } = request;
    const call = { name: 'read', range, ifMatch, attempt: ctx.attempt };
    return this.#call(call, ctx, async () => {
      const { bytes, record } = this.#find(ref);
      if (ifMatch !== undefined && ifMatch !== record.etag)
        throw new StorageError('precondition-failed', 'Another version.');
      const start = range?.suffix === undefined ? (range?.start ?? 0) : Math.max(0, bytes.length - range.suffix);
      const end = Math.min(range?.end ?? bytes.length, bytes.length);
      if (start > 0 && start >= bytes.length) throw new StorageError('range-not-satisfiable', 'Past the end.');
      const facts = { record: this.report(record), range: { start, end } };
      const slice = bytes.subarray(start, end);
      if (want === 'bytes') return { ...facts, bytes: Buffer.from(slice) };
      const stream = this.stream(slice, call, ctx);
      const onAbort = (): void => void stream.destroy(ctx.signal?.reason as Error);
      ctx.signal?.addEventListener('abort', onAbort);
      stream.once('close', () => ctx.signal?.removeEventListener('abort', onAbort));
      return { ...facts, stream };
    });
  }

  #makeParts(): PartsGroup {
    return {
      begin: (ref, request, ctx) =>
        this.#call({ name: 'begin', checksum: request.checksum?.algorithm }, ctx, async () => {
          const uploadId = `u${++this.#versions}`;
          this.uploads.set(uploadId, { ref, request, parts: new Map() });
          return { ref, uploadId, state: { region: 'here' } };
        }),
      put: (upload, part, body, ctx) => this.#putPart(upload, part, body, ctx),
      list: (upload, { token }, ctx) =>
        this.#call({ name: 'listParts' }, ctx, async () => {
          const records = [...this.#upload(upload).parts.values()].map(({ record }) => record);
          const start = Number(token ?? 0);
          const next = start + 2 < records.length ? String(start + 2) : undefined;
          return { parts: records.slice(start, start + 2), next };
        }),
      complete: (upload, parts, request, ctx) => this.#complete(upload, parts, request, ctx),
      abort: (upload, ctx) =>
        this.#call({ name: 'abort' }, ctx, async () => {
          this.uploads.delete(upload.uploadId);
        }),
      listUploads: async () => ({ uploads: [] }),
    };
  }

  #upload({ uploadId }: UploadRef): OpenUpload {
    const upload = this.uploads.get(uploadId);
    if (upload) return upload;
    throw new StorageError('upload-not-found', `There is no upload ${uploadId}.`);
  }

  async #putPart(
    upload: UploadRef,
    part: Parameters<PartsGroup['put']>[1],
    body: PutBody,
    ctx: CallContext,
  ): Promise<PartResult> {
    const { number, offset, checksum, last } = part;
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    try {
      const call = { name: 'putPart', number, offset, last, size: body.size, checksum: checksum?.algorithm };
      return await this.#call(call, ctx, async () => {
        const bytes = this.damage(Buffer.from(await this.#receive(body, ctx)));
        const verified = compare(checksum, bytes);
        const record: PartRecord = { number, size: bytes.length, etag: `e${number}`, checksum };
        const kept = this.#settings.keep === false ? Buffer.alloc(0) : bytes;
        this.#upload(upload).parts.set(number, { bytes: kept, record });
        return { ...record, verified };
      });
    } finally {
      this.underWay--;
    }
  }

  async #complete(
    upload: UploadRef,
    parts: readonly PartRecord[],
    request: PutRequest,
    ctx: CallContext,
  ): Promise<PutResult> {
    return this.#call({ name: 'complete', checksum: request.checksum?.algorithm }, ctx, async () => {
      const { parts: stored, ref, request: begun } = this.#upload(upload);
      const bytes = Buffer.concat(parts.map(({ number }) => stored.get(number)?.bytes ?? Buffer.alloc(0)));
      this.uploads.delete(upload.uploadId);
      if (this.#settings.keep === false) {
        const size = parts.reduce((sum, part) => sum + part.size, 0);
        const record = { key: ref.key, size, etag: 'sink' };
        return { record, verified: 'none' };
      }
      const verified = compare(request.checksum, bytes);
      return { ...this.#store(ref, bytes, { contentType: begun.contentType, metadata: begun.metadata }), verified };
    });
  }

  /** Collects a body as a socket would, and counts what of it is in memory. */
  async #receive(body: PutBody, ctx: CallContext): Promise<Buffer> {
    if (body.bytes) return this.#hold(body.bytes, ctx);
    const stream = body.open();
    const onAbort = (): void => void stream.destroy(ctx.signal?.reason as Error);
    ctx.signal?.addEventListener('abort', onAbort);
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
      return Buffer.concat(chunks);
    } catch (cause) {
      if (isStorageError(cause)) throw cause;
      throw new StorageError('unavailable', 'The connection broke.', { cause });
    } finally {
      ctx.signal?.removeEventListener('abort', onAbort);
    }
  }

  async #hold(bytes: Buffer, ctx: CallContext): Promise<Buffer> {
    this.heldBytes += bytes.buffer.byteLength;
    this.mostHeldBytes = Math.max(this.mostHeldBytes, this.heldBytes);
    await nextTurn();
    this.heldBytes -= bytes.buffer.byteLength;
    ctx.signal?.throwIfAborted();
    return bytes;
  }
}

function compare(checksum: PutRequest['checksum'], bytes: Buffer): 'service' | 'none' {
  if (!checksum) return 'none';
  const own = digestOf(checksum.algorithm, bytes);
  if (own === checksum.value) return 'service';
  throw new StorageError('checksum-mismatch', `The store computed ${own}.`);
}

/** Bytes that are different everywhere, the same in every run. */
export function patterned(size: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let state = seed;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

export function chunked(bytes: Buffer, chunkBytes = 64 * KIB): Readable {
  let position = 0;
  return new Readable({
    read() {
      const chunk = bytes.subarray(position, position + chunkBytes);
      position += chunk.length;
      this.push(chunk.length > 0 ? chunk : null);
    },
  });
}

/** Gives `good` bytes and then breaks as a connection does, or just ends too early. */
export function breaking(bytes: Buffer, good: number, error: Error | 'ends' = reset()): Readable {
  let position = 0;
  return new Readable({
    highWaterMark: 16 * KIB,
    read() {
      const chunk = bytes.subarray(position, Math.min(good, position + 16 * KIB));
      position += chunk.length;
      if (chunk.length > 0) this.push(chunk);
      else if (error === 'ends') this.push(null);
      else this.destroy(error);
    },
  });
}

export function reset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}

export async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export async function failureOf(promise: Promise<unknown>): Promise<StorageError> {
  try {
    await promise;
  } catch (error) {
    if (isStorageError(error)) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}
