import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NimbusEmulator, type NimbusEmulatorOptions } from '../src/index.js';
import { manage, send, type Sent, sendSigned, sign, withBox } from './nimbus-client.js';

async function start(options: NimbusEmulatorOptions = {}): Promise<NimbusEmulator> {
  const emulator = await NimbusEmulator.start(options);
  onTestFinished(() => emulator.close());
  return withBox(emulator);
}

/** Accepted by the real server's own authenticators; the value that the developer's guide prints is not. */
const VECTORS: readonly (readonly [method: string, host: 'domain' | 'data', target: string, hmac: string])[] = [
  ['GET', 'domain', '/customers/alice/collections', 'f0a4eb421fb0e0cb051743400ddefc5d75a2214827f5341e0d857548b69e5e94'],
  [
    'POST',
    'domain',
    '/customers/alice/collections?action=create&name=rr-alice-photos',
    '9de650aebea8391d41f2b11281d520ec544ffb76349bf24a9c38f06752828a7e',
  ],
  [
    'PUT',
    'domain',
    '/customers/alice/collections/rr-alice-photos?versioning=True',
    '6c7128bde3f39be9dd80124333efde842f427577a5f56f8a13ab529e71c7c397',
  ],
  [
    'GET',
    'data',
    '/data/?prefix=maui%2F&max_keys=2',
    'bd8d37dd2f51b3ee05b228aa5a96c455403ea234363a4c305a61af47be6d3437',
  ],
  [
    'POST',
    'data',
    '/data/maui/sun%20set.jpg?__nimbus_io__color=deep+blue',
    '1f674e8339874a7381fb1e540c51f8988efeec82df54166a099ab557306d3426',
  ],
  ['GET', 'data', '/data/maui/sunset.jpg', '7f2335c47f67f38189269306c2c7e083d75cf5d0c7b204ec227acce9eccf6f97'],
  ['HEAD', 'data', '/data/100%25', '555e81e63130ad8e9021114f3988b400dae645dc533bf0ca2bf0b6ca07c5a401'],
  [
    'DELETE',
    'data',
    '/data/maui/sunset.jpg?version_identifier=abc_-',
    '9618696ca320262dea64a2cbdd82386a9778bacbf5be9751e74fa35285d2b206',
  ],
  [
    'POST',
    'data',
    '/conjoined/big.bin?action=start',
    'ee935d772f12b6226ff9822689aa3e253f8a8e5956f00f7be9439762fb011f39',
  ],
  [
    'POST',
    'data',
    '/conjoined/big.bin?action=finish&conjoined_identifier=abc_-',
    '650a526e8aaa7e4bd1f5ae0fb78af95fe3fbca47b18afff37f05b53ead9431d4',
  ],
];
const VECTOR_SECONDS = 1276808600;

/** True when the escapes of a path stand for UTF-8; what is no escape stays as it is. */
function isUtf8(path: string): boolean {
  const bytes = path.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
  return Buffer.from(Buffer.from(bytes, 'latin1').toString('utf8'), 'utf8').equals(Buffer.from(bytes, 'latin1'));
}

