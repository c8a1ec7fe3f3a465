import { getEventListeners, once } from 'node:events';
import type { Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { StorageError } from '@stowage/core/spi';
import { describe, expect, it } from 'vitest';
import { ctx, get, open, startHttp, startRaw } from './servers.js';

const fast = { headersTimeoutMs: 300, bodyTimeoutMs: 300, connectTimeoutMs: 1000 };

describe('a server', () => {
  it('whose headers never come ends in a timeout', async () => {
    const server = await startRaw(() => undefined);
    await expect(open(fast).send(get(server.origin), ctx)).rejects.toMatchObject({
      code: 'timeout',
      retryable: true,
      requestSent: true,
      message: expect.stringContaining('did not answer GET within 300 ms'),
    });
    await expect.poll(() => server.sockets[0]!.destroyed).toBe(true);
  });

  it('may think longer over a request that says so', async () => {
    const server = await startHttp((_request, response) => void setTimeout(() => response.end('ok'), 1700));
    const response = await open(fast).send(get(server.origin, { headersTimeoutMs: 10_000 }), ctx);
    expect(response.bytes.toString()).toBe('ok');
  });

  it('that stops in the middle of the body ends in a timeout, collected or streamed', async () => {
    const server = await startRaw((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'));
    const transport = open(fast);
    const stalled = {
      code: 'timeout',
      retryable: true,
      message: expect.stringContaining('in the middle of its answer'),
    };
    await expect(transport.send(get(server.origin), ctx)).rejects.toMatchObject(stalled);
    const { stream } = await transport.send(get(server.origin, { want: 'stream' }), ctx);
    await expect(buffer(stream!)).rejects.toMatchObject(stalled);
  });

  it('that takes nothing of a body ends in a timeout', async () => {
    const server = await startRaw((socket) => socket.pause());
    const body = { size: undefined, open: () => Readable.from(endless()) };
    await expect(open(fast).send(get(server.origin, { method: 'PUT', body }), ctx)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('took nothing of the body for 300 ms'),
    });
  });

  it('is not blamed for a source that is slow', async () => {
    const server = await startHttp((request, response) => {
      void buffer(request).then((body) => response.end(body));
    });
    const source = new PassThrough();
    source.write('a');
    setTimeout(() => source.end('b'), 1500);
    const response = await open(fast).send(
      get(server.origin, { method: 'PUT', body: { size: 2, open: () => source } }),
      ctx,
    );
    expect(response.bytes.toString()).toBe('ab');
  });

  it.each([
    ['before it answers', (socket: Socket) => socket.resetAndDestroy(), /before it answered/],
    ['politely, before it answers', (socket: Socket) => socket.end(), /before it answered/],
    [
      'in the middle of the headers',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'),
      /closed the connection/,
    ],
    [
      'in the middle of the body',
      (socket: Socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc');
        setTimeout(() => socket.resetAndDestroy(), 20);
      },
      /in the middle|all of the announced body/,
    ],
    [
      'short of the announced body',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'),
      /in the middle|all of the announced body/,
    ],
    [
      'in the middle of a chunk',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc'),
      /in the middle|all of the announced body/,
    ],
    [
      'between chunks',
      (socket: Socket) =>
        socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n'),
      /in the middle|all of the announced body/,
    ],
  ])(
    'that closes the connection %s is unavailable, and the request may be tried again',
    async (_when, answer, message) => {
      const server = await startRaw((socket) => answer(socket));
      const transport = open(fast);
      const lost = { code: 'unavailable', retryable: true, requestSent: true, message: expect.stringMatching(message) };
      await expect(transport.send(get(server.origin), ctx)).rejects.toMatchObject(lost);
      const streamed = transport
        .send(get(server.origin, { want: 'stream' }), ctx)
        .then(async ({ stream }) => buffer(stream!));
      await expect(streamed).rejects.toMatchObject(lost);
    },
  );

  it('that sends more than it announced does not get the rest into the next answer', async () => {
    let count = 0;
    const server = await startRaw((socket) => {
      count += 1;
      socket.write(
        `HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n${count}bcHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`,
      );
    });
    const transport = open(fast);
    for (const expected of ['1bc', '2bc', '3bc']) {
      const { bytes } = await transport.send(get(server.origin), ctx);
      expect(bytes.toString()).toBe(expected);
    }
  });

  it('that announces two lengths is not trusted', async () => {
    const server = await startRaw((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde'),
    );
    await expect(open(fast).send(get(server.origin), ctx)).rejects.toMatchObject({ name: 'StorageError' });
  });

  it('that sends headers of 10 MB is cut off, memory flat', async () => {
    const server = await startRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nX-Long: ');
      const chunk = Buffer.alloc(100_000, 'a');
      const more = (): void => {
        if (!socket.destroyed) socket.write(chunk, more);
      };
      more();
    });
    const before = process.memoryUsage().rss;
    await expect(open(fast).send(get(server.origin), ctx)).rejects.toMatchObject({
      code: 'unknown',
      retryable: false,
      message: expect.stringContaining('more than 65536 bytes'),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it('that speaks no HTTP is told from one that does', async () => {
    const server = await startRaw((socket) => socket.write('SSH-2.0-OpenSSH_9.2 S3CR3T\r\n\r\n'));
    const failure: unknown = await open(fast)
      .send(get(server.origin), ctx)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unknown', message: expect.stringContaining('did not answer in HTTP') });
    expect(inspect(failure, { depth: 5 })).not.toContain('S3CR3T');
  });

  it('that never ends an error body has it cut', async () => {
    const server = await startRaw((socket) => {
      socket.write('HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n');
      const chunk = `2710\r\n${'e'.repeat(10_000)}\r\n`;
      const more = (): void => {
        if (!socket.destroyed) socket.write(chunk, more);
      };
      more();
    });
    const response = await open({ ...fast, maxErrorBytes: 50_000 }).send(get(server.origin, { want: 'stream' }), ctx);
    expect(response.status).toBe(500);
    expect(response.bytes.length).toBeLessThan(200_000);
    await expect.poll(() => server.sockets[0]!.destroyed).toBe(true);
  });

  it('that never ends a body meets the bound of the request', async () => {
    const server = await startHttp((_request, response) => void Readable.from(endless()).pipe(response));
    await expect(open(fast).send(get(server.origin, { maxBytes: 1_000_000 }), ctx)).rejects.toMatchObject({
      code: 'unknown',
      retryable: false,
      message: expect.stringContaining('more than 1000000 bytes'),
    });
    await expect.poll(() => server.sockets[0]!.destroyed).toBe(true);
  });

  it('that announces gigabytes and sends little does not cost gigabytes', async () => {
    const server = await startRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nabc');
      setTimeout(() => socket.write('def'), 10);
      setTimeout(() => socket.destroy(), 50);
    });
    const before = process.memoryUsage().arrayBuffers;
    await expect(open(fast).send(get(server.origin), ctx)).rejects.toMatchObject({ code: 'unavailable' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100e6);
  });
});

async function* endless(): AsyncIterable<Buffer> {
  for (;;) {
    await new Promise(setImmediate);
    yield Buffer.alloc(65_536);
  }
}

describe('a server that cannot be reached', () => {
  it('because nothing listens is unavailable, and nothing was sent', async () => {
    const server = await startRaw(() => undefined);
    const { port } = server;
    const free = port === 65_535 ? port - 1 : port + 1;
    await expect(open(fast).send(get(`http://127.0.0.1:${free}`), ctx)).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
      requestSent: false,
      providerCode: 'ECONNREFUSED',
      message: `No connection to 127.0.0.1:${free}: nothing listens there (ECONNREFUSED).`,
    });
  });

  it('because its name does not exist is named', async () => {
    await expect(open(fast).send(get('http://no-such-host.invalid'), ctx)).rejects.toMatchObject({
      code: 'unavailable',
      requestSent: false,
      message: expect.stringContaining('no-such-host.invalid:80'),
    });
  });

  it('because TLS never answers ends in a timeout', async () => {
    const server = await startRaw(() => undefined);
    await expect(open(fast).send(get(`https://127.0.0.1:${server.port}`), ctx)).rejects.toMatchObject({
      code: 'timeout',
      retryable: true,
      requestSent: false,
      message: `No connection to 127.0.0.1:${server.port} within 1000 ms.`,
    });
    await expect.poll(() => server.sockets[0]!.destroyed).toBe(true);
  });
});

describe("the caller's signal", () => {
  it('that fired already sends nothing', async () => {
    const server = await startHttp((_request, response) => response.end());
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(open().send(get(server.origin), { ...ctx, signal })).rejects.toMatchObject({
      code: 'aborted',
      requestSent: false,
      cause: expect.objectContaining({ message: 'enough' }),
    });
    expect(server.sockets).toHaveLength(0);
  });

  it('ends a request whose answer has not come, down to the socket', async () => {
    const server = await startHttp(() => undefined);
    const controller = new AbortController();
    const pending = open().send(get(server.origin), { ...ctx, signal: controller.signal });
    await expect.poll(() => server.sockets.length).toBe(1);
    controller.abort();
    await expect(pending).rejects.toMatchObject({ code: 'aborted', retryable: false });
    await expect.poll(() => server.sockets[0]!.destroyed).toBe(true);
  });

  it('ends a connection that does not stand yet', async () => {
    const server = await startRaw(() => undefined);
    const controller = new AbortController();
    const pending = open().send(get(`https://127.0.0.1:${server.port}`), { ...ctx, signal: controller.signal });
    await expect.poll(() => server.sockets.length).toBe(1);
    controller.abort();
    await expect(pending).rejects.toMatchObject({ code: 'aborted', requestSent: false });
    await expect.poll(() => server.sockets[0]!.destroyed).toBe(true);
  });

  it('ends a request that waits for a connection and leaves the others alone', async () => {
    let release: () => void = () => undefined;
    const server = await startHttp((_request, response) => (release = () => response.end('ok')));
    const transport = open({ maxConnections: 1 });
    const first = transport.send(get(server.origin), ctx);
    await expect.poll(() => server.sockets.length).toBe(1);
    const controller = new AbortController();
    const waiting = transport.send(get(server.origin, { path: '/aborted' }), { ...ctx, signal: controller.signal });
    const last = transport.send(get(server.origin), ctx);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'aborted', requestSent: false });
    release();
    expect((await first).bytes.toString()).toBe('ok');
    await expect.poll(() => (release(), true)).toBe(true);
    const timer = setInterval(() => release(), 5);
    expect((await last).bytes.toString()).toBe('ok');
    clearInterval(timer);
    expect(server.sockets).toHaveLength(1);
  });

  it('ends a stream with its reason', async () => {
    const server = await startHttp((_request, response) =>
      response.writeHead(200, { 'content-length': 100 }).write('abc'),
    );
    const controller = new AbortController();
    const { stream } = await open().send(get(server.origin, { want: 'stream' }), { ...ctx, signal: controller.signal });
    const failed = once(stream!, 'error');
    controller.abort(new StorageError('timeout', 'the whole call took too long'));
    expect((await failed)[0]).toMatchObject({ code: 'timeout', message: 'the whole call took too long' });
    await expect.poll(() => server.sockets[0]!.destroyed).toBe(true);
  });

  it('of a timeout is a timeout', async () => {
    const server = await startHttp(() => undefined);
    await expect(open().send(get(server.origin), { ...ctx, signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      code: 'timeout',
    });
  });

  it('destroys the body that was being sent', async () => {
    const server = await startRaw((socket) => socket.pause());
    const controller = new AbortController();
    const source = Readable.from(endless());
    const body = { size: undefined, open: () => source };
    const pending = open().send(get(server.origin, { method: 'PUT', body }), { ...ctx, signal: controller.signal });
    await expect.poll(() => server.sockets.length).toBe(1);
    controller.abort();
    await expect(pending).rejects.toMatchObject({ code: 'aborted' });
    await expect.poll(() => source.destroyed).toBe(true);
  });

  it('costs one listener, however many requests share it, and none afterwards', async () => {
    const server = await startHttp((_request, response) => response.end('ok'));
    const { signal } = new AbortController();
    let added = 0;
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      added += 1;
      add(...args);
    };
    const transport = open();
    await Promise.all(Array.from({ length: 50 }, () => transport.send(get(server.origin), { ...ctx, signal })));
    expect(added).toBe(1);
    await expect.poll(() => getEventListeners(signal, 'abort').length).toBe(0);
  });
});

