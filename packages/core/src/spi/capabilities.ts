import type { ChecksumAlgorithm } from './checksums.js';
import type { PutAttributes, ReadConditions, WriteConditions } from './requests.js';
import type { UrlMethod } from './groups.js';

/** Frozen facts about a driver as configured. What it can do is told by the presence of a group; this tells how far. */
export interface Capabilities {
  readonly keys: {
    /** Longest key in UTF-8 bytes. */
    readonly maxBytes: number;
    /** Refused keys, for `invalid-argument` before any request, with the reason; undefined when the key is good. */
    refuse?(key: string): string | undefined;
  };
  readonly containers: {
    /** Refused container names, as for keys: any that would leave the place where the containers are, such as `..` in a path. */
    refuse?(name: string): string | undefined;
  };
  readonly list: {
    /** `bytes`: by UTF-8 bytes, on and across pages. `none`: no order that can be relied on. */
    readonly order: 'bytes' | 'none';
    /** `/`: only a slash; `any`: any string; `none`: core folds on the client, if the caller allows emulation. */
    readonly delimiter: 'any' | '/' | 'none';
    readonly startAfter: boolean;
    /** Largest page that the provider gives. */
    readonly maxLimit: number;
    /** A listing tells of a finished write at once (`strong`) or some time later (`eventual`). */
    readonly consistency: 'strong' | 'eventual';
    /**
     * The store, or the driver out of an answer that has all keys, picks those that begin with a prefix; false: core does, if the caller
     * allows emulation.
     */
    readonly prefix: boolean;
    /** False: listings of objects and versions tell no sizes; `stat` does. Default true. */
    readonly tellsSizes?: boolean | undefined;
  };
  readonly read: {
    readonly ranges: boolean;
    readonly suffixRanges: boolean;
    readonly conditions: readonly (keyof ReadConditions)[];
    /**
     * `eventual`: a read that meets a write of the same key may say that there is no such object, or give the one before. Never a
     * torn one. Default `strong`.
     */
    readonly consistency?: 'strong' | 'eventual' | undefined;
  };
  readonly put: {
    /** Largest body of one put, in bytes; `Number.MAX_SAFE_INTEGER` for no limit, here and for parts. */
    readonly maxBytes: number;
    /** A body of unknown length may be sent in one put. */
    readonly unknownSize: boolean;
    readonly conditions: readonly (keyof WriteConditions)[];
    /**
     * Those of `conditions`, here and for parts, that the store checks when a write begins and not when it ends: of two writers at the
     * same moment both may succeed. Default none.
     */
    readonly racyConditions?: readonly (keyof WriteConditions)[] | undefined;
    readonly attributes: readonly (keyof PutAttributes)[];
  };
  readonly delete: {
    readonly conditions: readonly 'ifMatch'[];
    /** The driver tells whether the object was there. */
    readonly tellsMissing: boolean;
  };
  readonly metadata: {
    /** `exact`: keys come back as given; `lower-case`: in lower case; `none`: no user metadata. */
    readonly names: 'exact' | 'lower-case' | 'none';
    /** Largest sum of the UTF-8 bytes of names and values. */
    readonly maxBytes: number;
    /** Refused names, for `invalid-argument` before any request, with the reason; undefined when the name is good. */
    refuse?(name: string): string | undefined;
  };
  readonly checksums: {
    /** Digests that the store compares when they are sent before the body, best first. */
    readonly upload: readonly ChecksumAlgorithm[];
    /** Digests that the store reports in `record.checksums` of a put, stat or read, best first. */
    readonly reported: readonly ChecksumAlgorithm[];
  };
  /** Present exactly when the group is. */
  readonly parts?: PartsCapabilities | undefined;
  readonly copy?: CopyCapabilities | undefined;
  readonly move?: MoveCapabilities | undefined;
  readonly bulkDelete?: BulkDeleteCapabilities | undefined;
  readonly urls?: UrlsCapabilities | undefined;
}

export interface PartsCapabilities {
  /** Smallest part, in bytes, except the last. */
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly maxParts: number;
  /** Largest object, in bytes, where it is less than `maxBytes * maxParts`. Parts of streams of unknown length grow so that it fits. */
  readonly maxObjectBytes?: number | undefined;
  /** Part sizes other than the last must be a multiple of this; 1 when any size will do. */
  readonly multipleOf: number;
  /** All parts but the last must have one size, so that parts of streams of unknown length cannot grow. Default false. */
  readonly uniform?: boolean | undefined;
  /** Parts go in order, one at a time. */
  readonly sequential: boolean;
  /** A known size above this is sent in parts unless the caller says otherwise; below it, in one put. Bytes. */
  readonly thresholdBytes: number;
  readonly conditions: readonly (keyof WriteConditions)[];
  /** Digests of a part that the store compares, best first. */
  readonly upload: readonly ChecksumAlgorithm[];
  /** A digest of the whole that `complete` wants, to keep it with the object or to have it compared, where the parts do not tell it. */
  readonly whole?: ChecksumAlgorithm | undefined;
}

export interface MoveCapabilities {
  readonly conditions: readonly (keyof WriteConditions | 'sourceIfMatch')[];
  readonly attributes: readonly (keyof PutAttributes)[];
}

export interface CopyCapabilities extends MoveCapabilities {
  /** Largest object that one copy takes, in bytes. */
  readonly maxBytes: number;
}

export interface BulkDeleteCapabilities {
  readonly maxKeys: number;
  /** True for a key that the request cannot carry, so that core deletes it by a request of its own. */
  excludes?(key: string): boolean;
}

export interface UrlsCapabilities {
  readonly methods: readonly UrlMethod[];
  readonly maxSeconds: number;
}
