import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ctx, get, open, startHttp, startRaw } from '../transport/servers.js';

const CHANNELS = ['start', 'answer', 'end', 'error'].map((name) => `stowage:request:${name}`);

function record(): { name: string; message: Record<string, unknown> }[] {
  const messages: { name: string; message: Record<string, unknown> }[] = [];
  const listener = (message: unknown, name: string | symbol): void => {
    messages.push({ name: String(name).split(':')[2]!, message: message as Record<string, unknown> });
  };
  for (const name of CHANNELS) subscribe(name, listener);
  onTestFinished(() => CHANNELS.forEach((name) => unsubscribe(name, listener)));
  return messages;
}

const secretHeaders = [
  'authorization',
  'AWS4 S3CR3T',
  'x-amz-security-token',
  'S3CR3T',
  'x-amz-date',
  '20240101T000000Z',
];

describe('the channels', () => {
  it('tell of start, answer and end of each request, without secrets', async () => {
    const server = await startHttp((_request, response) =>
      response.writeHead(200, { 'set-cookie': 'S3CR3T', etag: '"x"' }).end('12345'),
    );
    const messages = record();
    const request = get(server.origin, { path: '/b/k?X-Amz-Signature=S3CR3T&a=1', headers: [...secretHeaders] });
    await open().send(request, { attempt: 2 });
    expect(messages.map(({ name }) => name)).toEqual(['start', 'answer', 'end']);
    expect(messages[0]!.message).toMatchObject({
      method: 'GET',
      origin: server.origin,
      path: '/b/k?X-Amz-Signature=[redacted]&a=1',
      headers: ['authorization', '[redacted]', 'x-amz-security-token', '[redacted]', 'x-amz-date', '20240101T000000Z'],
      attempt: 2,
    });
    expect(messages[1]!.message).toMatchObject({
      status: 200,
      responseHeaders: expect.arrayContaining(['etag', '"x"']),
    });
    expect(messages[2]!.message).toMatchObject({ status: 200, receivedBytes: 5, durationMs: expect.any(Number) });
    expect(new Set(messages.map(({ message }) => message['id']))).toHaveProperty('size', 1);
    expect(JSON.stringify(messages)).not.toContain('S3CR3T');
  });

  it('tell of the bytes of a stream when it ends', async () => {
    const server = await startHttp((_request, response) => response.end(Buffer.alloc(100_000)));
    const messages = record();
    const { stream } = await open().send(get(server.origin, { want: 'stream' }), ctx);
    await stream!.resume().toArray();
    expect(messages.at(-1)).toMatchObject({ name: 'end', message: { receivedBytes: 100_000 } });
  });

  it('tell of an error', async () => {
    const server = await startRaw((socket) => socket.destroy());
    const messages = record();
    await expect(open().send(get(server.origin), ctx)).rejects.toMatchObject({ code: 'unavailable' });
    expect(messages.map(({ name }) => name)).toEqual(['start', 'error']);
    expect(messages[1]!.message).toMatchObject({ status: undefined, error: { code: 'unavailable' } });
  });
});

describe('STOWAGE_DEBUG', () => {
  it('with a path appends a wire log that only the user can read, without secrets', async () => {
    const server = await startHttp((_request, response) =>
      response.writeHead(404, { 'set-cookie': 'S3CR3T' }).end('gone'),
    );
    const folder = mkdtempSync(join(tmpdir(), 'stowage-log-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'wire.log');
    const transport = open({ env: { STOWAGE_DEBUG: path } });
    await transport.send(get(server.origin, { path: '/k?Signature=S3CR3T', headers: [...secretHeaders] }), {
      attempt: 3,
    });
    const log = readFileSync(path, 'utf8');
    expect(log).toMatch(
      /> GET http:\/\/127\.0\.0\.1:\d+\/k\?Signature=\[redacted\] \(attempt 3\)\n#\d+ > authorization: \[redacted\]/,
    );
    expect(log).toMatch(/< 404 after [\d.]+ ms\n(#\d+ < .*\n)*#\d+ < set-cookie: \[redacted\]/);
    expect(log).toMatch(/= 4 bytes, [\d.]+ ms/);
    expect(log).not.toContain('S3CR3T');
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it('with "http" writes to standard error', async () => {
    const server = await startRaw((socket) => socket.destroy());
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => write.mockRestore());
    await open({ env: { STOWAGE_DEBUG: 'http' } })
      .send(get(server.origin), ctx)
      .catch(() => undefined);
    const written = write.mock.calls.map(([text]) => String(text)).join('');
    expect(written).toMatch(/> GET .*! unavailable: /s);
  });

  it('with a path that cannot be written does not fail a request', async () => {
    const server = await startHttp((_request, response) => response.end('ok'));
    const response = await open({ env: { STOWAGE_DEBUG: '/no/such/folder/log' } }).send(get(server.origin), ctx);
    expect(response.bytes.toString()).toBe('ok');
  });
});
