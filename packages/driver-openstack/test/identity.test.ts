import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loginV1, loginV2, loginV3 } from '../src/auth-requests.js';
import { identityOfCloud } from '../src/clouds.js';
import { identityOfEnvironment } from '../src/environment.js';
import { type Identity, loginKind } from '../src/identity.js';

const bodyOf = (request: { readonly body?: unknown }): unknown => JSON.parse(String(request.body));

describe('which login is asked for', () => {
  it.each<[Identity, string | undefined]>([
    [{ authVersion: '1.0' }, 'v1'],
    [{ authVersion: '2.0' }, 'v2-apikey'],
    [{ authVersion: '2.0_password' }, 'v2-password'],
    [{ authVersion: '3.x_password' }, 'v3-password'],
    [{ authVersion: '3' }, 'v3-password'],
    [{ authUrl: 'https://k.example.com/v3' }, 'v3-password'],
    [{ authUrl: 'https://k.example.com/identity/v3/' }, 'v3-password'],
    [{ authUrl: 'https://k.example.com/v2.0' }, 'v2-password'],
    [{ authUrl: 'https://s.example.com/auth/v1.0' }, 'v1'],
    [{ authUrl: 'https://k.example.com:5000' }, undefined],
    [{ authUrl: 'https://k.example.com:5000', applicationCredentialSecret: 's' }, 'v3-application-credential'],
    [{ authUrl: 'https://k.example.com/v3', token: 't' }, 'v3-token'],
    [{ authUrl: 'https://k.example.com/v2.0', token: 't' }, 'v2-token'],
  ])('%o is %s', (identity, kind) => {
    expect(loginKind(identity)).toBe(kind);
  });

  it('refuses a kind that it does not know, and kinds that do not fit the credentials', () => {
    expect(() => loginKind({ authVersion: '3.x_oidc_access_token' })).toThrow(/"3.x_password"/);
    expect(() => loginKind({ authVersion: '3.x_appcred' })).toThrow(/none is given/);
    expect(() => loginKind({ authVersion: '2.0', applicationCredentialSecret: 's' })).toThrow(/needs Keystone v3/);
  });
});

describe('requests of a login', () => {
  it('completes addresses that lack the version or the path', () => {
    const paths = ['https://k/v3', 'https://k', 'https://k/v3/auth/tokens', 'https://k/identity'].map(
      (url) => loginV3(url, { user: 'u', key: 'p' }, 'password').path,
    );
    expect(paths).toEqual(['/v3/auth/tokens', '/v3/auth/tokens', '/v3/auth/tokens', '/identity/v3/auth/tokens']);
    expect(loginV2('https://k/v2.0/', { user: 'u', key: 'p' }, 'apikey').path).toBe('/v2.0/tokens');
    expect(loginV1('https://s', { user: 'u', key: 'p' }).path).toBe('/auth/v1.0');
    expect(loginV1('https://s/auth', { user: 'u', key: 'p' }).path).toBe('/auth/v1.0');
    expect(loginV1('https://s/auth/v1.0', { user: 'u', key: 'p' }).path).toBe('/auth/v1.0');
  });

  it('writes a password with names and domains', () => {
    const request = loginV3(
      'https://k/v3',
      { user: 'u', key: 'p', projectName: 'demo', userDomainId: 'd1' },
      'password',
    );
    expect(bodyOf(request)).toEqual({
      auth: {
        identity: { methods: ['password'], password: { user: { name: 'u', domain: { id: 'd1' }, password: 'p' } } },
        scope: { project: { name: 'demo', domain: { id: 'd1' } } },
      },
    });
  });

  it('writes ids without domains, and no scope for an application credential', () => {
    const byId = loginV3('https://k/v3', { userId: 'u1', key: 'p', projectId: 'p1' }, 'password');
    expect(bodyOf(byId)).toEqual({
      auth: {
        identity: { methods: ['password'], password: { user: { id: 'u1', password: 'p' } } },
        scope: { project: { id: 'p1' } },
      },
    });
    const credential = {
      applicationCredentialName: 'live',
      applicationCredentialSecret: 's',
      user: 'u',
      projectId: 'p1',
    };
    expect(bodyOf(loginV3('https://k/v3', credential, 'application-credential'))).toEqual({
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: { name: 'live', secret: 's', user: { name: 'u', domain: { name: 'Default' } } },
        },
      },
    });
  });

  it("writes Rackspace's API key", () => {
    expect(bodyOf(loginV2('https://k/v2.0', { user: 'u', key: 'k' }, 'apikey'))).toEqual({
      auth: { 'RAX-KSKEY:apiKeyCredentials': { username: 'u', apiKey: 'k' } },
    });
  });

  it('refuses a user that would end the header of a login of version 1', () => {
    expect(() => loginV1('https://s/auth/v1.0', { user: 'a\r\nx: y', key: 'k' })).toThrow(/plain ASCII/);
  });
});