describe('signatures', () => {
  it.each(VECTORS)('%s %s %s of the vectors is accepted', async (method, host, target, hmac) => {
    const account = { user: 'alice', keyId: 5001, key: 'DwWKayqqnWnmLouZQKfncsNj72x7TThMA3uO9Y/IBJg' };
    const emulator = await start({ accounts: [account], nowMs: () => VECTOR_SECONDS * 1000 });
    const headers = {
      authorization: `NIMBUS.IO 5001:${hmac}`,
      'x-nimbus-io-timestamp': String(VECTOR_SECONDS),
    };
    const sent = { method, target, host: host === 'domain' ? emulator.domain : 'dd-alice.nimbus.io' };
    const body = method === 'GET' || method === 'HEAD' ? undefined : '';
    const answer = await send(emulator, { ...sent, headers, ...(body !== undefined && { body }) });
    // Accepted: what it then finds is another matter.
    expect(answer.status).not.toBe(401);
    const wrong = {
      ...headers,
      authorization: `NIMBUS.IO 5001:${hmac.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))}`,
    };
    expect((await send(emulator, { ...sent, headers: wrong })).status).toBe(401);
  });

  it('are refused for any change of method, path, query, time, key number or text', { timeout: 60_000 }, async () => {
    const emulator = await start();
    const target = '/data/folder/key%20one?__nimbus_io__color=deep+blue';
    await sendSigned(emulator, { method: 'POST', target, body: 'content' });
    const sent: Sent = { method: 'GET', target: '/data/folder/key%20one?x=1' };
    const headers = sign(emulator, sent);
    expect((await send(emulator, { ...sent, headers })).status).toBe(200);
    const letter = fc.constantFrom(...'abcXYZ019-_.~'.split(''));
    const changedText = (text: string, from = 0): fc.Arbitrary<string> =>
      fc.tuple(fc.integer({ min: from, max: text.length - 1 }), letter, fc.constantFrom(0, 1)).map(
        // Replaces a character, or puts one before it.
        ([at, other, kept]) => text.slice(0, at) + other + text.slice(at + 1 - kept),
      );
    const change = fc.oneof(
      changedText(sent.target, '/data/'.length).map((changed) => ({ target: changed })),
      fc.constantFrom('HEAD', 'POST', 'DELETE').map((method) => ({ method })),
      changedText(headers.authorization).map((authorization) => ({ headers: { ...headers, authorization } })),
      fc
        .integer({ min: -2000, max: 2000 })
        .map((by) => String(Number(headers['x-nimbus-io-timestamp']) + by))
        .map((time) => ({ headers: { ...headers, 'x-nimbus-io-timestamp': time } })),
      fc.constant({ headers: { authorization: headers.authorization } }),
      fc.constant({ headers: { 'x-nimbus-io-timestamp': headers['x-nimbus-io-timestamp'] } }),
    );
    const property = fc.asyncProperty(change, async (changes) => {
      const changed = { ...sent, headers, ...changes };
      const isSame =
        changed.target === sent.target &&
        changed.method === sent.method &&
        changed.headers['x-nimbus-io-timestamp' as never] === headers['x-nimbus-io-timestamp'] &&
        changed.headers['authorization' as never] === headers.authorization;
      fc.pre(!isSame);
      const body = changed.method === 'POST' ? { body: '' } : {};
      // Of a path that is no UTF-8 the server never comes to look at the signature.
      const refusal = isUtf8(changed.target) ? 401 : 500;
      expect((await send(emulator, { ...changed, ...body })).status).toBe(refusal);
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('cover neither host nor body nor other headers, as the real ones', async () => {
    const emulator = await start();
    await manage(emulator, {
      method: 'POST',
      target: '/customers/alice/collections?action=create&name=other',
      body: '',
    });
    const sent: Sent = { method: 'POST', target: '/data/key' };
    const headers = sign(emulator, sent);
    for (const host of ['box.nimbus.io', 'other.nimbus.io:443', 'OTHER.nimbus.io']) {
      expect((await send(emulator, { ...sent, host, headers, body: host })).status).toBe(200);
    }
  });

  it('hold for ten minutes around their time', async () => {
    const emulator = await start();
    const now = Math.floor(Date.now() / 1000);
    const statusAt = async (seconds: number): Promise<number> => {
      const sent = { target: '/data/' };
      return (await send(emulator, { ...sent, headers: sign(emulator, sent, seconds) })).status;
    };
    expect([await statusAt(now - 590), await statusAt(now + 590)]).toEqual([200, 200]);
    expect([await statusAt(now - 610), await statusAt(now + 610)]).toEqual([401, 401]);
  });

  it('are refused of a user who does not own the collection, and in other forms', async () => {
    const accounts = [
      { user: 'alice', keyId: 1, key: 'KeyOfAlice' },
      { user: 'bob', keyId: 2, key: 'KeyOfBob' },
    ];
    const emulator = await start({ accounts });
    const sent = { target: '/data/' };
    const { authorization, ...time } = sign(emulator, sent);
    expect((await send(emulator, { ...sent, headers: { authorization, ...time } })).status).toBe(200);
    for (const other of [
      authorization.replace('NIMBUS.IO', 'NIMBUSIO'),
      authorization.replace('NIMBUS.IO', 'nimbus.io'),
      authorization.replace(' 1:', ' 2:'),
    ]) {
      expect((await send(emulator, { ...sent, headers: { authorization: other, ...time } })).status).toBe(401);
    }
    expect(
      (await send(emulator, { ...sent, host: 'dd-bob.nimbus.io', headers: { authorization, ...time } })).status,
    ).toBe(401);
    const upper = authorization.replace(/[0-9a-f]{64}$/, (hmac) => hmac.toUpperCase());
    expect((await send(emulator, { ...sent, headers: { authorization: upper, ...time } })).status).toBe(200);
  });
});
