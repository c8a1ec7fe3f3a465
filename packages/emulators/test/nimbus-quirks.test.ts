import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NimbusEmulator, type NimbusEmulatorOptions } from '../src/index.js';
import { type Answer, manage, send, sendSigned, withBox } from './nimbus-client.js';

const COLLECTIONS = '/customers/alice/collections';

async function start(options: NimbusEmulatorOptions = {}): Promise<NimbusEmulator> {
  const emulator = await NimbusEmulator.start(options);
  onTestFinished(() => emulator.close());
  return withBox(emulator);
}

const put = (emulator: NimbusEmulator, target: string, body: string): Promise<Answer> =>
  sendSigned(emulator, { method: 'POST', target: `/data/${target}`, body });
const get = (emulator: NimbusEmulator, target: string, headers = {}): Promise<Answer> =>
  sendSigned(emulator, { target, headers });
const keysOf = ({ json }: Answer): unknown[] => (json['key_data'] as { key: string }[]).map(({ key }) => key);

describe('objects', () => {
  it('come without length, ETag and content range, and the connection ends', async () => {
    const emulator = await start();
    await put(emulator, 'a.tar.gz', '0123456789');
    const { status, headers, body } = await get(emulator, '/data/a.tar.gz');
    expect([status, body.toString()]).toEqual([200, '0123456789']);
    expect(headers).toMatchObject({
      'content-type': 'application/x-tar',
      'content-encoding': 'gzip',
      connection: 'close',
    });
    for (const name of ['content-length', 'transfer-encoding', 'etag', 'content-range'])
      expect(headers).not.toHaveProperty([name]);
    const head = await sendSigned(emulator, { method: 'HEAD', target: '/data/a.tar.gz' });
    expect(head.headers).toMatchObject({ 'content-length': '10', 'content-type': 'application/x-tar' });
  });

  it('have ranges of two kinds only, and never 416', async () => {
    const emulator = await start();
    await put(emulator, 'a', '0123456789');
    const range = async (text: string): Promise<[number, string]> => {
      const { status, body } = await get(emulator, '/data/a', { range: `bytes=${text}` });
      return [status, body.toString()];
    };
    expect(await range('2-4')).toEqual([206, '234']);
    expect(await range('8-100')).toEqual([206, '89']);
    expect(await range('7-')).toEqual([206, '789']);
    expect(await range('10-')).toEqual([206, '']);
    for (const text of ['-3', '1-2,4-5', '5-2']) expect((await range(text))[0]).toBe(503);
  });

  it('without a byte are answered and not stored', async () => {
    const emulator = await start();
    const { status, json } = await put(emulator, 'empty', '');
    expect([status, json['version_identifier']]).toEqual([200, expect.stringMatching(/^[\w-]{54}$/)]);
    expect((await get(emulator, '/data/empty')).status).toBe(404);
    const healed = await start({ healed: ['zero-byte-objects'] });
    await put(healed, 'empty', '');
    expect((await get(healed, '/data/empty')).status).toBe(200);
  });

  it('lose a "+", and a client who signs what it means is refused', async () => {
    const emulator = await start();
    await put(emulator, 'a+b', 'content');
    expect(keysOf(await get(emulator, '/data/'))).toEqual(['a b']);
    expect((await put(emulator, 'a%2Bb', 'content')).status).toBe(401);
    const healed = await start({ healed: 'all' });
    await put(healed, 'a%2Bb', 'content');
    expect(keysOf(await get(healed, '/data/'))).toEqual(['a+b']);
  });

  it('beyond ASCII cannot be written, asked for by HEAD, nor deleted', async () => {
    const emulator = await start();
    for (const method of ['POST', 'HEAD', 'DELETE']) {
      const sent = { method, target: '/data/%C3%A9', ...(method === 'POST' && { body: 'content' }) };
      expect((await sendSigned(emulator, sent)).status).toBe(500);
    }
    expect((await get(emulator, '/data/%C3%A9')).status).toBe(404);
    expect((await get(emulator, '/data/?prefix=%25C3%25A9')).status).toBe(500);
  });

  it('decode everything else once', async () => {
    const emulator = await start();
    for (const [target, key] of [
      ['%2541', '%41'],
      ['%3Fa%23b', '?a#b'],
      ['a%2Fb//c/../d/', 'a/b//c/../d/'],
    ] as const) {
      await put(emulator, target, 'content');
      expect(emulator.store.collections.get('box')!.current(key)?.size).toBe(7);
    }
  });

  it('are compared with their MD5 and their length', async () => {
    const emulator = await start();
    const md5 = createHash('md5').update('content').digest('base64');
    const send = (headers: Record<string, string>) =>
      sendSigned(emulator, { method: 'POST', target: '/data/a', body: 'content', headers });
    expect((await send({ 'content-md5': md5 })).status).toBe(200);
    const { status, body } = await send({ 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' });
    expect([status, body.toString()]).toEqual([400, expect.stringContaining('md5 does not match')]);
    const chunked = await sendSigned(emulator, {
      method: 'POST',
      target: '/data/a',
      headers: { 'transfer-encoding': 'chunked' },
    });
    expect(chunked.status).toBe(411);
    expect((await sendSigned(emulator, { method: 'PUT', target: '/data/a', body: 'x' })).status).toBe(404);
  });

  it('tell metadata only to who signs, and only where nothing else is asked', async () => {
    const emulator = await start();
    await put(emulator, 'a?__nimbus_io__color=deep+blue&x-amz-meta-b=%C3%A9&__nimbus_io__b=2', 'content');
    const { body } = await get(emulator, '/data/a?action=meta');
    expect(JSON.parse(body.toString())).toEqual([
      ['color', 'deep blue'],
      ['b', '2'],
    ]);
    expect((await get(emulator, '/data/a?action=meta&x=1')).body.toString()).toBe('content');
    await put(emulator, 'a', 'again');
    expect(JSON.parse((await get(emulator, '/data/a?action=meta')).body.toString())).toEqual([]);
  });

  it('are deleted by a POST whose query begins so', async () => {
    const emulator = await start();
    await put(emulator, 'a', 'content');
    await sendSigned(emulator, { method: 'POST', target: '/data/a?action=delete', body: '' });
    expect((await get(emulator, '/data/a')).status).toBe(404);
    expect((await sendSigned(emulator, { method: 'DELETE', target: '/data/a' })).json).toEqual({ success: true });
  });
});

describe('listings', () => {
  it('hide all keys when there is a delimiter, unless healed', async () => {
    for (const [options, expected] of [
      [{}, { prefixes: ['a/'], truncated: false }],
      [{ healed: 'all' }, { prefixes: ['a/'], truncated: false, key_data: [expect.objectContaining({ key: 'b' })] }],
    ] as const) {
      const emulator = await start(options);
      for (const key of ['a/1', 'a/2', 'b']) await put(emulator, key, 'x');
      expect((await get(emulator, '/data/?delimiter=%2F')).json).toEqual(expected);
    }
  });

  it('take "%" and "_" in a prefix for wildcards', async () => {
    const emulator = await start();
    for (const key of ['a_b', 'a%25b', 'axb', 'b']) await put(emulator, key, 'x');
    expect(keysOf(await get(emulator, '/data/?prefix=a_b')).sort()).toEqual(['a%b', 'a_b', 'axb']);
    expect(keysOf(await get(emulator, '/data/?prefix=a%255Cx'))).toEqual(['axb']);
  });

  it('go on after a marker that begins with the prefix, and fail after another', async () => {
    const emulator = await start();
    for (const key of ['a1', 'a2', 'a3']) await put(emulator, key, 'x');
    const first = await get(emulator, '/data/?prefix=a&max_keys=2');
    expect([keysOf(first), first.json['truncated']]).toEqual([['a1', 'a2'], true]);
    expect(keysOf(await get(emulator, '/data/?prefix=a&max_keys=2&marker=a2'))).toEqual(['a3']);
    expect((await get(emulator, '/data/?prefix=a&marker=b')).status).toBe(500);
  });

  it('are in the order of a locale', async () => {
    const emulator = await start();
    for (const key of ['b', 'B', 'a', 'C']) await put(emulator, key, 'x');
    expect(keysOf(await get(emulator, '/data/'))).toEqual(['a', 'b', 'B', 'C']);
  });

  it('tell the versions of a key, the oldest first, where they are kept', async () => {
    const emulator = await start();
    await manage(emulator, { method: 'PUT', target: `${COLLECTIONS}/box?versioning=True`, body: '' });
    const ids: unknown[] = [];
    for (const body of ['one', 'two']) ids.push((await put(emulator, 'a', body)).json['version_identifier']);
    const { json } = await get(emulator, '/?versions');
    expect((json['key_data'] as { version_identifier: string }[]).map((row) => row.version_identifier)).toEqual(ids);
    expect((await get(emulator, `/data/a?version_identifier=${String(ids[0])}`)).body.toString()).toBe('one');
    expect(
      (await sendSigned(emulator, { method: 'HEAD', target: `/data/a?version_identifier=${String(ids[0])}` })).status,
    ).toBe(404);
    expect((await get(emulator, '/data/a?version_identifier=tampered')).status).toBe(500);
    await sendSigned(emulator, { method: 'DELETE', target: `/data/a?version_identifier=${String(ids[1])}` });
    expect((await get(emulator, '/data/a')).body.toString()).toBe('one');
    await sendSigned(emulator, { method: 'DELETE', target: '/data/a' });
    expect((await get(emulator, '/?versions')).json['key_data']).toEqual([]);
  });
});

describe('conjoined archives', () => {
  const begin = async (emulator: NimbusEmulator): Promise<string> => {
    const { json } = await sendSigned(emulator, { method: 'POST', target: '/conjoined/big?action=start', body: '' });
    return String(json['conjoined_identifier']);
  };
  const part = (emulator: NimbusEmulator, id: string, number: number, body: string, headers = {}) =>
    sendSigned(emulator, {
      method: 'POST',
      target: `/data/big?conjoined_identifier=${id}&conjoined_part=${String(number)}`,
      ...{ body, headers },
    });
  const end = (emulator: NimbusEmulator, id: string, action: 'finish' | 'abort') =>
    sendSigned(emulator, {
      method: 'POST',
      target: `/conjoined/big?action=${action}&conjoined_identifier=${id}`,
      body: '',
    });

  it('appear when they are finished, in the order of their parts', async () => {
    const emulator = await start();
    const id = await begin(emulator);
    await part(emulator, id, 2, 'world');
    await part(emulator, id, 1, 'hello ');
    expect((await get(emulator, '/data/big')).status).toBe(404);
    await end(emulator, id, 'finish');
    expect((await get(emulator, '/data/big')).body.toString()).toBe('hello world');
    expect(keysOf(await get(emulator, '/data/'))).toEqual(['big']);
  });

  it('have a part twice that was sent twice, unless it is cancelled by a damaged one', async () => {
    const emulator = await start();
    const id = await begin(emulator);
    for (const body of ['one', 'one']) await part(emulator, id, 1, body);
    await part(emulator, id, 2, 'lost');
    await part(emulator, id, 2, 'x', { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' });
    await part(emulator, id, 2, 'two');
    await end(emulator, id, 'finish');
    expect((await get(emulator, '/data/big')).body.toString()).toBe('oneonetwo');
  });

  it('give way to what was begun after them', async () => {
    const emulator = await start();
    const id = await begin(emulator);
    await part(emulator, id, 1, 'parts');
    await put(emulator, 'big', 'put');
    await end(emulator, id, 'finish');
    expect((await get(emulator, '/data/big')).body.toString()).toBe('put');
  });

  it('are listed with all that ever were, one too many, and not page by page', async () => {
    const emulator = await start();
    const ids = [await begin(emulator), await begin(emulator), await begin(emulator)];
    await end(emulator, ids[0]!, 'abort');
    const { json } = await get(emulator, '/conjoined/?max_conjoined=1');
    const list = json['conjoined_list'] as { conjoined_identifier: string; abort_timestamp: unknown }[];
    expect(list.map((row) => row.conjoined_identifier)).toEqual(ids.slice(0, 2));
    expect([list[0]?.abort_timestamp, list[1]?.abort_timestamp, json['truncated']]).toEqual([
      expect.any(String),
      null,
      true,
    ]);
    const marked = `/conjoined/?key_marker=a&conjoined_identifier_marker=${ids[0]!}`;
    expect((await get(emulator, marked)).status).toBe(500);
    expect((await get(emulator, `/conjoined/big/${ids[0]!}/`)).body.length).toBe(0);
  });
});

describe('collections', () => {
  it('are made, listed and deleted, also full ones', async () => {
    const emulator = await start();
    const { body } = await manage(emulator, { target: COLLECTIONS });
    const list = JSON.parse(body.toString()) as Record<string, unknown>[];
    expect(list.map(({ name, default_collection: isDefault }) => [name, isDefault])).toEqual([
      ['dd-alice', true],
      ['box', false],
    ]);
    await put(emulator, 'a', 'content');
    expect((await manage(emulator, { method: 'DELETE', target: `${COLLECTIONS}/box` })).json).toEqual({
      success: true,
    });
    expect((await get(emulator, '/data/a')).body.toString()).toBe('No such collection');
    expect((await manage(emulator, { method: 'DELETE', target: `${COLLECTIONS}/box` })).status).toBe(403);
    expect((await manage(emulator, { method: 'DELETE', target: `${COLLECTIONS}/dd-alice` })).status).toBe(405);
    expect((await manage(emulator, { target: `${COLLECTIONS}/box` })).status).toBe(404);
  });

  it('have names that are global, checked before the signature', async () => {
    const emulator = await start();
    const create = (name: string) => ({
      method: 'POST',
      target: `${COLLECTIONS}?action=create&name=${name}`,
      body: '',
    });
    expect((await manage(emulator, create('box'))).status).toBe(409);
    expect((await send(emulator, { ...create('Bad_Name'), host: emulator.domain })).status).toBe(409);
    expect((await send(emulator, { ...create('good'), host: emulator.domain })).status).toBe(401);
    expect((await manage(emulator, create('good'))).status).toBe(201);
  });

  it('let others in as their access control says', async () => {
    const emulator = await start();
    await put(emulator, 'public/a', 'content');
    const set = (control: unknown, type = 'application/json') =>
      manage(emulator, {
        method: 'PUT',
        target: `${COLLECTIONS}/box?access_control=update`,
        body: JSON.stringify(control),
        headers: { 'content-type': type },
      });
    const anonymous = async (method = 'GET', target = '/data/public/a', headers = {}) =>
      (await send(emulator, { method, target, headers })).status;
    expect(await anonymous()).toBe(401);
    await set({
      version: '1.0',
      allow_unauth_read: true,
      locations: [{ prefix: '/data/private/', allow_unauth_read: false }],
    });
    expect([await anonymous(), await anonymous('DELETE'), await anonymous('GET', '/data/')]).toEqual([200, 401, 401]);
    expect(await anonymous('GET', '/data/public/a?action=meta')).toBe(401);
    expect(await anonymous('GET', '/data/private/x')).toBe(401);
    expect((await set({ version: '1.0', surprise: 1 })).status).toBe(400);
    await set({ version: '1.0', unauth_referrer_whitelist: ['example.com/app'] });
    // Binds who signs, too; and the refusal of a read fails itself.
    expect((await get(emulator, '/data/public/a')).status).toBe(500);
    expect((await get(emulator, '/data/public/a', { referer: 'https://example.com/app/x' })).status).toBe(200);
    await set({ version: '1.0', allow_unauth_read: true }, 'application/json; charset=utf-8');
    expect(await anonymous()).toBe(401);
  });

  it('tell what was done with them', async () => {
    const emulator = await start();
    await put(emulator, 'a', 'content');
    await get(emulator, '/data/a');
    const { json } = await manage(emulator, { target: `${COLLECTIONS}/box?action=space_usage` });
    const [day] = json['operational_stats'] as Record<string, unknown>[];
    expect(day).toMatchObject({ archive_success: 1, retrieve_success: 1, success_bytes_in: 7, success_bytes_out: 7 });
  });
});

it('a body that a fault cuts short looks whole', async () => {
  const emulator = await start();
  await put(emulator, 'a', '0123456789');
  emulator.faults.add({ fault: { kind: 'truncate', afterBytes: 4 }, times: 1 });
  const { status, body } = await get(emulator, '/data/a');
  expect([status, body.toString()]).toEqual([200, '0123']);
});

it('a head that is too long is refused', async () => {
  const emulator = await start();
  expect((await put(emulator, `a?__nimbus_io__x=${'y'.repeat(8192)}`, 'content')).status).toBe(400);
});
