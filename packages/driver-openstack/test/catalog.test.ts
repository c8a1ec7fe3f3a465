import { describe, expect, it } from 'vitest';
import { chooseEndpoint, findEndpoint, readCatalogV11, readCatalogV2, readCatalogV3 } from '../src/catalog.js';

const V3 = readCatalogV3([
  { type: 'identity', name: 'keystone', endpoints: [{ interface: 'public', region_id: 'One', url: 'https://k/v3' }] },
  {
    type: 'object-store',
    name: 'swift',
    endpoints: [
      { interface: 'public', region_id: 'One', region: 'One', url: 'https://one/v1/AUTH_a' },
      { interface: 'internal', region_id: 'One', url: 'http://one.internal/v1/AUTH_a' },
      { interface: 'public', region: 'Two', url: 'https://two/v1/AUTH_a' },
    ],
  },
]);
const RACKSPACE = readCatalogV2([
  {
    name: 'cloudFiles',
    type: 'object-store',
    endpoints: [
      { region: 'DFW', publicURL: 'https://dfw/v1/M_1', internalURL: 'https://snet-dfw/v1/M_1', tenantId: 'M_1' },
      { region: 'ORD', publicURL: 'https://ord/v1/M_1', internalURL: 'https://snet-ord/v1/M_1', tenantId: 'M_1' },
    ],
  },
  { name: 'cloudFilesCDN', type: 'rax:object-cdn', endpoints: [{ region: 'ORD', publicURL: 'https://cdn2/v1/M_1' }] },
]);
const storage = { type: 'object-store', interface: 'public' } as const;

describe('an endpoint of the catalog', () => {
  it('is the first one, or that of the region in any case', () => {
    expect(chooseEndpoint(V3, storage).url).toBe('https://one/v1/AUTH_a');
    expect(chooseEndpoint(V3, { ...storage, region: 'two' }).url).toBe('https://two/v1/AUTH_a');
    expect(chooseEndpoint(RACKSPACE, { ...storage, region: 'ord', name: 'cloudFiles' }).url).toBe('https://ord/v1/M_1');
    expect(chooseEndpoint(RACKSPACE, { ...storage, interface: 'internal', region: 'ORD' }).url).toBe(
      'https://snet-ord/v1/M_1',
    );
  });

  it('says what there is when nothing fits', () => {
    expect(() => chooseEndpoint(V3, { ...storage, region: 'Three' })).toThrow(
      /region "Three"; it has public in One, internal in One, public in Two/,
    );
    expect(() => chooseEndpoint(V3, { ...storage, name: 'cloudFiles' })).toThrow(
      /it has identity \(keystone\), object-store \(swift\)/,
    );
    expect(() => chooseEndpoint([], storage)).toThrow(/it has nothing/);
  });

  it('of the CDN is found by its type', () => {
    expect(findEndpoint(RACKSPACE, { type: 'rax:object-cdn', region: 'ord', interface: 'public' })?.url).toBe(
      'https://cdn2/v1/M_1',
    );
    expect(findEndpoint(V3, { type: 'rax:object-cdn', interface: 'public' })).toBeUndefined();
  });

  it("of version 1.1 begins with the account's own region", () => {
    const catalog = readCatalogV11({
      cloudFiles: [
        { region: 'DFW', publicURL: 'https://dfw/v1/M_1' },
        { region: 'ORD', publicURL: 'https://ord/v1/M_1', v1Default: true },
      ],
    });
    expect(chooseEndpoint(catalog, storage).url).toBe('https://ord/v1/M_1');
  });

  it('is not made up from a catalog that is none', () => {
    for (const catalog of [undefined, null, 'x', [null, 1, { endpoints: 'x' }, { endpoints: [{}] }]]) {
      expect(readCatalogV3(catalog)).toEqual([]);
      expect(readCatalogV2(catalog)).toEqual([]);
    }
  });
});
