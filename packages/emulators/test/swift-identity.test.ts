import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SwiftEmulator } from '../src/index.js';

let nowMs = Date.parse('2026-11-26T12:00:00Z');
let swift: SwiftEmulator;

beforeEach(async () => {
  swift = await SwiftEmulator.start({ nowMs: () => nowMs, tokenLifeSeconds: 600 });
});
afterEach(async () => {
  await swift.close();
});

interface TokenBody {
  readonly token: { readonly expires_at: string; readonly catalog?: readonly CatalogEntry[] };
}
interface CatalogEntry {
  readonly type: string;
  readonly endpoints: readonly { readonly interface: string; readonly region: string; readonly url: string }[];
}

async function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

const tokens = (): string => `${swift.keystone.v3}/auth/tokens`;
const user = { name: 'tester', domain: { id: 'default' }, password: 'testing' };
const password = { methods: ['password'], password: { user } };
const scope = { project: { name: 'test', domain: { name: 'Default' } } };

async function statusAt(url: string, token: string): Promise<number> {
  return (await fetch(url, { headers: { 'x-auth-token': token } })).status;
}

describe('version 1', () => {
  it('gives a storage URL and one token until it expires', async () => {
    const { authUrl, user: name, key } = swift.v1;
    const login = () => fetch(authUrl, { headers: { 'x-auth-user': name, 'x-auth-key': key } });
    const first = await login();
    expect(first.headers.get('x-storage-url')).toBe(`${swift.endpoint}/v1/AUTH_test`);
    expect(first.headers.get('x-auth-token-expires')).toBe('600');
    const token = first.headers.get('x-auth-token') ?? '';
    expect((await login()).headers.get('x-auth-token')).toBe(token);
    expect(await statusAt(swift.v1.storageUrl, token)).toBe(204);
    nowMs += 600_000;
    expect(await statusAt(swift.v1.storageUrl, token)).toBe(401);
    expect((await login()).headers.get('x-auth-token')).not.toBe(token);
  });

  it('refuses a wrong key', async () => {
    const answer = await fetch(swift.v1.authUrl, { headers: { 'x-auth-user': 'test:tester', 'x-auth-key': 'no' } });
    expect(answer.status).toBe(401);
  });
});

