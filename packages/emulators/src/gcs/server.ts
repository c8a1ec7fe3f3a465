import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { Emulator, type EmulatorOptions, type Protocol } from '../http-server.js';
import { S3Error } from '../s3/errors.js';
import { isPublicRead } from './access.js';
import type { GcsContext } from './context.js';
import { Rewrites } from './copy.js';
import { GcsError, invalid } from './errors.js';
import {
  ANONYMOUS,
  checkScopes,
  type GcsHmacKey,
  type GcsServiceAccount,
  type GcsUser,
  Identities,
  type Principal,
} from './identities.js';
import { BATCH_PATH, serveBatch } from './json/batch.js';
import type { JsonCall } from './json/call.js';
import { findRoute } from './json/route.js';
import { oauthOperation, serveOAuth } from './oauth.js';
import { Sessions } from './resumable.js';
import { GcsStore } from './store.js';
import { serveXml, xmlOperation, type XmlSettings } from './xml/route.js';
import { targetOf } from './xml/target.js';

export interface GcsEmulatorOptions extends EmulatorOptions {
  /** Default one, whose key is made when it is asked for. */
  readonly serviceAccounts?: readonly GcsServiceAccount[];
  readonly hmacKeys?: readonly GcsHmacKey[];
  readonly users?: readonly GcsUser[];
  /** The project of HMAC requests that name none; default `emulated-project`. */
  readonly project?: string;
  /** Lifetime of tokens, in seconds; default 3600. */
  readonly tokenSeconds?: number;
  /** Host names under which `<bucket>.<name>` is a bucket's own host; default `localhost` and `storage.googleapis.com`. */
  readonly domains?: readonly string[];
  /** Hosts that stand for one bucket each, as a load balancer or CNAME makes them. */
  readonly bucketHosts?: Readonly<Record<string, string>>;
  /** Smallest part but the last of an XML upload in parts, in bytes; default 5 MiB. */
  readonly minPartBytes?: number;
  /** Bytes that one call of a rewrite copies; default all. */
  readonly rewriteChunkBytes?: number;
  /** How long new buckets keep what was deleted, in seconds; default 0. Google's own default is 604,800. */
  readonly softDeleteSeconds?: number;
  /** The server's clock; default `Date.now`. Shift it to let tokens, signatures and sessions expire. */
  readonly nowMs?: () => number;
}

export const DEFAULT_HMAC_KEY: GcsHmacKey = {
  accessKey: 'GOOG1EEMULATED00000000000000000000000000000000000000000000000',
  secretKey: 'emulated+secret/00000000000000000000000+',
};
const DEFAULT_ACCOUNT: GcsServiceAccount = { email: 'emulated@emulated-project.iam.gserviceaccount.com' };

/** A key file as Google's console makes it. */
export interface GcsKeyFile {
  readonly type: 'service_account';
  readonly project_id: string;
  readonly private_key_id: string;
  readonly private_key: string;
  readonly client_email: string;
  readonly client_id: string;
  readonly token_uri: string;
}

/** Google Cloud Storage in this process: JSON and XML APIs on the same objects, OAuth, HMAC keys. Every credential is checked. */
export class GcsEmulator extends Emulator {
  readonly hmacKey: GcsHmacKey;
  readonly project: string;
  readonly store: GcsStore;
  readonly #protocol: GcsProtocol;

  private constructor(options: GcsEmulatorOptions, protocol: GcsProtocol) {
    super(protocol, options);
    this.#protocol = protocol;
    this.project = protocol.settings.project;
    this.store = protocol.context.store;
    this.hmacKey = [...protocol.context.identities.hmacKeys.values()][0] as GcsHmacKey;
  }

  static async start(options: GcsEmulatorOptions = {}): Promise<GcsEmulator> {
    const emulator = new GcsEmulator(options, new GcsProtocol(options));
    await emulator.listen(options.port);
    return emulator;
  }

