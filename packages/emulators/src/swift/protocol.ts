import { createHash, randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { EmulatedResponse } from '../http-answer.js';
import { type EmulatedRequest, readBody } from '../http-request.js';
import type { Protocol } from '../http-server.js';
import { serveAccount } from './accounts.js';
import { unauthorized } from './authorize.js';
import { bulkUpload } from './archive.js';
import { bulkDelete } from './bulk.js';
import { CdnManagement } from './cdn.js';
import { forms } from './formpost.js';
import { history } from './history.js';
import { quotas } from './quotas.js';
import { webSites } from './staticweb.js';
import { symlinks } from './symlinks.js';
import { temporaryUrls } from './tempurl.js';
import { versions } from './versions.js';
import { Bytes } from './bytes.js';
import {
  type Answer,
  type Authority,
  type Call,
  type CallBody,
  compose,
  type Layer,
  type Site,
  type SwiftLimits,
} from './call.js';
import { applyConditions } from './conditions.js';
import { serveContainer } from './containers.js';
import { copies } from './copy.js';
import { dynamicLargeObjects } from './dlo.js';
import { SwiftError } from './errors.js';
import type { Realm, SwiftUser } from './identity/directory.js';
import { type Identity, type IdentityCall, jsonAnswer } from './identity/identity.js';
import { Tokens } from './identity/tokens.js';
import { loginV1 } from './identity/v1.js';
import { serveV2 } from './identity/v2.js';
import { serveV3, versionOf } from './identity/v3.js';
import { infoOf } from './info.js';
import { titleCase } from './metadata.js';
import { serveObject } from './objects.js';
import { storageOperation, targetOf } from './operations.js';
import { type Service, Services } from './services.js';
import { staticLargeObjects } from './slo.js';
import { SwiftStore } from './store.js';

export interface SwiftRules {
  readonly users: Readonly<Record<Realm, readonly SwiftUser[]>>;
  readonly regions: Readonly<Record<Realm, readonly string[]>>;
  readonly policies: readonly string[];
  readonly limits: SwiftLimits;
  readonly tokenLifeMs: number;
  nowMs(): number;
}

const bulk: Layer = (call, next) => {
  if (call.query.has('extract-archive') && call.method === 'PUT') return bulkUpload(call, next);
  const isBulkDelete = call.query.has('bulk-delete') && (call.method === 'POST' || call.method === 'DELETE');
  return isBulkDelete ? bulkDelete(call, next) : next(call);
};

const conditions: Layer = async (call, next) => applyConditions(call, await next(call));

/** Outermost first, in the order of a usual Swift pipeline. */
const layers = [
  bulk,
  temporaryUrls,
  forms,
  webSites,
  conditions,
  copies,
  quotas,
  staticLargeObjects,
  dynamicLargeObjects,
  history,
  versions,
  symlinks,
];

const handle = compose(layers, async (call) => {
  if (call.container === undefined) return serveAccount(call);
  return call.object === undefined ? serveContainer(call) : serveObject(call);
});

/** Where versions of identity services are, by the beginning of a path. */
const IDENTITY_PATHS: readonly (readonly [prefix: string, version: 'v1' | 'v2' | 'v3'])[] = [
  ['/auth/v1.0', 'v1'],
  ['/v2.0', 'v2'],
  ['/v3', 'v3'],
];

export class SwiftProtocol implements Protocol {
  readonly tokens: Tokens;
  readonly services: Services;
  readonly rules: SwiftRules;
  readonly #sites = new Map<string, Site>();
  readonly #cdns = new Map<Realm, CdnManagement>();

  constructor(rules: SwiftRules) {
    this.rules = rules;
    this.tokens = new Tokens(() => rules.nowMs());
    this.services = new Services(rules.regions);
  }

  operationOf(request: EmulatedRequest): string {
    if (request.rawPath === '/info') return 'Info';
    const identity = identityPath(request.rawPath);
    if (identity) return identity.version === 'v1' || request.method === 'POST' ? 'Login' : 'Identity';
    const { kind } = this.services.at(request.incoming.socket.localPort);
    return kind === 'cdn' ? `Cdn${storageOperation(request)}` : storageOperation(request);
  }

  fail(status: number, _code: string, message: string, request: EmulatedRequest): EmulatedResponse {
    if (identityPath(request.rawPath)) return jsonAnswer(status, { error: { code: status, message, title: message } });
    return this.#finish(new SwiftError(status, message).toAnswer());
  }

  async handle(request: EmulatedRequest): Promise<EmulatedResponse> {
    const identity = identityPath(request.rawPath);
    if (identity) return this.#identify(request, identity);
    if (request.rawPath === '/info') return jsonAnswer(200, infoOf(this.rules.limits, this.rules.policies));
    if (request.rawPath === '/healthcheck')
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'OK' };
    if (request.rawPath === '/') return this.#versions(request);
    const answer = await this.#store(request);
    if (!request.incoming.complete) request.incoming.resume();
    return this.#finish(answer);
  }

  /** One for a realm: a container is published in whatever region it lies. */
  cdn(realm: Realm): CdnManagement {
    const known = this.#cdns.get(realm) ?? new CdnManagement();
    this.#cdns.set(realm, known);
    return known;
  }

  site(realm: Realm, region: string): Site {
    const key = `${realm}/${region}`;
    const known = this.#sites.get(key);
    if (known) return known;
    const { limits, policies } = this.rules;
    const site: Site = { store: new SwiftStore(), limits, policies, nowMs: () => this.rules.nowMs() };
    this.#sites.set(key, site);
    return site;
  }

  async #store(request: EmulatedRequest): Promise<Answer> {
    try {
      const service = this.services.at(request.incoming.socket.localPort);
      const target = targetOf(request);
      const call: Call = {
        ...target,
        hasSlash: request.rawPath.endsWith('/'),
        site: this.site(service.realm, service.region),
        method: request.method,
        query: request.query,
        headers: trustedHeaders(request.headers),
        body: incomingBody(request),
        authority: this.#authority(request, service, target.account),
        client: { address: request.incoming.socket.remoteAddress ?? '', origin: originOf(request) },
      };
      const serve = service.kind === 'cdn' ? (inner: Call) => this.cdn(service.realm).serve(inner) : handle;
      const answer = await serve(call);
      return call.method === 'HEAD' && answer.status >= 400 ? { ...answer, body: Bytes.empty } : answer;
    } catch (error) {
      if (error instanceof SwiftError) return error.toAnswer();
      throw error;
    }
  }

  #authority({ headers }: EmulatedRequest, service: Service, account: string): Authority {
    const id = headers['x-auth-token'] ?? headers['x-storage-token'];
    if (id === undefined) return { kind: 'anonymous' };
    const token = this.tokens.find(id);
    if (token?.session.realm !== service.realm) throw unauthorized({ account });
    return { kind: 'session', session: token.session };
  }

  #finish({ status, headers, body, missingBytes }: Answer): EmulatedResponse {
    const id = `tx${randomBytes(10).toString('hex')}-00${Math.floor(this.rules.nowMs() / 1000).toString(16)}`;
    const shown = Object.entries(headers)
      .filter(([name]) => !name.includes('-sysmeta-'))
      .map(([name, value]) => [titleCase(name), value] as const);
    const empty = status === 204 || status === 304 ? { 'Content-Length': '0' } : {};
    const common = {
      ...empty,
      'X-Trans-Id': id,
      'X-Openstack-Request-Id': id,
      Date: new Date(this.rules.nowMs()).toUTCString(),
    };
    return {
      status,
      headers: { ...Object.fromEntries(shown), ...common },
      body: body.chunks,
      ...(missingBytes !== undefined && { missingBytes }),
    };
  }

  async #identify(request: EmulatedRequest, { version, path }: IdentityPath): Promise<EmulatedResponse> {
    const { realm } = this.services.at(request.incoming.socket.localPort);
    const text = (await readBody(request)).toString();
    const call: IdentityCall = { request, path, origin: originOf(request), body: parseJson(text) };
    const { users, tokenLifeMs } = this.rules;
    const identity: Identity = {
      ...{ realm, users: users[realm], tokens: this.tokens, tokenLifeMs, catalogs: this.services },
      nowMs: () => this.rules.nowMs(),
    };
    if (realm !== 'openstack' && version !== 'v2')
      return jsonAnswer(404, { itemNotFound: { code: 404, message: 'Not found.' } });
    if (version === 'v1') return loginV1(identity, call);
    return version === 'v2' ? serveV2(identity, call) : serveV3(identity, call);
  }

  #versions(request: EmulatedRequest): EmulatedResponse {
    const url = `${originOf(request)}/v3/`;
    return jsonAnswer(300, { versions: { values: [versionOf(url)] } }, { location: url });
  }
}

