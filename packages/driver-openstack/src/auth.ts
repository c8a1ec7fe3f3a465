import { type DriverHost, isStorageError, StorageError } from '@stowage/core/spi';
import { classifyStatus, type Transport, type WireRequest, type WireResponse } from '@stowage/http';
import * as wire from './auth-requests.js';
import { chooseEndpoint, findEndpoint } from './catalog.js';
import { identityOfCloud } from './clouds.js';
import { type Env, identityOfEnvironment } from './environment.js';
import { hasCredentials, type Identity, identityOfOptions, type LoginKind, loginKind } from './identity.js';
import { type Address, type OpenStackOptions, parseAddress, refuse } from './options.js';
import type { Grant, Session } from './session.js';

/** Logs in: makes a session out of options, environment or clouds.yaml. Each login is one request, or two where it must look around. */
export class Login {
  readonly #options: OpenStackOptions;
  readonly #host: DriverHost;
  readonly #transport: Transport;
  readonly #env: Env;
  #identity: Promise<Identity> | undefined;
  #isWarned = false;

  constructor(options: OpenStackOptions, host: DriverHost, transport: Transport, env: Env) {
    this.#options = options;
    this.#host = host;
    this.#transport = transport;
    this.#env = env;
  }

  /** Throws `unauthenticated`, `invalid-argument`, or what the transport says; never shows a credential. */
  async run(): Promise<Session> {
    try {
      const identity = await this.#whoIsIt();
      const { storageUrl, token, authUrl } = identity;
      if (this.#options.anonymous === true) return this.#sessionOf(identity, undefined);
      // A token that nothing can exchange serves as it is.
      if (token !== undefined && (authUrl === undefined || storageUrl !== undefined))
        return this.#sessionOf(identity, { token, expiresAtMs: Infinity, catalog: [], isScoped: true });
      return this.#sessionOf(identity, await this.#grant(identity));
    } catch (error) {
      throw beforeTheCall(error);
    }
  }

  /** True when a refused token can be had anew. */
  async isRenewable(): Promise<boolean> {
    const { token } = await this.#whoIsIt();
    return this.#options.anonymous !== true && token === undefined;
  }

  #whoIsIt(): Promise<Identity> {
    this.#identity ??= this.#read().catch((error: unknown) => {
      this.#identity = undefined;
      throw error;
    });
    return this.#identity;
  }

  async #read(): Promise<Identity> {
    const own = identityOfOptions(this.#options);
    if (this.#options.anonymous === true || hasCredentials(own)) return own;
    const cloud = this.#options.cloud ?? (own.authUrl === undefined ? this.#env['OS_CLOUD'] : undefined);
    if (cloud !== undefined && cloud !== '') {
      return overlay(await identityOfCloud(cloud, this.#options.cloudsFile, this.#env), own);
    }
    // Credentials of the environment go only where the environment says.
    const environment = own.authUrl === undefined ? identityOfEnvironment(this.#env) : undefined;
    if (environment) return overlay(environment, own);
    return refuse(
      'No credentials were found. Give "user" and "key", an application credential or "token"; or set OS_USERNAME and its like, name a "cloud", or say "anonymous": true.',
    );
  }

  async #grant(identity: Identity): Promise<Grant> {
    const { authUrl } = identity;
    if (authUrl === undefined)
      return refuse('"authUrl" is missing: say where to log in, such as "https://keystone.example.com:5000/v3".');
    const kind = loginKind(identity) ?? (await this.#discover(authUrl));
    const grant = await this.#ask(authUrl, identity, kind);
    // A token of no project opens no account, unless somebody asked for just that.
    const isComplete = grant.isScoped || (identity.tokenScope ?? 'project') !== 'project';
    return isComplete || !kind.startsWith('v3') ? grant : this.#scoped(authUrl, identity, grant);
  }

  /** A bare address answers 300, with the versions that it has. */
  async #discover(authUrl: string): Promise<LoginKind> {
    const response = await this.#send(wire.versionsRequest(authUrl), [300]);
    const version = wire.readVersions(response);
    if (version === 'v3') return 'v3-password';
    if (version === 'v2') return 'v2-password';
    return refuse('"authUrl" does not tell which versions of Keystone are there; set "authVersion".');
  }

  async #ask(authUrl: string, identity: Identity, kind: LoginKind): Promise<Grant> {
    switch (kind) {
      case 'v1':
        return wire.readGrantV1(await this.#send(wire.loginV1(authUrl, identity)), this.#host.nowMs());
      case 'v1.1':
        return wire.readGrantV11(await this.#send(wire.loginV11(authUrl, identity)));
      case 'v2-password':
      case 'v2-apikey':
      case 'v2-token': {
        const how = kind.slice(3) as 'password' | 'apikey' | 'token';
        return wire.readGrantV2(await this.#send(wire.loginV2(authUrl, identity, how)));
      }
      default: {
        const how = kind.slice(3) as 'password' | 'application-credential' | 'token';
        return wire.readGrantV3(await this.#send(wire.loginV3(authUrl, identity, how)));
      }
    }
  }

  /** Exchanges an unscoped token for one of the only project that the user has. */
  async #scoped(authUrl: string, identity: Identity, { token }: Grant): Promise<Grant> {
    const projects = wire.readProjects(await this.#send(wire.projectsRequest(authUrl, token)));
    const [only, ...others] = projects;
    if (only === undefined)
      return refuse('The user has no project, and so no storage; ask who runs the cloud for a role in one.');
    if (others.length > 0)
      return refuse(`Set "projectName": the user has ${projects.map(({ name }) => `"${name}"`).join(', ')}.`);
    const scoped = { ...identity, token, projectId: only.id, tokenScope: undefined };
    return wire.readGrantV3(await this.#send(wire.loginV3(authUrl, scoped, 'token')));
  }

  async #send(request: WireRequest, alsoGood: readonly number[] = []): Promise<WireResponse> {
    // Logins are rare, and what runs Keystone often ends a connection that it said it would keep.
    const headers = [...request.headers, 'connection', 'close'];
    const response = await this.#transport.send({ ...request, headers }, { attempt: 1 });
    if (response.ok || alsoGood.includes(response.status)) return response;
    throw loginError(response, this.#host.nowMs());
  }

  #sessionOf(identity: Identity, grant: Grant | undefined): Session {
    const storage = parseAddress(this.#storageUrl(identity, grant), 'storageUrl');
    this.#warnOfPlainText(identity, storage, grant);
    return {
      token: grant?.token,
      storage,
      cdn: this.#cdn(identity, grant),
      expiresAtMs: grant?.expiresAtMs ?? Infinity,
      issuedAtMs: this.#host.nowMs(),
      isProven: false,
    };
  }

  #storageUrl(identity: Identity, grant: Grant | undefined): string {
    if (identity.storageUrl !== undefined) return identity.storageUrl;
    if (grant?.storageUrl !== undefined) return grant.storageUrl;
    const { serviceType: type = 'object-store', serviceName: name, region } = identity;
    return chooseEndpoint(grant?.catalog ?? [], { type, name, region, interface: interfaceOf(identity) }).url;
  }

  #cdn({ region }: Identity, grant: Grant | undefined): Address | undefined {
    const choice = { type: 'rax:object-cdn', region, interface: 'public' };
    const url = this.#options.cdnManagementUrl ?? grant?.cdnUrl ?? findEndpoint(grant?.catalog ?? [], choice)?.url;
    return url === undefined ? undefined : parseAddress(url, 'cdnManagementUrl');
  }

  /** A proxy behind a TLS terminator tells its inner address. */
  #warnOfPlainText({ authUrl = '' }: Identity, { origin }: Address, grant: Grant | undefined): void {
    const isDowngrade = authUrl.startsWith('https:') && origin.startsWith('http:');
    if (!isDowngrade || grant === undefined || this.#isWarned) return;
    this.#isWarned = true;
    this.#host.warn(
      `The login at ${new URL(authUrl).origin} names a storage address without TLS (${origin}): the token and all data travel in the clear. Set "storageUrl" to its https address.`,
    );
  }
}

function interfaceOf({ interface: kind = 'public' }: Identity): string {
  return kind.replace(/URL$/, '');
}

/** Options that are given win over what a file or the environment says. */
function overlay(base: Identity, own: Identity): Identity {
  const given = Object.entries(own).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(given) };
}

const ADVICE: Readonly<Record<number, string>> = {
  300: 'The login asks which version is meant; set "authVersion", or let "authUrl" end with "/v3".',
  400: 'The login does not understand the request: a project or user by name needs its domain too.',
  401: 'The login does not accept the credentials; check "user", "key", project and domains, or the application credential.',
  403: 'The user is disabled, or may not log in.',
  404: 'There is no such login at "authUrl"; check it and "authVersion".',
};

function loginError(response: WireResponse, nowMs: number): StorageError {
  const { status } = response;
  const facts = classifyStatus(response, {
    notFound: 'invalid-argument',
    requestIdHeaders: ['x-openstack-request-id', 'x-trans-id'],
    nowMs,
  });
  const isLimit = status === 413 && facts.retryAfterMs !== undefined;
  const code = isLimit
    ? 'rate-limited'
    : status === 403
      ? 'unauthenticated'
      : status < 400
        ? 'invalid-argument'
        : facts.code;
  const message = ADVICE[status] ?? `The login answered ${String(status)}.`;
  return new StorageError(code, message, { ...facts, retryable: facts.retryable || isLimit });
}

/** The call itself was not sent yet, whatever became of the login. */
function beforeTheCall(error: unknown): unknown {
  if (!isStorageError(error)) return error;
  const { status, providerCode, requestId, retryable, retryAfterMs, cause } = error;
  return new StorageError(error.code, error.message, {
    ...{ status, providerCode, requestId, retryable, retryAfterMs, cause },
    requestSent: false,
  });
}
