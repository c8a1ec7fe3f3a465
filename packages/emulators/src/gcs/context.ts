import type { Identities } from './identities.js';
import type { Sessions } from './resumable.js';
import type { Rewrites } from './copy.js';
import type { GcsStore } from './store.js';

/** What every call works on. */
export interface GcsContext {
  readonly store: GcsStore;
  readonly identities: Identities;
  readonly sessions: Sessions;
  readonly rewrites: Rewrites;
  /** Bytes that one call of a rewrite copies. */
  readonly rewriteChunkBytes: number;
  readonly minPartBytes: number;
  /** Of new buckets that do not say themselves. */
  readonly softDeleteSeconds: number;
  nowMs(): number;
}
