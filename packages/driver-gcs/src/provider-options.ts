import { type ProviderOptions, StorageError } from '@stowage/core/spi';
import type { Dialect } from './requests.js';

type Operation = 'read' | 'put' | 'copy' | 'delete';

/** Options of Google alone, by the header that carries them: `provider: { customTime: new Date() }`. */
const HEADERS: Readonly<Record<Operation, Readonly<Record<string, string>>>> = {
  read: { userProject: 'x-goog-user-project' },
  put: {
    customTime: 'x-goog-custom-time',
    kmsKeyName: 'x-goog-encryption-kms-key-name',
    userProject: 'x-goog-user-project',
  },
  copy: {
    customTime: 'x-goog-custom-time',
    kmsKeyName: 'x-goog-encryption-kms-key-name',
    userProject: 'x-goog-user-project',
  },
  delete: { userProject: 'x-goog-user-project' },
};

/** Throws `unsupported` for an option that is not known. */
export function checkProviderOptions(
  operation: string,
  options: ProviderOptions | undefined,
  known: readonly string[],
): void {
  const other = Object.keys(options ?? {}).find((name) => !known.includes(name));
  if (other === undefined) return;
  const has = known.length === 0 ? 'none' : known.join(', ');
  throw new StorageError('unsupported', `gcs has no provider option "${other}" for ${operation}; it has ${has}.`);
}

/** Names in lower case and values in turn. The AWS dialect carries none of these headers. */
export function providerHeaders(
  dialect: Dialect,
  operation: Operation,
  options: ProviderOptions | undefined,
): readonly string[] {
  if (options === undefined) return [];
  const known = HEADERS[operation];
  checkProviderOptions(operation, options, dialect === 'x-goog-' ? Object.keys(known) : []);
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [known[name] as string, optionText(name, value)]);
}

/** Throws `invalid-argument` for what is no plain text. */
export function optionText(name: string, value: unknown): string {
  const text = value instanceof Date ? value.toISOString() : value;
  if (typeof text === 'string' && /^[\x20-\x7e]+$/.test(text)) return text;
  throw new StorageError('invalid-argument', `The provider option "${name}" must be plain ASCII text.`);
}
