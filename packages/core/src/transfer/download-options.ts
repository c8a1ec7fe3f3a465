import type { Readable } from 'node:stream';
import type { CallOptions } from '../call/caller.js';
import type { Verification } from '../spi/checksums.js';
import type { ObjectRecord } from '../spi/records.js';
import type { ByteRange, ContentRange, ProviderOptions, ReadConditions } from '../spi/requests.js';
import type { TransferTuning } from './plan.js';
import type { ProgressListener } from './progress.js';
import type { VerifyMode } from './verify.js';

/** What every read takes. */
export interface ReadOptions extends CallOptions, ReadConditions {
  /** `end` is exclusive, as in `slice`. A range past the end of the object is cut there; one that begins there is an error. */
  readonly range?: ByteRange | undefined;
  readonly versionId?: string | undefined;
  /** `auto` compares the digest of a whole object where the store reports one. Default `auto`. */
  readonly verify?: VerifyMode | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly provider?: ProviderOptions | undefined;
}

/** Facts of what was read; `record` is of the whole object. */
interface ReadFacts {
  readonly record: ObjectRecord;
  /** Where the bytes lie in the object. */
  readonly range: ContentRange;
}

export interface ReadBytes extends ReadFacts {
  readonly bytes: Buffer;
  /** `client`: a digest of the whole object was compared. `size`: the byte count was, as of every range. */
  readonly verified: Verification;
}

export interface StreamOptions extends ReadOptions {
  /** Every chunk but the last has exactly this many bytes. Default: chunks as they come from the network. */
  readonly chunkSize?: number | undefined;
}

/** A Node stream of an object's content. It fails, rather than ends, when bytes are missing or a digest does not fit. */
export interface ObjectStream extends Readable {
  /** Facts of the whole object. */
  readonly object: ObjectRecord;
  readonly range: ContentRange;
  /** How far the content was checked; undefined until the stream has ended. */
  readonly verified: Verification | undefined;
}

export interface DownloadOptions extends ReadOptions, TransferTuning {
  /** Replace a file that is there. Default false: `precondition-failed`, also when it appears while the download runs. */
  readonly overwrite?: boolean | undefined;
  /** Remove what was written when the download fails. Default true. False keeps it under a temporary name, which the error tells. */
  readonly cleanUp?: boolean | undefined;
  /** Return only when the disk has the bytes. Default false. */
  readonly fsync?: boolean | undefined;
}

export interface DownloadResult {
  /** The file that was written; below the directory when one was given. */
  readonly path: string;
  /** Bytes that were written. */
  readonly size: number;
  readonly record: ObjectRecord;
  readonly range: ContentRange;
  readonly verified: Verification;
}
