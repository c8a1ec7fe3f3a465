import { StorageError } from '@stowage/core/spi';

/**
 * Throws `invalid-argument` for a key that no address can name: whoever opens one takes the steps of its path, so that `a/../b` is `b`
 * by then, even when the dots are escaped.
 */
export function checkUrlKey(key: string): void {
  const step = key.split('/').find((segment) => segment === '.' || segment === '..');
  if (step === undefined) return;
  const message = `No address can name the key ${JSON.stringify(key)}: browsers take "${step}" for a step in the path. Read it with bytes() or stream().`;
  throw new StorageError('invalid-argument', message, { requestSent: false });
}

/** Headers, as names and values in turn, as a record. */
export function headerRecord(headers: readonly string[]): Readonly<Record<string, string>> {
  const record: Record<string, string> = {};
  for (let at = 0; at < headers.length; at += 2) record[headers[at] as string] = headers[at + 1] as string;
  return record;
}
