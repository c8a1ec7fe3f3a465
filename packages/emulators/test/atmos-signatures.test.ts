import { createHmac } from 'node:crypto';
import { request as send } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AtmosEmulator } from '../src/index.js';

/** Written for this test alone: nothing is shared with the emulator, nor with the driver. */
interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

let atmos: AtmosEmulator;
beforeAll(async () => {
  atmos = await AtmosEmulator.start();
});
afterAll(() => atmos.close());

function sign({ method, path, headers }: Request): string {
  const emc = Object.keys(headers).filter((name) => name.startsWith('x-emc-'));
  const rows = emc.sort().map((name) => `${name}:${headers[name] ?? ''}`);
  const line = (name: string): string => headers[name] ?? '';
  const text = [
    method,
    line('content-type'),
    line('range'),
    line('date'),
    decodeURIComponent(path).toLowerCase(),
    ...rows,
  ];
  return createHmac('sha1', Buffer.from(atmos.account.secret, 'base64')).update(text.join('\n')).digest('base64');
}

function signed(method: string, path: string, more: Readonly<Record<string, string>> = {}, body?: string): Request {
  const date = new Date().toUTCString();
  const headers = { date, 'x-emc-date': date, 'x-emc-uid': atmos.account.uid, ...more };
  const plain = { method, path, headers, ...(body !== undefined && { body }) };
  return { ...plain, headers: { ...headers, 'x-emc-signature': sign(plain) } };
}

function ask({ method, path, headers, body }: Request): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = { ...headers, 'content-length': String(Buffer.byteLength(body ?? '')) };
    const outgoing = send(
      { host: '127.0.0.1', port: atmos.port, method, path, headers: sent, agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      },
    );
    outgoing.on('error', reject).end(body);
  });
}

const OCTETS = { 'content-type': 'application/octet-stream' };

it('refuses every change of the path, the query or a signed header of a request', { timeout: 60_000 }, async () => {
  await ask(signed('POST', '/rest/namespace/box/photo', OCTETS, 'content'));
  const base = signed('GET', '/rest/namespace/box/photo?metadata/user', {
    ...OCTETS,
    range: 'bytes=0-1',
    'x-emc-utf8': 'true',
  });
  expect((await ask(base)).status).toBe(200);
  const names = Object.keys(base.headers);
  const letter = fc.constantFrom('a', '7', 'x', '=', 'Q');
  const mutation = fc.oneof(
    fc.constantFrom('PUT', 'POST', 'DELETE').map((method) => ({ ...base, method })),
    fc.tuple(fc.nat(20), letter).map(([at, text]) => {
      const where = '/rest/namespace/'.length + (at % 10);
      return { ...base, path: base.path.slice(0, where) + text + base.path.slice(where) };
    }),
    letter.map((text) => ({ ...base, path: `${base.path}${text}` })),
    fc.tuple(fc.constantFrom(...names), letter).map(([name, text]) => ({
      ...base,
      headers: { ...base.headers, [name]: `${base.headers[name] ?? ''}${text}` },
    })),
    fc.constantFrom(...names).map((name) => {
      const { [name]: _, ...headers } = base.headers;
      return { ...base, headers };
    }),
    fc.tuple(fc.constantFrom('x-emc-force', 'x-emc-meta', 'x-emc-limit'), letter).map(([name, text]) => ({
      ...base,
      headers: { ...base.headers, [name]: text },
    })),
  );
  await fc.assert(
    fc.asyncProperty(mutation, async (mutated) => {
      const { status, text } = await ask(mutated);
      expect([mutated.headers, status]).toEqual([mutated.headers, 403]);
      expect(text).toMatch(/<Code>103[123]<\/Code>/);
    }),
    { numRuns: 150 },
  );
});

it.each([
  ['a date of yesterday', () => ({ date: new Date(Date.now() - 86_400_000).toUTCString() }), 1031],
  ['an unknown user', () => ({ 'x-emc-uid': 'nobody/nobody' }), 1033],
])('refuses %s by its own number', async (_, more, code) => {
  const headers: Record<string, string> = { ...OCTETS, ...more() };
  if (headers['date'] !== undefined) headers['x-emc-date'] = headers['date'];
  const { status, text } = await ask(signed('GET', '/rest/service', headers));
  expect([status, text]).toEqual([403, expect.stringContaining(`<Code>${String(code)}</Code>`)]);
});

it('cuts metadata at a comma unless they are percent-encoded, as servers do', async () => {
  await ask(signed('POST', '/rest/namespace/box/cut', { ...OCTETS, 'x-emc-meta': 'a=one, two' }));
  await ask(
    signed('POST', '/rest/namespace/box/whole', { ...OCTETS, 'x-emc-utf8': 'true', 'x-emc-meta': 'a=one%2C%20two' }),
  );
  const tags = async (name: string): Promise<string> => {
    const { headers } = signed('GET', `/rest/namespace/box/${name}?metadata/user`, { 'x-emc-utf8': 'true' });
    const answer = await fetch(`${atmos.endpoint}/rest/namespace/box/${name}?metadata/user`, {
      headers: { ...headers },
    });
    return answer.headers.get('x-emc-meta') ?? '';
  };
  expect(await tags('cut')).toBe('a=one, two=');
  expect(await tags('whole')).toBe('a=one%2C%20two');
});
