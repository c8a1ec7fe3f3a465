import { openStorage } from '@stowage/core';
import { type PutBody, isStorageError } from '@stowage/core/spi';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { driver as module } from '../src/index.js';
import { type Asked, lines, openAt, type Reply, serve } from './told-server.js';

const ctx = { attempt: 1 };
const ref = { container: 'c', key: 'k' };

function body(text: string): PutBody {
  const bytes = Buffer.from(text);
  return { size: bytes.length, replayable: true, bytes, open: () => Readable.from([bytes]) };
}

describe('tokens on the wire', () => {
  it('are renewed when the service refuses one that it took before, and the call is mended', async () => {
    let good = 'token-1';
    const server = await serve(({ headers }) => (headers['x-auth-token'] === good ? [200, 'text'] : [401]));
    const driver = openAt(server.origin);
    await driver.read(ref, { want: 'bytes' }, ctx);
    good = 'token-2';
    await expect(driver.read(ref, { want: 'bytes' }, ctx)).rejects.toMatchObject({
      code: 'unauthenticated',
      mended: true,
    });
    const { bytes } = await driver.read(ref, { want: 'bytes' }, { attempt: 2 });
    expect([String(bytes), server.logins()]).toEqual(['text', 2]);
  });

  it('that are refused again and again end in one error, not in a circle', async () => {
    const server = await serve(() => [401]);
    const { origin } = server;
    const storage = openStorage(module, { authUrl: `${origin}/auth/v1.0`, user: 'u', key: 'k' });
    const error: unknown = await storage
      .container('c')
      .object('k')
      .bytes()
      .catch((reason: unknown) => reason);
    expect(isStorageError(error, 'unauthenticated')).toBe(true);
    expect(server.logins()).toBe(2);
    await storage.close();
  });

  it('go nowhere when a redirect asks for it', async () => {
    const server = await serve(() => [302, '', { location: 'http://127.0.0.1:1/elsewhere' }]);
    await expect(openAt(server.origin).stat(ref, {}, ctx)).rejects.toMatchObject({ status: 302 });
    expect(server.asked.length).toBe(1);
  });

  it('are neither fetched nor sent for anonymous readers', async () => {
    const server = await serve(() => [200, 'text']);
    const options = { authUrl: undefined, user: undefined, key: undefined, anonymous: true };
    const driver = openAt(server.origin, { ...options, storageUrl: `${server.origin}/v1/AUTH_a` });
    expect(String((await driver.read(ref, { want: 'bytes' }, ctx)).bytes)).toBe('text');
    expect([server.logins(), server.asked[0]?.headers['x-auth-token']]).toEqual([0, undefined]);
  });
});