interface IdentityPath {
  readonly version: 'v1' | 'v2' | 'v3';
  /** What stands behind the prefix. */
  readonly path: string;
}

function identityPath(rawPath: string): IdentityPath | undefined {
  const found = IDENTITY_PATHS.find(([prefix]) => rawPath === prefix || rawPath.startsWith(`${prefix}/`));
  return found && { version: found[1], path: rawPath.slice(found[0].length) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function originOf({ headers, incoming }: EmulatedRequest): string {
  const isTls = (incoming.socket as Partial<TLSSocket>).encrypted === true;
  return `${isTls ? 'https' : 'http'}://${headers['host'] ?? ''}`;
}

/** Names as Python's web servers tell them, without what only the server's own layers may tell each other. */
function trustedHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const isForeign = (name: string): boolean =>
    !name.includes('-sysmeta-') && !name.startsWith('x-backend-') && name !== 'x-timestamp';
  const dashed = Object.entries(headers).map(([name, value]) => [name.replaceAll('_', '-'), value] as const);
  return Object.fromEntries(dashed.filter(([name]) => isForeign(name)));
}

function incomingBody({ headers, body }: EmulatedRequest): CallBody {
  const announced = headers['content-length'];
  return {
    length: announced === undefined ? undefined : Number(announced),
    read: async (maxBytes) => {
      const hash = createHash('md5');
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of body) {
        size += chunk.length;
        if (size > maxBytes) throw new SwiftError(413);
        hash.update(chunk);
        chunks.push(chunk);
      }
      return { bytes: new Bytes(chunks), md5: hash.digest('hex') };
    },
  };
}
