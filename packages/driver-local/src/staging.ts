import { constants, fstatSync } from 'node:fs';
import {
  type Checksum,
  type Checksums,
  type ChecksumAlgorithm,
  createDigest,
  type Digest,
  isStorageError,
  type PutBody,
  StorageError,
} from '@stowage/core/spi';
import {
  closeFile,
  copyFile,
  isErrno,
  openFile,
  removeFile,
  setMode,
  setTimes,
  syncDirectory,
  syncFile,
  writeChunk,
  writeChunks,
} from './calls.js';
import { aborted } from './errors.js';
import { type Facts, factsFolder, factsPath, factsText } from './facts.js';
import { type Identity, identityOf } from './identity.js';
import { hashName } from './keys.js';
import { OWNER_PATTERN, ownName } from './owner.js';
import type { LocalStore } from './store.js';

/** Digest that every object gets: 4 GB a second, where MD5 takes 0.7 and SHA-256 1.8. */
export const OWN_DIGEST = 'crc32' satisfies ChecksumAlgorithm;

/** Chunks are put together up to this size before they are written. */
const GATHER_BYTES = 256 * 1024;
const MOST_GATHERED = 512;

/** `<hash of the key>.<owner>.<count>`: enough to tell whether its writer still runs and which facts it may have left. */
export const STAGED_NAME = new RegExp(`^([0-9a-f]{32})\\.(${OWNER_PATTERN})\\.[0-9a-z]+$`);
let count = 0;

/** A file that is being written. It becomes an object when it is renamed into a container. */
export interface StagedFile {
  readonly path: string;
  readonly fd: number;
  readonly keyHash: string;
}

/** Makes an empty file that only this process knows of. */
export async function openStaged(store: LocalStore, container: string, key: string): Promise<StagedFile> {
  const folder = store.area.staging(container);
  const keyHash = hashName(key);
  const path = `${folder}/${stagedName(store, keyHash)}`;
  const fd = await store.area.within(folder, () => openFile(path, 'wx+', 0o666));
  return await withMode(store, { path, fd, keyHash });
}

