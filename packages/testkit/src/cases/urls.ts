import assert from 'node:assert/strict';
import {
  isStorageError,
  type ObjectRef,
  type SignedForm,
  type SignedUrl,
  type SignFormRequest,
  type SignUrlRequest,
  type UrlMethod,
} from '@stowage/core/spi';
import { sameBytes, within } from '../asserts.js';
import { type Bench, eachOf } from '../bench.js';
import { seededBytes } from '../bodies.js';
import { type Applies, casesOf } from '../conformance-case.js';
import { groupOf } from '../group-of.js';
import { WEIRD_KEYS } from '../weird-keys.js';

const signs =
  (method: UrlMethod): Applies =>
  (driver) =>
    driver.urls !== undefined && (driver.capabilities.urls?.methods.includes(method) ?? false);
const hasPublicUrls: Applies = (driver) => driver.urls?.publicUrl !== undefined;
const hasForms: Applies = (driver) => driver.urls?.signForm !== undefined;
const signsParts: Applies = (driver) => driver.urls?.signPart !== undefined && driver.parts !== undefined;

/**
 * Clients resolve `.` and `..` in a path, even escaped ones, and some stores see no key in slashes alone: a driver may say that no
 * address can name such a key.
 */
function allowRefusedSteps(key: string, error: unknown): void {
  const hasSteps = key.split('/').some((segment) => segment === '.' || segment === '..');
  if (!(hasSteps || /^\/+$/.test(key)) || !isStorageError(error, 'invalid-argument')) throw error;
}