describe('requests', () => {
  it('escape names, and send the digest of a body', async () => {
    const server = await serve(({ method }) => (method === 'HEAD' ? [404] : [201, '', { etag: 'x' }]));
    const checksum = { algorithm: 'md5', value: '5d41402abc4b2a76b9719d911017c592' } as const;
    const request = { checksum, contentType: 'text/plain', metadata: { Title: 'é' } };
    const { verified } = await openAt(server.origin).put(
      { container: 'c é', key: '/a//b?c#d%41' },
      body('hello'),
      request,
      ctx,
    );
    const put = server.asked.at(-1) as Asked;
    expect([verified, put.path]).toEqual(['service', '/c%20%C3%A9//a//b%3Fc%23d%2541']);
    expect(put.headers).toMatchObject({ etag: checksum.value, 'content-type': 'text/plain' });
    // Node gives the bytes of a header as Latin-1.
    expect(Buffer.from(String(put.headers['x-object-meta-title']), 'latin1').toString()).toBe('é');
  });

  it('refuse what Swift cannot do before they are sent', async () => {
    const server = await serve(() => [500]);
    const driver = openAt(server.origin);
    const metadata = driver.metadata!;
    await expect(metadata.update(ref, { ifMatch: 'x' }, ctx)).rejects.toMatchObject({ code: 'unsupported' });
    await expect(driver.put(ref, body(''), { metadata: { a: ' b' } }, ctx)).rejects.toThrow(/white space/);
    await expect(driver.put(ref, body(''), { provider: { nope: 1 } }, ctx)).rejects.toThrow(
      /no provider option "nope"/,
    );
    await expect(driver.put(ref, body(''), { provider: { deleteAfter: -1 } }, ctx)).rejects.toThrow(/whole number/);
    await expect(driver.createContainer('c', { provider: { readAcl: 'a\r\nx: y' } }, ctx)).rejects.toThrow(
      /control characters/,
    );
    expect(lines(server.asked)).toEqual([]);
  });

  it('of a change of metadata send again all that Swift would drop', async () => {
    const stored = {
      ...{
        'content-type': 'text/plain',
        'content-encoding': 'gzip',
        'content-length': '3',
        'x-delete-at': '1900000000',
      },
      ...{ 'x-object-meta-a': '1', 'x-object-manifest': 'c_segments/k/', expires: 'Thu, 01 Dec 1994 16:00:00 GMT' },
    };
    const server = await serve(({ method }) => (method === 'HEAD' ? [200, '', stored] : [202]));
    await openAt(server.origin).metadata!.update(ref, { cacheControl: 'no-cache' }, ctx);
    const { 'content-length': _size, ...kept } = stored;
    expect(server.asked.at(-1)?.headers).toMatchObject({ ...kept, 'cache-control': 'no-cache' });
  });

  it('for many objects tell which of them failed', async () => {
    const outcome = {
      'Response Status': '400 Bad Request',
      'Number Deleted': 1,
      Errors: [['/c/b%20c', '403 Forbidden']],
    };
    const server = await serve(({ method }) => (method === 'POST' ? [200, `   ${JSON.stringify(outcome)}`] : [404]));
    const refs = ['a', 'b c'].map((key) => ({ container: 'c', key }));
    const results = await openAt(server.origin).bulkDelete!.delete(refs, {}, ctx);
    expect(results.map(({ error }) => error)).toEqual([
      undefined,
      expect.objectContaining({ code: 'permission-denied' }),
    ]);
    expect(server.asked.at(-1)?.body).toBe('/c/a\n/c/b%20c');
  });
});

/** A container with one large object in it. */
function withLarge(headers: Readonly<Record<string, string>>, versions = false): (asked: Asked) => Reply {
  return ({ method, path }) => {
    if (method === 'HEAD' && path.startsWith('/c/k')) return [200, '', { 'content-length': '9', ...headers }];
    if (method === 'HEAD') return [204, '', versions && path === '/c' ? { 'x-versions-enabled': 'True' } : {}];
    if (path.includes('bulk-delete') || path.includes('multipart-manifest=delete'))
      return [200, '{"Response Status":"200 OK","Number Deleted":3,"Errors":[]}'];
    if (method === 'GET') return [200, path.includes('marker') ? '[]' : '[{"name":"k/00000001"},{"name":"k/note"}]'];
    return [method === 'DELETE' ? 204 : 201];
  };
}

