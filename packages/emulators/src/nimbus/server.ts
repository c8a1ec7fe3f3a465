import type { EmulatedResponse } from '../http-answer.js';
import { type EmulatedRequest, readBody } from '../http-request.js';
import { Emulator, type EmulatorOptions, type Protocol } from '../http-server.js';
import { type Access, judge } from './access.js';
import { endConjoined, listConjoined, startConjoined } from './conjoined.js';
import { crash, directorRefusal, jsonRefusal, NimbusError } from './errors.js';
import { Identifiers } from './identifiers.js';
import { listKeys, listVersions } from './listing.js';
import { isGoodName, manage } from './management.js';
import { archive, type DataCall, head, metadata, remove, retrieve } from './objects.js';
import { type NimbusOperation, type Target, targetOf } from './operations.js';
import { NIMBUS_QUIRKS, type NimbusQuirk, type Quirks } from './quirks.js';
import { decodePath, isSigned, type NimbusAccount, unauthorized } from './signature.js';
import { type Collection, NimbusStore } from './store.js';
import { isAscii } from './text.js';

export interface NimbusEmulatorOptions extends EmulatorOptions {
  /** Users may be in it several times, with several keys. */
  readonly accounts?: readonly NimbusAccount[];
  /** The host that manages collections; each collection is at `<collection>.<domain>`. Default `nimbus.io`, as the real server's. */
  readonly domain?: string;
  /** Faults of the real server that this one shall not have. Default none: it has them all. */
  readonly healed?: readonly NimbusQuirk[] | 'all';
  /** The server's clock; default `Date.now`. Shift it to test clock skew. */
  readonly nowMs?: () => number;
}

export const DEFAULT_NIMBUS_ACCOUNT: NimbusAccount = {
  user: 'alice',
  keyId: 5001,
  key: 'EmulatedNimbusKey00000000000000000000000000',
};

/** A Nimbus.io cluster in this process: director, collection manager, readers and writers, with everything in memory. */
export class NimbusEmulator extends Emulator {
  readonly account: NimbusAccount;
  readonly domain: string;
  readonly store: NimbusStore;

  private constructor(options: NimbusEmulatorOptions, protocol: NimbusProtocol) {
    super(protocol, options);
    this.account = protocol.accounts[0] as NimbusAccount;
    this.domain = protocol.domain;
    this.store = protocol.store;
  }

  static async start(options: NimbusEmulatorOptions = {}): Promise<NimbusEmulator> {
    const emulator = new NimbusEmulator(options, new NimbusProtocol(options));
    await emulator.listen(options.port);
    return emulator;
  }
}

const ACCESS: Readonly<Partial<Record<NimbusOperation, Access>>> = {
  Retrieve: 'read',
  Head: 'read',
  Archive: 'write',
  ArchivePart: 'write',
  StartConjoined: 'write',
  FinishConjoined: 'write',
  AbortConjoined: 'write',
  Delete: 'delete',
  ListKeys: 'list',
  ListVersions: 'list',
  ListConjoined: 'list',
  ListConjoinedParts: 'list',
};

/** Longest head of a request that the director takes, in bytes. */
const MAX_HEAD_BYTES = 8192;

class NimbusProtocol implements Protocol {
  readonly accounts: readonly NimbusAccount[];
  readonly domain: string;
  readonly quirks: Quirks;
  readonly store: NimbusStore;
  readonly #identifiers = new Identifiers();
  readonly #nowMs: () => number;

  constructor({ accounts, domain, healed = [], nowMs }: NimbusEmulatorOptions) {
    this.accounts = accounts ?? [DEFAULT_NIMBUS_ACCOUNT];
    this.domain = (domain ?? 'nimbus.io').toLowerCase();
    this.quirks = new Set(NIMBUS_QUIRKS.filter((quirk) => healed !== 'all' && !healed.includes(quirk)));
    this.store = new NimbusStore(this.quirks);
    this.#nowMs = nowMs ?? (() => Date.now());
    for (const user of new Set(this.accounts.map((account) => account.user)))
      this.store.add(`dd-${user}`, user, { isDefault: true, nowMs: this.nowMs() });
  }

  nowMs(): number {
    return this.#nowMs();
  }

  operationOf(request: EmulatedRequest): string {
    return targetOf(request, this.domain)?.operation ?? 'Unknown';
  }

  fail(status: number, _code: string, message: string): EmulatedResponse {
    return this.#dressed(new NimbusError(status, message).toResponse());
  }

  async handle(request: EmulatedRequest): Promise<EmulatedResponse> {
    try {
      return this.#dressed(await this.#route(request));
    } catch (error) {
      if (!(error instanceof NimbusError)) throw error;
      if (!request.incoming.complete) request.incoming.resume();
      return this.#dressed(error.toResponse());
    }
  }

