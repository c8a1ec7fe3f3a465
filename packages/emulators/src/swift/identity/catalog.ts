import type { Realm, SwiftProject } from './directory.js';

export type EndpointKind = 'public' | 'internal' | 'admin' | 'cdn';

export interface Region {
  readonly name: string;
  readonly realm: Realm;
}

/** One region of a catalog as an identity service tells it. */
export interface RegionEndpoints {
  readonly region: string;
  readonly urls: Readonly<Record<EndpointKind, string>>;
}

export interface Catalogs {
  endpoints(realm: Realm, project: SwiftProject): Promise<readonly RegionEndpoints[]>;
}

/** Keystone version 3: one entry for each interface of each region. */
export function catalogV3(regions: readonly RegionEndpoints[], authUrl: string): readonly object[] {
  const interfaces = ['public', 'internal', 'admin'] as const;
  const endpoint = (kind: string, region: string, url: string) => ({
    id: `${region}-${kind}`,
    interface: kind,
    region,
    region_id: region,
    url,
  });
  const storage = regions.flatMap(({ region, urls }) => interfaces.map((kind) => endpoint(kind, region, urls[kind])));
  const identity = regions.flatMap(({ region }) => interfaces.map((kind) => endpoint(kind, region, authUrl)));
  return [
    { id: 'identity', type: 'identity', name: 'keystone', endpoints: identity },
    { id: 'object-store', type: 'object-store', name: 'swift', endpoints: storage },
  ];
}

/** Keystone version 2. */
export function catalogV2(regions: readonly RegionEndpoints[], tenantId: string): readonly object[] {
  const endpoints = regions.map(({ region, urls }) => ({
    region,
    id: region,
    tenantId,
    publicURL: urls.public,
    internalURL: urls.internal,
    adminURL: urls.admin,
  }));
  return [{ name: 'swift', type: 'object-store', endpoints, endpoints_links: [] }];
}

/** Rackspace: storage and CDN are services of their own, and neither has an admin interface. */
export function catalogOfRackspace(regions: readonly RegionEndpoints[], account: string): readonly object[] {
  const storage = regions.map(({ region, urls }) => ({
    region,
    tenantId: account,
    publicURL: urls.public,
    internalURL: urls.internal,
  }));
  const cdn = regions.map(({ region, urls }) => ({ region, tenantId: account, publicURL: urls.cdn }));
  return [
    { name: 'cloudFilesCDN', type: 'rax:object-cdn', endpoints: cdn },
    { name: 'cloudFiles', type: 'object-store', endpoints: storage },
    { name: 'cloudServersOpenStack', type: 'compute', endpoints: [] },
  ];
}
