import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { ctx, get, open, startHttp, startRaw } from './servers.js';

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('a request', () => {
  it('is sent exactly as it is given', async () => {
    let head = '';
    const server = await startRaw((socket, text) => {
      head = text;
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const path = "/b/../a//./%2e/it's?x=[1]&y={}|^";
    const response = await open().send(
      get(server.origin, { path, headers: ['x-b', '1', 'x-a', '2', 'x-b', '3'] }),
      ctx,
    );
    expect(response.bytes.toString()).toBe('ok');
    expect(head.split('\r\n')).toEqual([
      `GET ${path} HTTP/1.1`,
      `host: 127.0.0.1:${server.port}`,
      'connection: keep-alive',
      'x-b: 1',
      'x-a: 2',
      'x-b: 3',
    ]);
  });

  it('carries a buffer of any size', async () => {
    const server = await startHttp((request, response) => {
      void buffer(request).then((body) => {
        response.end(JSON.stringify({ length: request.headers['content-length'], sha256: sha256(body) }));
      });
    });
    const transport = open();
    for (const size of [0, 1, 1024, 1_048_576, 5_000_000]) {
      const body = randomBytes(size);
      const response = await transport.send(get(server.origin, { method: 'PUT', body }), ctx);
      expect(JSON.parse(response.bytes.toString())).toEqual({ length: String(size), sha256: sha256(body) });
    }
  });

  it('carries a stream, with its size or without', async () => {
    const server = await startHttp((request, response) => {
      void buffer(request).then((body) => {
        response.end(`${request.headers['content-length'] ?? request.headers['transfer-encoding']} ${sha256(body)}`);
      });
    });
    const transport = open();
    const content = randomBytes(300_000);
    for (const size of [content.length, undefined]) {
      const body = { size, open: () => Readable.from([content.subarray(0, 70_000), content.subarray(70_000)]) };
      const response = await transport.send(get(server.origin, { method: 'PUT', body }), ctx);
      expect(response.bytes.toString()).toBe(`${size ?? 'chunked'} ${sha256(content)}`);
    }
  });

  it('is refused before it is sent when it cannot be a request', async () => {
    const server = await startHttp((_request, response) => response.end());
    const transport = open();
    for (const bad of [
      get(server.origin, { headers: ['x-a', 'new\r\nline'] }),
      get(server.origin, { path: '/a b' }),
      get('http://127.0.0.1/path'),
      get('ftp://127.0.0.1'),
      get('not an address'),
    ]) {
      await expect(transport.send(bad, ctx)).rejects.toMatchObject({ code: 'invalid-argument' });
    }
    expect(server.sockets).toHaveLength(0);
  });

  it('does not repeat user and password of an endpoint in the error', async () => {
    const failure = open().send(get('http://user:S3CR3T@127.0.0.1'), ctx);
    await expect(failure).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.not.stringContaining('S3CR3T'),
    });
  });
});

