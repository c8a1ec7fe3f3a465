import type { BigIntStats } from 'node:fs';

/**
 * What tells one content of a key from another: time of writing and size. A rename, a copy that keeps times and a backup all
 * preserve it, unlike an inode number.
 */
export interface Identity {
  readonly mtimeNs: bigint;
  readonly size: number;
}

export function identityOf(stats: BigIntStats): Identity {
  return { mtimeNs: stats.mtimeNs, size: Number(stats.size) };
}

/** The identity as text, in which it is the ETag and a part of file names. */
export function identityText({ mtimeNs, size }: Identity): string {
  return `${mtimeNs.toString(16)}-${size.toString(16)}`;
}

export function etagOf(stats: BigIntStats): string {
  return `${stats.mtimeNs.toString(16)}-${stats.size.toString(16)}`;
}
