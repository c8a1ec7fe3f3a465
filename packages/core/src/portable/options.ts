import {
  aBoolean,
  aRange,
  aChecksum,
  aFunction,
  aCount,
  aNonEmptyString,
  aSize,
  anEtag,
  anObject,
  aString,
  ATTRIBUTE_CHECKS,
  CALL_CHECKS,
  type Check,
  oneOf,
  type OptionChecks,
  READ_CONDITION_CHECKS,
  WRITE_CONDITION_CHECKS,
} from '../call/option-checks.js';
import type { CallOptions } from '../call/scope.js';
import type { CopyThroughOptions } from '../transfer/copy.js';
import type { DownloadOptions, ReadOptions, StreamOptions } from '../transfer/download-options.js';
import type { ResumeOptions } from '../transfer/resumable.js';
import type { UploadOptions } from '../transfer/upload-options.js';
import type { UrlMethod } from '../spi/groups.js';
import type { ProviderOptions, PutAttributes, ReadConditions, WriteConditions } from '../spi/requests.js';

/** What a call without options uses: one object, so that the common call makes none and needs no checks. */
export const NO_OPTIONS: CallOptions = Object.freeze({});

export interface CreateContainerOptions extends CallOptions {
  /** `ignore` gives the container that is there. Default `error`: `container-exists`. */
  readonly ifExists?: 'error' | 'ignore' | undefined;
  readonly provider?: ProviderOptions | undefined;
}

export interface ListContainersOptions extends CallOptions {
  readonly prefix?: string | undefined;
}

/** What to list, in which pages. */
export interface ListOptions extends CallOptions {
  readonly prefix?: string | undefined;
  /** Keys that hold this string after the prefix are folded into the page's `prefixes`; `/` gives one folder. */
  readonly delimiter?: string | undefined;
  /** Only keys after this one, in byte order. */
  readonly startAfter?: string | undefined;
  /** At most this many objects and prefixes in a page. Default: what the store gives, 1,000 for most. */
  readonly pageSize?: number | undefined;
}

export interface ListPageOptions extends Omit<ListOptions, 'pageSize'> {
  /** `nextPageToken` of the page before, with the same other options. */
  readonly pageToken?: string | undefined;
  /** At most this many objects and prefixes; a page may have fewer and yet not be the last. */
  readonly limit?: number | undefined;
}

export type PutOptions = UploadOptions;

export interface StatOptions extends CallOptions, ReadConditions {
  readonly versionId?: string | undefined;
  readonly provider?: ProviderOptions | undefined;
}

export interface DeleteOptions extends CallOptions {
  /** Deletes only this version of the content; else `precondition-failed`. */
  readonly ifMatch?: string | undefined;
  /** Deletes this version for good, where the store keeps versions. */
  readonly versionId?: string | undefined;
  readonly provider?: ProviderOptions | undefined;
}

export interface DeleteManyOptions extends CallOptions {
  /** Requests in flight. Default 4 where one request deletes many keys, else 16. */
  readonly concurrency?: number | undefined;
  readonly provider?: ProviderOptions | undefined;
}

/** The last four are of copies that pass through this process; a copy inside the store has no use for them. */
export interface CopyOptions extends CallOptions, WriteConditions, CopyThroughOptions {
  /** Copies only this version of the source's content; else `precondition-failed`. */
  readonly sourceIfMatch?: string | undefined;
  /** Replace all attributes of the source. Default: they are copied. */
  readonly attributes?: PutAttributes | undefined;
  readonly provider?: ProviderOptions | undefined;
}

export interface UpdateMetadataOptions extends CallOptions {
  /** Changes only this version of the content; else `precondition-failed`. */
  readonly ifMatch?: string | undefined;
}

export interface SignedUrlOptions extends CallOptions {
  /** Default `GET`. */
  readonly method?: UrlMethod | undefined;
  /** Default 3,600. */
  readonly expiresInSeconds?: number | undefined;
  /** For PUT: the sender must then send it. */
  readonly contentType?: string | undefined;
  /** For GET: headers that the store shall answer with. */
  readonly response?:
    { readonly contentType?: string | undefined; readonly contentDisposition?: string | undefined } | undefined;
  readonly versionId?: string | undefined;
}

export interface SignedFormOptions extends CallOptions {
  /** Default 3,600. */
  readonly expiresInSeconds?: number | undefined;
  readonly minBytes?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly contentType?: string | undefined;
  /** The form may then store any key that begins with the object's key. */
  readonly keyIsPrefix?: boolean | undefined;
}

export interface ListUploadsOptions extends CallOptions {
  readonly prefix?: string | undefined;
}

export interface SweepUploadsOptions extends ListUploadsOptions {
  /**
   * Aborts uploads that began longer ago than this. Default 86,400,000: a day. Uploads whose age the store does not tell are only
   * aborted when it is 0.
   */
  readonly olderThanMs?: number | undefined;
}

export interface CdnOptions extends CallOptions {
  /** How long the edge keeps a copy, where the provider lets it be chosen. */
  readonly ttlSeconds?: number | undefined;
}

export interface WebsiteOptions extends CallOptions {
  /** Key that stands for each folder, such as `index.html`. */
  readonly indexKey: string;
  readonly errorKey?: string | undefined;
}

