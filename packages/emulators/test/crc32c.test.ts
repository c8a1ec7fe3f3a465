import { expect, it } from 'vitest';
import { crc32c } from '../src/crc32c.js';

/** Published in RFC 3720, appendix B.4, and the check value of the Rocksoft catalogue. */
it.each([
  ['123456789', Buffer.from('123456789'), 0xe306_9283],
  ['32 zeros', Buffer.alloc(32), 0x8a91_36aa],
  ['32 ones', Buffer.alloc(32, 0xff), 0x62a8_ab43],
  ['counting up', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd_794e],
  ['nothing', Buffer.alloc(0), 0],
])('computes the published CRC-32C of %s, whole and in pieces', (_, data, expected) => {
  expect(crc32c(data)).toBe(expected);
  for (let cut = 0; cut <= data.length; cut += 1)
    expect(crc32c(data.subarray(cut), crc32c(data.subarray(0, cut)))).toBe(expected);
});
