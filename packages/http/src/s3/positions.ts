import { StorageError } from '@stowage/core/spi';

/** After which row a listing of versions or uploads goes on. */
export interface ListPosition {
  readonly key?: string | undefined;
  /** Of a version or an upload. */
  readonly id?: string | undefined;
}

export function writePosition({ key, id }: ListPosition): string {
  return JSON.stringify([key ?? '', id ?? '']);
}

/** Throws `invalid-argument` for a token that is none of ours. */
export function readPosition(token: string | undefined): ListPosition {
  if (token === undefined) return {};
  let fields: unknown;
  try {
    fields = JSON.parse(token);
  } catch {
    fields = undefined;
  }
  const [key, id] = Array.isArray(fields) ? (fields as unknown[]) : [];
  if (typeof key === 'string' && typeof id === 'string') {
    return { key: key === '' ? undefined : key, id: id === '' ? undefined : id };
  }
  throw new StorageError('invalid-argument', 'The page token is none that this listing gave.');
}