  #dressed(answer: EmulatedResponse): EmulatedResponse {
    const connection = this.quirks.has('connection-close') ? { connection: 'close' } : {};
    return { ...answer, headers: { date: new Date(this.nowMs()).toUTCString(), ...connection, ...answer.headers } };
  }

  async #route(request: EmulatedRequest): Promise<EmulatedResponse> {
    const target = targetOf(request, this.domain);
    if (!target || headBytes(request) > MAX_HEAD_BYTES) throw directorRefusal(400, 'Bad Request');
    if (target.operation === 'Ping') return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' };
    if (target.user !== undefined) return this.#manage(request, target, target.user);
    const collection = this.store.collections.get(target.collection ?? '');
    if (!collection) throw directorRefusal(404, 'No such collection');
    if (target.operation === 'Unknown') throw new NimbusError(404, request.rawPath);
    return this.#serve(request, target, collection);
  }

  async #manage(request: EmulatedRequest, target: Target, user: string): Promise<EmulatedResponse> {
    const name = request.query.get('name') ?? '';
    // Looked at before the signature.
    if (target.operation === 'CreateCollection' && !isGoodName(name))
      throw jsonRefusal(409, { name, 'error-messages': ['Invalid Name'] });
    if (!isSigned(request, user, this)) throw unauthorized();
    const body = await readBody(request);
    return manage({ store: this.store, request, target, user, body, nowMs: this.nowMs() });
  }

  async #serve(request: EmulatedRequest, target: Target, collection: Collection): Promise<EmulatedResponse> {
    this.#check(request, target, collection);
    const key = this.#keyOf(request, target);
    const { store } = this;
    const seen = this.#withoutQuery(request, target);
    const call = { store, identifiers: this.#identifiers, collection, request: seen, key, nowMs: this.nowMs() };
    return this.#run(target, call);
  }

  #check(request: EmulatedRequest, { operation }: Target, collection: Collection): void {
    const isAuthenticated = isSigned(request, collection.owner, this);
    const access = ACCESS[operation];
    // Metadata are for who signs, whatever the collection allows.
    if (access === undefined) {
      if (isAuthenticated) return;
      throw unauthorized();
    }
    const verdict = judge(collection.accessControl, access, request, isAuthenticated);
    if (verdict === 'needs-credentials') throw unauthorized();
    if (verdict === 'allowed') return;
    throw operation === 'Retrieve' ? crash('the message of the refusal fails') : new NimbusError(403);
  }

  #keyOf({ method, rawPath, rawQuery }: EmulatedRequest, { operation, rawKey = '' }: Target): string {
    const isWholeAddress = operation === 'Head' && !this.quirks.has('head-without-query');
    const raw = isWholeAddress ? rawPath.slice('/data/'.length) : rawKey;
    const key = decodePath(raw, this.quirks);
    if (method !== 'GET' && !isAscii(key) && this.quirks.has('non-ascii-keys')) throw crash('UnicodeEncodeError');
    if (key.length > 1024) throw crash(`value too long for type character varying(1024)${rawQuery && ' '}`);
    return key;
  }

  /** For HEAD, the query is a part of the key and says nothing else. */
  #withoutQuery(request: EmulatedRequest, { operation }: Target): EmulatedRequest {
    const isIgnored = operation === 'Head' && this.quirks.has('head-without-query');
    return isIgnored ? { ...request, rawQuery: '' } : request;
  }

  #run({ operation, rawIdentifier = '' }: Target, call: DataCall): Promise<EmulatedResponse> | EmulatedResponse {
    switch (operation) {
      case 'Archive':
      case 'ArchivePart':
        return archive(call);
      case 'Retrieve':
        return retrieve(call);
      case 'Head':
        return head(call);
      case 'GetMetadata':
        return metadata(call);
      case 'Delete':
        return remove(call);
      case 'ListKeys':
        return listKeys(call);
      case 'ListVersions':
        return listVersions(call);
      case 'StartConjoined':
        return startConjoined(call);
      case 'FinishConjoined':
        return endConjoined(call, rawIdentifier, 'completedAtMs');
      case 'AbortConjoined':
        return endConjoined(call, rawIdentifier, 'abortedAtMs');
      case 'ListConjoined':
        return listConjoined(call);
      default:
        // Never written: an empty page.
        return { status: 200, headers: { 'content-type': 'text/html; charset=UTF-8' } };
    }
  }
}

function headBytes({ method, rawPath, rawQuery, rawHeaders }: EmulatedRequest): number {
  const line = method.length + rawPath.length + rawQuery.length + ' ? HTTP/1.1\r\n'.length;
  return rawHeaders.reduce((sum, text) => sum + text.length + 2, line + 2);
}
