import { refuse } from './options.js';

/** One endpoint of a catalog, of Keystone v2 or v3. */
export interface Endpoint {
  readonly type: string;
  readonly name: string | undefined;
  readonly region: string | undefined;
  /** `public`, `internal` or `admin`. */
  readonly interface: string;
  readonly url: string;
}

/** What the catalog is asked for. */
export interface EndpointChoice {
  readonly type: string;
  readonly name?: string | undefined;
  readonly region?: string | undefined;
  readonly interface: string;
}

type Entry = Readonly<Record<string, unknown>>;

/** https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-scoped-authorization */
export function readCatalogV3(catalog: unknown): readonly Endpoint[] {
  return entries(catalog).flatMap((service) =>
    entries(service['endpoints']).flatMap((endpoint) => {
      const url = text(endpoint['url']);
      if (url === undefined) return [];
      const region = text(endpoint['region_id']) ?? text(endpoint['region']);
      return [endpointOf(service, region, text(endpoint['interface']) ?? 'public', url)];
    }),
  );
}

/** https://docs.openstack.org/api-ref/identity/v2/: each endpoint bears the addresses of all interfaces. */
export function readCatalogV2(catalog: unknown): readonly Endpoint[] {
  return entries(catalog).flatMap((service) =>
    entries(service['endpoints']).flatMap((endpoint) =>
      ['public', 'internal', 'admin'].flatMap((kind) => {
        const url = text(endpoint[`${kind}URL`]);
        return url === undefined ? [] : [endpointOf(service, text(endpoint['region']), kind, url)];
      }),
    ),
  );
}

/** Rackspace's v1.1: services by name, with the region that is the account's own marked. */
export function readCatalogV11(catalog: unknown): readonly Endpoint[] {
  if (typeof catalog !== 'object' || catalog === null) return [];
  return Object.entries(catalog as Entry).flatMap(([name, endpoints]) => {
    const type = name === 'cloudFilesCDN' ? 'rax:object-cdn' : name === 'cloudFiles' ? 'object-store' : name;
    const own = [...entries(endpoints)].sort(
      (a, b) => Number(b['v1Default'] === true) - Number(a['v1Default'] === true),
    );
    return readCatalogV2([{ name, type, endpoints: own }]);
  });
}

function endpointOf(service: Entry, region: string | undefined, kind: string, url: string): Endpoint {
  return { type: text(service['type']) ?? '', name: text(service['name']), region, interface: kind, url };
}

/** Picks an endpoint; undefined when the catalog has no service of the type and name. */
export function findEndpoint(catalog: readonly Endpoint[], choice: EndpointChoice): Endpoint | undefined {
  return matching(catalog, choice).find(
    ({ region, interface: kind }) => kind === choice.interface && isRegion(region, choice.region),
  );
}

/** Picks an endpoint. Throws `invalid-argument` that says what the catalog has instead. */
export function chooseEndpoint(catalog: readonly Endpoint[], choice: EndpointChoice): Endpoint {
  const found = findEndpoint(catalog, choice);
  if (found) return found;
  const services = matching(catalog, choice);
  if (services.length === 0) {
    const known = unique(catalog.map(({ type, name }) => (name === undefined ? type : `${type} (${name})`)));
    const wanted = choice.name === undefined ? `"${choice.type}"` : `"${choice.type}" named "${choice.name}"`;
    return refuse(
      `The catalog has no service ${wanted}; it has ${known}. Set "serviceType", "serviceName" or "storageUrl", and a project that has storage.`,
    );
  }
  const region = choice.region === undefined ? '' : ` in region "${choice.region}"`;
  const known = unique(services.map((one) => `${one.interface} in ${one.region ?? 'no region'}`));
  return refuse(`The catalog has no ${choice.interface} endpoint of "${choice.type}"${region}; it has ${known}.`);
}

function matching(catalog: readonly Endpoint[], { type, name }: EndpointChoice): readonly Endpoint[] {
  return catalog.filter((one) => one.type === type && (name === undefined || one.name === name));
}

function isRegion(region: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || region?.toLowerCase() === wanted.toLowerCase();
}

function unique(names: readonly string[]): string {
  return [...new Set(names)].join(', ') || 'nothing';
}

function entries(value: unknown): readonly Entry[] {
  const isEntry = (one: unknown): one is Entry => typeof one === 'object' && one !== null;
  return Array.isArray(value) ? value.filter(isEntry) : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
