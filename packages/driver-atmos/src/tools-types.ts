import type { CallContext, ObjectRef } from '@stowage/core/spi';

/** What a server says of itself. */
export interface ServiceInformation {
  /** Such as `2.1.0`. */
  readonly version: string | undefined;
  /** Such as `namespace`, `utf-8`, `versioning`. */
  readonly features: readonly string[];
  /** The server takes percent-encoded metadata; see the option `utf8`. */
  readonly utf8: boolean;
}

/** Permissions by user, and of everybody else: `NONE`, `READ`, `WRITE` or `FULL_CONTROL`. */
export interface AtmosAcl {
  readonly users: Readonly<Record<string, string>>;
  readonly others: string;
}

export interface ObjectVersion {
  /** Names the version; `objects` reads it. */
  readonly oid: string;
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number | undefined;
}

/** What somebody without an account may do with one object. */
export interface AccessTokenPolicy {
  readonly expiresAt: Date;
  /** Default 0. */
  readonly maxUploads?: number | undefined;
  /** Default 0. */
  readonly maxDownloads?: number | undefined;
  /** Bytes of an upload. */
  readonly contentBytes?: { readonly from: number; readonly to: number } | undefined;
  /** Networks such as `10.0.0.0/8`. */
  readonly allow?: readonly string[] | undefined;
  readonly disallow?: readonly string[] | undefined;
  /** Form fields, such as `x-emc-meta`, that an upload may send. */
  readonly formFields?: readonly string[] | undefined;
}

export interface AccessTokenInfo {
  readonly id: string;
  readonly expiresAtMs: number | undefined;
  readonly maxUploads: number;
  readonly maxDownloads: number;
  readonly path: string | undefined;
  readonly oid: string | undefined;
}

/** A request for somebody else to send, with exactly these headers. */
export interface PresignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Objects by id, with or without a name in the namespace. */
export interface AtmosObjectInterface {
  /** Stores an object without a name; gives its id. */
  create(bytes: Uint8Array, attributes?: { contentType?: string; metadata?: Record<string, string> }): Promise<string>;
  read(oid: string): Promise<{ readonly bytes: Buffer; readonly metadata: Readonly<Record<string, string>> }>;
  /** Writes at the end. `offset` is the object's size; another one is refused or overwrites. */
  append(oid: string, offset: number, bytes: Uint8Array): Promise<void>;
  delete(oid: string): Promise<void>;
}

/**
 * What Atmos has and the portable API does not: `await storage.sdk()`. Refused calls reject with the same errors as those of the
 * driver; nothing is retried. `ctx` carries a signal.
 */
export interface AtmosTools {
  serviceInformation(ctx?: CallContext): Promise<ServiceInformation>;
  /** Several ranges in one request, in the order given; ends are exclusive. */
  readRanges(ref: ObjectRef, ranges: readonly { start: number; end: number }[], ctx?: CallContext): Promise<Buffer[]>;
  /** Tags of the system, such as `objectid`, `mtime`, `policyname`. */
  systemMetadata(ref: ObjectRef, ctx?: CallContext): Promise<Readonly<Record<string, string>>>;
  getAcl(ref: ObjectRef, ctx?: CallContext): Promise<AtmosAcl>;
  setAcl(ref: ObjectRef, acl: Partial<AtmosAcl>, ctx?: CallContext): Promise<void>;
  /** Names of listable tags, below one such as `photos/2012` or at the top. */
  listTags(below?: string, ctx?: CallContext): Promise<string[]>;
  /** Ids of objects that have a listable tag; of an unknown tag, none. */
  findTagged(
    tag: string,
    page?: { token?: string; limit?: number },
    ctx?: CallContext,
  ): Promise<{ oids: string[]; next?: string | undefined }>;
  readonly objects: AtmosObjectInterface;
  readonly versions: {
    /** Freezes what the object is now. */
    create(ref: ObjectRef): Promise<string>;
    list(ref: ObjectRef): Promise<ObjectVersion[]>;
    restore(ref: ObjectRef, oid: string): Promise<void>;
    delete(oid: string): Promise<void>;
  };
  readonly tokens: {
    create(ref: ObjectRef, policy: AccessTokenPolicy): Promise<{ readonly id: string; readonly url: string }>;
    info(id: string): Promise<AccessTokenInfo>;
    list(): Promise<AccessTokenInfo[]>;
    delete(id: string): Promise<void>;
  };
  /** Signs a request for somebody else. `POST` creates, `PUT` replaces. */
  presign(
    method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE',
    ref: ObjectRef,
    options: { expiresInSeconds: number; contentType?: string },
  ): PresignedRequest;
}
