import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Where a server listens. */
export interface ProxyTarget {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  readonly port: number;
}

/** A way to a server that can be cut: for `Harness.truncateNextBody`. */
export interface CuttingProxy {
  /** Where it listens on 127.0.0.1. */
  readonly port: number;
  /**
   * Breaks the connection on which the server sends the last of the next `afterBytes` bytes; default 100,000, which lies within the
   * body of 300,000 bytes that the suite then reads, whatever the protocol, and be it encrypted.
   */
  cutNext(afterBytes?: number): void;
  /** Breaks what is connected, and listens no longer. */
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 and passes every TCP connection on to a server. */
export async function cuttingProxy({ host = '127.0.0.1', port }: ProxyTarget): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let left = Infinity;
  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    // Each end tells its own side what went wrong.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  const server = createServer((client) => {
    const upstream = connect(port, host);
    keep(client, upstream);
    keep(upstream, client);
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      if (chunk.length > left) {
        upstream.pause();
        client.write(chunk.subarray(0, left), () => client.destroy());
        left = Infinity;
        return;
      }
      left -= chunk.length;
      if (client.write(chunk)) return;
      upstream.pause();
      client.once('drain', () => upstream.resume());
    });
    upstream.once('end', () => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cutNext(afterBytes = 100_000) {
      left = afterBytes;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
