import { createMemoryDriver, type MemoryDriver } from '@stowage/core/memory';
import { createHost } from '@stowage/core/spi';
import { beforeEach, describe, expect, it } from 'vitest';

const ctx = { attempt: 1 } as const;
const ref = { container: 'box', key: 'a b/../é?#' };

let nowMs: number;
let memory: MemoryDriver;

beforeEach(async () => {
  nowMs = 1_700_000_000_000;
  const host = createHost({ nowMs: () => nowMs });
  memory = createMemoryDriver({ baseUrl: 'https://files.example/media/', signingKey: 'k' }, host);
  await memory.createContainer('box', {}, ctx);
  await store(ref.key, '0123456789', { contentType: 'text/plain' });
});

function store(key: string, text: string, attributes: object = {}) {
  const bytes = Buffer.from(text);
  const body = { size: bytes.length, replayable: true, bytes, open: () => expect.unreachable('bytes are given') };
  return memory.put({ container: 'box', key }, body, attributes, ctx);
}

async function fetched(url: string, init?: RequestInit): Promise<readonly [number, string]> {
  const response = await memory.handle(new Request(url, init));
  return [response.status, await response.text()];
}

const sign = async (method: 'GET' | 'PUT', more: object = {}) =>
  (await memory.urls.sign(ref, { method, expiresInSeconds: 60, ...more }, ctx)).url;

describe('the handler of the memory driver', () => {
  it('serves signed URLs below its base until their time is over', async () => {
    const url = await sign('GET');
    expect(url).toMatch(/^https:\/\/files\.example\/media\/box\?key=/);
    expect(await fetched(url)).toEqual([200, '0123456789']);
    nowMs += 59_999;
    expect(await fetched(url)).toEqual([200, '0123456789']);
    nowMs += 1;
    expect(await fetched(url)).toEqual([403, expect.stringContaining('its time is over')]);
  });

  it.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=8-', 206, '89', 'bytes 8-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=5-100', 206, '56789', 'bytes 5-9/10'],
    ['bytes=1-2,4-5', 200, '0123456789', null],
    ['lines=1-2', 200, '0123456789', null],
  ])('answers the range %s', async (range, status, text, contentRange) => {
    const response = await memory.handle(new Request(await sign('GET'), { headers: { range } }));
    expect([response.status, await response.text(), response.headers.get('content-range')]).toEqual([
      status,
      text,
      contentRange,
    ]);
  });

  it('answers 416 for a range without bytes', async () => {
    expect(await fetched(await sign('GET'), { headers: { range: 'bytes=10-' } })).toEqual([416, expect.any(String)]);
  });

  it.each([
    ['another key', (url: string) => url.replace('key=a', 'key=b')],
    ['another container', (url: string) => url.replace('/box?', '/other?')],
    ['a later end', (url: string) => url.replace(/expires=\d+/, 'expires=9999999999999')],
    ['no signature', (url: string) => url.replace(/&signature=.*/, '')],
    ['another signature', (url: string) => url.replace(/signature=.*/, 'signature=AAAA')],
  ])('refuses a URL with %s', async (_what, change) => {
    await memory.createContainer('other', {}, ctx);
    expect(await fetched(change(await sign('GET')))).toEqual([403, expect.any(String)]);
  });

  it('takes only the content type that was signed', async () => {
    const url = await sign('PUT', { contentType: 'image/png' });
    const body = 'pixels';
    expect(await fetched(url, { method: 'PUT', body, headers: { 'content-type': 'text/html' } })).toEqual([
      403,
      expect.any(String),
    ]);
    expect(await fetched(url, { method: 'PUT', body, headers: { 'content-type': 'image/png' } })).toEqual([204, '']);
    expect(await memory.stat(ref, {}, ctx)).toMatchObject({ size: 6, contentType: 'image/png' });
  });

  it('shows objects of public containers to anyone, and takes nothing from them', async () => {
    const url = memory.urls.publicUrl?.(ref) ?? '';
    expect(await fetched(url)).toEqual([403, expect.any(String)]);
    await memory.cdn.enableContainer?.('box', {}, ctx);
    expect(await memory.cdn.objectUrl?.(ref, ctx)).toBe(url);
    expect(await fetched(url)).toEqual([200, '0123456789']);
    expect(await fetched(url, { method: 'DELETE' })).toEqual([403, expect.any(String)]);
    await memory.cdn.disableContainer?.('box', ctx);
    expect(await fetched(url)).toEqual([403, expect.any(String)]);
  });

  it('shows the pages of a web site', async () => {
    await store('index.html', 'welcome', { contentType: 'text/html' });
    await store('lost.html', 'nothing here');
    await memory.website.enable('box', { indexKey: 'index.html', errorKey: 'lost.html' }, ctx);
    const site = 'https://files.example/media/box';
    expect(await fetched(site)).toEqual([200, 'welcome']);
    expect(await fetched(`${site}?key=no-such-page`)).toEqual([404, 'nothing here']);
    await memory.website.enable('box', { indexKey: 'index.html' }, ctx);
    expect(await fetched(`${site}?key=no-such-page`)).toEqual([404, expect.stringContaining('no-such-page')]);
    await memory.website.disable('box', ctx);
    expect(await fetched(site)).toEqual([403, expect.any(String)]);
  });

  it('answers 404 for a container that is not there', async () => {
    expect(await fetched('https://files.example/media/nowhere?key=a')).toEqual([404, expect.any(String)]);
  });
});

describe('a form of the memory driver', () => {
  async function post(change: (form: FormData) => void, request: object = {}): Promise<number> {
    const target = { container: 'box', key: 'uploads/' };
    const form = await memory.urls.signForm?.(target, { expiresInSeconds: 60, keyIsPrefix: true, ...request }, ctx);
    const body = new FormData();
    for (const [name, value] of Object.entries(form?.fields ?? {})) body.set(name, value);
    body.set('key', 'uploads/cat.txt');
    body.set('file', new Blob(['meow'], { type: 'text/x-cat' }));
    change(body);
    return (await memory.handle(new Request(form?.url ?? '', { method: 'POST', body }))).status;
  }

  const keepsAll = (): void => undefined;

  it('stores any key below its prefix, with the type of the file', async () => {
    expect(await post(keepsAll)).toBe(204);
    const record = await memory.stat({ container: 'box', key: 'uploads/cat.txt' }, {}, ctx);
    expect(record).toMatchObject({ size: 4, contentType: 'text/x-cat' });
  });

  it('stores under the content type that was signed, whatever the file says', async () => {
    expect(await post(keepsAll, { contentType: 'application/octet-stream' })).toBe(204);
    const record = await memory.stat({ container: 'box', key: 'uploads/cat.txt' }, {}, ctx);
    expect(record).toMatchObject({ contentType: 'application/octet-stream' });
  });

  it.each<[string, (form: FormData) => void, object]>([
    ['a key elsewhere', (form) => form.set('key', 'other/cat.txt'), {}],
    ['a key that is not the signed one', keepsAll, { keyIsPrefix: false }],
    ['a file that is too large', keepsAll, { maxBytes: 3 }],
    ['a file that is too small', keepsAll, { minBytes: 5 }],
    ['no file', (form) => form.delete('file'), {}],
    ['another policy', (form) => form.set('policy', Buffer.from('{}').toString('base64url')), {}],
    ['a form whose time is over', () => (nowMs += 60_000), {}],
  ])('refuses %s', async (_what, change, request) => {
    expect(await post(change, request)).toBe(403);
    expect((await memory.list('box', { prefix: 'uploads/' }, ctx)).objects).toEqual([]);
  });
});