export const urlCases = casesOf('urls', (rule) => {
  rule('get', 'signs a URL that gives the bytes', signs('GET'), async (bench) => {
    const content = seededBytes(20_000, 14);
    await bench.put(bench.ref(), content);
    const before = Date.now();
    const signed = await sign(bench, { method: 'GET', expiresInSeconds: 60 });
    assert.equal(signed.method, 'GET');
    assert.ok(Math.abs(signed.expiresAtMs - before - 60_000) < 5_000, 'expiresAtMs is not 60 s from now');
    const response = await send(bench, signed);
    assert.equal(response.status, 200);
    sameBytes(Buffer.from(await response.arrayBuffer()), content);
  });

  rule('weird-keys', 'signs URLs for keys of any kind', signs('GET'), async (bench) => {
    const container = await bench.freshContainer();
    const keys = Object.entries(WEIRD_KEYS).filter(([, key]) => bench.facts.keys.refuse?.(key) === undefined);
    await eachOf(keys, async ([name, key]) => {
      await bench.put({ container, key }, `body of ${name}`);
      const request = { method: 'GET', expiresInSeconds: 60 } as const;
      const signing = groupOf(bench.driver, 'urls').sign({ container, key }, request, bench.ctx);
      const signed = await signing.catch((error: unknown) => allowRefusedSteps(key, error));
      if (!signed) return;
      const response = await send(bench, signed);
      assert.equal(await response.text(), `body of ${name}`, JSON.stringify(key));
    });
  });

  rule('get-range', 'gives a range of a signed URL', signs('GET'), async (bench) => {
    await bench.put(bench.ref(), '0123456789');
    const signed = await sign(bench, { method: 'GET', expiresInSeconds: 60 });
    const response = await send(bench, signed, { headers: { range: 'bytes=2-4' } });
    assert.equal(response.status, 206);
    assert.equal(await response.text(), '234');
  });

  rule('get-missing', 'gives nothing for a missing object', signs('GET'), async (bench) => {
    const response = await send(bench, await sign(bench, { method: 'GET', expiresInSeconds: 60 }));
    assert.equal(response.status, 404);
    await response.body?.cancel();
  });

  rule(
    'get-response-headers',
    'answers with the headers that the URL asks for, or refuses them',
    signs('GET'),
    async (bench) => {
      await bench.put(bench.ref(), 'content');
      const wanted = { contentType: 'text/x-stowage', contentDisposition: 'attachment; filename="x.txt"' };
      const signed = await refusable(sign(bench, { method: 'GET', expiresInSeconds: 60, response: wanted }));
      if (!signed) return;
      const response = await send(bench, signed);
      await response.body?.cancel();
      assert.equal(response.headers.get('content-type'), wanted.contentType);
      assert.equal(response.headers.get('content-disposition'), wanted.contentDisposition);
    },
  );

  rule('head', 'signs a URL that tells the size', signs('HEAD'), async (bench) => {
    await bench.put(bench.ref(), 'twelve bytes');
    const response = await send(bench, await sign(bench, { method: 'HEAD', expiresInSeconds: 60 }));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-length'), '12');
  });

  rule('put', 'signs a URL that takes the bytes', signs('PUT'), async (bench) => {
    const signed = await sign(bench, { method: 'PUT', expiresInSeconds: 60 });
    const response = await send(bench, signed, { body: 'uploaded' });
    assert.ok(response.ok, `status ${response.status}`);
    await response.body?.cancel();
    assert.equal((await bench.bytes(bench.ref())).toString(), 'uploaded');
  });

  rule('put-content-type', 'signs a URL that takes one content type, or refuses it', signs('PUT'), async (bench) => {
    const request = { method: 'PUT', expiresInSeconds: 60, contentType: 'text/x-stowage' } as const;
    const signed = await refusable(sign(bench, request));
    if (!signed) return;
    const response = await send(bench, signed, { body: 'uploaded' });
    assert.ok(response.ok, `status ${response.status}`);
    await response.body?.cancel();
    assert.equal((await bench.stat(bench.ref())).contentType, 'text/x-stowage');
  });

  rule('delete', 'signs a URL that deletes', signs('DELETE'), async (bench) => {
    await bench.put(bench.ref(), 'content');
    const response = await send(bench, await sign(bench, { method: 'DELETE', expiresInSeconds: 60 }));
    assert.ok(response.ok, `status ${response.status}`);
    await response.body?.cancel();
    assert.equal(await bench.exists(bench.ref()), false, 'the object is there');
  });

  rule('other-method', 'signs for one method only', signs('GET'), async (bench) => {
    await bench.put(bench.ref(), 'content');
    const signed = await sign(bench, { method: 'GET', expiresInSeconds: 60 });
    for (const method of ['PUT', 'DELETE'] as const) {
      const init = method === 'PUT' ? { method, body: 'overwritten' } : { method };
      const response = await bench.fetch(signed.url, init);
      await response.body?.cancel();
      assert.ok(response.status >= 400, `a URL for GET allows ${method}`);
    }
    assert.equal((await bench.bytes(bench.ref())).toString(), 'content');
  });

  rule('other-key', 'signs for one key only', signs('GET'), async (bench) => {
    await bench.put(bench.ref('allowed'), 'allowed');
    await bench.put(bench.ref('forbidden'), 'forbidden');
    const request = { method: 'GET', expiresInSeconds: 60 } as const;
    const { url } = await groupOf(bench.driver, 'urls').sign(bench.ref('allowed'), request, bench.ctx);
    assert.ok(url.includes('allowed'), 'the key is not in the URL');
    const response = await bench.fetch(url.replaceAll('allowed', 'forbidden'));
    assert.ok(!response.ok, 'a URL for one key gives another');
    assert.notEqual(await response.text(), 'forbidden');
  });

  rule('expiry', 'signs for a time only', signs('GET'), async (bench) => {
    await bench.put(bench.ref(), 'content');
    const signed = await sign(bench, { method: 'GET', expiresInSeconds: 1 });
    await within(15_000, 'the end of a URL for one second', untilRefused(bench, signed));
    assert.ok(Date.now() >= signed.expiresAtMs - 1_000, 'the URL ended before its time');
  });

  rule('no-secret', 'signs URLs that show no secret', signs('GET'), async (bench) => {
    const { url } = await sign(bench, { method: 'GET', expiresInSeconds: 60 });
    for (const secret of bench.harness.secrets ?? []) {
      assert.ok(!decodeURIComponent(url).includes(secret), 'a signed URL shows a secret');
    }
    assert.ok(new URL(url).protocol.startsWith('http'));
  });

  rule('public', 'tells an address for each key, all of them different', hasPublicUrls, async (bench) => {
    const { container } = bench;
    const keys = Object.values(WEIRD_KEYS).filter((key) => bench.facts.keys.refuse?.(key) === undefined);
    const urls = keys.flatMap((key) => {
      try {
        return [groupOf(bench.driver, 'urls').publicUrl?.({ container, key }) ?? ''];
      } catch (error) {
        allowRefusedSteps(key, error);
        return [];
      }
    });
    assert.equal(new Set(urls.map((url) => new URL(url).href)).size, urls.length, 'two keys have one address');
    for (const url of urls) assert.match(url, /^[!-~]+$/, 'an address holds characters that must be escaped');
  });

  rule('form', 'signs a form that a browser can post', hasForms, async (bench) => {
    const request = { expiresInSeconds: 60, maxBytes: 100 };
    const form = await refusable(signForm(bench, bench.ref(), request));
    if (form) return postsWithin(bench, form, bench.ref());
    // The store puts the name of the file behind the key, whatever the form says.
    const prefix = bench.ref('folder/');
    const open = await signForm(bench, prefix, { ...request, keyIsPrefix: true });
    return postsWithin(bench, open, { ...prefix, key: `${prefix.key}file.txt` });
  });

  rule('part', 'signs a URL that takes a part', signsParts, async (bench) => {
    const parts = groupOf(bench.driver, 'parts');
    const upload = await parts.begin(bench.ref(), {}, bench.ctx);
    const signed = await groupOf(bench.driver, 'urls').signPart?.(
      upload,
      { number: 1, expiresInSeconds: 60 },
      bench.ctx,
    );
    assert.ok(signed);
    const response = await send(bench, signed, { body: 'the part' });
    assert.ok(response.ok, `status ${response.status}`);
    await response.body?.cancel();
    const page = await parts.list(upload, {}, bench.ctx);
    await parts.complete(upload, page.parts, {}, bench.ctx);
    assert.equal((await bench.bytes(bench.ref())).toString(), 'the part');
  });
});

