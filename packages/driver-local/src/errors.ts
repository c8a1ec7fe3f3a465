import { type ErrorCode, isStorageError, type ObjectRef, StorageError, type UploadRef } from '@stowage/core/spi';

interface Meaning {
  readonly code: ErrorCode;
  /** What the user can do about it. */
  readonly advice: string;
}

const QUOTA: Meaning = { code: 'quota-exceeded', advice: 'Free some space, or raise the quota.' };
const DENIED: Meaning = { code: 'permission-denied', advice: 'Give this process the right to read and write there.' };
const BUSY: Meaning = { code: 'unavailable', advice: 'It may work later.' };

/** Codes of the operating system that say the same whatever the call was. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOSPC: QUOTA,
  EDQUOT: QUOTA,
  EFBIG: { code: 'quota-exceeded', advice: 'The file system holds no file of this size.' },
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: { code: 'permission-denied', advice: 'The file system is mounted for reading only.' },
  EMFILE: { code: 'unavailable', advice: 'Raise the limit of open files (ulimit -n), or do less at once.' },
  ENFILE: { code: 'unavailable', advice: 'The machine has too many files open.' },
  EAGAIN: BUSY,
  EBUSY: BUSY,
  EINTR: BUSY,
  ENOMEM: BUSY,
  ESTALE: BUSY,
  ETIMEDOUT: BUSY,
  ENAMETOOLONG: { code: 'invalid-argument', advice: 'The path of the root and the key together are too long.' },
  ELOOP: { code: 'permission-denied', advice: 'Stowage follows no symbolic link below its root.' },
  EXDEV: {
    code: 'unsupported',
    advice: 'A container lies on another file system than the root; give it a root of its own.',
  },
};

/** Classifies an error of the operating system; errors that are classified already stay as they are. */
export function toStorageError(error: unknown, signal?: AbortSignal): StorageError {
  if (isStorageError(error)) return error;
  if (signal?.aborted) return aborted(signal);
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { code: '', message: String(error) };
  const meaning = MEANINGS[code ?? ''];
  return new StorageError(meaning?.code ?? 'unknown', meaning ? `${message}. ${meaning.advice}` : message, {
    ...(code && { providerCode: code }),
    cause: error,
  });
}

/** Runs one call of the driver, so that whatever it throws is classified. */
export async function classified<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal?.aborted) throw aborted(signal);
  try {
    return await work();
  } catch (error) {
    throw toStorageError(error, signal);
  }
}

export function aborted(signal: AbortSignal): StorageError {
  return isStorageError(signal.reason)
    ? signal.reason
    : new StorageError('aborted', 'The call was aborted.', { cause: signal.reason });
}

export function containerNotFound(
  container: string,
  reason = 'There is no such directory below the root.',
): StorageError {
  return new StorageError('container-not-found', `There is no container "${container}". ${reason}`, { container });
}

export function objectNotFound({ container, key }: ObjectRef, reason?: string): StorageError {
  const message = `There is no object "${key}" in container "${container}".${reason === undefined ? '' : ` ${reason}`}`;
  return new StorageError('object-not-found', message, { container, key });
}

export function uploadNotFound({ ref, uploadId }: UploadRef): StorageError {
  const { container, key } = ref;
  const message = `There is no upload "${uploadId}" of object "${key}": it was completed, aborted or swept. Begin a new one.`;
  return new StorageError('upload-not-found', message, { container, key });
}

/** What keeps an object from its place is no object itself. */
export function inTheWay({ container, key }: ObjectRef, path: string, what: string): StorageError {
  const message = `Object "${key}" cannot be written: "${path}" is ${what}. Remove it, or choose another key.`;
  return new StorageError('permission-denied', message, { container, key });
}
