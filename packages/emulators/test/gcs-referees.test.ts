import { createHash, randomBytes } from 'node:crypto';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GcsEmulator } from '../src/index.js';

const user = {
  email: 'somebody@example.com',
  clientId: 'client.apps.googleusercontent.com',
  clientSecret: 'client-secret',
  refreshToken: '1//refresh-token',
};

let emulator: GcsEmulator;
let storage: Storage;

beforeAll(async () => {
  emulator = await GcsEmulator.start({ users: [user] });
  storage = clientOf(emulator);
  await storage.createBucket('referee');
});

afterAll(() => emulator.close());

/** Google's own client, which renews its tokens at the emulator. */
function clientOf(server: GcsEmulator, refreshToken = user.refreshToken): Storage {
  return new Storage({
    apiEndpoint: server.endpoint,
    useAuthWithCustomEndpoint: true,
    projectId: 'emulated-project',
    retryOptions: { autoRetry: false, maxRetries: 0 },
    credentials: {
      type: 'authorized_user',
      client_id: user.clientId,
      client_secret: user.clientSecret,
      refresh_token: refreshToken,
    },
    clientOptions: { endpoints: { oauth2TokenUrl: `${server.endpoint}/token` } },
  });
}

/**
 * The same for uploads in a session: with an endpoint of its own, the client (7.22) leaves out its credentials there, whatever
 * `useAuthWithCustomEndpoint` says.
 */
function sessionClientOf(server: GcsEmulator): Storage {
  const client = clientOf(server);
  const authorization = `Bearer ${server.issueToken()}`;
  client.interceptors.push({
    request: (options) => Object.assign(options, { headers: { ...options.headers, authorization } }) as never,
  });
  return client;
}

const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('base64');
const bucket = () => storage.bucket('referee');

describe('refereed by @google-cloud/storage', () => {
  it.each([
    ['in one request', false],
    ['resumably', true],
  ])('stores a body sent %s and gives it back verified', async (_, resumable) => {
    const body = randomBytes(700_000);
    const client = resumable ? sessionClientOf(emulator) : storage;
    const file = client.bucket('referee').file(`put-${String(resumable)}`);
    await file.save(body, {
      resumable,
      validation: 'crc32c',
      contentType: 'x/y',
      metadata: { metadata: { colour: 'blue' } },
    });
    const [read] = await file.download({ validation: 'crc32c' });
    expect(read.equals(body)).toBe(true);
    const [metadata] = await file.getMetadata();
    expect(metadata).toMatchObject({
      md5Hash: md5(body),
      contentType: 'x/y',
      metadata: { colour: 'blue' },
      size: '700000',
    });
  });

  it('refuses a body whose digest differs', async () => {
    const file = bucket().file('digest');
    await expect(
      file.save('content', { resumable: false, metadata: { md5Hash: md5(Buffer.from('other')) } }),
    ).rejects.toMatchObject({ code: 400 });
    expect((await file.exists())[0]).toBe(false);
  });

  it.each(['a//b', '/lead', 'trail/', 'a/../b', 'é', 'e\u0301', '%41', '?', '#', '+', 'a b', '😀', "!'()*", '&<>"'])(
    'keeps the key %j apart from every other',
    async (key) => {
      await bucket().file(`keys/${key}`).save(key, { resumable: false });
      expect((await bucket().file(`keys/${key}`).download())[0].toString()).toBe(key);
      const [files] = await bucket().getFiles({ prefix: `keys/${key}` });
      expect(files.map((file) => file.name)).toContain(`keys/${key}`);
    },
  );
});
