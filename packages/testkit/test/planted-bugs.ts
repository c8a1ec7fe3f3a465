import { posix } from 'node:path';
import { Readable } from 'node:stream';
import {
  type ByteRange,
  type CallContext,
  compareBytes,
  type ListRequest,
  type ObjectPage,
  type ObjectRef,
  type PutBody,
  type PutRequest,
  type PutResult,
  type ReadRequest,
  type ReadResult,
  StorageError,
  type StorageDriver,
  type UploadRef,
} from '@stowage/core/spi';
import { faultInjector, type PlannedFault, wrapCalls } from '@stowage/testkit';

/** A way to get the contract wrong. */
export interface PlantedBug {
  /** What the driver does. */
  readonly bug: string;
  readonly plant: (driver: StorageDriver) => StorageDriver;
  /** The rules that must turn red. */
  readonly red: readonly string[];
}

type Put = StorageDriver['put'];
type Read = StorageDriver['read'];
type List = StorageDriver['list'];

/** Replaces some calls of a driver. */
const instead =
  (calls: (driver: StorageDriver) => Partial<StorageDriver>) =>
  (driver: StorageDriver): StorageDriver => ({ ...driver, ...calls(driver) });

const onPut = (put: (driver: StorageDriver, ...args: Parameters<Put>) => ReturnType<Put>) =>
  instead((driver) => ({ put: (...args) => put(driver, ...args) }));

const onRead = (read: (driver: StorageDriver, ...args: Parameters<Read>) => ReturnType<Read>) =>
  instead((driver) => ({ read: (...args) => read(driver, ...args) }));

const onList = (list: (driver: StorageDriver, ...args: Parameters<List>) => ReturnType<List>) =>
  instead((driver) => ({ list: (...args) => list(driver, ...args) }));

const always = (on: string, fault: PlannedFault['fault']) => (driver: StorageDriver) =>
  faultInjector(driver, [{ on, times: Infinity, fault }]).driver;

/** Changes every reference that reaches the driver. */
const renaming = (rename: (key: string) => string) => (driver: StorageDriver) =>
  wrapCalls(driver, (_name, call, args) =>
    call(...args.map((arg) => (isRef(arg) ? { ...arg, key: rename(arg.key) } : arg))),
  );

const isRef = (arg: unknown): arg is ObjectRef =>
  typeof arg === 'object' && arg !== null && 'key' in arg && 'container' in arg;

const withoutSignal = (arg: unknown): unknown =>
  typeof arg === 'object' && arg !== null && 'attempt' in arg ? { attempt: 1 } : arg;

async function bytesOf(body: PutBody): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body.open()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const bodyOf = (bytes: Buffer): PutBody => ({
  size: bytes.length,
  replayable: true,
  bytes,
  open: () => Readable.from([bytes], { objectMode: false }),
});

const put = (
  driver: StorageDriver,
  ref: ObjectRef,
  body: PutBody,
  request: PutRequest,
  ctx: CallContext,
): Promise<PutResult> => driver.put(ref, body, request, ctx);

