import { homedir } from 'node:os';
import type {
  CallContext,
  DriverHost,
  ObjectPage,
  ObjectRecord,
  ObjectRef,
  PutRequest,
  SignedUrl,
  StorageDriver,
} from '@stowage/core/spi';
import { isSafeChannel } from '@stowage/http';
import { addressSigner } from './address-signer.js';
import type { Account } from './account-client.js';
import { type Authority, type AuthorityLoader, loadAuthority } from './authority.js';
import { authorizerOf, type TokenSource } from './authorize.js';
import { bulkDeleteGroup } from './bulk-delete.js';
import { capabilitiesOf } from './capabilities.js';
import { GcsClient } from './client.js';
import { compose, type ComposeSource } from './compose.js';
import { containerCalls } from './containers.js';
import { copyGroup } from './copy.js';
import { chooseCredential, type Credential, type CredentialSurroundings } from './credentials.js';
import { encryptionHeaders } from './encryption.js';
import { chooseEndpoint } from './endpoint.js';
import type { GcsService } from './gcs-service.js';
import { type Holds, setHolds } from './holds.js';
import { type GcsListRequest, listByJson, restoreObject } from './json-list.js';
import { metadataGroup } from './metadata.js';
import { useNativeCrc } from './native-crc.js';
import { objectCalls } from './objects.js';
import { checkOptions, type GcsOptions, refuse } from './options.js';
import { partsGroup } from './parts.js';
import { permissionCalls, type PermissionCalls } from './permissions.js';
import { neededProject, projectFinder } from './project.js';
import { rewriteGroup } from './rewrite.js';
import { sdkClient } from './sdk.js';
import { sessionGroup } from './session.js';
import { fixedToken, renewedTokens } from './tokens.js';
import { type FindSigner, signUploadStart, urlsGroup } from './urls.js';
import { versionsGroup } from './versions.js';

/** The driver of Google Cloud Storage: `storage.driver` of a storage that was opened with it. */
export interface GcsDriver extends StorageDriver {
  readonly gcs: GcsCalls;
}

/** What only Google has. Each call makes one attempt; `ctx` carries a signal. Missing calls need other credentials than HMAC keys. */
export interface GcsCalls {
  /** Puts 1 to 32 objects of a bucket together, in order, into one. */
  compose(
    to: ObjectRef,
    sources: readonly ComposeSource[],
    request?: PutRequest,
    ctx?: CallContext,
  ): Promise<ObjectRecord>;
  /** An address at which anyone may begin a resumable upload, by a POST with the headers that are told. */
  signUploadStart(
    ref: ObjectRef,
    request: { readonly expiresInSeconds: number; readonly contentType?: string | undefined },
  ): Promise<Omit<SignedUrl, 'method'> & { readonly method: 'POST' }>;
  /** Reads one page by the JSON API: with checksums and metadata, up to a key, by a pattern, or of what was deleted. */
  list?(container: string, request: GcsListRequest, ctx?: CallContext): Promise<ObjectPage>;
  /** Brings back an object that a listing of `softDeleted` told. */
  restore?(ref: ObjectRef & { readonly versionId: string }, ctx?: CallContext): Promise<ObjectRecord>;
  setHolds?(ref: ObjectRef, holds: Holds, ctx?: CallContext): Promise<ObjectRecord>;
  readonly permissions?: PermissionCalls | undefined;
}

/** What a driver takes from the process around it. */
export interface GcsSurroundings extends CredentialSurroundings {
  readonly loadAuthority: AuthorityLoader;
}

/** Assembles a driver. No request is made, and neither the vendor's SDK nor its authentication is loaded. */
export function createGcsDriver(
  options: GcsOptions,
  host: DriverHost,
  surroundings: Partial<GcsSurroundings> = {},
): GcsDriver {
  checkOptions(options);
  useNativeCrc();
  const { env = process.env, homeFolder = homedir(), loadAuthority: loader = loadAuthority } = surroundings;
  const credential = chooseCredential(options, { env, homeFolder });
  const endpoint = chooseEndpoint(options, env);
  if ((credential.kind === 'oauth' || credential.kind === 'token') && !isSafeChannel(endpoint.origin))
    refuse('A token travels with every request, so that it needs an https endpoint, or one on this machine.');
  let loading: Promise<Authority> | undefined;
  const load = (): Promise<Authority> =>
    (loading ??= loader(accountOf(credential, options, client)).catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
  const client = new GcsClient(options, host, endpoint, authorizerOf(credential, tokensOf(credential, host, load)));
  const findProject = projectFinder(options, credential, env, load);
  const dialect = credential.kind === 'hmac' && credential.signature === 'aws4' ? 'x-amz-' : 'x-goog-';
  const service: GcsService = {
    ...{ client, endpoint, options, dialect },
    encryption: encryptionHeaders(options, endpoint.origin, dialect),
    signsBodies: credential.kind === 'hmac' && !isSafeChannel(endpoint.origin),
    project: () => neededProject(findProject, credential),
    hasJson: credential.kind !== 'hmac',
  };
  let finding: ReturnType<FindSigner> | undefined;
  const findSigner: FindSigner = () =>
    (finding ??= addressSigner(credential, load).catch((error: unknown) => {
      finding = undefined;
      throw error;
    }));
  return {
    type: 'gcs',
    capabilities: Object.freeze(capabilitiesOf(service, credential)),
    ...containerCalls(service),
    ...objectCalls(service),
    parts: options.uploads === 'session' ? sessionGroup(service) : partsGroup(service),
    copy: service.hasJson ? rewriteGroup(service) : copyGroup(service),
    bulkDelete: bulkDeleteGroup(service),
    urls: urlsGroup(service, findSigner),
    versions: versionsGroup(service),
    ...(service.hasJson && { metadata: metadataGroup(service) }),
    gcs: gcsCalls(service, findSigner),
    sdk: () => sdkClient({ options, endpoint, credential, load, findProject }),
    close: () => client.close(),
  };
}

function accountOf(credential: Credential, options: GcsOptions, { transport }: GcsClient): Account {
  if (credential.kind !== 'oauth') throw new TypeError('These credentials need no library.');
  const { source, impersonate } = credential;
  return { source, impersonate, universeDomain: options.universeDomain, transport };
}

function tokensOf(credential: Credential, host: DriverHost, load: () => Promise<Authority>): TokenSource | undefined {
  if (credential.kind === 'token') return fixedToken(credential.token);
  return credential.kind === 'oauth' ? renewedTokens(host, load) : undefined;
}

const ONCE: CallContext = { attempt: 1 };

function gcsCalls(service: GcsService, findSigner: FindSigner): GcsCalls {
  return {
    compose: (to, sources, request = {}, ctx = ONCE) => compose(service, to, sources, request, ctx),
    signUploadStart: (ref, request) => signUploadStart(service, findSigner, ref, request),
    ...(service.hasJson && {
      list: (container: string, request: GcsListRequest, ctx: CallContext = ONCE) =>
        listByJson(service, container, request, ctx),
      restore: (ref: ObjectRef & { readonly versionId: string }, ctx: CallContext = ONCE) =>
        restoreObject(service, ref, ctx),
      setHolds: (ref: ObjectRef, holds: Holds, ctx: CallContext = ONCE) => setHolds(service, ref, holds, ctx),
      permissions: permissionCalls(service, ONCE),
    }),
  };
}
