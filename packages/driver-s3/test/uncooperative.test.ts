import { createServer, type Socket } from 'node:net';
import { type Container, openStorage, type StorageError } from '@stowage/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { driver } from '../src/index.js';

/** A server that does with each connection what it is told. */
async function openAt(onRequest: (socket: Socket, request: string) => void): Promise<Container> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => onRequest(socket, data.toString('latin1')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const settings = { endpoint: `http://127.0.0.1:${String(port)}`, user: 'AKID', key: 'secret' };
  const storage = openStorage(driver, { ...settings, headersTimeoutMs: 300, bodyTimeoutMs: 300 }, { retry: false });
  onTestFinished(async () => {
    await storage.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return storage.container('box');
}

function answerOf(body: string, status = '200 OK', headers = ''): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n${headers}\r\n${body}`;
}

async function failureOf(call: Promise<unknown>): Promise<StorageError> {
  const startMs = performance.now();
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error as StorageError,
  );
  expect(failure).toBeDefined();
  expect(performance.now() - startMs).toBeLessThan(5000);
  return failure as StorageError;
}

describe('a server', () => {
  it('whose headers never come ends in a timeout', async () => {
    const box = await openAt(() => undefined);
    expect((await failureOf(box.object('k').bytes())).code).toBe('timeout');
    expect((await failureOf(box.put('k', 'x'))).code).toBe('timeout');
  });

  it('whose body stalls ends in a timeout', async () => {
    const box = await openAt((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc'));
    expect((await failureOf(box.object('k').bytes())).code).toBe('timeout');
  });

  it('that lists for ever by one token is stopped', async () => {
    const page =
      '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>same</NextContinuationToken></ListBucketResult>';
    const box = await openAt((socket) => socket.write(answerOf(page)));
    const failure = await failureOf(box.listObjects());
    expect(failure.code).toBe('unknown');
    expect(failure.message).toContain('same');
  });

  it('that answers 200 with an error inside is not believed', async () => {
    const error = '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>No</Message></Error>';
    const box = await openAt((socket) => socket.write(answerOf(error)));
    expect((await failureOf(box.listObjects())).code).toBe('permission-denied');
    expect((await failureOf(box.object('k').copyTo({ key: 'c' }))).code).toBe('permission-denied');
  });

  it('that sends an XML bomb costs neither time nor memory', async () => {
    const entities = Array.from({ length: 10 }, (_, level) => {
      const inner = level === 0 ? 'lol' : `&l${String(level - 1)};`.repeat(10);
      return `<!ENTITY l${String(level)} "${inner}">`;
    });
    const bomb = `<?xml version="1.0"?><!DOCTYPE x [${entities.join('')}]><ListBucketResult>&l9;</ListBucketResult>`;
    const box = await openAt((socket) => socket.write(answerOf(bomb)));
    const before = process.memoryUsage().rss;
    expect((await failureOf(box.listObjects())).code).toBe('unknown');
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 ** 2);
  });

  it('that sends a header of 10 MB is cut off', async () => {
    const box = await openAt((socket) => {
      const chunk = Buffer.alloc(65_536, 'x');
      socket.write('HTTP/1.1 200 OK\r\nX-Huge: ');
      const write = (left: number): void => {
        if (left > 0 && !socket.destroyed) socket.write(chunk, () => write(left - 1));
      };
      write(160);
    });
    const before = process.memoryUsage().rss;
    expect(['unavailable', 'unknown']).toContain((await failureOf(box.object('k').bytes())).code);
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 ** 2);
  });

  it('that is no S3 service at all is told from one', async () => {
    const box = await openAt((socket) => socket.write(answerOf('<html><body>Welcome</body></html>')));
    expect((await failureOf(box.listObjects())).code).toBe('unknown');
  });
});
