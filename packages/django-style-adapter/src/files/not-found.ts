import { isStorageError } from '@stowage/core';
import { FileNotFoundError } from '../errors.js';

/** Passes an error on, a missing object under Django's name for it. */
export function throwNotFound(name: string): (error: unknown) => never {
  return (error) => {
    if (!isStorageError(error, 'object-not-found')) throw error;
    const bucket = error.container === undefined ? '' : ` in bucket "${error.container}"`;
    throw new FileNotFoundError(`No such file: "${name}"${bucket}.`, { cause: error });
  };
}