/** Serves a range that is moved by a byte at one of its ends. */
function shiftRange(range: ByteRange | undefined, size: number): ByteRange | undefined {
  if (range?.end === undefined) return range;
  return { start: range.start, end: Math.min(size, range.end + 1) };
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    bug: 'drops metadata',
    plant: onPut((driver, ref, body, { metadata: _, ...request }, ctx) => put(driver, ref, body, request, ctx)),
    red: ['metadata/user', 'metadata/user-case', 'copy/keeps-attributes'],
  },
  {
    bug: 'merges metadata with those of the object before',
    plant: onPut(async (driver, ref, body, request, ctx) => {
      const before = await driver.stat(ref, {}, { attempt: 1 }).catch(() => undefined);
      return put(driver, ref, body, { ...request, metadata: { ...before?.metadata, ...request.metadata } }, ctx);
    }),
    red: ['metadata/user-replaced'],
  },
  {
    bug: 'gives metadata names in lower case, undeclared',
    plant: onPut((driver, ref, body, request, ctx) => {
      const lower = Object.entries(request.metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
      return put(driver, ref, body, { ...request, metadata: Object.fromEntries(lower) as Record<string, string> }, ctx);
    }),
    red: ['metadata/user-case'],
  },
  {
    bug: 'gives metadata as an object with a prototype',
    plant: instead((driver) => ({
      stat: async (...args) => {
        const record = await driver.stat(...args);
        return { ...record, metadata: { ...record.metadata } };
      },
    })),
    red: ['metadata/user-prototype'],
  },
  {
    bug: 'truncates the body of a read',
    plant: always('read', { kind: 'truncate', afterBytes: 60_000 }),
    red: ['read/bytes', 'read/stream', 'read/large'],
  },
  {
    bug: 'truncates the body of a put',
    plant: onPut(async (driver, ref, body, request, ctx) =>
      put(driver, ref, bodyOf((await bytesOf(body)).subarray(0, 65_536)), request, ctx),
    ),
    red: ['write/stream-65537', 'write/stream-large', 'read/large'],
  },
  {
    bug: 'corrupts a byte of a large body',
    plant: always('put', { kind: 'corrupt', atByte: 65_536 }),
    red: ['write/stream-large', 'write/unknown-size', 'read/large'],
  },
  {
    bug: 'ignores the create-only condition',
    plant: onPut((driver, ref, body, { ifNoneMatch: _, ...request }, ctx) => put(driver, ref, body, request, ctx)),
    red: ['conditions/put-create-only', 'concurrency/create-only-bytes', 'concurrency/create-only-stream'],
  },
  {
    bug: 'asks first and writes then in a create-only put',
    plant: onPut(async (driver, ref, body, { ifNoneMatch, ...request }, ctx) => {
      const found = await driver.stat(ref, {}, { attempt: 1 }).catch(() => undefined);
      if (ifNoneMatch && found) throw new StorageError('object-exists', 'It is there already.');
      return put(driver, ref, body, request, ctx);
    }),
    red: ['concurrency/create-only-bytes', 'concurrency/create-only-stream'],
  },
  {
    bug: 'ignores ifMatch of a put',
    plant: onPut((driver, ref, body, { ifMatch: _, ...request }, ctx) => put(driver, ref, body, request, ctx)),
    red: ['conditions/put-if-match', 'conditions/put-if-match-missing', 'concurrency/if-match'],
  },
  {
    bug: 'ignores conditions of a read',
    plant: onRead((driver, ref, { want, range }, ctx) => driver.read(ref, { want, range }, ctx)),
    red: [
      'conditions/read-if-match',
      'conditions/read-if-none-match',
      'conditions/read-if-modified-since',
      'conditions/read-if-unmodified-since',
    ],
  },
  {
    bug: 'ignores ifMatch of a delete',
    plant: instead((driver) => ({ delete: (ref, _request, ctx) => driver.delete(ref, {}, ctx) })),
    red: ['conditions/delete-if-match'],
  },
  {
    bug: 'repeats a page token',
    plant: always('list', { kind: 'repeat-token' }),
    red: ['list/limit-1', 'list/all'],
  },
  {
    bug: 'ends a listing at a short page',
    plant: onList(async (driver, container, request, ctx) => {
      const page = await driver.list(container, request, ctx);
      return page.objects.length < (request.limit ?? 1000) ? { ...page, next: undefined } : page;
    }),
    red: ['list/limit-delimiter'],
  },
  {
    bug: 'ends a listing after its first page',
    plant: onList(async (driver, ...args) => ({ ...(await driver.list(...args)), next: undefined })),
    red: ['list/limit-1', 'list/order', 'list/delete-between-pages'],
  },
  {
    bug: 'counts an offset as page token, so that deletions make it skip keys',
    plant: onList(async (driver, container, { token, limit = 1000, ...request }, ctx) => {
      const all = await driver.list(container, request, ctx);
      const start = Number(token ?? 0);
      const objects = all.objects.slice(start, start + limit);
      const end = start + limit;
      return {
        objects,
        prefixes: start === 0 ? all.prefixes : [],
        next: end < all.objects.length ? String(end) : undefined,
      };
    }),
    red: ['list/delete-between-pages'],
  },
  {
    bug: 'gives the last key of a page again on the next',
    plant: onList(async (driver, container, request, ctx): Promise<ObjectPage> => {
      const page = await driver.list(container, request, ctx);
      const last = page.objects.at(-1);
      return page.next === undefined || !last ? page : { ...page, objects: [...page.objects.slice(0, -1), last, last] };
    }),
    red: ['list/limit-1', 'list/limit-2'],
  },
  {
    bug: 'orders keys by UTF-16 units',
    plant: onList(async (driver, ...args) => {
      const page = await driver.list(...args);
      return { ...page, objects: page.objects.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
    }),
    red: ['list/order'],
  },
  {
    bug: 'orders keys without regard to case',
    plant: onList(async (driver, ...args) => {
      const page = await driver.list(...args);
      return {
        ...page,
        objects: page.objects.toSorted((a, b) => compareBytes(a.key.toLowerCase(), b.key.toLowerCase())),
      };
    }),
    red: ['list/order'],
  },
  {
    bug: 'starts a listing at the key to start after',
    plant: onList(async (driver, container, { startAfter, ...request }, ctx) => {
      const first =
        startAfter !== undefined && (await driver.stat({ container, key: startAfter }, {}, ctx).catch(() => undefined));
      const page = await driver.list(container, { ...request, startAfter }, ctx);
      return first && request.token === undefined ? { ...page, objects: [first, ...page.objects] } : page;
    }),
    red: ['list/start-after-a', 'list/start-after-a0'],
  },
  {
    bug: 'ignores the prefix of a listing',
    plant: onList((driver, container, { prefix: _, ...request }, ctx) => driver.list(container, request, ctx)),
    red: ['list/prefix-ax2f', 'list/prefix-nothing'],
  },
  {
    bug: 'folds at the delimiter within the prefix',
    plant: onList((driver, container, { prefix, ...request }, ctx) => {
      const cut: ListRequest =
        request.delimiter === undefined || prefix === undefined ? { prefix } : { prefix: prefix.split('/')[0] };
      return driver.list(container, { ...request, ...cut }, ctx);
    }),
    red: ['list/delimiter-ax2f', 'list/delimiter-ax2fb'],
  },
  {
    bug: 'gives larger pages than the limit',
    plant: onList((driver, container, { limit, ...request }, ctx) =>
      driver.list(container, { ...request, limit: limit && limit + 1 }, ctx),
    ),
    red: ['list/limit-1', 'list/limit-2'],
  },
  {
    bug: 'folds a//b into a/b',
    plant: renaming((key) => key.replace(/\/+/g, '/')),
    red: ['keys/double-slash', 'keys/none-collide'],
  },
  {
    bug: 'resolves .. in keys',
    plant: renaming(
      (key) => new URL(key.replace(/[?#%\\]/g, encodeURIComponent), 'memory://host/').pathname.slice(1) || key,
    ),
    red: ['keys/parent-segment', 'keys/none-collide'],
  },
  {
    bug: 'decodes escapes in keys',
    plant: renaming((key) => {
      try {
        return decodeURIComponent(key);
      } catch {
        return key;
      }
    }),
    red: ['keys/percent-encoded-letter', 'keys/percent-encoded-slash', 'keys/none-collide'],
  },
  {
    bug: 'normalises Unicode in keys',
    plant: renaming((key) => key.normalize('NFC')),
    red: ['keys/nfd-accent', 'keys/none-collide'],
  },
  {
    bug: 'takes keys for the same that differ in case',
    plant: renaming((key) => key.toLowerCase()),
    red: ['keys/letter', 'keys/none-collide'],
  },
  {
    bug: 'trims keys',
    plant: renaming((key) => key.trim() || key),
    red: ['keys/leading-space', 'keys/trailing-space', 'keys/none-collide'],
  },
  {
    bug: 'gives an empty body for a missing object',
    plant: onRead(async (driver, ref, request, ctx): Promise<ReadResult> => {
      try {
        return await driver.read(ref, request, ctx);
      } catch {
        const facts = { record: { key: ref.key, size: 0 }, range: { start: 0, end: 0 } };
        return request.want === 'bytes'
          ? { ...facts, bytes: Buffer.alloc(0) }
          : { ...facts, stream: Readable.from([]) };
      }
    }),
    red: ['read/missing-bytes', 'read/missing-stream'],
  },
  {
    bug: 'tells that an object is missing only while its body is read',
    plant: onRead(async (driver, ref, request, ctx): Promise<ReadResult> => {
      try {
        return await driver.read(ref, request, ctx);
      } catch (error) {
        if (request.want === 'bytes') throw error;
        const stream = new Readable({ read: () => undefined, construct: (done) => done(error as Error) });
        stream.on('error', () => undefined);
        return { record: { key: ref.key, size: 0 }, range: { start: 0, end: 0 }, stream };
      }
    }),
    red: ['read/missing-stream'],
  },
  {
    bug: 'throws errors of its own kind',
    plant: (driver) =>
      wrapCalls(driver, async (_name, call) => {
        try {
          return await call();
        } catch (cause) {
          throw new Error(String(cause), { cause });
        }
      }),
    red: ['errors/classified', 'read/missing-bytes', 'containers/stat-missing'],
  },
  {
    bug: 'calls a missing object worth another attempt',
    plant: instead((driver) => ({
      stat: (...args) =>
        driver.stat(...args).catch((error: unknown) => {
          const { code, message } = error as StorageError;
          throw new StorageError(code, message, { retryable: true });
        }),
    })),
    red: ['errors/classified'],
  },
  {
    bug: 'shows its secret in an error',
    plant: instead((driver) => ({
      stat: (...args) =>
        driver.stat(...args).catch((error: unknown) => {
          const { code, message } = error as StorageError;
          throw new StorageError(code, message, { cause: { authorization: 'Basic s3cr3t' } });
        }),
    })),
    red: ['errors/no-secret'],
  },
  {
    bug: 'ignores the signal',
    plant: (driver) => wrapCalls(driver, (_name, call, args) => call(...args.map(withoutSignal))),
    red: ['abort/before', 'abort/during-put', 'abort/during-put-new', 'abort/during-read', 'abort/unread'],
  },
  {
    bug: 'leaves listeners on the signal',
    plant: instead((driver) => ({
      stat: (ref, request, ctx) => {
        ctx.signal?.addEventListener('abort', () => undefined);
        return driver.stat(ref, request, ctx);
      },
    })),
    red: ['abort/listeners'],
  },
  {
    bug: 'leaves a partial object when a put fails',
    plant: onPut(async (driver, ref, body, request, ctx) => {
      const chunks: Buffer[] = [];
      const source = body.open();
      ctx.signal?.addEventListener('abort', () => source.destroy(new Error('aborted')), { once: true });
      try {
        for await (const chunk of source) chunks.push(chunk as Buffer);
      } catch (cause) {
        await driver.put(ref, bodyOf(Buffer.concat(chunks)), request, { attempt: 1 });
        throw new StorageError(ctx.signal?.aborted ? 'aborted' : 'unknown', 'The body broke off.', { cause });
      }
      return put(driver, ref, { ...bodyOf(Buffer.concat(chunks)), size: body.size }, request, { attempt: 1 });
    }),
    red: ['faults/failing-source', 'abort/during-put', 'abort/during-put-new'],
  },
  {
    bug: 'takes a short body for a whole one',
    plant: onPut(async (driver, ref, body, request, ctx) =>
      put(driver, ref, { ...body, size: undefined }, request, ctx),
    ),
    red: ['faults/short-source', 'faults/long-source'],
  },
  {
    bug: 'deletes the object before it writes the new one',
    plant: onPut(async (driver, ref, body, request, ctx) => {
      if (!request.ifMatch && !request.ifNoneMatch) await driver.delete(ref, {}, ctx);
      await new Promise((resolve) => setImmediate(resolve));
      return put(driver, ref, body, request, ctx);
    }),
    red: ['faults/failing-source', 'concurrency/read-while-written'],
  },
  {
    bug: 'writes a body in two steps',
    plant: onPut(async (driver, ref, body, request, ctx) => {
      const bytes = await bytesOf(body);
      await put(driver, ref, bodyOf(bytes.subarray(0, bytes.length >>> 1)), request, ctx);
      await new Promise((resolve) => setImmediate(resolve));
      return put(driver, ref, bodyOf(bytes), { ...request, ifNoneMatch: undefined, ifMatch: undefined }, ctx);
    }),
    red: ['concurrency/read-while-written'],
  },
  {
    bug: 'tries a put twice by itself',
    plant: onPut(async (driver, ref, body, request, ctx) => {
      await bytesOf(body);
      return put(driver, ref, body, request, ctx);
    }),
    red: ['write/one-attempt'],
  },
  {
    bug: 'says that the store compared a digest which it never sent',
    plant: onPut(async (driver, ref, body, { checksum: _, ...request }, ctx) => ({
      ...(await put(driver, ref, body, request, ctx)),
      verified: 'service',
    })),
    red: ['write/checksum-md5-wrong', 'write/checksum-crc32c-wrong'],
  },
  {
    bug: 'says nothing of the digest that the store compared',
    plant: onPut(async (driver, ...args) => ({ ...(await driver.put(...args)), verified: 'none' })),
    red: ['write/checksum-sha256'],
  },
  {
    bug: 'reports a digest of something else',
    plant: instead((driver) => ({
      stat: async (...args) => ({
        ...(await driver.stat(...args)),
        checksums: { md5: 'd41d8cd98f00b204e9800998ecf8427f' },
      }),
    })),
    red: ['write/checksums-reported'],
  },
  {
    bug: 'gives one etag to all objects',
    plant: instead((driver) => ({ stat: async (...args) => ({ ...(await driver.stat(...args)), etag: 'same' }) })),
    red: ['write/etag', 'list/facts'],
  },
  {
    bug: 'gives etags in their quotes',
    plant: instead((driver) => ({
      stat: async (...args) => {
        const record = await driver.stat(...args);
        return { ...record, etag: `"${record.etag}"` };
      },
    })),
    red: ['read/stat'],
  },
  {
    bug: 'tells times in seconds',
    plant: instead((driver) => ({
      stat: async (...args) => {
        const record = await driver.stat(...args);
        return { ...record, modifiedAtMs: (record.modifiedAtMs ?? 0) / 1000 };
      },
    })),
    red: ['read/stat', 'list/facts'],
  },
  {
    bug: 'reads a byte too much of a range',
    plant: onRead(async (driver, ref, request: ReadRequest, ctx) => {
      const { size } = await driver.stat(ref, {}, { attempt: 1 });
      return driver.read(ref, { ...request, range: shiftRange(request.range, size) }, ctx);
    }),
    red: ['read/range-first-byte', 'read/range-middle', 'read/range-any'],
  },
  {
    bug: 'takes the last bytes for the first ones',
    plant: onRead((driver, ref, request, ctx) => {
      const { suffix } = request.range ?? {};
      return driver.read(ref, suffix === undefined ? request : { ...request, range: { start: 0, end: suffix } }, ctx);
    }),
    red: ['read/range-suffix'],
  },
  {
    bug: 'tells the size of the range as that of the object',
    plant: onRead(async (driver, ...args) => {
      const read = await driver.read(...args);
      return { ...read, record: { ...read.record, size: read.range.end - read.range.start } };
    }),
    red: ['read/range-middle', 'read/range-any'],
  },
  {
    bug: 'gives nothing for a range beyond the end',
    plant: onRead(async (driver, ref, request, ctx) => {
      try {
        return await driver.read(ref, request, ctx);
      } catch (error) {
        if ((error as StorageError).code !== 'range-not-satisfiable') throw error;
        const record = await driver.stat(ref, {}, ctx);
        return { record, range: { start: record.size, end: record.size }, bytes: Buffer.alloc(0) };
      }
    }),
    red: ['read/range-at-end', 'read/range-after-end'],
  },
  {
    bug: 'gives out memory that it still uses',
    plant: (driver) => {
      const cache = new Map<string, ReadResult>();
      return onRead(async (inner, ref, request, ctx) => {
        const id = `${ref.container}/${ref.key}`;
        if (request.want !== 'bytes' || request.range) return inner.read(ref, request, ctx);
        const read = cache.get(id) ?? (await inner.read(ref, request, ctx));
        cache.set(id, read);
        return read;
      })(driver);
    },
    red: ['read/own-bytes'],
  },
  {
    bug: 'rejects the deletion of a missing object',
    plant: instead((driver) => ({
      delete: async (ref, request, ctx) => {
        await driver.stat(ref, {}, ctx);
        return driver.delete(ref, request, ctx);
      },
    })),
    red: ['write/delete-missing'],
  },
  {
    bug: 'says that a missing object was there',
    plant: instead((driver) => ({
      delete: async (...args) => ({ ...(await driver.delete(...args)), existed: true }),
    })),
    red: ['write/delete-missing'],
  },
  {
    bug: 'deletes whatever begins with the key',
    plant: instead((driver) => ({
      delete: async (ref, request, ctx) => {
        const { objects } = await driver.list(ref.container, { prefix: ref.key }, ctx);
        for (const { key } of objects) await driver.delete({ ...ref, key }, {}, ctx);
        return driver.delete(ref, request, ctx).then(() => ({ existed: objects.length > 0 }));
      },
    })),
    red: ['write/delete'],
  },
  {
    bug: 'creates the container that a put needs',
    plant: onPut(async (driver, ref, body, request, ctx) => {
      await driver.createContainer(ref.container, {}, ctx).catch(() => undefined);
      return put(driver, ref, body, request, ctx);
    }),
    red: ['write/missing-container'],
  },
  {
    bug: 'drops provider options that it does not know',
    plant: onPut((driver, ref, body, { provider: _, ...request }, ctx) => put(driver, ref, body, request, ctx)),
    red: ['write/unknown-provider-option'],
  },
  {
    bug: 'resolves the creation of a container that exists',
    plant: instead((driver) => ({
      createContainer: (name, request, ctx) =>
        driver.createContainer(name, request, ctx).catch(() => driver.statContainer(name, ctx)),
    })),
    red: ['containers/create-twice', 'concurrency/create-container'],
  },
  {
    bug: 'takes the name of a container for a path',
    plant: (driver) => {
      const resolve = (name: string): string => posix.join('/', name.replace(/\0.*/, '')).split('/')[1] ?? '';
      const inner = wrapCalls(driver, (_name, call, args) =>
        call(
          ...args.map((arg) => {
            if (typeof arg === 'string') return resolve(arg);
            return isRef(arg) ? { ...arg, container: resolve(arg.container) } : arg;
          }),
        ),
      );
      const { capabilities } = driver;
      return instead(() => ({ capabilities: { ...capabilities, containers: {} } }))(inner);
    },
    red: ['dot', 'dot-dot', 'parent-path', 'slash', 'trailing-slash', 'empty-segment', 'null'].map(
      (name) => `containers/name-${name}`,
    ),
  },
  {
    bug: 'fails with an error of its own kind for a name that it cannot hold',
    plant: instead((driver) => ({
      capabilities: { ...driver.capabilities, containers: {} },
      createContainer: async (name, request, ctx) => {
        if (name.includes('/')) throw new Error('no such path');
        return driver.createContainer(name, request, ctx);
      },
    })),
    red: ['containers/name-slash', 'containers/name-parent-path'],
  },
  {
    bug: 'deletes a container with all that is in it',
    plant: instead((driver) => ({
      deleteContainer: async (container, ctx) => {
        await driver.statContainer(container, ctx);
        const { objects } = await driver.list(container, {}, ctx);
        for (const { key } of objects) await driver.delete({ container, key }, {}, ctx);
        return driver.deleteContainer(container, ctx);
      },
    })),
    red: ['containers/delete-not-empty'],
  },
  {
    bug: 'shows an upload before it is complete',
    plant: instead((driver) => ({
      parts: driver.parts && {
        ...driver.parts,
        put: async (upload, part, body, ctx) => {
          await driver.put(upload.ref, body, {}, ctx);
          return driver.parts!.put(upload, part, body, ctx);
        },
      },
    })),
    red: ['parts/whole', 'parts/replace'],
  },
  {
    bug: 'knows an upload by its key, whatever its id',
    plant: instead(({ parts }) => {
      const begun = new Map<string, UploadRef>();
      return {
        parts: parts && {
          ...parts,
          begin: async (ref, ...rest) => {
            const upload = await parts.begin(ref, ...rest);
            begun.set(ref.key, upload);
            return upload;
          },
          list: (upload, ...rest) => parts.list(begun.get(upload.ref.key) ?? upload, ...rest),
          abort: (upload, ...rest) => parts.abort(begun.get(upload.ref.key) ?? upload, ...rest),
        },
      };
    }),
    red: ['parts/strange-id-path', 'parts/strange-id-newline', 'parts/strange-id-null', 'parts/strange-id-query'],
  },
  {
    bug: 'joins parts in the order in which they came',
    plant: instead((driver) => {
      const order: number[] = [];
      return {
        parts: driver.parts && {
          ...driver.parts,
          put: (upload, part, body, ctx) => {
            order.push(part.number);
            return driver.parts!.put(upload, part, body, ctx);
          },
          complete: (upload, parts, request, ctx) => {
            const sorted = parts.toSorted((a, b) => order.indexOf(a.number) - order.indexOf(b.number));
            return driver.parts!.complete(upload, sorted, request, ctx);
          },
        },
      };
    }),
    red: ['parts/any-order'],
  },
  {
    bug: 'keeps an upload that was aborted',
    plant: instead((driver) => ({ parts: driver.parts && { ...driver.parts, abort: async () => undefined } })),
    red: ['parts/abort', 'parts/list-uploads'],
  },
  {
    bug: 'copies the bytes and nothing else',
    plant: instead((driver) => ({
      copy: driver.copy && {
        ...driver.copy,
        copy: (from, to, request, ctx) =>
          driver.copy!.copy(from, to, { ...request, attributes: request.attributes ?? {} }, ctx),
      },
    })),
    red: ['copy/keeps-attributes'],
  },
  {
    bug: 'moves an object and keeps the source',
    plant: instead((driver) => ({
      move: driver.move && { move: (...args) => driver.copy!.copy(...args) },
    })),
    red: ['copy/move'],
  },
  {
    bug: 'says that a bulk delete is done, and does nothing',
    plant: instead(() => ({ bulkDelete: { delete: async (refs) => refs.map((ref) => ({ ref })) } })),
    red: ['bulk-delete/many', 'bulk-delete/one'],
  },
  {
    bug: 'signs URLs that end later than it was told',
    plant: instead((driver) => ({
      urls: driver.urls && {
        ...driver.urls,
        sign: (ref, request, ctx) =>
          driver.urls!.sign(ref, { ...request, expiresInSeconds: request.expiresInSeconds * 60 }, ctx),
      },
    })),
    red: ['urls/get'],
  },
  {
    bug: 'lists no delete markers',
    plant: instead((driver) => ({
      versions: driver.versions && {
        ...driver.versions,
        list: async (...args) => {
          const page = await driver.versions!.list(...args);
          return { ...page, versions: page.versions.filter(({ isDeleteMarker }) => !isDeleteMarker) };
        },
      },
    })),
    red: ['versions/deleted', 'versions/restored'],
  },
  {
    bug: 'reports digests that it does not declare',
    plant: instead(({ capabilities }) => ({
      capabilities: { ...capabilities, checksums: { ...capabilities.checksums, reported: [] } },
    })),
    red: ['faults/create-outcome-unknown'],
  },
  {
    bug: 'declares copies and has none',
    plant: instead(() => ({ copy: undefined })),
    red: ['undeclared/limits'],
  },
];
