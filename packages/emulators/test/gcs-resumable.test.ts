import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GcsEmulator } from '../src/index.js';

const QUANTUM = 256 * 1024;
let emulator: GcsEmulator;
let token: string;

beforeAll(async () => {
  emulator = await GcsEmulator.start();
  token = emulator.issueToken();
  await api('POST', '/storage/v1/b?project=p', JSON.stringify({ name: 'uploads' }));
});

beforeEach(() => emulator.faults.clear());

afterAll(() => emulator.close());

function api(method: string, path: string, body?: string | Buffer, headers: Record<string, string> = {}) {
  return fetch(`${emulator.endpoint}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body !== undefined && { body }),
  });
}

async function start(name: string, query = '', headers: Record<string, string> = {}): Promise<string> {
  const path = `/upload/storage/v1/b/uploads/o?uploadType=resumable&name=${name}${query}`;
  const answer = await api('POST', path, '{}', headers);
  expect(answer.status).toBe(200);
  return answer.headers.get('location') ?? '';
}

/** A piece of an upload; the URI is all the credential that it needs. */
function put(uri: string, range: string, body: Buffer = Buffer.alloc(0)): Promise<Response> {
  return fetch(uri, { method: 'PUT', headers: { 'content-range': range }, body });
}

async function storedBytes(uri: string): Promise<number> {
  const answer = await put(uri, 'bytes */*');
  expect(answer.status).toBe(308);
  const range = answer.headers.get('range');
  return range === null ? 0 : Number(range.slice('bytes=0-'.length)) + 1;
}

describe('resumable uploads', () => {
  it('keeps whole quanta of chunks, and ends with the chunk that makes the total', async () => {
    const body = randomBytes(3 * QUANTUM + 5);
    const uri = await start('chunks');
    expect(await storedBytes(uri)).toBe(0);
    const odd = await put(uri, `bytes 0-${String(QUANTUM + 99)}/*`, body.subarray(0, QUANTUM + 100));
    expect([odd.status, odd.headers.get('range')]).toEqual([308, `bytes=0-${String(QUANTUM - 1)}`]);
    const last = await put(
      uri,
      `bytes ${String(QUANTUM)}-${String(body.length - 1)}/${String(body.length)}`,
      body.subarray(QUANTUM),
    );
    expect(last.status).toBe(200);
    const resource = (await last.json()) as { md5Hash: string; size: string };
    expect(resource).toMatchObject({ size: String(body.length), md5Hash: md5(body) });
  });

  it('ignores bytes that it has, and refuses to leave a gap', async () => {
    const body = randomBytes(2 * QUANTUM);
    const uri = await start('again');
    await put(uri, `bytes 0-${String(QUANTUM - 1)}/*`, body.subarray(0, QUANTUM));
    const gap = await put(uri, `bytes ${String(QUANTUM + 1)}-${String(2 * QUANTUM - 1)}/*`, body.subarray(QUANTUM + 1));
    expect(gap.status).toBe(503);
    const whole = await put(uri, `bytes 0-${String(body.length - 1)}/${String(body.length)}`, body);
    expect(await whole.json()).toMatchObject({ md5Hash: md5(body) });
  });

  it('has only whole quanta of a chunk whose connection broke', async () => {
    const body = randomBytes(4 * QUANTUM);
    const uri = await start('broken');
    const when = ({ operation }: { operation: string }) => operation === 'resumable.put';
    emulator.faults.add({ fault: { kind: 'cut-request', afterBytes: 2 * QUANTUM + 77 }, times: 1, when });
    await expect(put(uri, `bytes 0-${String(body.length - 1)}/${String(body.length)}`, body)).rejects.toThrow();
    expect(await storedBytes(uri)).toBe(2 * QUANTUM);
    const range = `bytes ${String(2 * QUANTUM)}-*/${String(body.length)}`;
    expect(await (await put(uri, range, body.subarray(2 * QUANTUM))).json()).toMatchObject({ md5Hash: md5(body) });
  });

  it('has the object when the answer to the last chunk was lost', async () => {
    const uri = await start('lost');
    emulator.faults.add({ fault: { kind: 'reset', at: 'after-work' }, times: 1 });
    await expect(put(uri, 'bytes 0-3/4', Buffer.from('four'))).rejects.toThrow();
    expect(await (await put(uri, 'bytes */4')).json()).toMatchObject({ name: 'lost', size: '4' });
  });

  it('takes an empty object, and a body without a Content-Range', async () => {
    expect(await (await put(await start('empty'), 'bytes */0')).json()).toMatchObject({ size: '0' });
    const whole = await fetch(await start('whole'), { method: 'PUT', body: Buffer.from('whole') });
    expect(await whole.json()).toMatchObject({ size: '5' });
  });

  it('holds an upload to its announced length and to its conditions', async () => {
    const uri = await start('announced', '', { 'x-upload-content-length': '4' });
    expect((await put(uri, 'bytes 0-4/5', Buffer.from('fives'))).status).toBe(400);
    expect((await put(uri, 'bytes 0-3/*', Buffer.from('four'))).status).toBe(200);
    const taken = await api(
      'POST',
      '/upload/storage/v1/b/uploads/o?uploadType=resumable&name=announced&ifGenerationMatch=0',
      '{}',
    );
    expect(taken.status).toBe(412);
    const racing = await start('racing', '&ifGenerationMatch=0');
    await api('POST', '/upload/storage/v1/b/uploads/o?uploadType=media&name=racing', 'first');
    expect((await put(racing, 'bytes 0-3/4', Buffer.from('late'))).status).toBe(412);
  });

  it('answers 499 to a cancellation and to whatever follows', async () => {
    const uri = await start('cancelled');
    expect((await fetch(uri, { method: 'DELETE' })).status).toBe(499);
    expect((await put(uri, 'bytes */*')).status).toBe(499);
  });
});

function md5(body: Buffer): string {
  return createHash('md5').update(body).digest('base64');
}
