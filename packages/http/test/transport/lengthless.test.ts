import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { get, open, startRaw } from './servers.js';

const HEAD = 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n';

describe('a body that ends where the connection does', () => {
  it.each([0, 1, 300_000, 5_000_000])('comes whole to a reader who is late (%i bytes)', async (size) => {
    const body = randomBytes(size);
    let sent: Promise<unknown> | undefined;
    const server = await startRaw((socket: Socket) => {
      socket.write(HEAD);
      sent = new Promise((resolve) => socket.end(body, () => resolve(undefined)));
    });
    const { stream } = await open().send(get(server.origin, { want: 'stream' }), { attempt: 1 });
    // A small one has arrived with its end before anybody reads; of a large one the system takes as much as it can.
    if (size < 1_000_000) await sent;
    expect((await buffer(stream!)).equals(body)).toBe(true);
  });

  it('slows the other side down while nobody reads', async () => {
    const size = 64 * 1024 * 1024;
    let socket: Socket | undefined;
    const server = await startRaw((accepted) => {
      socket = accepted;
      accepted.write(HEAD);
      accepted.end(Buffer.alloc(size));
    });
    const { stream } = await open().send(get(server.origin, { want: 'stream' }), { attempt: 1 });
    await once(stream!, 'readable');
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket!.writableLength).toBeGreaterThan(size / 4);
    let received = 0;
    for await (const chunk of stream!) received += (chunk as Buffer).length;
    expect(received).toBe(size);
  });

  it('is given up with the connection', async () => {
    const server = await startRaw((socket) => void socket.write(HEAD + 'x'.repeat(2_000_000)));
    const controller = new AbortController();
    const { stream } = await open().send(get(server.origin, { want: 'stream' }), {
      attempt: 1,
      signal: controller.signal,
    });
    await once(stream!, 'readable');
    controller.abort();
    await expect(buffer(stream!)).rejects.toMatchObject({ code: 'aborted' });
    await expect.poll(() => server.sockets[0]!.destroyed).toBe(true);
  });
});
