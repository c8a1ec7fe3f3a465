import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { Emulator, type EmulatorOptions, type Protocol } from '../http-server.js';
import { type Call, nodeOf, type ReceivedBody, receive, type Target, targetOf, xml } from './call.js';
import { AtmosError } from './errors.js';
import { listDirectory, listObjects, listTags } from './listings.js';
import { createObject, deleteObject, headDirectory, readObject, updateObject } from './objects.js';
import { operationOf } from './operations.js';
import { type AtmosQuirks, readQuirks } from './quirks.js';
import { rename } from './rename.js';
import { type AtmosAccount, authenticate } from './signature.js';
import { AtmosStore } from './store.js';
import { serveAcl, serveInfo, serveSystemTags, serveTagNames, serveUserTags, serveVersions } from './subresources.js';
import { AccessTokens } from './tokens.js';
import { document, element, elements, plainDocument } from './xml.js';

export interface AtmosEmulatorOptions extends EmulatorOptions {
  readonly accounts?: readonly AtmosAccount[];
  /** Path before `/rest` that the service does not sign, as Ninefold's `/storage/v1.0`. Default none. */
  readonly prefix?: string;
  /** Faults of servers of the field; all on by default, `false` for none. */
  readonly quirks?: Partial<AtmosQuirks> | boolean;
  /** Seconds by which the date of a request may be off. Default 900. */
  readonly windowSeconds?: number;
  /** The server's clock; default `Date.now`. Shift it to test clock skew. */
  readonly nowMs?: () => number;
}

const DEFAULT_ACCOUNT: AtmosAccount = {
  uid: '6039ac182f194e15b9261d73ce044939/user1',
  secret: 'LJLuryj6zs8ste6Y3jTGQp71xq0=',
};

/** An EMC Atmos server in this process that keeps objects in memory and checks every signature. */
export class AtmosEmulator extends Emulator {
  readonly account: AtmosAccount;
  readonly #prefix: string;

  private constructor(options: AtmosEmulatorOptions) {
    super(new AtmosProtocol(options), options);
    this.account = options.accounts?.[0] ?? DEFAULT_ACCOUNT;
    this.#prefix = options.prefix ?? '';
  }

  static async start(options: AtmosEmulatorOptions = {}): Promise<AtmosEmulator> {
    const emulator = new AtmosEmulator(options);
    await emulator.listen(options.port);
    return emulator;
  }

  /** With the prefix, as a driver wants it. */
  override get endpoint(): string {
    return super.endpoint + this.#prefix;
  }
}

const FEATURES = 'object, namespace, utf-8, browser-compat, key-value, hardlink, query, versioning';

class AtmosProtocol implements Protocol {
  readonly #store: AtmosStore;
  readonly #quirks: AtmosQuirks;
  readonly #tokens = new AccessTokens();
  readonly #prefix: string;
  readonly #rules: Parameters<typeof authenticate>[2];

  constructor(options: AtmosEmulatorOptions) {
    this.#quirks = readQuirks(options.quirks);
    this.#store = new AtmosStore(this.#quirks);
    this.#prefix = options.prefix ?? '';
    this.#rules = {
      accounts: options.accounts ?? [DEFAULT_ACCOUNT],
      windowSeconds: options.windowSeconds ?? 900,
      asciiLowerCase: this.#quirks.asciiLowerCase,
      nowMs: options.nowMs ?? (() => Date.now()),
    };
  }

  operationOf(request: EmulatedRequest): string {
    return operationOf(request, targetOf(this.#resourceOf(request)));
  }

  fail(status: number, code: string, message: string): EmulatedResponse {
    const error = /^\d+$/.test(code) ? new AtmosError(Number(code), message) : new AtmosError(1001, message);
    return { ...this.#refusal(error), status };
  }

  async handle(request: EmulatedRequest): Promise<EmulatedResponse> {
    try {
      const answer = await this.#route(request);
      return { ...answer, headers: { date: this.#date(), ...answer.headers } };
    } catch (error) {
      if (!(error instanceof AtmosError)) throw error;
      if (!request.incoming.complete) request.incoming.resume();
      return this.#refusal(error);
    }
  }

  #date(): string {
    return new Date(this.#rules.nowMs()).toUTCString();
  }

  #refusal({ status, code, message }: AtmosError): EmulatedResponse {
    const body = plainDocument('Error', elements(element('Code', code), element('Message', message)));
    return { status, headers: { 'content-type': 'text/xml', date: this.#date() }, body };
  }

  /** The path as it is signed. */
  #resourceOf({ rawPath }: EmulatedRequest): string {
    return rawPath.startsWith(`${this.#prefix}/`) ? rawPath.slice(this.#prefix.length) : '';
  }

  async #route(request: EmulatedRequest): Promise<EmulatedResponse> {
    const resource = this.#resourceOf(request);
    const target = targetOf(resource);
    const isSigned = request.headers['x-emc-signature'] !== undefined || target.kind !== 'tokens';
    const account = isSigned ? authenticate(request, resource, this.#rules) : undefined;
    const body = await receive(request);
    const call: Call = {
      request,
      target,
      store: this.#store,
      quirks: this.#quirks,
      user: account?.uid.split('/').at(-1) ?? 'nobody',
      nowMs: this.#rules.nowMs(),
    };
    if (target.kind === 'tokens') return this.#onTokens(call, target, body, isSigned);
    return run(call, body);
  }

  #onTokens(call: Call, { id }: Target & { kind: 'tokens' }, body: ReceivedBody, isSigned: boolean): EmulatedResponse {
    if (!isSigned) return this.#tokens.use(call, id ?? '', body);
    if (call.request.method === 'POST') return this.#tokens.create(call, body.bytes);
    return this.#tokens.serve(call, id);
  }
}

const SUBRESOURCES: Readonly<Record<string, (call: Call) => EmulatedResponse>> = {
  'metadata/user': serveUserTags,
  'metadata/system': serveSystemTags,
  'metadata/tags': serveTagNames,
  acl: serveAcl,
  info: serveInfo,
  versions: serveVersions,
  rename,
  listabletags: listTags,
};

function run(call: Call, body: ReceivedBody): EmulatedResponse {
  const { request, target } = call;
  const [subresource] = [...request.query.keys()].filter((name) => Object.hasOwn(SUBRESOURCES, name));
  if (target.kind === 'unknown') throw new AtmosError(1008);
  if (target.kind === 'service') return serviceInfo();
  if (subresource !== undefined) return (SUBRESOURCES[subresource] as (call: Call) => EmulatedResponse)(call);
  switch (request.method) {
    case 'POST':
      return createObject(call, body);
    case 'PUT':
      return updateObject(call, body);
    case 'DELETE':
      return deleteObject(call);
    case 'GET':
    case 'HEAD':
      return read(call);
    default:
      throw new AtmosError(1009);
  }
}

function read(call: Call): EmulatedResponse {
  const { target, store, request } = call;
  if (target.kind === 'objects' && target.oid === undefined) return listObjects(call);
  const isDirectory = target.kind === 'namespace' && store.place(target.path).isDirectory;
  if (isDirectory && nodeOf(call).kind === 'directory')
    return request.method === 'HEAD' ? headDirectory(call) : listDirectory(call);
  return readObject(call);
}

function serviceInfo(): EmulatedResponse {
  return xml(document('Service', element('Version', element('Atmos', '2.1.0'))), {
    'x-emc-features': FEATURES,
    'x-emc-support-utf8': 'true',
  });
}