describe('segments', () => {
  it('go with a static large object that is deleted', async () => {
    const server = await serve(withLarge({ 'x-static-large-object': 'True' }));
    expect(await openAt(server.origin).delete(ref, {}, ctx)).toEqual({ existed: true });
    expect(lines(server.asked)).toEqual([
      ...['HEAD /c/k?symlink=get', 'HEAD /c', 'DELETE /c/k?multipart-manifest=delete'],
    ]);
  });

  it('of a static large object that is replaced are held by a second manifest until that is done', async () => {
    const server = await serve(withLarge({ 'x-static-large-object': 'True' }));
    await openAt(server.origin).put(ref, body('new'), {}, ctx);
    const [copy, put, removal] = server.asked.slice(-3) as [Asked, Asked, Asked];
    expect(lines([copy, put])).toEqual(['COPY /c/k?multipart-manifest=get', 'PUT /c/k']);
    expect(removal.path).toBe(`${String(copy.headers['destination'])}?multipart-manifest=delete`);
  });

  it('stay when the write over their object fails', async () => {
    const reply = withLarge({ 'x-static-large-object': 'True' });
    const server = await serve((asked) => (asked.method === 'PUT' ? [507] : reply(asked)));
    await expect(openAt(server.origin).put(ref, body('new'), {}, ctx)).rejects.toMatchObject({
      code: 'quota-exceeded',
    });
    expect(lines(server.asked).filter((line) => line.includes('=delete'))).toEqual([]);
    expect(lines(server.asked).at(-1)).toMatch(/^DELETE \/c_segments\/\.stowage-retired\//);
  });

  it('stay where versions keep their object', async () => {
    const server = await serve(withLarge({ 'x-static-large-object': 'True' }, true));
    const driver = openAt(server.origin);
    await driver.delete(ref, {}, ctx);
    await driver.put(ref, body('new'), {}, ctx);
    expect(lines(server.asked).filter((line) => /=delete|COPY/.test(line))).toEqual([]);
  });

  it("of Libcloud's uploads go with their object, and their neighbours stay", async () => {
    const server = await serve(withLarge({ 'x-object-manifest': 'c/k/' }));
    await openAt(server.origin).delete(ref, {}, ctx);
    const bulk = server.asked.find(({ path }) => path === '?bulk-delete');
    expect(bulk?.body).toBe('/c/k/00000001');
  });

  it('are left alone, and not looked for, where the options say so', async () => {
    const server = await serve(withLarge({ 'x-static-large-object': 'True' }));
    const driver = openAt(server.origin, { keepSegments: true });
    await driver.delete(ref, {}, ctx);
    await driver.put(ref, body('new'), {}, ctx);
    expect(lines(server.asked)).toEqual(['DELETE /c/k', 'PUT /c/k']);
  });
});

describe('the web site and the CDN', () => {
  it('tell Swift the part of the error page behind the status', async () => {
    const server = await serve(() => [204]);
    await openAt(server.origin).website!.enable('c', { indexKey: 'index.html', errorKey: '404.html' }, ctx);
    expect(server.asked[0]?.headers).toMatchObject({
      'x-container-meta-web-index': 'index.html',
      'x-container-meta-web-error': '.html',
    });
  });

  it('purge on the host of the CDN, never on that of the storage', async () => {
    const cdn = await serve(() => [204]);
    const server = await serve(() => [500]);
    const driver = openAt(server.origin, { cdnManagementUrl: `${cdn.origin}/v1/AUTH_a` });
    await driver.cdn!.purge!(ref, ctx);
    expect([lines(cdn.asked), lines(server.asked)]).toEqual([['DELETE /c/k'], []]);
  });

  it('publish with a life, tell the address of an object, and cease', async () => {
    const uris = { 'x-cdn-enabled': 'True', 'x-cdn-uri': 'http://a.example', 'x-cdn-ssl-uri': 'https://b.example' };
    const cdn = await serve(({ method }) => (method === 'HEAD' ? [204, '', uris] : [202]));
    const server = await serve(() => [204]);
    const options = { cdnManagementUrl: `${cdn.origin}/v1/AUTH_a` };
    const group = openAt(server.origin, options).cdn!;
    await group.enableContainer!('c', { ttlSeconds: 3600 }, ctx);
    expect(cdn.asked[0]?.headers).toMatchObject({ 'x-cdn-enabled': 'True', 'x-ttl': '3600' });
    expect(await group.objectUrl!({ container: 'c', key: 'a b/é' }, ctx)).toBe('https://b.example/a%20b/%C3%A9');
    expect(await openAt(server.origin, { ...options, cdnScheme: 'http' }).cdn!.containerUrl!('c', ctx)).toBe(
      'http://a.example',
    );
    await group.disableContainer!('c', ctx);
    expect(lines(cdn.asked).at(-1)).toBe('POST /c');
    await expect(group.enableContainer!('c', { ttlSeconds: 1 }, ctx)).rejects.toThrow(/from 900 to 31536000/);
  });
});