describe('the environment', () => {
  it('reads the variables of the OpenStack clients', () => {
    const env = {
      OS_AUTH_URL: 'https://k/v3',
      OS_USERNAME: 'u',
      OS_PASSWORD: 'p',
      OS_PROJECT_NAME: 'demo',
      OS_USER_DOMAIN_NAME: 'Default',
      OS_REGION_NAME: 'RegionTwo',
      OS_INTERFACE: 'internal',
    };
    expect(identityOfEnvironment(env)).toMatchObject({
      ...{ authUrl: 'https://k/v3', user: 'u', key: 'p', projectName: 'demo' },
      ...{ userDomainName: 'Default', region: 'RegionTwo', interface: 'internal' },
    });
  });

  it('reads those of the old Swift client, and nobody from an empty one', () => {
    expect(identityOfEnvironment({ ST_AUTH: 'https://s/auth/v1.0', ST_USER: 'a:b', ST_KEY: 'k' })).toMatchObject({
      ...{ authUrl: 'https://s/auth/v1.0', user: 'a:b', key: 'k', authVersion: '1.0' },
    });
    expect(identityOfEnvironment({ OS_REGION_NAME: 'x', OS_USERNAME: '' })).toBeUndefined();
  });
});

describe('clouds.yaml', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stowage-clouds-'));
    await writeFile(
      join(folder, 'clouds.yaml'),
      'clouds:\n  mine:\n    region_name: RegionTwo\n    interface: internal\n    identity_api_version: 3\n    auth:\n      auth_url: https://k:5000\n      username: u\n      project_name: demo\n      user_domain_name: Default\n  app:\n    auth_type: v3applicationcredential\n    auth: { auth_url: "https://k/v3", application_credential_id: i, application_credential_secret: s }\n',
    );
    await writeFile(join(folder, 'secure.yaml'), 'clouds:\n  mine:\n    auth:\n      password: secret word\n');
    await writeFile(join(folder, 'broken.yaml'), 'clouds: [password: secret word');
  });
  afterAll(() => rm(folder, { recursive: true }));
  const file = (name = 'clouds.yaml'): string => join(folder, name);

  it('gives a cloud with the secrets of secure.yaml', async () => {
    const identity = await identityOfCloud('mine', file(), {});
    expect(identity).toMatchObject({ authUrl: 'https://k:5000', user: 'u', key: 'secret word', region: 'RegionTwo' });
    expect(loginKind(identity)).toBe('v3-password');
    expect(loginKind(await identityOfCloud('app', file(), {}))).toBe('v3-application-credential');
  });

  it('tells what is wrong with it without showing what is in it', async () => {
    await expect(identityOfCloud('yours', file(), {})).rejects.toThrow(/no cloud "yours"; it has mine, app/);
    await expect(identityOfCloud('toString', file(), {})).rejects.toThrow(/no cloud "toString"/);
    await expect(identityOfCloud('mine', file('none.yaml'), {})).rejects.toThrow(/No clouds.yaml was found/);
    const error: unknown = await identityOfCloud('mine', file('broken.yaml'), {}).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/is not YAML/);
    expect(String(error)).not.toMatch(/secret word/);
  });
});