  /** Key file of a service account; default the first. */
  keyFile(email = this.#protocol.context.identities.defaultEmail): GcsKeyFile {
    return {
      type: 'service_account',
      project_id: this.project,
      private_key_id: 'emulated',
      private_key: this.#protocol.context.identities.privateKeyOf(email),
      client_email: email,
      client_id: '100000000000000000000',
      token_uri: `${this.endpoint}/token`,
    };
  }

  /** A bearer token without asking for it over HTTP. */
  issueToken(
    options: { readonly email?: string; readonly seconds?: number; readonly scopes?: readonly string[] } = {},
  ): string {
    const { identities } = this.#protocol.context;
    return identities.issue(options.email ?? identities.defaultEmail, options.seconds ?? 3600, options.scopes);
  }

  /** Makes a token, or all of them, worthless. */
  revokeTokens(token?: string): void {
    const { identities } = this.#protocol.context;
    if (token === undefined) identities.revokeAll();
    else identities.revoke(token);
  }
}

class GcsProtocol implements Protocol {
  readonly context: GcsContext;
  readonly settings: XmlSettings & { readonly tokenSeconds: number };

  constructor(options: GcsEmulatorOptions) {
    const nowMs = options.nowMs ?? (() => Date.now());
    const accounts = options.serviceAccounts ?? [DEFAULT_ACCOUNT];
    this.context = {
      store: new GcsStore(),
      identities: new Identities(accounts, options.hmacKeys ?? [DEFAULT_HMAC_KEY], options.users ?? [], nowMs),
      sessions: new Sessions(),
      rewrites: new Rewrites(),
      rewriteChunkBytes: options.rewriteChunkBytes ?? Infinity,
      minPartBytes: options.minPartBytes ?? 5 * 1024 ** 2,
      softDeleteSeconds: options.softDeleteSeconds ?? 0,
      nowMs,
    };
    this.settings = {
      project: options.project ?? 'emulated-project',
      tokenSeconds: options.tokenSeconds ?? 3600,
      domains: options.domains ?? ['localhost', 'storage.googleapis.com'],
      bucketHosts: options.bucketHosts ?? {},
    };
  }

  operationOf(request: EmulatedRequest): string {
    const { method, rawPath, query } = request;
    const oauth = oauthOperation(method, rawPath);
    if (oauth !== undefined) return oauth;
    if (BATCH_PATH.test(rawPath) && method === 'POST') return 'batch';
    const json = jsonPath(rawPath);
    if (json) return findRoute(method, json.segments, query, json.isUpload).operation;
    return xmlOperation(request, targetOf(request, this.settings));
  }

  fail(status: number, code: string, message: string, request: EmulatedRequest): EmulatedResponse {
    const error = new GcsError(status, reasonOf(status, code), code, message);
    return this.#refusal(error, request);
  }

  async handle(request: EmulatedRequest): Promise<EmulatedResponse> {
    try {
      const answer = await this.#route(request);
      return { ...answer, headers: { ...this.#commonHeaders(), ...answer.headers } };
    } catch (error) {
      if (!(error instanceof GcsError || error instanceof S3Error)) throw error;
      return this.#refusal(error, request);
    }
  }

  #refusal(error: GcsError | S3Error, request: EmulatedRequest): EmulatedResponse {
    const known =
      error instanceof GcsError
        ? error
        : new GcsError(error.status, 'invalid', error.code, error.message, {
            details: error.details,
            headers: error.headers,
          });
    const isJson =
      BATCH_PATH.test(request.rawPath) ||
      (jsonPath(request.rawPath) ?? oauthOperation(request.method, request.rawPath)) !== undefined;
    const isDownload = request.query.get('alt') === 'media' || request.rawPath.startsWith('/download/');
    const answer = !isJson ? known.asXml() : isDownload ? known.asText() : known.asJson();
    return { ...answer, headers: { ...this.#commonHeaders(), ...answer.headers } };
  }

  #commonHeaders(): Readonly<Record<string, string>> {
    return { date: new Date(this.context.nowMs()).toUTCString(), server: 'UploadServer' };
  }

  async #route(request: EmulatedRequest): Promise<EmulatedResponse> {
    const origin = originOf(request);
    const oauth = oauthOperation(request.method, request.rawPath);
    if (oauth !== undefined) {
      const { identities } = this.context;
      const nowMs = (): number => this.context.nowMs();
      const { project, tokenSeconds } = this.settings;
      return serveOAuth({ identities, nowMs, project, tokenSeconds, origin }, oauth, request);
    }
    if (BATCH_PATH.test(request.rawPath) && request.method === 'POST')
      return serveBatch(request, (inner) => this.handle(inner));
    const path = jsonPath(request.rawPath);
    if (!path) return serveXml(this.context, this.settings, request, origin);
    return this.#serveJson(request, path, origin);
  }

  async #serveJson(request: EmulatedRequest, path: JsonPath, origin: string): Promise<EmulatedResponse> {
    const { method, query } = request;
    const seen = path.isDownload ? { ...request, query: new Map([...query, ['alt', 'media']]) } : request;
    const { handler, operation } = findRoute(method, path.segments, seen.query, path.isUpload);
    const principal = this.#principalOf(request);
    const call: JsonCall = { context: this.context, request: seen, principal, segments: path.segments, origin };
    // The URI of a session is its own credential.
    if (principal === ANONYMOUS && !query.has('upload_id')) this.#checkAnonymous(call, operation);
    checkScopes(principal, method !== 'GET');
    this.#checkBilling(call, operation);
    return handler(call);
  }