describe('an answer', () => {
  it('is given whatever its status, with its body', async () => {
    const server = await startHttp((request, response) => {
      response.writeHead(Number(request.url?.slice(1)), { 'x-a': '1' }).end('text');
    });
    const transport = open();
    for (const status of [200, 206, 301, 404, 500]) {
      const response = await transport.send(get(server.origin, { path: `/${status}`, want: 'bytes' }), ctx);
      expect([response.status, response.ok, response.bytes.toString()]).toEqual([status, status < 300, 'text']);
    }
  });

  it('of a redirect is not followed', async () => {
    const server = await startHttp((_request, response) => response.writeHead(307, { location: '/other' }).end());
    const response = await open().send(get(server.origin), ctx);
    expect(response.status).toBe(307);
    expect(response.header('location')).toBe('/other');
    expect(server.sockets).toHaveLength(1);
  });

  it('passes over informational answers', async () => {
    const server = await startRaw((socket) => {
      socket.write('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n');
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const response = await open().send(get(server.origin), ctx);
    expect([response.status, response.bytes.toString()]).toEqual([200, 'ok']);
  });

  it('gives headers by name in lower case, joined, as UTF-8 or Latin-1', async () => {
    const server = await startRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nETag: "x"\r\nX-Amz-Meta-A: ');
      socket.write(Buffer.from('é', 'utf8'));
      socket.write(
        Buffer.from(
          '\r\nX-Amz-Meta-B: \xe9\r\nSet-Thing: 1\r\nset-thing: 2\r\nX_Y: z\r\nContent-Length: 0\r\n\r\n',
          'latin1',
        ),
      );
    });
    const response = await open().send(get(server.origin), ctx);
    expect(response.header('etag')).toBe('"x"');
    expect(response.header('set-thing')).toBe('1, 2');
    expect(response.header('x_y')).toBe('z');
    expect(response.header('x-y')).toBeUndefined();
    expect(response.headersWithPrefix('x-amz-meta-')).toEqual(['a', 'é', 'b', 'é']);
  });

  it('that is compressed stays as it is: nobody asked for that', async () => {
    const zipped = Buffer.from('1f8b08000000000000034bcf0400d4b9e5a603000000', 'hex');
    let asked: string | undefined;
    const server = await startHttp((request, response) => {
      asked = request.headers['accept-encoding'];
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': zipped.length }).end(zipped);
    });
    const response = await open().send(get(server.origin), ctx);
    expect(asked).toBeUndefined();
    expect(response.bytes).toEqual(zipped);
    expect(response.header('content-encoding')).toBe('gzip');
  });

  it('to HEAD has headers and no body, and its connection is used again', async () => {
    const server = await startHttp((_request, response) => response.writeHead(200, { 'content-length': 1000 }).end());
    const transport = open();
    for (let at = 0; at < 3; at += 1) {
      const response = await transport.send(get(server.origin, { method: 'HEAD' }), ctx);
      expect([response.header('content-length'), response.bytes.length]).toEqual(['1000', 0]);
    }
    expect(server.sockets).toHaveLength(1);
  });

  it('is collected whole from many pieces, with a length or without', async () => {
    const content = randomBytes(700_000);
    const server = await startHttp((request, response) => {
      if (request.url === '/length') response.setHeader('content-length', content.length);
      Readable.from([content.subarray(0, 1), content.subarray(1, 65_000), content.subarray(65_000)]).pipe(response);
    });
    const transport = open();
    for (const path of ['/length', '/chunked']) {
      const { bytes } = await transport.send(get(server.origin, { path }), ctx);
      expect(bytes.equals(content)).toBe(true);
    }
  });

  it('that is a document shares no memory with another until it is released', async () => {
    const contents = Array.from({ length: 6 }, () => randomBytes(300_000));
    const server = await startHttp(({ url = '' }, response) => {
      const content = contents[Number(url.slice(1))]!;
      response.writeHead(200, { 'content-length': content.length });
      Readable.from([content.subarray(0, 1000), content.subarray(1000, 200_000), content.subarray(200_000)]).pipe(
        response,
      );
    });
    const transport = open();
    const ask = (number: number, want: 'bytes' | 'document') =>
      transport.send(get(server.origin, { path: `/${number}`, want }), ctx);
    const [kept, first, second] = await Promise.all([ask(0, 'bytes'), ask(1, 'document'), ask(2, 'document')]);
    const memory = new Set([first.bytes.buffer, second.bytes.buffer]);
    expect([kept, first, second].map(({ bytes }) => sha256(bytes))).toEqual(contents.slice(0, 3).map(sha256));
    for (const released of [kept, first, second, second]) released.release();
    expect(first.bytes).toHaveLength(0);

    const later = [await ask(3, 'document'), await ask(4, 'document'), await ask(5, 'bytes')];
    expect(later.map(({ bytes }) => sha256(bytes))).toEqual(contents.slice(3).map(sha256));
    expect(sha256(kept.bytes)).toBe(sha256(contents[0]!));
    expect(later.map(({ bytes }) => memory.has(bytes.buffer))).toEqual([true, true, false]);
  });

  it('to an upload may come before the upload is over', async () => {
    const server = await startHttp((_request, response) => {
      response.writeHead(403).end('no');
    });
    const body = {
      size: 10_000_000,
      open: () => Readable.from(Array.from({ length: 1000 }, () => Buffer.alloc(10_000))),
    };
    const transport = open();
    const response = await transport.send(get(server.origin, { method: 'PUT', body }), ctx);
    expect([response.status, response.bytes.toString()]).toEqual([403, 'no']);
    expect((await transport.send(get(server.origin), ctx)).status).toBe(403);
  });
});

