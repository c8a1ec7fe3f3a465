import type { Catalogs, EndpointKind, RegionEndpoints } from './identity/catalog.js';
import type { Realm, SwiftProject } from './identity/directory.js';

/** A port of the emulator: which region's storage it serves, or its CDN management. */
export interface Service {
  readonly realm: Realm;
  readonly region: string;
  readonly kind: EndpointKind | 'identity';
}

interface Opened {
  readonly port: number;
  readonly origin: string;
}

type Opener = () => Promise<Opened>;

const KINDS: readonly EndpointKind[] = ['public', 'internal', 'admin', 'cdn'];

/** Every service has a port of its own, opened when a catalog first tells it; the main port is the first region's. */
export class Services implements Catalogs {
  readonly #services = new Map<number, Service>();
  readonly #origins = new Map<string, Promise<string>>();
  readonly #regions: Readonly<Record<Realm, readonly string[]>>;
  #open: Opener | undefined;

  constructor(regions: Readonly<Record<Realm, readonly string[]>>) {
    this.#regions = regions;
  }

  /** Lends what opens a port, and tells the main one. */
  begin(main: Opened, open: Opener): void {
    this.#open = open;
    const service: Service = { realm: 'openstack', region: this.#regions.openstack[0] as string, kind: 'public' };
    this.#services.set(main.port, service);
    this.#origins.set(keyOf(service), Promise.resolve(main.origin));
  }

  /** Opens a port for an identity service of Rackspace; resolves to its origin. */
  async openIdentity(realm: 'us' | 'uk'): Promise<string> {
    return this.#origin({ realm, region: '', kind: 'identity' });
  }

  /** What the request's port serves. */
  at(port: number | undefined): Service {
    return this.#services.get(port ?? 0) ?? ([...this.#services.values()][0] as Service);
  }

  async endpoints(realm: Realm, { account }: SwiftProject): Promise<readonly RegionEndpoints[]> {
    return Promise.all(
      this.#regions[realm].map(async (region) => {
        const urls = await Promise.all(
          KINDS.map(async (kind) => [kind, `${await this.#origin({ realm, region, kind })}/v1/${account}`] as const),
        );
        return { region, urls: Object.fromEntries(urls) as Record<EndpointKind, string> };
      }),
    );
  }

  async #origin(service: Service): Promise<string> {
    const key = keyOf(service);
    const known = this.#origins.get(key);
    if (known) return known;
    const opened = this.#begin(service);
    this.#origins.set(key, opened);
    return opened;
  }

  async #begin(service: Service): Promise<string> {
    if (!this.#open) throw new Error('The emulator is not up yet.');
    const { port, origin } = await this.#open();
    this.#services.set(port, service);
    return origin;
  }
}

function keyOf({ realm, region, kind }: Service): string {
  return `${realm}/${region}/${kind}`;
}
