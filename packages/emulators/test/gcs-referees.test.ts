import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type File, Storage } from '@google-cloud/storage';
import { JWT } from 'google-auth-library';
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
  emulator = await GcsEmulator.start({ users: [user], rewriteChunkBytes: 1024 ** 2 });
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

/** Every name of a listing, page by page: the client takes `maxResults` for the end of it all. */
async function namesByPage(query: object, of = bucket()): Promise<string[]> {
  const names: string[] = [];
  let next: object | null = { ...query, autoPaginate: false };
  while (next) {
    const page = (await of.getFiles(next)) as unknown as [File[], object | null];
    names.push(...page[0].map((file) => file.name));
    next = page[1];
  }
  return names;
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

  it('reads ranges and refuses those beyond the end', async () => {
    const file = bucket().file('ranged');
    await file.save('0123456789', { resumable: false });
    const read = async (start: number, end?: number) =>
      (await file.download({ start, ...(end !== undefined && { end }), validation: false }))[0].toString();
    expect([await read(2, 4), await read(7)]).toEqual(['234', '789']);
    await expect(read(10)).rejects.toMatchObject({ code: 416 });
  });

  it('pages listings with prefix, delimiter and offsets, and tells every key once', async () => {
    const keys = Array.from({ length: 25 }, (_, index) => `page/${String(index % 5)}/${String(index)}`);
    await Promise.all(keys.map((key) => bucket().file(key).save('', { resumable: false })));
    const all = await namesByPage({ prefix: 'page/', maxResults: 7 });
    expect(all).toEqual([...keys].sort());
    const [, next, answer] = (await bucket().getFiles({
      prefix: 'page/',
      delimiter: '/',
      maxResults: 3,
      autoPaginate: false,
    })) as unknown as [File[], { pageToken: string }, { prefixes: string[] }];
    expect(answer.prefixes).toEqual(['page/0/', 'page/1/', 'page/2/']);
    const [, , rest] = (await bucket().getFiles({ ...next, autoPaginate: false })) as unknown as (typeof answer)[];
    expect((rest as unknown as typeof answer).prefixes).toEqual(['page/3/', 'page/4/']);
    const [some] = await bucket().getFiles({ startOffset: 'page/1/', endOffset: 'page/2/' });
    expect(some.map((file) => file.name)).toEqual([...keys].sort().filter((key) => key.startsWith('page/1/')));
    const [globbed] = await bucket().getFiles({ matchGlob: 'page/*/1?' });
    expect(globbed.map((file) => file.name)).toEqual([...keys].sort().filter((key) => /\/1.$/.test(key)));
  });

  it('gives only the fields that were asked for', async () => {
    await bucket().file('fields').save('x', { resumable: false });
    const [, , answer] = (await bucket().getFiles({
      prefix: 'fields',
      fields: 'items(name,size),kind',
      autoPaginate: false,
    })) as unknown as [unknown, unknown, unknown];
    expect(answer).toEqual({ kind: 'storage#objects', items: [{ name: 'fields', size: '1' }] });
  });

  it('holds writes, reads and deletes to generations', async () => {
    const file = bucket().file('conditional');
    const save = (ifGenerationMatch: number | string) =>
      file.save('x', { resumable: false, preconditionOpts: { ifGenerationMatch } });
    await save(0);
    await expect(save(0)).rejects.toMatchObject({ code: 412 });
    const generation = (await file.getMetadata())[0].generation ?? '';
    await save(generation);
    await expect(save(generation)).rejects.toMatchObject({ code: 412 });
    await expect(file.delete({ ifGenerationMatch: generation })).rejects.toMatchObject({ code: 412 });
    await expect(file.setMetadata({ contentType: 'a/b' }, { ifMetagenerationMatch: 7 })).rejects.toMatchObject({
      code: 412,
    });
    await file.delete();
    await expect(file.delete()).rejects.toMatchObject({ code: 404 });
  });

  it('composes, and tells no MD5 of what was composed', async () => {
    await Promise.all(['one', 'two'].map((name) => bucket().file(`part-${name}`).save(name, { resumable: false })));
    await bucket().combine(['part-one', 'part-two'], 'composed');
    const [content] = await bucket().file('composed').download({ validation: 'crc32c' });
    expect(content.toString()).toBe('onetwo');
    const [metadata] = await bucket().file('composed').getMetadata();
    expect(metadata).toMatchObject({ componentCount: 2 });
    expect(metadata.md5Hash).toBeUndefined();
  });

  it('rewrites in as many calls as it takes, and changes the storage class so', async () => {
    const body = randomBytes(2.5 * 1024 ** 2);
    const file = bucket().file('rewritten');
    await file.save(body, { resumable: false, metadata: { metadata: { kept: 'yes' } } });
    emulator.forget();
    await file.copy(bucket().file('copied'));
    expect(emulator.requests.filter(({ operation }) => operation === 'objects.rewrite')).toHaveLength(3);
    expect((await bucket().file('copied').download())[0].equals(body)).toBe(true);
    expect((await bucket().file('copied').getMetadata())[0].metadata).toEqual({ kept: 'yes' });
    await bucket().file('copied').setStorageClass('nearline');
    // A body stands for all metadata: the client sends the class alone.
    const [changed] = await bucket().file('copied').getMetadata();
    expect([changed.storageClass, changed.metadata]).toEqual(['NEARLINE', undefined]);
    await bucket().file('copied').move('moved');
    expect((await bucket().file('copied').exists())[0]).toBe(false);
  });

  it('shows what a customer encrypted only with the key, and rotates it', async () => {
    const [key, other] = [randomBytes(32), randomBytes(32)];
    const file = bucket().file('encrypted', { encryptionKey: key });
    await file.save('secret', { resumable: false });
    expect((await file.download())[0].toString()).toBe('secret');
    const plain = bucket().file('encrypted');
    await expect(plain.download()).rejects.toMatchObject({ code: 400 });
    expect((await plain.getMetadata())[0].md5Hash).toBeUndefined();
    await expect(bucket().file('encrypted', { encryptionKey: other }).download()).rejects.toMatchObject({ code: 400 });
    await file.rotateEncryptionKey({ encryptionKey: other });
    expect((await bucket().file('encrypted', { encryptionKey: other }).download())[0].toString()).toBe('secret');
  });

  it('unpacks gzip for those who do not take it, and checks what was stored', async () => {
    const file = bucket().file('packed');
    await file.save(gzipSync('plain text'), { resumable: false, metadata: { contentEncoding: 'gzip' } });
    expect((await file.download())[0].toString()).toBe('plain text');
    expect((await file.download({ decompress: false }))[0].equals(gzipSync('plain text'))).toBe(true);
    const url = `${emulator.endpoint}/download/storage/v1/b/referee/o/packed?alt=media`;
    const headers = { authorization: `Bearer ${emulator.issueToken()}`, 'accept-encoding': 'identity' };
    const unpacked = await fetch(url, { headers });
    expect(unpacked.headers.get('content-length')).toBeNull();
    expect(unpacked.headers.get('x-goog-stored-content-encoding')).toBe('gzip');
    expect(await unpacked.text()).toBe('plain text');
  });

  it('patches metadata, and honours holds', async () => {
    const file = bucket().file('held');
    await file.save('x', { resumable: false, metadata: { metadata: { a: '1', b: '2' } } });
    const [patched] = await file.setMetadata({
      cacheControl: 'no-store',
      temporaryHold: true,
      metadata: { a: null, c: '3' },
    });
    expect(patched).toMatchObject({ cacheControl: 'no-store', metadata: { b: '2', c: '3' }, metageneration: '2' });
    await expect(file.delete()).rejects.toMatchObject({ code: 403 });
    await file.setMetadata({ temporaryHold: false });
    await file.delete();
  });

  it('keeps generations where versioning is on', async () => {
    const [versioned] = await storage.createBucket('versioned', { versioning: { enabled: true } });
    const file = versioned.file('k');
    await file.save('one', { resumable: false });
    const first = (await file.getMetadata())[0].generation ?? '';
    await file.save('two', { resumable: false });
    await file.delete();
    expect((await file.exists())[0]).toBe(false);
    expect(await namesByPage({ versions: true, maxResults: 1 }, versioned)).toEqual(['k', 'k']);
    const old = versioned.file('k', { generation: first });
    expect((await old.download())[0].toString()).toBe('one');
    await old.copy(versioned.file('k'));
    expect((await file.download())[0].toString()).toBe('one');
    await old.delete();
    await expect(old.getMetadata()).rejects.toMatchObject({ code: 404 });
  });

  it('brings back what was deleted softly', async () => {
    const [soft] = await storage.createBucket('soft', { softDeletePolicy: { retentionDurationSeconds: 604_800 } });
    const file = soft.file('k');
    await file.save('kept', { resumable: false });
    const generation = Number((await file.getMetadata())[0].generation);
    await file.delete();
    const [gone] = await soft.getFiles({ softDeleted: true });
    expect(gone.map((one) => [one.name, typeof one.metadata.softDeleteTime])).toEqual([['k', 'string']]);
    await file.restore({ generation });
    expect((await file.download())[0].toString()).toBe('kept');
  });

  it('keeps lists of rights, unless access is uniform', async () => {
    const file = bucket().file('public');
    await file.save('public', { resumable: false });
    const anonymously = () => fetch(`${emulator.endpoint}/referee/public`);
    expect((await anonymously()).status).toBe(403);
    await file.makePublic();
    expect(await (await anonymously()).text()).toBe('public');
    await file.acl.add({ entity: 'user-a@example.com', role: 'READER' });
    expect((await file.acl.get({ entity: 'user-a@example.com' }))[0]).toMatchObject({ role: 'READER' });
    await file.acl.delete({ entity: 'allUsers' });
    expect((await anonymously()).status).toBe(403);
    const [uniform] = await storage.createBucket('uniform', {
      iamConfiguration: { uniformBucketLevelAccess: { enabled: true } },
    });
    await uniform.file('k').save('uniform', { resumable: false });
    await expect(uniform.file('k').makePublic()).rejects.toMatchObject({ code: 400 });
    const [policy] = await uniform.iam.getPolicy();
    policy.bindings.push({ role: 'roles/storage.objectViewer', members: ['allUsers'] });
    await uniform.iam.setPolicy(policy);
    expect(await (await fetch(`${emulator.endpoint}/uniform/k`)).text()).toBe('uniform');
  });

  it('keeps how a bucket is configured', async () => {
    const [configured] = await storage.createBucket('configured', { location: 'EU', storageClass: 'NEARLINE' });
    await configured.addLifecycleRule({ action: { type: 'Delete' }, condition: { age: 3 } });
    await configured.setCorsConfiguration([
      { origin: ['https://app.example'], method: ['GET'], responseHeader: ['*'] },
    ]);
    await configured.setLabels({ team: 'a' });
    await configured.setRetentionPeriod(60);
    const [metadata] = await configured.getMetadata();
    expect(metadata).toMatchObject({
      location: 'EU',
      storageClass: 'NEARLINE',
      lifecycle: { rule: [{ action: { type: 'Delete' }, condition: { age: 3 } }] },
      labels: { team: 'a' },
      retentionPolicy: { retentionPeriod: '60' },
    });
    const asked = await fetch(`${emulator.endpoint}/configured/k`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'GET' },
    });
    expect(asked.headers.get('access-control-allow-origin')).toBe('https://app.example');
    await configured.file('k').save('', { resumable: false });
    await expect(configured.file('k').delete()).rejects.toMatchObject({ code: 403 });
    await expect(configured.delete()).rejects.toMatchObject({ code: 409 });
    await expect(storage.createBucket('configured')).rejects.toMatchObject({ code: 409 });
  });

  it('lets requesters pay', async () => {
    const [paid] = await storage.createBucket('paid', { requesterPays: true });
    await expect(paid.file('k').save('x', { resumable: false })).rejects.toMatchObject({ code: 400 });
    await storage.bucket('paid', { userProject: 'mine' }).file('k').save('x', { resumable: false });
  });

  it('makes HMAC keys, which count at once', async () => {
    const email = emulator.keyFile().client_email;
    const [hmacKey, secret] = await storage.createHmacKey(email);
    const accessId = hmacKey.metadata.accessId ?? '';
    expect(accessId).toHaveLength(61);
    expect(secret).toHaveLength(40);
    await hmacKey.setMetadata({ state: 'INACTIVE' });
    await hmacKey.delete();
    expect((await storage.getHmacKeys())[0].map((one) => one.metadata.accessId)).not.toContain(accessId);
    expect((await storage.getServiceAccount())[0].emailAddress).toMatch(/gserviceaccount/);
  });
});

