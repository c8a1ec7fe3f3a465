import { describe, expect, it } from 'vitest';
import { NimbusSigner } from '../src/sign.js';

const key = 'DwWKayqqnWnmLouZQKfncsNj72x7TThMA3uO9Y/IBJg';
const signer = new NimbusSigner({ user: 'alice', keyId: '5001', key });
const timestampSeconds = 1276808600;

/** Computed apart from this code, and accepted by the request authenticators of the real server. */
const VECTORS: readonly (readonly [method: string, target: string, hmac: string])[] = [
  ['GET', '/customers/alice/collections', 'f0a4eb421fb0e0cb051743400ddefc5d75a2214827f5341e0d857548b69e5e94'],
  [
    'POST',
    '/customers/alice/collections?action=create&name=rr-alice-photos',
    '9de650aebea8391d41f2b11281d520ec544ffb76349bf24a9c38f06752828a7e',
  ],
  [
    'PUT',
    '/customers/alice/collections/rr-alice-photos?versioning=True',
    '6c7128bde3f39be9dd80124333efde842f427577a5f56f8a13ab529e71c7c397',
  ],
  ['GET', '/data/?prefix=maui%2F&max_keys=2', 'bd8d37dd2f51b3ee05b228aa5a96c455403ea234363a4c305a61af47be6d3437'],
  [
    'POST',
    '/data/maui/sun%20set.jpg?__nimbus_io__color=deep+blue',
    '1f674e8339874a7381fb1e540c51f8988efeec82df54166a099ab557306d3426',
  ],
  ['GET', '/data/maui/sunset.jpg', '7f2335c47f67f38189269306c2c7e083d75cf5d0c7b204ec227acce9eccf6f97'],
  ['HEAD', '/data/100%25', '555e81e63130ad8e9021114f3988b400dae645dc533bf0ca2bf0b6ca07c5a401'],
  [
    'DELETE',
    '/data/maui/sunset.jpg?version_identifier=abc_-',
    '9618696ca320262dea64a2cbdd82386a9778bacbf5be9751e74fa35285d2b206',
  ],
  ['POST', '/conjoined/big.bin?action=start', 'ee935d772f12b6226ff9822689aa3e253f8a8e5956f00f7be9439762fb011f39'],
  [
    'POST',
    '/conjoined/big.bin?action=finish&conjoined_identifier=abc_-',
    '650a526e8aaa7e4bd1f5ae0fb78af95fe3fbca47b18afff37f05b53ead9431d4',
  ],
];

describe('signatures', () => {
  it.each(VECTORS)('%s %s', (method, target, hmac) => {
    expect(signer.signature({ method, target, timestampSeconds })).toBe(hmac);
  });

  it("is what the server accepts, not what its guide prints, for the guide's example", () => {
    const example = signer.signature({ method: 'GET', target: '/list_collections', timestampSeconds });
    expect(example).toBe('317df0926d72ac610d7d3e819000b77a537f4acfa7c63d5322b2d9afbda82a47');
  });

  it('bear the number of the key, not the name of the user', () => {
    const [method, target, hmac] = VECTORS[0]!;
    expect(signer.headers({ method, target, timestampSeconds })).toEqual([
      ...['authorization', `NIMBUS.IO 5001:${hmac}`],
      ...['x-nimbus-io-timestamp', '1276808600'],
    ]);
  });
});