describe('a stream', () => {
  it('gives the body as it comes', async () => {
    const content = randomBytes(3_000_000);
    const server = await startHttp((_request, response) => response.end(content));
    const { stream, bytes } = await open().send(get(server.origin, { want: 'stream' }), ctx);
    expect(bytes).toHaveLength(0);
    expect((await buffer(stream!)).equals(content)).toBe(true);
  });

  it('holds the server back while nobody reads', async () => {
    let sent = 0;
    const server = await startHttp((_request, response) => {
      const source = new Readable({
        read() {
          sent += 65_536;
          this.push(sent > 400_000_000 ? null : Buffer.alloc(65_536));
        },
      });
      source.pipe(response);
    });
    const { stream } = await open().send(get(server.origin, { want: 'stream' }), ctx);
    let last = -1;
    await expect
      .poll(
        () => {
          const isStill = sent === last;
          last = sent;
          return isStill;
        },
        { interval: 200 },
      )
      .toBe(true);
    expect(stream!.readableLength).toBeLessThan(1_000_000);
    expect(sent).toBeLessThan(100_000_000);
    stream!.destroy();
    await expect.poll(() => server.sockets[0]!.destroyed).toBe(true);
  });

  it('is not made of an error: that is collected', async () => {
    const server = await startHttp((_request, response) => response.writeHead(404).end('<Error/>'));
    const response = await open().send(get(server.origin, { want: 'stream' }), ctx);
    expect([response.stream, response.bytes.toString()]).toEqual([undefined, '<Error/>']);
  });

  it('that is destroyed early costs one connection and no more', async () => {
    const server = await startHttp((_request, response) => response.end(Buffer.alloc(5_000_000)));
    const transport = open({ maxConnections: 1 });
    for (let at = 0; at < 3; at += 1) {
      const { stream } = await transport.send(get(server.origin, { want: 'stream' }), ctx);
      stream!.destroy();
    }
    const { bytes } = await transport.send(get(server.origin), ctx);
    expect(bytes).toHaveLength(5_000_000);
  });
});

describe('connections', () => {
  it('are kept and used again', async () => {
    const server = await startHttp((_request, response) => response.end('ok'));
    const transport = open();
    for (let at = 0; at < 20; at += 1) await transport.send(get(server.origin), ctx);
    expect(server.sockets).toHaveLength(1);
  });

  it('are never more than asked for; other requests wait in turn', async () => {
    const order: string[] = [];
    const server = await startHttp((request, response) => {
      order.push(request.url!);
      setTimeout(() => response.end(), 5);
    });
    const transport = open({ maxConnections: 2 });
    const paths = Array.from({ length: 20 }, (_, at) => `/${at}`);
    await Promise.all(paths.map((path) => transport.send(get(server.origin, { path }), ctx)));
    expect(order).toEqual(paths);
    expect(server.sockets.length).toBeLessThanOrEqual(2);
  });

  it('that the server closes while they are idle are not used again', async () => {
    const server = await startHttp((_request, response) => response.end('ok'));
    const transport = open();
    for (let at = 0; at < 3; at += 1) {
      await transport.send(get(server.origin), ctx);
      const socket = server.sockets.at(-1)!;
      socket.destroy();
      await once(socket, 'close');
    }
    expect(server.sockets).toHaveLength(3);
  });

  it('are closed after an answer that says so', async () => {
    const server = await startHttp((_request, response) => response.writeHead(200, { connection: 'close' }).end('ok'));
    const transport = open();
    await transport.send(get(server.origin), ctx);
    await transport.send(get(server.origin), ctx);
    expect(server.sockets).toHaveLength(2);
  });

  it('go with the transport: what is under way and what waits fails as closed', async () => {
    const server = await startHttp(() => undefined);
    const transport = open({ maxConnections: 1 });
    const pending = Promise.allSettled([0, 1].map(() => transport.send(get(server.origin), ctx)));
    await expect.poll(() => server.sockets.length).toBe(1);
    await transport.close();
    const closed = { status: 'rejected', reason: { code: 'closed', retryable: false } };
    expect(await pending).toMatchObject([closed, closed]);
    await expect(transport.send(get(server.origin), ctx)).rejects.toMatchObject({ code: 'closed' });
    await expect.poll(() => server.sockets[0]!.destroyed).toBe(true);
  });
});

describe('options', () => {
  it.each([{ maxConnections: 0 }, { connectTimeoutMs: -1 }, { headersTimeoutMs: 1.5 }, { bodyTimeoutMs: NaN }])(
    'refuse %o',
    (options) => {
      expect(() => open(options)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    },
  );
});