describe('a request of the XML API', () => {
  it('names its project, unless an HMAC key does', async () => {
    const ask = (headers: Record<string, string>) =>
      fetch(`${emulator.endpoint}/`, { headers: { authorization: `Bearer ${emulator.issueToken()}`, ...headers } });
    expect((await ask({})).status).toBe(400);
    expect(await (await ask({ 'x-goog-project-id': 'emulated-project' })).text()).toContain('<Name>referee</Name>');
  });
});

describe('credentials', () => {
  it('are renewed when they expire or are revoked', async () => {
    let nowMs = Date.now();
    const server = await GcsEmulator.start({ users: [user], nowMs: () => nowMs, tokenSeconds: 600 });
    const token = server.issueToken({ seconds: 60 });
    const ask = (given: string) =>
      fetch(`${server.endpoint}/storage/v1/b?project=p`, { headers: { authorization: `Bearer ${given}` } });
    expect((await ask(token)).status).toBe(200);
    nowMs += 61_000;
    const expired = await ask(token);
    expect([expired.status, expired.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('invalid_token'),
    ]);
    const other = server.issueToken();
    server.revokeTokens();
    expect((await ask(other)).status).toBe(401);
    const readOnly = server.issueToken({ scopes: ['https://www.googleapis.com/auth/devstorage.read_only'] });
    expect((await ask(readOnly)).status).toBe(200);
    const write = await fetch(`${server.endpoint}/storage/v1/b?project=p`, {
      method: 'POST',
      headers: { authorization: `Bearer ${readOnly}` },
      body: '{"name":"bucket"}',
    });
    expect(write.status).toBe(403);
    await server.close();
  });

  it('must be right: refresh tokens', async () => {
    await expect(clientOf(emulator, 'wrong').getBuckets()).rejects.toThrow(/invalid_grant/);
  });

  it('must be right: the assertion of a service account', async () => {
    const { client_email: email, private_key: key } = emulator.keyFile();
    const login = (pem: string) => {
      const client = new JWT({ email, key: pem, scopes: ['https://www.googleapis.com/auth/cloud-platform'] });
      // The client asks Google, and nobody else.
      client.transporter = {
        request: async ({ data }: { data: Record<string, string> }) => {
          const answer = await fetch(emulator.keyFile().token_uri, { method: 'POST', body: new URLSearchParams(data) });
          if (!answer.ok) throw new Error(await answer.text());
          return { data: await answer.json() };
        },
      } as never;
      return client.getAccessToken();
    };
    const { token } = await login(key);
    const answer = await fetch(`${emulator.endpoint}/storage/v1/b/referee`, {
      headers: { authorization: `Bearer ${token ?? ''}` },
    });
    expect(answer.status).toBe(200);
    const stranger = await GcsEmulator.start();
    await expect(login(stranger.keyFile().private_key)).rejects.toThrow(/Invalid JWT Signature/);
    await stranger.close();
  });

  it('sign URLs and forms', async () => {
    const { client_email, private_key } = emulator.keyFile();
    const signer = new Storage({
      apiEndpoint: emulator.endpoint,
      projectId: 'p',
      credentials: { client_email, private_key },
    });
    const file = signer.bucket('referee').file('signed ü');
    const expires = Date.now() + 60_000;
    for (const version of ['v2', 'v4'] as const) {
      const sign = (action: 'read' | 'write') =>
        file.getSignedUrl({ version, action, expires, ...(action === 'write' && { contentType: 'text/plain' }) });
      const put = await fetch((await sign('write'))[0], {
        method: 'PUT',
        headers: { 'content-type': 'text/plain' },
        body: version,
      });
      expect([version, put.status, await put.text()]).toEqual([version, 200, '']);
      const [url] = await sign('read');
      const read = await fetch(url);
      expect(await read.text()).toBe(version);
      expect((await fetch(url.replace('signed%20', 'other%20'))).status).toBe(403);
    }
    const [form] = await file.generateSignedPostPolicyV4({ expires, conditions: [['content-length-range', 1, 10]] });
    const post = (content: string) => {
      const data = new FormData();
      for (const [name, value] of Object.entries(form.fields)) data.append(name, value);
      data.append('file', new Blob([content]), 'f.txt');
      // With an endpoint of its own, the client leaves the bucket out of the URL.
      return fetch(`${form.url}/referee`, { method: 'POST', body: data });
    };
    const small = await post('small');
    expect([small.status, await small.text()]).toEqual([204, '']);
    expect((await post('much too large')).status).toBe(400);
  });
});

describe('a batch', () => {
  it('answers each call for itself', async () => {
    await bucket().file('batched').save('x', { resumable: false });
    const part = (id: string, line: string) =>
      `--b\r\nContent-Type: application/http\r\nContent-ID: <${id}>\r\n\r\n${line} HTTP/1.1\r\n\r\n\r\n`;
    const answer = await fetch(`${emulator.endpoint}/batch/storage/v1`, {
      method: 'POST',
      headers: { authorization: `Bearer ${emulator.issueToken()}`, 'content-type': 'multipart/mixed; boundary=b' },
      body: `${part('1', 'DELETE /storage/v1/b/referee/o/batched')}${part('2', 'DELETE /storage/v1/b/referee/o/batched')}--b--`,
    });
    const text = await answer.text();
    expect([...text.matchAll(/Content-ID: (\S+)|HTTP\/1.1 (\d+)/g)].map(([, id, status]) => id ?? status)).toEqual([
      '<response-1>',
      '204',
      '<response-2>',
      '404',
    ]);
  });
});
