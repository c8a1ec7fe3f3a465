import * as fs from 'node:fs';
import { promisify } from 'node:util';

/**
 * The calls of the operating system that the driver makes. Descriptors are bare numbers: a `FileHandle` costs twice as much.
 * What may wait for a disk is asynchronous. Only what the kernel answers from memory, about a descriptor that is open already,
 * is asked synchronously: a thread's hand-over costs ten times the call.
 */
export const openFile = promisify(fs.open);
export const closeFile = promisify(fs.close);
export const writeChunk = promisify(fs.write) as (
  fd: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
  position: number | null,
) => Promise<{ bytesWritten: number }>;
export const readChunk = promisify(fs.read) as (
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number,
) => Promise<{ bytesRead: number }>;
export const writeChunks = promisify(fs.writev) as (
  fd: number,
  chunks: readonly Uint8Array[],
  position: number | null,
) => Promise<{ bytesWritten: number }>;
export const syncFile = promisify(fs.fsync);
export const setTimes = promisify(fs.futimes);
export const setMode = promisify(fs.fchmod);
export const truncateFile = promisify(fs.ftruncate);
export const copyFile = promisify(fs.copyFile);
export const makeDirectory = promisify(fs.mkdir) as (path: string, mode: number) => Promise<void>;
export const removeDirectory = promisify(fs.rmdir);
export const removeFile = promisify(fs.unlink);
export const renameFile = promisify(fs.rename);
export const linkFile = promisify(fs.link);
export const makeSymlink = promisify(fs.symlink) as (target: string, path: string) => Promise<void>;
export const readSymlink = promisify(fs.readlink) as (path: string) => Promise<string>;
export const realPath = promisify(fs.realpath.native) as (path: string) => Promise<string>;
export const listNames = promisify(fs.readdir) as (path: string) => Promise<string[]>;
export const listEntries = promisify(fs.readdir) as unknown as (
  path: string,
  options: { withFileTypes: true },
) => Promise<fs.Dirent[]>;
export const openDirectory = promisify(fs.opendir);

/** Makes new, changed and removed names in a directory safe from a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const fd = await openFile(path, 'r');
  try {
    await syncFile(fd);
  } finally {
    await closeFile(fd);
  }
}

/** The path of what a descriptor is open on; undefined on systems that do not tell. It ends in ` (deleted)` when that is gone. */
export function pathOfDescriptor(fd: number): string | undefined {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

const lstat = promisify(fs.lstat);

/** Facts of what stands at `path` itself, never of what a symbolic link there points to; undefined when nothing does. */
export async function lookAt(path: string): Promise<fs.BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** True for an error of the operating system with one of these codes. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Runs `call`, and answers false instead of failing when the error has one of these codes. */
export async function unless(codes: readonly string[], call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isErrno(error, ...codes)) return false;
    throw error;
  }
}

/** Names in a directory; none when it is missing. */
export async function listIfThere(path: string): Promise<string[]> {
  try {
    return await listNames(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
