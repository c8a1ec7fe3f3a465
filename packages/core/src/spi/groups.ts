import type { CallContext } from './context.js';
import type { Checksum, Verification } from './checksums.js';
import type { ObjectRecord, ObjectRef, UserMetadata, VersionPage } from './records.js';
import type {
  BulkDeleteResult,
  ContentRange,
  CopyRequest,
  CopyResult,
  DeleteRequest,
  ListRequest,
  PutAttributes,
  PutBody,
  PutRequest,
  PutResult,
} from './requests.js';

/**
 * Names an upload in parts: plain JSON, so that another process can go on with it. It holds nothing of the driver's credentials. Where
 * the store itself gives an address that lets anyone go on, as for a resumable session of Google's, that address is in it; the driver's
 * documentation says so. Users pass it on as a token, so that it comes back from strangers: check it as keys are checked, before it
 * becomes a part of a path.
 */
export interface UploadRef {
  readonly ref: ObjectRef;
  readonly uploadId: string;
  /** Whatever else the driver needs to find the upload again. */
  readonly state?: Readonly<Record<string, string>> | undefined;
}

export interface PartRecord {
  /** Counted from 1. */
  readonly number: number;
  /** Bytes. */
  readonly size: number;
  /** What `complete` needs to name the part; opaque. */
  readonly etag?: string | undefined;
  readonly checksum?: Checksum | undefined;
}

export interface PartResult extends PartRecord {
  readonly verified: Extract<Verification, 'service' | 'none'>;
}

/** An upload that was begun and not ended. */
export interface UploadRecord extends UploadRef {
  readonly startedAtMs?: number | undefined;
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
}

export interface UploadPage {
  readonly uploads: readonly UploadRecord[];
  readonly next?: string | undefined;
}

export interface PartPage {
  readonly parts: readonly PartRecord[];
  readonly next?: string | undefined;
}

/**
 * Upload in parts. The object appears, whole, when `complete` resolves, and never before. Where `capabilities.parts.sequential`
 * is true the parts are sent in order, one at a time, and `list` tells how far the store has come: the sizes of its parts, counted from 1
 * without a gap, together. A store that knows no uploads, only parts of an object, keeps a mark of its own from `begin` to the end.
 */
export interface PartsGroup {
  begin(ref: ObjectRef, request: PutRequest, ctx: CallContext): Promise<UploadRef>;
  /**
   * `offset` is the part's first byte in the object; the size of `body` is told. Sending the same number again replaces the part.
   * Throws `upload-not-found` when the upload was completed, aborted or swept.
   */
  put(
    upload: UploadRef,
    part: {
      readonly number: number;
      readonly offset: number;
      readonly checksum?: Checksum | undefined;
      readonly last?: boolean;
    },
    body: PutBody,
    ctx: CallContext,
  ): Promise<PartResult>;
  /** Makes a part of a range of an object that the store holds, without the bytes coming here. */
  copy?(
    upload: UploadRef,
    part: { readonly number: number; readonly offset: number },
    source: {
      readonly ref: ObjectRef;
      readonly range: ContentRange;
      /** Copies only this version of the source; only where `capabilities.copy.conditions` has `sourceIfMatch`. */
      readonly ifMatch?: string | undefined;
    },
    ctx: CallContext,
  ): Promise<PartResult>;
  /** Throws `upload-not-found` when the upload was completed, aborted or swept. */
  list(upload: UploadRef, request: { readonly token?: string | undefined }, ctx: CallContext): Promise<PartPage>;
  /**
   * Makes the object of its parts. `request` is that of `begin`; its `checksum`, if any, is the CRC of the whole, of the kind that was
   * sent with each part, put together of theirs, or the digest that `capabilities.parts.whole` names: a store that can compare it does,
   * others do not look at it. It is missing where not all bytes passed through this process. Throws `upload-not-found`,
   * `object-exists`, `precondition-failed`.
   */
  complete(upload: UploadRef, parts: readonly PartRecord[], request: PutRequest, ctx: CallContext): Promise<PutResult>;
  /** Frees what the upload holds. Resolves when the upload is already gone. */
  abort(upload: UploadRef, ctx: CallContext): Promise<void>;
  /** Uploads that were begun and not ended, so that they can be swept. */
  listUploads(
    container: string,
    request: { readonly prefix?: string | undefined; readonly token?: string | undefined },
    ctx: CallContext,
  ): Promise<UploadPage>;
}

/** Provider code of the `unsupported` by which `CopyGroup.copy` says that the object can be copied in parts only, whatever its size. */
export const COPY_IN_PARTS = 'copy-in-parts';

