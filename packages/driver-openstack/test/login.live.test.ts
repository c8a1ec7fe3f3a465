import { createHash } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { openStorage } from '@stowage/core';
import { createHost, type StorageDriver } from '@stowage/core/spi';
import {
  describeLive,
  KEYSTONE,
  KeystoneAdmin,
  type KeystoneFacts,
  type Launched,
  launchSwift,
  SWIFT,
  type SwiftFacts,
} from '@stowage/test-servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createOpenStackDriver } from '../src/driver.js';
import { driver, type OpenStackOptions } from '../src/index.js';
import { content, sha256Of } from './content.js';

/** 1 GiB where an upload must outlive its token, or 16 MiB in the same time. */
const IS_FULL = process.env['STOWAGE_FULL_SCALE'] === '1';
/** For a server to be up, on a machine that has other things to do. */
const SLOW_MS = 300_000;

interface Seen {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  readonly headers: readonly string[];
}

/** Every request that this process sends from now on. */
function watch(): Seen[] {
  const seen: Seen[] = [];
  const note = (message: unknown): void => void seen.push(message as Seen);
  subscribe('stowage:request:start', note);
  onTestFinished(() => void unsubscribe('stowage:request:start', note));
  return seen;
}

const isLogin = ({ path }: Seen): boolean => path.endsWith('/auth/tokens') || path.endsWith('/auth/v1.0');

describeLive('logins at Keystone', KEYSTONE, () => {
  let server: Launched<SwiftFacts> | undefined;
  let facts: KeystoneFacts;
  beforeAll(async () => {
    server = await launchSwift({ keystone: true });
    facts = server.facts.keystone!;
  }, SLOW_MS);
  afterAll(() => server?.stop());

  const open = (options: OpenStackOptions, env: Record<string, string> = {}): StorageDriver => {
    const made = createOpenStackDriver(options, createHost(), { env });
    onTestFinished(() => made.close?.());
    return made;
  };
  const lists = async (made: StorageDriver): Promise<void> => {
    expect(await made.listContainers({ limit: 1 }, { attempt: 1 })).toHaveProperty('containers');
  };

  describe('accept', () => {
    const ways: Readonly<Record<string, (of: KeystoneFacts) => OpenStackOptions>> = {
      'names and the default domain': ({ user, password: key, project: projectName }) => ({ user, key, projectName }),
      'names and domains by name': ({ user, password: key, project: projectName, domain }) => ({
        ...{ user, key, projectName },
        ...{ userDomainName: domain, projectDomainName: domain },
      }),
      'names and domains by id': ({ user, password: key, project: projectName }) => ({
        ...{ user, key, projectName },
        ...{ userDomainId: 'default', projectDomainId: 'default' },
      }),
      ids: ({ userId, password: key, projectId }) => ({ userId, key, projectId }),
      'no project: the only one that the user has': ({ user, password: key }) => ({ user, key }),
      'an application credential by id': ({ applicationCredential: { id, secret } }) => ({
        applicationCredentialId: id,
        applicationCredentialSecret: secret,
      }),
      'an application credential by name': ({ applicationCredential: { name, secret }, user }) => ({
        ...{ applicationCredentialName: name, applicationCredentialSecret: secret, user },
      }),
      'an address without version': ({ user, password: key, authUrl }) => ({
        user,
        key,
        authUrl: authUrl.replace('/v3', ''),
      }),
    };
    it.each(Object.keys(ways))('%s', async (name) => {
      await lists(open({ authUrl: facts.authUrl, ...ways[name]!(facts) }));
    });

    it('a token, scoped or not, with and without the address of the account', async () => {
      const { user, password, project } = facts;
      const { token } = await KeystoneAdmin.login(facts.authUrl, { user, password, project });
      await lists(open({ token, storageUrl: facts.storageUrl }));
      await lists(open({ authUrl: facts.authUrl, token, projectName: project }));
    });

    it('the environment and clouds.yaml', async () => {
      const { authUrl, user, password, project } = facts;
      await lists(
        open({}, { OS_AUTH_URL: authUrl, OS_USERNAME: user, OS_PASSWORD: password, OS_PROJECT_NAME: project }),
      );
      const folder = await mkdtemp(join(tmpdir(), 'stowage-clouds-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const cloudsFile = join(folder, 'clouds.yaml');
      const auth = { auth_url: authUrl, username: user, password, project_name: project };
      await writeFile(cloudsFile, JSON.stringify({ clouds: { mine: { region_name: 'RegionTwo', auth } } }));
      const made = open({ cloud: 'mine', cloudsFile });
      const seen = watch();
      await lists(made);
      expect(seen.at(-1)?.origin).toMatch(/^http:\/\/localhost:/);
    });
  });

  it('choose the region, and say which there are', async () => {
    const own = { authUrl: facts.authUrl, user: facts.user, key: facts.password };
    const seen = watch();
    await lists(open({ ...own, region: 'regiontwo' }));
    expect(seen.at(-1)?.origin).toMatch(/^http:\/\/localhost:/);
    await lists(open({ ...own, region: 'RegionOne', useInternalUrl: true }));
    expect(seen.at(-1)?.origin).toMatch(/^http:\/\/127.0.0.1:/);
    await expect(lists(open({ ...own, region: 'RegionNine' }))).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(/RegionNine.*public in RegionOne.*public in RegionTwo/) as string,
      requestSent: false,
    });
  });

  it('tell what is wrong', async () => {
    const own = { authUrl: facts.authUrl, user: facts.user, key: facts.password };
    const codeOf = (options: OpenStackOptions): Promise<unknown> =>
      lists(open({ ...own, ...options })).catch((error: unknown) => (error as { readonly code?: unknown }).code);
    expect(await codeOf({ key: 'wrong' })).toBe('unauthenticated');
    expect(await codeOf({ projectName: 'nobody' })).toBe('unauthenticated');
    expect(await codeOf({ authVersion: '2.0_password' })).toBe('invalid-argument');
    expect(await codeOf({ authUrl: 'http://127.0.0.1:1/v3' })).toBe('unavailable');
  });

  it('send a token to the hosts of its own catalog only', async () => {
    const seen = watch();
    const made = open({ authUrl: facts.authUrl, user: facts.user, key: facts.password });
    await made.createContainer('where', {}, { attempt: 1 });
    await made.list('where', {}, { attempt: 1 });
    const hosts = seen.filter(({ headers }) => headers.includes('x-auth-token')).map(({ origin }) => origin);
    expect(
      [...new Set(hosts)].every((origin) => facts.storageUrl.startsWith(origin) || facts.authUrl.startsWith(origin)),
    ).toBe(true);
  });

  it(
    'are made once more when the token is revoked in the middle of 1,000 parallel reads',
    { timeout: 300_000 },
    async () => {
      const proxy = await recordTokens(facts.storageUrl);
      onTestFinished(() => proxy.close());
      const { authUrl, user, password: key, project: projectName } = facts;
      const storage = openStorage(driver, { authUrl, user, key, projectName, storageUrl: proxy.url });
      onTestFinished(() => storage.close());
      const box = await storage.createContainer('revoked', { ifExists: 'ignore' });
      await box.put('object', 'content');
      const admin = await KeystoneAdmin.login(authUrl, {
        ...{ user: facts.adminUser, password: facts.adminPassword, project: 'admin' },
      });
      const seen = watch();
      let done = 0;
      const reads = Array.from({ length: 1000 }, async () => {
        const text = await box.object('object').text();
        done += 1;
        return text;
      });
      while (done < 300) await delay(5);
      const [first] = proxy.tokens;
      await admin.revoke(first!);
      expect(new Set(await Promise.all(reads))).toEqual(new Set(['content']));
      expect({ logins: seen.filter(isLogin).length, tokens: proxy.tokens.size }).toEqual({ logins: 1, tokens: 2 });
    },
  );
});