describe('a body to send', () => {
  it('that fails fails the request, with its own error as the cause', async () => {
    const server = await startHttp(() => undefined);
    const source = new PassThrough();
    source.write('abc');
    setTimeout(() => source.destroy(new Error('disk on fire')), 20);
    const pending = open().send(get(server.origin, { method: 'PUT', body: { size: 10, open: () => source } }), ctx);
    await expect(pending).rejects.toMatchObject({
      code: 'unknown',
      retryable: false,
      message: 'The body to send cannot be read: disk on fire',
    });
  });

  it('that cannot be opened fails the request and frees its place', async () => {
    const server = await startHttp((_request, response) => response.end('ok'));
    const transport = open({ maxConnections: 1 });
    const body = {
      size: 1,
      open: () => {
        throw new StorageError('invalid-argument', 'no such file');
      },
    };
    await expect(transport.send(get(server.origin, { method: 'PUT', body }), ctx)).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    expect((await transport.send(get(server.origin), ctx)).status).toBe(200);
  });

  it.each([
    { given: 5, size: 10 },
    { given: 15, size: 10 },
  ])('of $given bytes that says $size is refused', async ({ given, size }) => {
    const server = await startHttp((request) => void request.resume());
    const body = { size, open: () => Readable.from([Buffer.alloc(given)]) };
    await expect(open(fast).send(get(server.origin, { method: 'PUT', body }), ctx)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('another number of bytes'),
    });
  });

  it('is destroyed when there is no connection to send it over', async () => {
    const source = Readable.from(endless());
    const body = { size: undefined, open: () => source };
    await expect(open(fast).send(get('http://127.0.0.1:1', { method: 'PUT', body }), ctx)).rejects.toMatchObject({
      requestSent: false,
    });
    await expect.poll(() => source.destroyed).toBe(true);
  });
});
