import type { Capabilities } from './capabilities.js';
import type { CallContext } from './context.js';
import type {
  BulkDeleteGroup,
  CdnGroup,
  CopyGroup,
  MetadataGroup,
  MoveGroup,
  PartsGroup,
  TagsGroup,
  UrlsGroup,
  VersionsGroup,
  WebsiteGroup,
} from './groups.js';
import type { ContainerPage, ContainerRecord, ObjectPage, ObjectRecord, ObjectRef } from './records.js';
import type {
  CreateContainerRequest,
  DeleteRequest,
  DeleteResult,
  ListContainersRequest,
  ListRequest,
  PutBody,
  PutRequest,
  PutResult,
  ReadRequest,
  ReadResult,
  StatRequest,
} from './requests.js';

/**
 * What a driver implements: nine calls, and optional groups beside them whose presence is the capability.
 *
 * Each call makes one request and one attempt, and rejects with one classified `StorageError`: retries, paging, deadlines and
 * transfers of many parts are core's. Core has validated names, options and conditions against `capabilities` before it calls.
 */
export interface StorageDriver {
  /** Short family name, such as `s3`; used in messages. */
  readonly type: string;
  readonly capabilities: Capabilities;

  listContainers(request: ListContainersRequest, ctx: CallContext): Promise<ContainerPage>;
  /** Throws `container-not-found`. */
  statContainer(container: string, ctx: CallContext): Promise<ContainerRecord>;
  /** Throws `container-exists`, also when the caller owns it already. */
  createContainer(container: string, request: CreateContainerRequest, ctx: CallContext): Promise<ContainerRecord>;
  /** Throws `container-not-empty`, `container-not-found`. */
  deleteContainer(container: string, ctx: CallContext): Promise<void>;

  /** Reads one page. Throws `container-not-found`. */
  list(container: string, request: ListRequest, ctx: CallContext): Promise<ObjectPage>;
  /** Throws `object-not-found`, `container-not-found` where the provider tells them apart. */
  stat(ref: ObjectRef, request: StatRequest, ctx: CallContext): Promise<ObjectRecord>;
  /** Rejects before any body is returned when the object is missing or a condition fails. */
  read(ref: ObjectRef, request: ReadRequest, ctx: CallContext): Promise<ReadResult>;
  /** Replaces the object whole, or leaves what was there. Throws `object-exists` when `ifNoneMatch: '*'` fails. */
  put(ref: ObjectRef, body: PutBody, request: PutRequest, ctx: CallContext): Promise<PutResult>;
  /** Resolves when the object is missing, telling so where the provider does. */
  delete(ref: ObjectRef, request: DeleteRequest, ctx: CallContext): Promise<DeleteResult>;

  readonly parts?: PartsGroup | undefined;
  readonly copy?: CopyGroup | undefined;
  readonly move?: MoveGroup | undefined;
  readonly bulkDelete?: BulkDeleteGroup | undefined;
  readonly metadata?: MetadataGroup | undefined;
  readonly tags?: TagsGroup | undefined;
  readonly urls?: UrlsGroup | undefined;
  readonly versions?: VersionsGroup | undefined;
  readonly website?: WebsiteGroup | undefined;
  readonly cdn?: CdnGroup | undefined;

  /** The vendor's own client, configured as the driver is; loaded when called. */
  sdk?(): Promise<unknown>;
  /** Frees connections. Core has aborted what was under way. */
  close?(): Promise<void>;
}