export interface CopyGroup {
  /**
   * Copies inside the store, also between containers. Never through the client. For an object that one call cannot copy, such as one
   * that is itself made of parts, rejects with `unsupported` and the provider code `COPY_IN_PARTS`: core then copies it part by part.
   * A store that copies a large object in several calls gives `next` with each but the last; one that copies by itself gives `waitMs` too.
   */
  copy(from: ObjectRef, to: ObjectRef, request: CopyRequest, ctx: CallContext): Promise<CopyResult>;
}

export interface MoveGroup {
  /** Moves inside the store, also between containers: the object is never under both names, and never under none. */
  move(from: ObjectRef, to: ObjectRef, request: CopyRequest, ctx: CallContext): Promise<CopyResult>;
}

export interface BulkDeleteGroup {
  /** Deletes at most `capabilities.bulkDelete.maxKeys` objects in one request; one result for each, in the order given. */
  delete(refs: readonly ObjectRef[], request: DeleteRequest, ctx: CallContext): Promise<readonly BulkDeleteResult[]>;
}

/** Changes what is stored beside the bytes, without sending the bytes again. Fields that are missing stay as they are. */
export interface MetadataGroup {
  update(
    ref: ObjectRef,
    change: Omit<PutAttributes, 'metadata'> & {
      /** Replaces all user metadata. */
      readonly metadata?: UserMetadata | undefined;
      readonly ifMatch?: string | undefined;
    },
    ctx: CallContext,
  ): Promise<ObjectRecord>;
}

/** Tags are stored beside an object and apart from its metadata: they can be changed alone, and rules of the store can name them. */
export interface TagsGroup {
  read(ref: ObjectRef, ctx: CallContext): Promise<Readonly<Record<string, string>>>;
  /** Replaces all tags. */
  replace(ref: ObjectRef, tags: Readonly<Record<string, string>>, ctx: CallContext): Promise<void>;
}

export type UrlMethod = 'GET' | 'HEAD' | 'PUT' | 'DELETE';

export interface SignUrlRequest {
  readonly method: UrlMethod;
  readonly expiresInSeconds: number;
  /** For PUT: headers that the sender must then send. */
  readonly contentType?: string | undefined;
  /** For GET: headers that the store shall answer with. */
  readonly response?:
    { readonly contentType?: string | undefined; readonly contentDisposition?: string | undefined } | undefined;
}

export interface SignedUrl {
  readonly url: string;
  readonly method: UrlMethod;
  /** Headers that must be sent with the request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAtMs: number;
}

/** A browser form for a direct upload: post `fields` and then the file, as `multipart/form-data`, to `url`. */
export interface SignedForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly expiresAtMs: number;
}

export interface SignFormRequest {
  readonly expiresInSeconds: number;
  readonly minBytes?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly contentType?: string | undefined;
  /** The form may then store any key that begins with `ref.key`. */
  readonly keyIsPrefix?: boolean | undefined;
}

export interface UrlsGroup {
  /** Signs without a request where the store's scheme allows it. */
  sign(ref: ObjectRef, request: SignUrlRequest, ctx: CallContext): Promise<SignedUrl>;
  /** The address of the object for anonymous readers, every character escaped. No request, and no promise that it may be read. */
  publicUrl?(ref: ObjectRef): string;
  signForm?(ref: ObjectRef, request: SignFormRequest, ctx: CallContext): Promise<SignedForm>;
  signPart?(
    upload: UploadRef,
    part: { readonly number: number; readonly expiresInSeconds: number },
    ctx: CallContext,
  ): Promise<SignedUrl>;
}

/** Reading, copying and deleting a version go through `ObjectRef.versionId`. */
export interface VersionsGroup {
  list(container: string, request: ListRequest, ctx: CallContext): Promise<VersionPage>;
  isEnabled(container: string, ctx: CallContext): Promise<boolean>;
  setEnabled(container: string, enabled: boolean, ctx: CallContext): Promise<void>;
}

export interface WebsiteGroup {
  enable(
    container: string,
    site: { readonly indexKey: string; readonly errorKey?: string | undefined },
    ctx: CallContext,
  ): Promise<void>;
  disable(container: string, ctx: CallContext): Promise<void>;
}

/** Libcloud's CDN calls. A missing method means that the provider has no such thing. */
export interface CdnGroup {
  containerUrl?(container: string, ctx: CallContext): Promise<string>;
  objectUrl?(ref: ObjectRef, ctx: CallContext): Promise<string>;
  enableContainer?(
    container: string,
    request: { readonly ttlSeconds?: number | undefined },
    ctx: CallContext,
  ): Promise<void>;
  disableContainer?(container: string, ctx: CallContext): Promise<void>;
  enableObject?(ref: ObjectRef, ctx: CallContext): Promise<void>;
  purge?(target: { readonly container: string; readonly key?: string | undefined }, ctx: CallContext): Promise<void>;
}
