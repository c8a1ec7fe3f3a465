/** Shared by every copy of this package in one process: `instanceof` fails between two copies, a registered symbol does not. */
const BRAND: unique symbol = Symbol.for('@stowage/django-style-adapter.error') as never;

/** The names that Django and Python give to what can go wrong here. */
export type DjangoErrorName =
  | 'ImproperlyConfigured'
  | 'SuspiciousFileOperation'
  | 'FileNotFoundError'
  | 'NotImplementedError'
  | 'UnsupportedOperation'
  | 'ValueError';

/** Base of every error of this package's own. `cause` is the `StorageError` behind it, where there is one. */
export abstract class DjangoError extends Error {
  abstract override readonly name: DjangoErrorName;

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** The settings are missing, contradict each other, or name what does not exist. */
export class ImproperlyConfigured extends DjangoError {
  override readonly name = 'ImproperlyConfigured';
}

/** A name tries to leave its directory, is empty, or cannot be made to fit. */
export class SuspiciousFileOperation extends DjangoError {
  override readonly name = 'SuspiciousFileOperation';
}

/** There is no object of that name. `code` is `ENOENT`, as it is for Node's own files. */
export class FileNotFoundError extends DjangoError {
  override readonly name = 'FileNotFoundError';
  readonly code = 'ENOENT';
}

/** The storage has no such thing, such as a path on this machine. */
export class NotImplementedError extends DjangoError {
  override readonly name = 'NotImplementedError';
}

/** The file was opened in a mode that does not allow the call. */
export class UnsupportedOperation extends DjangoError {
  override readonly name = 'UnsupportedOperation';
}

/** A value is of the right type and yet of no use here, or the file is closed. */
export class ValueError extends DjangoError {
  override readonly name = 'ValueError';
}

/** True for an error of any copy of this package; with `name`, only for that one. */
export function isDjangoError(error: unknown, name?: DjangoErrorName): error is DjangoError {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return name === undefined || (error as { readonly name?: unknown }).name === name;
}
