import { createHmac } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import type { NimbusEmulator } from '../src/index.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Sent {
  readonly method?: string;
  readonly host?: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** Sends a request just as it is given. */
export function send(emulator: NimbusEmulator, sent: Sent): Promise<Answer> {
  const { method = 'GET', host = `box.${emulator.domain}`, target, headers, body } = sent;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const { port } = emulator;
    const options = { port, host: '127.0.0.1', method, path: target, headers: { host, ...length, ...headers } };
    const outgoing = request(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      incoming.on('end', () => {
        const whole = Buffer.concat(chunks);
        const { statusCode: status = 0, headers: received } = incoming;
        resolve({
          ...{ status, headers: received, body: whole },
          get json() {
            return JSON.parse(whole.toString()) as Readonly<Record<string, unknown>>;
          },
        });
      });
    });
    outgoing.on('error', reject).end(body);
  });
}

/** What `unquote_plus` of Python makes of ASCII escapes. */
function unquotePlus(text: string): string {
  return decodeURIComponent(text.replaceAll('+', '%20'));
}

/** Headers that sign a request for the emulator's account. */
export function sign(emulator: NimbusEmulator, sent: Sent, atSeconds = Math.floor(Date.now() / 1000)) {
  const { user, keyId, key } = emulator.account;
  const { method = 'GET', target } = sent;
  const text = [user, method, String(atSeconds), unquotePlus(target)].join('\n');
  const hmac = createHmac('sha256', key).update(text).digest('hex');
  return { authorization: `NIMBUS.IO ${String(keyId)}:${hmac}`, 'x-nimbus-io-timestamp': String(atSeconds) };
}

export function sendSigned(emulator: NimbusEmulator, sent: Sent): Promise<Answer> {
  return send(emulator, { ...sent, headers: { ...sign(emulator, sent), ...sent.headers } });
}

/** A management request. */
export function manage(emulator: NimbusEmulator, sent: Sent): Promise<Answer> {
  return sendSigned(emulator, { ...sent, host: emulator.domain });
}

/** Makes the collection `box`. */
export async function withBox(emulator: NimbusEmulator): Promise<NimbusEmulator> {
  const target = `/customers/${emulator.account.user}/collections?action=create&name=box`;
  await manage(emulator, { method: 'POST', target, body: '' });
  return emulator;
}
