import type { StoredObject } from '@stowage/core';

/** One file of a tree: in a store, or on this machine. */
export interface TreeFile {
  /** Below the root of the tree, with slashes. */
  readonly name: string;
  /** Bytes; undefined where a listing does not tell. */
  readonly size: number | undefined;
  readonly modifiedAtMs: number | undefined;
  /** Of a tree in a store. */
  readonly object?: StoredObject;
  /** Of a tree on this machine. */
  readonly path?: string;
}

/** What one side of a sync is. */
export interface Tree {
  readonly where: 'store' | 'machine';
  /** Files by name. */
  readonly files: ReadonlyMap<string, TreeFile>;
  /** What was left out, with the reason. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}
