import { describe, expect, it } from 'vitest';
import { isErrorDocument, parseErrorDocument, parseUploadId, parseWriteResult, unquote } from '../../src/index.js';

describe('parseErrorDocument', () => {
  it('reads code, message and what else the service says', () => {
    const bytes = Buffer.from(
      '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AuthorizationHeaderMalformed</Code><Message>The region \'us-east-1\' is wrong; expecting \'eu-west-1\'</Message>' +
        '<Region>eu-west-1</Region><RequestId>R1</RequestId><HostId>H1</HostId></Error>',
    );
    expect(parseErrorDocument(bytes)).toMatchObject({
      code: 'AuthorizationHeaderMalformed',
      message: "The region 'us-east-1' is wrong; expecting 'eu-west-1'",
      region: 'eu-west-1',
      requestId: 'R1',
      hostId: 'H1',
      endpoint: undefined,
    });
  });

  it('reads one that is wrapped', () => {
    const bytes = Buffer.from(
      '<ErrorResponse><Error><Code>Throttling</Code></Error><RequestId>R2</RequestId></ErrorResponse>',
    );
    expect(parseErrorDocument(bytes)).toMatchObject({ code: 'Throttling', requestId: 'R2' });
  });

  it.each([
    '',
    '<html><body>502</body></html>',
    '{"error":1}',
    '<Error><Message>no code</Message></Error>',
    '<Error><Code>x',
  ])('gives undefined for %j', (text) => {
    expect(parseErrorDocument(Buffer.from(text))).toBeUndefined();
  });
});

describe('isErrorDocument', () => {
  it.each([
    ['\n\n<?xml version="1.0"?>\n<Error><Code>InternalError</Code></Error>', true],
    ['<Error xmlns="x"><Code/></Error>', true],
    ['<CopyObjectResult><ETag>"Error"</ETag></CopyObjectResult>', false],
    ['<Errors/>', false],
  ])('says of %j: %s', (text, expected) => {
    expect(isErrorDocument(Buffer.from(text))).toBe(expected);
  });
});

describe('results of writes', () => {
  it('hold the ETag without quotes and the checksums as they are', () => {
    const bytes = Buffer.from(
      '<CompleteMultipartUploadResult xmlns="x"><Location>https://b/k</Location><ETag>"abc-2"</ETag>' +
        '<ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType></CompleteMultipartUploadResult>',
    );
    expect(parseWriteResult(bytes)).toEqual({
      etag: 'abc-2',
      modifiedAtMs: undefined,
      location: 'https://b/k',
      checksumType: 'FULL_OBJECT',
      checksums: new Map([['ChecksumCRC64NVME', 'AAAAAAAAAAA=']]),
    });
  });

  it('are refused when they are something else', () => {
    expect(() => parseWriteResult(Buffer.from('<Error><Code>InternalError</Code></Error>'))).toThrow(
      /root element <Error>/,
    );
    expect(() => parseUploadId(Buffer.from('<InitiateMultipartUploadResult/>'))).toThrow(/no UploadId/);
  });

  it('give the id of a begun upload', () => {
    const bytes = Buffer.from(
      '<InitiateMultipartUploadResult><UploadId>u/1+=</UploadId></InitiateMultipartUploadResult>',
    );
    expect(parseUploadId(bytes)).toBe('u/1+=');
  });
});

it.each([
  ['"abc"', 'abc'],
  ['W/"abc"', 'abc'],
  ['abc', 'abc'],
  ['"', '"'],
  [undefined, undefined],
])('unquote makes %j of %j', (given, expected) => {
  expect(unquote(given)).toBe(expected);
});
