import { Emulator, type EmulatorOptions } from '../http-server.js';
import type { SwiftLimits } from './call.js';
import type { Realm, SwiftUser } from './identity/directory.js';
import { SwiftProtocol, type SwiftRules } from './protocol.js';
import type { SwiftStore } from './store.js';
import { DEFAULT_RACKSPACE_USERS, DEFAULT_REGIONS, DEFAULT_USERS } from './users.js';

export interface SwiftEmulatorOptions extends EmulatorOptions {
  /** Users of TempAuth (as `project:name`) and Keystone. Without them there is one of each kind: see `users`. */
  readonly users?: readonly SwiftUser[];
  /** Users of Rackspace's two identity services. */
  readonly rackspaceUsers?: Partial<Record<'us' | 'uk', readonly SwiftUser[]>>;
  /** Keystone's regions; the first is served on the main port. Default `RegionOne` and `RegionTwo`. */
  readonly regions?: readonly string[];
  /** Storage policies; the first is the default one. Default `gold` and `silver`. */
  readonly policies?: readonly string[];
  readonly limits?: Partial<SwiftLimits>;
  /** How long a token lives, in seconds; default 3,600. */
  readonly tokenLifeSeconds?: number;
  /** The server's clock; default `Date.now`. Shift it to let tokens and objects expire. */
  readonly nowMs?: () => number;
}

const DEFAULT_LIMITS: SwiftLimits = {
  maxFileBytes: 5 * 1024 ** 3 + 2,
  maxSegments: 1000,
  maxManifestBytes: 8 * 1024 ** 2,
  maxDeletesPerRequest: 10_000,
  maxListing: 10_000,
};

/**
 * An OpenStack Swift 2.30 in this process, with TempAuth, Keystone versions 2 and 3, and Rackspace's identity services.
 * Each region of a catalog, each interface of it and each CDN has a port of its own.
 */
export class SwiftEmulator extends Emulator {
  readonly users: Readonly<Record<Realm, readonly SwiftUser[]>>;
  readonly #protocol: SwiftProtocol;
  #rackspace = { us: '', uk: '' };

  private constructor(options: SwiftEmulatorOptions, protocol: SwiftProtocol) {
    super(protocol, options);
    this.#protocol = protocol;
    this.users = protocol.rules.users;
  }

  static async start(options: SwiftEmulatorOptions = {}): Promise<SwiftEmulator> {
    const emulator = new SwiftEmulator(options, new SwiftProtocol(rulesOf(options)));
    const port = await emulator.listen(options.port);
    const { services } = emulator.#protocol;
    services.begin({ port, origin: emulator.endpoint }, async () => {
      const another = await emulator.listen();
      return { port: another, origin: emulator.originOf(another) };
    });
    const [us, uk] = await Promise.all([services.openIdentity('us'), services.openIdentity('uk')]);
    emulator.#rackspace = { us: `${us}/v2.0`, uk: `${uk}/v2.0` };
    return emulator;
  }

  /** Version 1 (TempAuth) and who may log in there; `user` is `project:name`. */
  get v1(): { readonly authUrl: string; readonly user: string; readonly key: string; readonly storageUrl: string } {
    const [user] = this.users.openstack;
    const [project] = user?.projects ?? [];
    if (!user || !project) throw new Error('The emulator was started without users.');
    return {
      authUrl: `${this.endpoint}/auth/v1.0`,
      user: `${project.name}:${user.name}`,
      key: user.password,
      storageUrl: `${this.endpoint}/v1/${project.account}`,
    };
  }

  /** Keystone's two versions. */
  get keystone(): { readonly v2: string; readonly v3: string } {
    return { v2: `${this.endpoint}/v2.0`, v3: `${this.endpoint}/v3` };
  }

  /** Rackspace's identity services, version 2, each on a port of its own as each has a host of its own. */
  get rackspace(): { readonly us: string; readonly uk: string } {
    return this.#rackspace;
  }

  /** What a region holds: by Keystone's or Rackspace's name of it. */
  storeOf(region: string): SwiftStore {
    const { regions } = this.#protocol.rules;
    const realm = (Object.keys(regions) as Realm[]).find((candidate) => regions[candidate].includes(region));
    if (!realm) throw new Error(`There is no region ${region}.`);
    return this.#protocol.site(realm, region).store;
  }

  /** Objects of published containers that were purged from the CDN, such as `MossoCloudFS_aaa/images/a.jpg`. */
  purged(realm: 'us' | 'uk'): readonly string[] {
    return this.#protocol.cdn(realm).purged;
  }

  /** Makes every token invalid, as an administrator may at any time. */
  revokeTokens(): void {
    this.#protocol.tokens.revokeAll();
  }
}

function rulesOf(options: SwiftEmulatorOptions): SwiftRules {
  return {
    users: {
      openstack: options.users ?? DEFAULT_USERS,
      ...DEFAULT_RACKSPACE_USERS,
      ...options.rackspaceUsers,
    },
    regions: { ...DEFAULT_REGIONS, ...(options.regions && { openstack: options.regions }) },
    policies: options.policies ?? ['gold', 'silver'],
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    tokenLifeMs: (options.tokenLifeSeconds ?? 3600) * 1000,
    nowMs: options.nowMs ?? (() => Date.now()),
  };
}
