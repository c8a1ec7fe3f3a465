import type { Readable } from 'node:stream';
import type { Checksum, Verification } from './checksums.js';
import type { ContentHeaders, CopiedRecord, ObjectRecord, ObjectRef, UserMetadata } from './records.js';

/** `end` is the first byte that is no longer wanted, as in `slice`; `suffix` asks for the last bytes of the object. */
export type ByteRange =
  | { readonly start: number; readonly end?: number | undefined; readonly suffix?: undefined }
  | { readonly suffix: number; readonly start?: undefined; readonly end?: undefined };

/** Options of one provider only, by its own names. A driver refuses those that it does not know. */
export type ProviderOptions = Readonly<Record<string, unknown>>;

/** ETags are given without quotes; `*` stands for any version. */
export interface ReadConditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSinceMs?: number | undefined;
  readonly ifUnmodifiedSinceMs?: number | undefined;
}

/** `ifNoneMatch: '*'` writes only where nothing is; `ifMatch` writes only over the named version. */
export interface WriteConditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: '*' | undefined;
}

export interface ListContainersRequest {
  readonly prefix?: string | undefined;
  readonly token?: string | undefined;
  /** At most this many containers in the page; the driver's own page size when missing. */
  readonly limit?: number | undefined;
}

export interface CreateContainerRequest {
  readonly provider?: ProviderOptions | undefined;
}

export interface ListRequest {
  readonly prefix?: string | undefined;
  /** Any non-empty string. Keys that hold it after the prefix are folded into `prefixes`. */
  readonly delimiter?: string | undefined;
  /** Only keys after this one, in the driver's order. */
  readonly startAfter?: string | undefined;
  /** `next` of the page before, verbatim. The other fields must be as they were for that page. */
  readonly token?: string | undefined;
  /** At most this many objects and prefixes together; the driver's own page size when missing. */
  readonly limit?: number | undefined;
}

export interface StatRequest extends ReadConditions {
  readonly provider?: ProviderOptions | undefined;
}

export interface ReadRequest extends ReadConditions {
  /** `bytes` must not pay for a stream; `stream` must not hold more than its buffer. */
  readonly want: 'bytes' | 'stream';
  readonly range?: ByteRange | undefined;
  readonly provider?: ProviderOptions | undefined;
}

/** Where the returned bytes lie in the object; `end` is exclusive. */
export interface ContentRange {
  readonly start: number;
  readonly end: number;
}

interface ReadFacts {
  /** Facts of the whole object: `record.size` is its full size even when a range was read. */
  readonly record: ObjectRecord;
  readonly range: ContentRange;
}

export interface BytesResult extends ReadFacts {
  readonly bytes: Buffer;
  readonly stream?: undefined;
}

export interface StreamResult extends ReadFacts {
  /** Errors, rather than ends, when fewer bytes than announced arrive. Destroying it frees the connection. */
  readonly stream: Readable;
  readonly bytes?: undefined;
}

export type ReadResult = BytesResult | StreamResult;

/** A body to send. `open` gives a stream from the first byte; only a replayable body may be opened more than once. */
export interface PutBody {
  /** Bytes; undefined when it is known only at the end. */
  readonly size: number | undefined;
  readonly replayable: boolean;
  /** The whole body where it already is in memory: the path without streams. */
  readonly bytes?: Buffer | undefined;
  open(): Readable;
}

/** What is stored with an object beside its bytes. */
export interface PutAttributes extends ContentHeaders {
  readonly metadata?: UserMetadata | undefined;
  readonly storageClass?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** A canned ACL by the provider's name. Never sent unless given. */
  readonly acl?: string | undefined;
}

export interface PutRequest extends PutAttributes, WriteConditions {
  /** Digest of the whole body where it is known before the body is sent. */
  readonly checksum?: Checksum | undefined;
  readonly provider?: ProviderOptions | undefined;
}

export interface PutResult {
  readonly record: ObjectRecord;
  /** `service` when the store compared a digest of this body; `none` otherwise. Core compares what it can itself. */
  readonly verified: Extract<Verification, 'service' | 'none'>;
}

export interface DeleteRequest {
  readonly ifMatch?: string | undefined;
  readonly provider?: ProviderOptions | undefined;
}

export interface DeleteResult {
  /** False when the object was missing; undefined where the provider does not tell. */
  readonly existed?: boolean | undefined;
  readonly versionId?: string | undefined;
  readonly isDeleteMarker?: boolean | undefined;
}

export interface CopyRequest extends WriteConditions {
  /** Copies only this version of the source. */
  readonly sourceIfMatch?: string | undefined;
  /** Replaces the attributes of the source; missing: they are copied. */
  readonly attributes?: PutAttributes | undefined;
  readonly provider?: ProviderOptions | undefined;
  /** `next` of the answer before, verbatim, of a copy that takes several calls. The other fields must be as they were for that call. */
  readonly token?: string | undefined;
}

export interface CopyResult {
  readonly record: CopiedRecord;
  /** The copy is not there yet: call again with this as `token`. A missing one is the only end. */
  readonly next?: string | undefined;
  /** Bytes copied so far, of a copy that goes on. */
  readonly copiedBytes?: number | undefined;
  /** Milliseconds to wait before the next call, where the store copies by itself and is only asked how far it is. Default 0. */
  readonly waitMs?: number | undefined;
}

export interface BulkDeleteResult {
  readonly ref: ObjectRef;
  /** Missing when the object is gone now. */
  readonly error?: Error | undefined;
}
