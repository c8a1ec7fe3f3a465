import { get } from 'node:http';

/** Asks the server at a port for a URL whose host cannot be looked up here. Gives status and body. */
export function send(port: number, url: URL): Promise<readonly [number, string]> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: url.pathname + url.search, headers: { host: url.host } };
    get(options, (incoming) => {
      let body = '';
      incoming.setEncoding('utf8').on('data', (text: string) => (body += text));
      incoming.on('end', () => resolve([incoming.statusCode ?? 0, body])).on('error', reject);
    }).on('error', reject);
  });
}