  #principalOf({ headers, query }: EmulatedRequest): Principal {
    const given = headers['authorization'] ?? bearerOf(query.get('access_token'));
    return given === undefined ? ANONYMOUS : this.context.identities.bearer(given);
  }

  #checkAnonymous({ context, segments, request }: JsonCall, operation: string): void {
    const bucket = context.store.buckets.get(segments[1] ?? '');
    if (bucket && isPublicRead(bucket, operation, segments[3], request.query.get('generation'))) return;
    const message = `Anonymous caller does not have storage.${operation} access to the Google Cloud Storage ${segments[3] === undefined ? 'bucket' : 'object'}. Permission denied on resource (or it may not exist).`;
    throw new GcsError(401, 'required', 'AccessDenied', message, { location: ['header', 'Authorization'] });
  }

  /** https://cloud.google.com/storage/docs/requester-pays */
  #checkBilling({ context, segments, request }: JsonCall, operation: string): void {
    const bucket = context.store.buckets.get(segments[1] ?? '');
    const pays = (bucket?.config['billing'] as { requesterPays?: boolean } | undefined)?.requesterPays === true;
    const user = request.query.get('userProject') ?? request.headers['x-goog-user-project'];
    if (!pays || user !== undefined || operation === 'buckets.patch' || request.query.has('upload_id')) return;
    throw invalid('Bucket is a requester pays bucket but no user project provided.', 'required', 'UserProjectMissing');
  }
}

function bearerOf(token: string | undefined): string | undefined {
  return token === undefined ? undefined : `Bearer ${token}`;
}

function originOf({ headers, incoming }: EmulatedRequest): string {
  const isTls = 'encrypted' in incoming.socket;
  return `${isTls ? 'https' : 'http'}://${headers['host'] ?? 'localhost'}`;
}

interface JsonPath {
  readonly segments: readonly string[];
  readonly isUpload: boolean;
  readonly isDownload: boolean;
}

const JSON_PATH = /^\/(?:(upload|download|resumable\/upload)\/)?storage\/v1\//;

/** Segments behind `/storage/v1/`, decoded; undefined for a path of the XML API. */
function jsonPath(rawPath: string): JsonPath | undefined {
  const match = JSON_PATH.exec(rawPath);
  if (!match) return undefined;
  const segments = rawPath.slice(match[0].length).split('/').map(decodeSegment);
  return { segments, isUpload: match[1]?.endsWith('upload') === true, isDownload: match[1] === 'download' };
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function reasonOf(status: number, code: string): string {
  if (status === 429) return 'rateLimitExceeded';
  if (status === 503) return 'backendError';
  return status >= 500 ? 'internalError' : code;
}
