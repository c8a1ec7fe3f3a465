import { StorageError } from '@stowage/core/spi';
import { describe, expect, it } from 'vitest';
import { toStorageError } from '../src/errors.js';

function errno(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: said the system, open '/root/box/a'`), { code });
}

describe('an error of the system', () => {
  it.each([
    ['ENOSPC', 'quota-exceeded', false],
    ['EDQUOT', 'quota-exceeded', false],
    ['EFBIG', 'quota-exceeded', false],
    ['EACCES', 'permission-denied', false],
    ['EPERM', 'permission-denied', false],
    ['EROFS', 'permission-denied', false],
    ['ELOOP', 'permission-denied', false],
    ['EMFILE', 'unavailable', true],
    ['ENFILE', 'unavailable', true],
    ['EBUSY', 'unavailable', true],
    ['ESTALE', 'unavailable', true],
    ['ENOMEM', 'unavailable', true],
    ['ENAMETOOLONG', 'invalid-argument', false],
    ['EXDEV', 'unsupported', false],
    ['EIO', 'unknown', false],
  ])('%s is %s', (code, expected, retryable) => {
    const cause = errno(code);
    const error = toStorageError(cause);
    expect(error).toMatchObject({ code: expected, retryable, providerCode: code, cause });
    expect(error.message).toContain(cause.message);
  });

  it('that stopped a call which was aborted is the abort', () => {
    const error = toStorageError(errno('EBADF'), AbortSignal.abort('why'));
    expect(error).toMatchObject({ code: 'aborted', cause: 'why' });
  });

  it('that is classified already stays as it is', () => {
    const error = new StorageError('object-exists', 'There is one.');
    expect(toStorageError(error)).toBe(error);
  });

  it('that is none at all is kept as the cause', () => {
    expect(toStorageError('thrown')).toMatchObject({ code: 'unknown', message: 'thrown', cause: 'thrown' });
  });
});