/** Passes requests on, and takes note of the tokens that they bear. */
async function recordTokens(
  target: string,
): Promise<{ readonly url: string; readonly tokens: Set<string>; close(): Promise<void> }> {
  const tokens = new Set<string>();
  const agent = new Agent({ keepAlive: true });
  const proxy = createServer((incoming, answer) => {
    const { method, url, headers } = incoming;
    tokens.add(String(headers['x-auth-token']));
    const outgoing = request(new URL(url!, target), { method, headers, agent }, (response) => {
      answer.writeHead(response.statusCode!, response.rawHeaders);
      response.pipe(answer);
    });
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  const close = async (): Promise<void> => {
    agent.destroy();
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  };
  return { url: `http://127.0.0.1:${String(port)}${new URL(target).pathname}`, tokens, close };
}

describeLive('logins at Swift itself', SWIFT, () => {
  let server: Launched<SwiftFacts> | undefined;
  beforeAll(async () => {
    server = await launchSwift({ tokenLifeSeconds: 4 });
  }, SLOW_MS);
  afterAll(() => server?.stop());

  it('go on through an upload that outlives its token several times', { timeout: SLOW_MS }, async () => {
    const { authUrl, user, key } = server!.facts;
    const storage = openStorage(driver, { authUrl, user, key });
    onTestFinished(() => storage.close());
    const seen = watch();
    const box = await storage.createContainer('slow');
    const partSize = IS_FULL ? 16 * 1024 ** 2 : 256 * 1024;
    const size = 64 * partSize;
    async function* slowly(): AsyncGenerator<Buffer> {
      let sent = 0;
      for (const block of content(size)) {
        // 12 seconds for the whole of it.
        if (sent % (size / 16) === 0) await delay(750);
        sent += block.length;
        yield block;
      }
    }
    await box.put('large', Readable.from(slowly()), { size, partSize, concurrency: 2 });
    const hash = createHash('sha256');
    for await (const chunk of await box.object('large').stream()) hash.update(chunk as Buffer);
    expect(hash.digest('hex')).toBe(sha256Of(content(size)));
    expect(seen.filter(isLogin).length).toBeGreaterThan(2);
  });
});
