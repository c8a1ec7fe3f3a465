import { type ErrorCode, isStorageError } from '@stowage/core';
import { isDjangoError } from '@stowage/django-style-adapter';
import { CommanderError } from 'commander';
import { AlreadyTold } from './already-told.js';
import { UsageError } from './usage-error.js';

/** What a shell is told; README.md lists them. */
const EXIT = {
  unknown: 1,
  usage: 2,
  notFound: 3,
  inTheWay: 4,
  denied: 5,
  later: 6,
  driver: 7,
  unsupported: 8,
  damaged: 9,
  stopped: 130,
} as const;

const BY_CODE: Readonly<Record<ErrorCode, number>> = {
  'invalid-argument': EXIT.usage,
  'object-not-found': EXIT.notFound,
  'container-not-found': EXIT.notFound,
  'upload-not-found': EXIT.notFound,
  'object-exists': EXIT.inTheWay,
  'container-exists': EXIT.inTheWay,
  'container-not-empty': EXIT.inTheWay,
  'precondition-failed': EXIT.inTheWay,
  'not-modified': EXIT.inTheWay,
  unauthenticated: EXIT.denied,
  'permission-denied': EXIT.denied,
  'quota-exceeded': EXIT.denied,
  'rate-limited': EXIT.later,
  unavailable: EXIT.later,
  timeout: EXIT.later,
  'driver-missing': EXIT.driver,
  'driver-incompatible': EXIT.driver,
  unsupported: EXIT.unsupported,
  'range-not-satisfiable': EXIT.usage,
  'checksum-mismatch': EXIT.damaged,
  aborted: EXIT.stopped,
  closed: EXIT.stopped,
  unknown: EXIT.unknown,
};

/** The exit code that tells a shell what kind of failure it was. */
export function exitCodeOf(error: unknown): number {
  if (isStorageError(error)) return BY_CODE[error.code];
  if (error instanceof AlreadyTold) return exitCodeOf(error.cause);
  if (error instanceof UsageError) return EXIT.usage;
  // The only ones with status 0 are those of --help and --version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  if (!isDjangoError(error)) return EXIT.unknown;
  if (isStorageError(error.cause)) return exitCodeOf(error.cause);
  return isDjangoError(error, 'ImproperlyConfigured') ? EXIT.usage : EXIT.unknown;
}

/** Facts of a failure for `--json`; the message is in it, and no secret. */
export function factsOf(error: unknown): Record<string, unknown> {
  if (isStorageError(error)) return error.toJSON();
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const cause = isStorageError(error.cause) ? { code: error.cause.code } : {};
  return { name: error.name, message: error.message, ...cause };
}
