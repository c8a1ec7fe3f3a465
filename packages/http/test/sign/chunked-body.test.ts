import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AWS4,
  ChunkEncoder,
  chunkedBody,
  encodedLength,
  Signer,
  signHeaders,
  STREAMING_SIGNED,
  STREAMING_SIGNED_TRAILER,
  type HeaderSignature,
  type Trailer,
} from '../../src/index.js';

const keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const signer = new Signer({ scheme: AWS4, region: 'us-east-1', service: 's3' });
const nowMs = Date.parse('2013-05-24T00:00:00Z');
const content = Buffer.alloc(66_560, 'a');

function seedOf(contentHash: string, headers: string[]): HeaderSignature {
  const request = {
    method: 'PUT',
    origin: 'https://s3.amazonaws.com',
    path: '/examplebucket/chunkObject.txt',
    headers,
  };
  return signHeaders(signer, request, contentHash, keys, nowMs);
}

function bodyOf(bytes: Buffer, pieceBytes = 10_000) {
  function* pieces(): Iterable<Buffer> {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  return { size: bytes.length, replayable: true, open: () => Readable.from(pieces(), { objectMode: false }) };
}

describe('signed chunks', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
  it('are those of the documentation', async () => {
    const seed = seedOf(STREAMING_SIGNED, [
      'content-encoding',
      'aws-chunked',
      'content-length',
      '66824',
      'x-amz-decoded-content-length',
      '66560',
      'x-amz-storage-class',
      'REDUCED_REDUNDANCY',
    ]);
    expect(seed.signature).toBe('4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9');
    const wire = chunkedBody(bodyOf(content), { seed });
    const sent = (await buffer(wire.open())).toString('latin1');
    expect(wire.size).toBe(66_824);
    expect(sent).toBe(
      '10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n' +
        `${'a'.repeat(65_536)}\r\n` +
        '400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n' +
        `${'a'.repeat(1024)}\r\n` +
        '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n',
    );
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
  it('with a trailer are those of the documentation', async () => {
    const seed = seedOf(STREAMING_SIGNED_TRAILER, [
      'content-encoding',
      'aws-chunked',
      'x-amz-decoded-content-length',
      '66560',
      'x-amz-storage-class',
      'REDUCED_REDUNDANCY',
      'x-amz-trailer',
      'x-amz-checksum-crc32c',
    ]);
    expect(seed.signature).toBe('106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e');
    const trailers = [{ name: 'x-amz-checksum-crc32c', valueBytes: 8, value: () => 'sOO8/Q==' }];
    const wire = chunkedBody(bodyOf(content), { seed, trailers });
    const sent = (await buffer(wire.open())).toString('latin1');
    expect(sent).toBe(
      '10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n' +
        `${'a'.repeat(65_536)}\r\n` +
        '400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n' +
        `${'a'.repeat(1024)}\r\n` +
        '0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n' +
        'x-amz-checksum-crc32c:sOO8/Q==\r\n' +
        'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
    );
    expect(wire.size).toBe(sent.length);
  });
});

/** Takes `aws-chunked` apart, as a server does. */
function decode(sent: Buffer): { data: Buffer; chunks: number[]; trailers: string } {
  const data: Buffer[] = [];
  const chunks: number[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = sent.indexOf('\r\n', at);
    const size = parseInt(sent.toString('latin1', at, lineEnd), 16);
    at = lineEnd + 2;
    if (size === 0) return { data: Buffer.concat(data), chunks, trailers: sent.toString('latin1', at) };
    chunks.push(size);
    data.push(sent.subarray(at, at + size));
    at += size + 2;
  }
}

describe('unsigned chunks', () => {
  const checksum: Trailer = { name: 'x-amz-checksum-crc32', valueBytes: 8, value: () => 'AAAAAA==' };

  it('hold the body, whatever its pieces, in as many bytes as announced', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        (pieces, chunkBytes, isSigned) => {
          const bytes = Buffer.concat(pieces);
          const seed = isSigned ? seedOf(STREAMING_SIGNED_TRAILER, []) : undefined;
          const encoding = { size: bytes.length, chunkBytes, trailers: [checksum], seed };
          const encoder = new ChunkEncoder(encoding);
          const sent = Buffer.concat([
            ...pieces.flatMap((piece) => encoder.push(Buffer.from(piece))),
            ...encoder.end(),
          ]);
          const { data, chunks, trailers } = decode(sent);
          expect(data).toEqual(bytes);
          expect(chunks.slice(0, -1).every((size) => size === chunkBytes)).toBe(true);
          expect(trailers).toMatch(/^x-amz-checksum-crc32:AAAAAA==\r\n/);
          expect(sent).toHaveLength(encodedLength(encoding, isSigned));
        },
      ),
    );
  });

  it('of nothing are the end and the trailers', () => {
    const encoder = new ChunkEncoder({ size: 0, chunkBytes: 8192, trailers: [checksum] });
    expect(Buffer.concat(encoder.end()).toString()).toBe('0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n');
  });

  it('ask for the trailer only after the last byte was seen', async () => {
    let seen = 0;
    const trailers = [{ ...checksum, value: () => String(seen).padStart(8, '0') }];
    const wire = chunkedBody(bodyOf(content), { trailers, observe: (piece) => (seen += piece.length) });
    expect((await buffer(wire.open())).toString('latin1')).toContain('x-amz-checksum-crc32:00066560\r\n\r\n');
  });

  it.each([
    { given: 5, announced: 6, message: /ends after 5 of the 6 bytes/ },
    { given: 7, announced: 6, message: /more than the 6 bytes/ },
  ])('refuse $given bytes where $announced were announced', async ({ given, announced, message }) => {
    const wire = chunkedBody({ ...bodyOf(Buffer.alloc(given)), size: announced }, {});
    await expect(buffer(wire.open())).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(message),
    });
  });

  it('pass on an error of the source, and destroy the source when they are destroyed', async () => {
    const source = new PassThrough();
    const failing = chunkedBody({ size: 10, replayable: false, open: () => source }, {}).open();
    source.destroy(new Error('disk on fire'));
    await expect(buffer(failing)).rejects.toThrow('disk on fire');

    const other = new PassThrough();
    const dropped = chunkedBody({ size: 10, replayable: false, open: () => other }, {}).open();
    dropped.destroy();
    await expect.poll(() => other.destroyed).toBe(true);
  });
});