describe('Keystone version 3', () => {
  it('tells a catalog of two regions and three interfaces, each at a place of its own', async () => {
    const answer = await post(tokens(), { auth: { identity: password, scope } });
    expect(answer.status).toBe(201);
    const { token } = (await answer.json()) as TokenBody;
    expect(token.expires_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const endpoints = token.catalog?.find(({ type }) => type === 'object-store')?.endpoints ?? [];
    expect(endpoints.map((endpoint) => [endpoint.region, endpoint.interface])).toEqual(
      ['RegionOne', 'RegionTwo'].flatMap((region) => ['public', 'internal', 'admin'].map((kind) => [region, kind])),
    );
    expect(new Set(endpoints.map(({ url }) => url)).size).toBe(6);
    const id = answer.headers.get('x-subject-token') ?? '';
    const [one, two] = [endpoints[0]?.url ?? '', endpoints[3]?.url ?? ''];
    await fetch(`${one}/c`, { method: 'PUT', headers: { 'x-auth-token': id } });
    expect([await statusAt(`${one}/c`, id), await statusAt(`${two}/c`, id)]).toEqual([204, 404]);
  });

  it('lets in an application credential by id and by name, and refuses a scope with it', async () => {
    const id = { id: '0e1f2d3c4b5a69788796a5b4c3d2e1f0', secret: 'emulated-secret' };
    const named = { name: 'backup', secret: 'emulated-secret', user: { name: 'tester', domain: { name: 'Default' } } };
    const login = (application_credential: object, more: object = {}) =>
      post(tokens(), { auth: { identity: { methods: ['application_credential'], application_credential }, ...more } });
    expect([(await login(id)).status, (await login(named)).status]).toEqual([201, 201]);
    expect((await login(id, { scope })).status).toBe(401);
    expect((await login({ name: 'backup', secret: 'emulated-secret' })).status).toBe(400);
    expect((await login({ ...id, secret: 'other' })).status).toBe(401);
  });

  it('turns an unscoped token into a scoped one that lives no longer', async () => {
    const unscoped = await post(tokens(), { auth: { identity: password } });
    const body = (await unscoped.json()) as TokenBody;
    expect(body.token.catalog).toBeUndefined();
    const id = unscoped.headers.get('x-subject-token') ?? '';
    expect(await statusAt(swift.v1.storageUrl, id)).toBe(403);
    const projects = await fetch(`${swift.keystone.v3}/auth/projects`, { headers: { 'x-auth-token': id } });
    expect(await projects.json()).toMatchObject({ projects: [{ name: 'test' }, { name: 'archive' }] });
    nowMs += 300_000;
    const scoped = await post(tokens(), { auth: { identity: { methods: ['token'], token: { id } }, scope } });
    expect(((await scoped.json()) as TokenBody).token.expires_at).toBe(body.token.expires_at);
    expect(await statusAt(swift.v1.storageUrl, scoped.headers.get('x-subject-token') ?? '')).toBe(204);
  });

  it('asks for the domain of names, and tells no wrong thing from another', async () => {
    const login = async (auth: object) => (await post(tokens(), { auth })).status;
    const named = { name: 'tester', password: 'testing' };
    expect(await login({ identity: { methods: ['password'], password: { user: named } } })).toBe(400);
    expect(await login({ identity: password, scope: { project: { name: 'test' } } })).toBe(400);
    expect(await login({ identity: password, scope: { project: { id: 'unknown' } } })).toBe(401);
    const foreign = { ...user, domain: { name: 'Company' } };
    expect(await login({ identity: { methods: ['password'], password: { user: foreign } } })).toBe(401);
  });

  it('revokes a token', async () => {
    const answer = await post(tokens(), { auth: { identity: password, scope } });
    const id = answer.headers.get('x-subject-token') ?? '';
    const headers = { 'x-auth-token': id, 'x-subject-token': id };
    expect((await fetch(tokens(), { method: 'DELETE', headers })).status).toBe(204);
    expect(await statusAt(swift.v1.storageUrl, id)).toBe(401);
  });
});

describe('Keystone version 2', () => {
  it('logs in by password and tenant', async () => {
    const passwordCredentials = { username: 'tester', password: 'testing' };
    const answer = await post(`${swift.keystone.v2}/tokens`, { auth: { passwordCredentials, tenantName: 'test' } });
    const body = (await answer.json()) as {
      access: { token: { id: string }; serviceCatalog: { endpoints: { publicURL: string }[] }[] };
    };
    const url = body.access.serviceCatalog[0]?.endpoints[0]?.publicURL ?? '';
    expect(url).toBe(swift.v1.storageUrl);
    expect(await statusAt(url, body.access.token.id)).toBe(204);
  });
});

describe("Rackspace's identity services", () => {
  const key = (username: string, apiKey: string) => ({ auth: { 'RAX-KSKEY:apiKeyCredentials': { username, apiKey } } });
  interface Access {
    readonly access: {
      readonly token: { readonly id: string; readonly expires: string };
      readonly serviceCatalog: readonly {
        readonly name: string;
        readonly endpoints: readonly {
          readonly region: string;
          readonly publicURL: string;
          readonly internalURL?: string;
        }[];
      }[];
    };
  }

  it.each([
    ['us', 'alice', '0123456789abcdef0123456789abcdef', ['DFW', 'ORD', 'IAD', 'HKG', 'SYD']],
    ['uk', 'oliver', 'fedcba9876543210fedcba9876543210', ['LON']],
  ] as const)('give the catalog of the realm %s for an API key', async (realm, name, apiKey, regions) => {
    const answer = await post(`${swift.rackspace[realm]}/tokens`, key(name, apiKey));
    const { access } = (await answer.json()) as Access;
    const files = access.serviceCatalog.find((entry) => entry.name === 'cloudFiles');
    const cdn = access.serviceCatalog.find((entry) => entry.name === 'cloudFilesCDN');
    expect(files?.endpoints.map(({ region }) => region)).toEqual(regions);
    expect(cdn?.endpoints.map(({ region }) => region)).toEqual(regions);
    expect(access.token.expires).toMatch(/-05:00$/);
    const url = files?.endpoints[0]?.publicURL ?? '';
    expect(url).toContain('/v1/MossoCloudFS_');
    expect(await statusAt(url, access.token.id)).toBe(204);
    expect(await statusAt(swift.v1.storageUrl, access.token.id)).toBe(401);
  });

  it('know nothing of each other', async () => {
    const answer = await post(`${swift.rackspace.uk}/tokens`, key('alice', '0123456789abcdef0123456789abcdef'));
    expect(answer.status).toBe(401);
  });
});