function sign(bench: Bench, request: SignUrlRequest): Promise<SignedUrl> {
  return groupOf(bench.driver, 'urls').sign(bench.ref(), request, bench.ctx);
}

function send(
  bench: Bench,
  signed: SignedUrl,
  { headers, body }: { headers?: Record<string, string>; body?: string } = {},
): Promise<Response> {
  const init = { method: signed.method, headers: { ...signed.headers, ...headers } };
  return bench.fetch(signed.url, body === undefined ? init : { ...init, body });
}

async function signForm(bench: Bench, ref: ObjectRef, request: SignFormRequest): Promise<SignedForm> {
  const form = await groupOf(bench.driver, 'urls').signForm?.(ref, request, bench.ctx);
  assert.ok(form);
  return form;
}

/** Posts more than the form takes, and then what it takes, which is stored under the key. */
async function postsWithin(bench: Bench, form: SignedForm, ref: ObjectRef): Promise<void> {
  const post = async (content: string): Promise<Response> => {
    const body = new FormData();
    for (const [name, value] of Object.entries(form.fields)) body.set(name, value);
    body.set('file', new Blob([content]), 'file.txt');
    return bench.fetch(form.url, { method: 'POST', body, redirect: 'manual' });
  };
  const tooLarge = await post('x'.repeat(101));
  await tooLarge.body?.cancel();
  assert.equal(await bench.exists(ref), false, 'the form takes more than maxBytes');
  const response = await post('posted');
  await response.body?.cancel();
  assert.ok(response.status < 400, `status ${response.status}`);
  assert.equal((await bench.bytes(ref)).toString(), 'posted');
}

/** Undefined when the driver says that it cannot. */
async function refusable<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    assert.equal((error as { code?: unknown }).code, 'unsupported');
    return undefined;
  }
}

async function untilRefused(bench: Bench, signed: SignedUrl): Promise<void> {
  for (;;) {
    const response = await send(bench, signed);
    await response.body?.cancel();
    if (!response.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