/** Of calls that know nothing else. */
export const CALL_ONLY_CHECKS: OptionChecks<CallOptions> = CALL_CHECKS;

const aProvider: Check = anObject;

export const CREATE_CONTAINER_CHECKS: OptionChecks<CreateContainerOptions> = {
  ...CALL_CHECKS,
  ifExists: oneOf('error', 'ignore'),
  provider: aProvider,
};
export const LIST_CONTAINERS_CHECKS: OptionChecks<ListContainersOptions> = { ...CALL_CHECKS, prefix: aString };
const LISTING_CHECKS = { ...CALL_CHECKS, prefix: aString, delimiter: aNonEmptyString, startAfter: aString };
export const LIST_CHECKS: OptionChecks<ListOptions> = { ...LISTING_CHECKS, pageSize: aCount };
export const LIST_PAGE_CHECKS: OptionChecks<ListPageOptions> = {
  ...LISTING_CHECKS,
  pageToken: aNonEmptyString,
  limit: aCount,
};
export const STAT_CHECKS: OptionChecks<StatOptions> = {
  ...CALL_CHECKS,
  ...READ_CONDITION_CHECKS,
  versionId: aNonEmptyString,
  provider: aProvider,
};
export const DELETE_CHECKS: OptionChecks<DeleteOptions> = {
  ...CALL_CHECKS,
  ifMatch: anEtag,
  versionId: aNonEmptyString,
  provider: aProvider,
};
export const DELETE_MANY_CHECKS: OptionChecks<DeleteManyOptions> = {
  ...CALL_CHECKS,
  concurrency: aCount,
  provider: aProvider,
};
export const COPY_CHECKS: OptionChecks<CopyOptions> = {
  ...CALL_CHECKS,
  ...WRITE_CONDITION_CHECKS,
  sourceIfMatch: anEtag,
  attributes: anObject,
  provider: aProvider,
  lossy: oneOf('refuse', 'report'),
  partSize: aCount,
  concurrency: aCount,
  onProgress: aFunction,
};
export const PUT_CHECKS: OptionChecks<PutOptions> = {
  ...CALL_CHECKS,
  ...ATTRIBUTE_CHECKS,
  ...WRITE_CONDITION_CHECKS,
  provider: aProvider,
  checksum: aChecksum,
  partSize: aCount,
  concurrency: aCount,
  size: aSize,
  spoolBytes: aCount,
  onProgress: aFunction,
  verify: oneOf('auto', 'never'),
};
export const READ_CHECKS: OptionChecks<ReadOptions> = {
  ...STAT_CHECKS,
  range: aRange,
  verify: oneOf('auto', 'never'),
  onProgress: aFunction,
};
export const STREAM_CHECKS: OptionChecks<StreamOptions> = { ...READ_CHECKS, chunkSize: aCount };
export const DOWNLOAD_CHECKS: OptionChecks<DownloadOptions> = {
  ...READ_CHECKS,
  partSize: aCount,
  concurrency: aCount,
  overwrite: aBoolean,
  cleanUp: aBoolean,
  fsync: aBoolean,
};
export const RESUME_CHECKS: OptionChecks<ResumeOptions> = { ...CALL_CHECKS, provider: aProvider };
export const ATTRIBUTES_ONLY_CHECKS: OptionChecks<PutAttributes> = ATTRIBUTE_CHECKS;
export const TAGS_CHECKS = { tags: ATTRIBUTE_CHECKS.tags };
export const UPDATE_METADATA_CHECKS: OptionChecks<UpdateMetadataOptions> = { ...CALL_CHECKS, ifMatch: anEtag };
export const SIGNED_URL_CHECKS: OptionChecks<SignedUrlOptions> = {
  ...CALL_CHECKS,
  method: oneOf('GET', 'HEAD', 'PUT', 'DELETE'),
  expiresInSeconds: aCount,
  contentType: ATTRIBUTE_CHECKS.contentType,
  response: anObject,
  versionId: aNonEmptyString,
};
export const SIGNED_URL_RESPONSE_CHECKS = {
  contentType: ATTRIBUTE_CHECKS.contentType,
  contentDisposition: ATTRIBUTE_CHECKS.contentDisposition,
};
export const SIGNED_FORM_CHECKS: OptionChecks<SignedFormOptions> = {
  ...CALL_CHECKS,
  expiresInSeconds: aCount,
  minBytes: aSize,
  maxBytes: aCount,
  contentType: ATTRIBUTE_CHECKS.contentType,
  keyIsPrefix: aBoolean,
};
export const LIST_UPLOADS_CHECKS: OptionChecks<ListUploadsOptions> = { ...CALL_CHECKS, prefix: aString };
export const SWEEP_UPLOADS_CHECKS: OptionChecks<SweepUploadsOptions> = {
  ...LIST_UPLOADS_CHECKS,
  olderThanMs: aSize,
};
export const CDN_CHECKS: OptionChecks<CdnOptions> = { ...CALL_CHECKS, ttlSeconds: aCount };
export const WEBSITE_CHECKS: OptionChecks<WebsiteOptions> = {
  ...CALL_CHECKS,
  indexKey: aNonEmptyString,
  errorKey: aNonEmptyString,
};