/** Makes a file that shares the blocks of an open one (Btrfs, XFS, ZFS); undefined where the file system cannot. */
export async function openClone(
  store: LocalStore,
  container: string,
  key: string,
  fd: number,
): Promise<StagedFile | undefined> {
  if (!store.tree.canClone) return undefined;
  const folder = store.area.staging(container);
  const keyHash = hashName(key);
  const path = `${folder}/${stagedName(store, keyHash)}`;
  try {
    const copy = (): Promise<void> => copyFile(`/proc/self/fd/${fd}`, path, constants.COPYFILE_FICLONE_FORCE);
    await store.area.within(folder, copy);
  } catch (error) {
    if (!isErrno(error, 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EINVAL', 'ENOSYS', 'ENOTTY', 'EBADF')) throw error;
    store.tree.canClone = false;
    return undefined;
  }
  return await withMode(store, { path, fd: await openFile(path, 'r+'), keyHash });
}

function stagedName(store: LocalStore, keyHash: string): string {
  return `${keyHash}.${ownName()}.${(count++).toString(36)}${store.host.randomBytes(4).toString('hex')}`;
}

async function withMode(store: LocalStore, staged: StagedFile): Promise<StagedFile> {
  const { fileMode } = store.settings;
  if (fileMode !== undefined) await setMode(staged.fd, fileMode);
  return staged;
}

/** Closes a staged file and removes it, unless it was renamed into its place. Never fails: it ends what failed already. */
export async function discardStaged({ path, fd }: StagedFile): Promise<void> {
  await closeFile(fd).catch(() => undefined);
  await removeFile(path).catch(() => undefined);
}

/** Bytes written and the digests of them. */
export interface Written {
  readonly size: number;
  readonly checksums: Checksums;
}

/**
 * Writes a body into a file from `position` on and digests it on the way. Throws `invalid-argument` when it is not of its stated
 * size, and `checksum-mismatch` when it does not have the digest that came with it.
 */
export async function writeBody(
  fd: number,
  position: number,
  body: PutBody,
  checksum: Checksum | undefined,
  signal: AbortSignal | undefined,
): Promise<Written> {
  const digests = startDigests(checksum);
  const size = body.bytes
    ? await writeAll(fd, position, body.bytes, digests)
    : await writeStream(fd, position, body, digests, signal);
  if (body.size !== undefined && body.size !== size) {
    throw new StorageError(
      'invalid-argument',
      `The body was said to have ${body.size} bytes and had ${size > body.size ? 'more' : size}.`,
    );
  }
  const checksums = Object.fromEntries(
    [...digests].map(([algorithm, digest]) => [algorithm, digest.hex()]),
  ) as Checksums;
  if (checksum && checksums[checksum.algorithm] !== checksum.value) {
    const message = `The body's ${checksum.algorithm} is ${checksums[checksum.algorithm]}, and ${checksum.value} was announced.`;
    throw new StorageError('checksum-mismatch', message);
  }
  return { size, checksums };
}

type Digests = ReadonlyMap<ChecksumAlgorithm, Digest>;

function startDigests(checksum: Checksum | undefined): Digests {
  const digests = new Map<ChecksumAlgorithm, Digest>([[OWN_DIGEST, createDigest(OWN_DIGEST)]]);
  if (checksum && checksum.algorithm !== OWN_DIGEST) digests.set(checksum.algorithm, createDigest(checksum.algorithm));
  return digests;
}

async function writeAll(fd: number, position: number, bytes: Uint8Array, digests: Digests): Promise<number> {
  for (const digest of digests.values()) digest.update(bytes);
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await writeChunk(fd, bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
  return bytes.length;
}

async function writeStream(
  fd: number,
  start: number,
  body: PutBody,
  digests: Digests,
  signal: AbortSignal | undefined,
): Promise<number> {
  const source = body.open();
  const onAbort = (): void => void source.destroy(signal && aborted(signal));
  signal?.addEventListener('abort', onAbort, { once: true });
  let position = start;
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  const flush = async (): Promise<void> => {
    const [chunks, bytes] = [gathered, gatheredBytes];
    [gathered, gatheredBytes] = [[], 0];
    for (const digest of digests.values()) for (const chunk of chunks) digest.update(chunk);
    await writeGathered(fd, position, chunks, bytes);
    position += bytes;
  };
  try {
    for await (const chunk of readSource(source)) {
      gathered.push(chunk);
      gatheredBytes += chunk.length;
      if (body.size !== undefined && position - start + gatheredBytes > body.size) break;
      if (gatheredBytes >= GATHER_BYTES || gathered.length >= MOST_GATHERED) await flush();
      if (signal?.aborted) throw aborted(signal);
    }
    if (gatheredBytes > 0) await flush();
    return position - start;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    source.destroy();
  }
}

/** Gives the chunks of a source. What the source fails with is its own; it is told apart from failures of the disk. */
async function* readSource(source: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source) yield chunk as Uint8Array;
  } catch (cause) {
    if (isStorageError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StorageError('unknown', `The body could not be read: ${reason}`, { cause });
  }
}

async function writeGathered(
  fd: number,
  position: number,
  chunks: readonly Uint8Array[],
  bytes: number,
): Promise<void> {
  const { bytesWritten } = await writeChunks(fd, chunks, position);
  if (bytesWritten === bytes) return;
  const rest = Buffer.concat(chunks).subarray(bytesWritten);
  await writeAll(fd, position + bytesWritten, rest, new Map());
}

/** A content that waits for its place: its facts are written, and it is safe from a power cut. */
export interface Sealed {
  readonly identity: Identity;
  readonly factsPath: string;
}

/**
 * Gives a staged file the time that makes its identity, and writes its facts. Then the file may be put in its place; until then
 * nobody can find those facts.
 */
export async function seal(
  store: LocalStore,
  container: string,
  key: string,
  staged: StagedFile,
  facts: Facts,
): Promise<Sealed> {
  for (let clashes = 0; ; clashes++) {
    const seconds = nextSeconds(store.host.nowMs() + clashes);
    await setTimes(staged.fd, seconds, seconds);
    const identity = identityOf(fstatSync(staged.fd, { bigint: true }));
    const path = factsPath(store, container, staged.keyHash, identity);
    const folder = factsFolder(store, container, staged.keyHash);
    const written = store.area.within(folder, () => writeFacts(store, folder, path, factsText(key, facts)));
    const synced = store.settings.fsync ? syncFile(staged.fd) : Promise.resolve();
    const [facting, syncing] = await Promise.allSettled([written, synced]);
    if (facting.status === 'fulfilled' && syncing.status === 'fulfilled') return { identity, factsPath: path };
    if (facting.status === 'fulfilled') await removeFile(path).catch(() => undefined);
    const failure: unknown = facting.status === 'rejected' ? facting.reason : (syncing as PromiseRejectedResult).reason;
    // Somebody wrote the same key in the same microsecond: another time makes another identity.
    if (!isErrno(failure, 'EEXIST') || clashes >= MOST_CLASHES) throw failure;
  }
}

/** A time that this process has given to no other content. Files of the usual systems keep microseconds of it. */
function nextSeconds(nowMs: number): number {
  lastMicroseconds = Math.max(lastMicroseconds + 1, Math.floor((nowMs + Math.random()) * 1000));
  // Half a microsecond away from where rounding would make two of them one.
  return (lastMicroseconds + 0.5) / 1_000_000;
}
let lastMicroseconds = 0;

const MOST_CLASHES = 10_000;

/** Writes a facts file, which must not be there: EEXIST otherwise. */
export async function writeFacts(store: LocalStore, folder: string, path: string, text: string): Promise<void> {
  const { fileMode, fsync } = store.settings;
  const fd = await openFile(path, 'wx', 0o666);
  try {
    if (fileMode !== undefined) await setMode(fd, fileMode);
    await writeText(fd, text);
    if (fsync) await syncFile(fd);
  } catch (error) {
    await removeFile(path).catch(() => undefined);
    throw error;
  } finally {
    await closeFile(fd);
  }
  if (fsync) await syncDirectory(folder);
}

/** Writes a short text at the beginning of a file. */
export async function writeText(fd: number, text: string): Promise<void> {
  await writeAll(fd, 0, Buffer.from(text), new Map());
}
