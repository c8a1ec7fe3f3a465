import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { XMLParser } from 'fast-xml-parser';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  escapeXml,
  parseContainerPage,
  parseDeleteResults,
  parseObjectPage,
  parsePartPage,
  parseUploadPage,
  parseVersionPage,
} from '../../src/index.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

function page(root: string, inner: string): Buffer {
  return Buffer.from(`${HEAD}<${root} xmlns="${NAMESPACE}">${inner}</${root}>`);
}

describe('parseObjectPage', () => {
  it('reads the example of the documentation', () => {
    const bytes = page(
      'ListBucketResult',
      '<Name>bucket</Name><Prefix/><KeyCount>205</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>' +
        '<Contents><Key>my-image.jpg</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>' +
        '<ETag>"fba9dede5f27731c9771645a39863328"</ETag><Size>434234</Size><StorageClass>STANDARD</StorageClass></Contents>' +
        '<CommonPrefixes><Prefix>photos/</Prefix></CommonPrefixes>',
    );
    expect(parseObjectPage(bytes)).toEqual({
      objects: [
        {
          key: 'my-image.jpg',
          size: 434_234,
          etag: 'fba9dede5f27731c9771645a39863328',
          modifiedAtMs: Date.UTC(2009, 9, 12, 17, 50, 30),
          storageClass: 'STANDARD',
          extra: undefined,
        },
      ],
      prefixes: ['photos/'],
      isTruncated: false,
      nextContinuationToken: undefined,
      nextMarker: undefined,
    });
  });

  it('reads what only some services send', () => {
    const bytes = page(
      'ListBucketResult',
      '<Contents><Key>k</Key><Size>1</Size><Owner><ID>o1</ID><DisplayName>Ann</DisplayName></Owner><Type>Normal</Type>' +
        '<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>' +
        '<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>2024-01-01T00:00:00.000Z</RestoreExpiryDate></RestoreStatus></Contents>',
    );
    expect(parseObjectPage(bytes).objects[0]?.extra).toEqual({
      ownerId: 'o1',
      ownerName: 'Ann',
      checksumAlgorithm: 'CRC64NVME',
      checksumType: 'FULL_OBJECT',
      isRestoring: false,
      restoredUntilMs: Date.UTC(2024, 0, 1),
    });
  });

  it('decodes names when the page says that they are escaped, wherever it says so', () => {
    const bytes = page(
      'ListBucketResult',
      '<Contents><Key>a+b%2Bc%00%C3%A9%25</Key><Size>0</Size></Contents><CommonPrefixes><Prefix>p%2F+</Prefix></CommonPrefixes>' +
        '<NextMarker>m%20</NextMarker><IsTruncated>true</IsTruncated><EncodingType>url</EncodingType>',
    );
    const { objects, prefixes, nextMarker, isTruncated } = parseObjectPage(bytes);
    expect(objects[0]?.key).toBe('a b+c\0é%');
    expect(prefixes).toEqual(['p/ ']);
    expect(nextMarker).toBe('m ');
    expect(isTruncated).toBe(true);
  });

  it('leaves names alone when the page does not say so', () => {
    const bytes = page('ListBucketResult', '<Contents><Key>a+b%41</Key><Size>0</Size></Contents>');
    expect(parseObjectPage(bytes).objects[0]?.key).toBe('a+b%41');
  });

  it.each([
    ['another document', page('ListAllMyBucketsResult', '')],
    ['an error', Buffer.from('<Error><Code>InternalError</Code></Error>')],
    ['a row without a key', page('ListBucketResult', '<Contents><Size>1</Size></Contents>')],
    ['a size that is no number', page('ListBucketResult', '<Contents><Key>k</Key><Size>1e3</Size></Contents>')],
    [
      'a size beyond what can be counted',
      page('ListBucketResult', '<Contents><Key>k</Key><Size>9007199254740993</Size></Contents>'),
    ],
    ['an element in a key', page('ListBucketResult', '<Contents><Key>a<b/></Key></Contents>')],
    [
      'a badly escaped name',
      page('ListBucketResult', '<EncodingType>url</EncodingType><Contents><Key>%E9</Key></Contents>'),
    ],
  ])('refuses %s', (_what, bytes) => {
    expect(() => parseObjectPage(bytes)).toThrow(expect.objectContaining({ code: 'unknown' }));
  });
});

interface Row {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly modifiedAtMs: number;
  readonly storageClass: string | undefined;
  readonly owner: string | undefined;
  /** How this row is written. */
  readonly style: number;
}

const key = fc.string({ unit: fc.constantFrom(...Array.from('ab/ &<>"\'\téß😀+%;')), minLength: 1, maxLength: 12 });
const row: fc.Arbitrary<Row> = fc.record({
  key,
  size: fc.maxSafeNat(),
  etag: fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef-')), minLength: 1, maxLength: 40 }),
  modifiedAtMs: fc.integer({ min: 0, max: 4e12 }),
  storageClass: fc.option(fc.constantFrom('STANDARD', 'GLACIER'), { nil: undefined }),
  owner: fc.option(fc.constantFrom('Ann', 'Ø&Co'), { nil: undefined }),
  style: fc.integer({ min: 0, max: 3 }),
});

/** Writes a row as one of several services would. */
function write({ key: name, size, etag, modifiedAtMs, storageClass, owner, style }: Row): string {
  const quote = ['&quot;', '"', '&#34;', ''][style] as string;
  const gap = style === 1 ? '\n  ' : '';
  const text = style === 2 && !name.includes(']]>') ? `<![CDATA[${name}]]>` : escapeXml(name);
  return (
    `<Contents>${gap}<Key>${text}</Key>${gap}<LastModified>${new Date(modifiedAtMs).toISOString()}</LastModified>` +
    `<ETag>${quote}${etag}${quote}</ETag><Size>${size}</Size>${style === 3 ? '<Type>Normal</Type><Empty/>' : ''}` +
    (owner === undefined ? '' : `<Owner><ID>${escapeXml(owner)}</ID></Owner>`) +
    (storageClass === undefined ? '' : `${gap}<StorageClass>${storageClass}</StorageClass>`) +
    `${gap}</Contents>`
  );
}

describe('rows', () => {
  const independent = new XMLParser({
    parseTagValue: false,
    trimValues: false,
    ignoreAttributes: true,
    htmlEntities: true,
    isArray: (name) => name === 'Contents',
  });

  function expectReadAs(given: readonly Row[]): void {
    const bytes = page('ListBucketResult', given.map(write).join(''));
    const ours = parseObjectPage(bytes).objects;
    const document = independent.parse(bytes.toString()) as {
      ListBucketResult: { Contents?: Record<string, string | Record<string, string>>[] } | '';
    };
    const theirs = document.ListBucketResult === '' ? [] : (document.ListBucketResult.Contents ?? []);
    expect(ours).toHaveLength(given.length);
    given.forEach((row, index) => {
      const { key: name, size, etag, modifiedAtMs, storageClass, extra } = ours[index]!;
      const other = theirs[index]!;
      expect([name, etag, modifiedAtMs, extra?.['ownerId']]).toEqual([row.key, row.etag, row.modifiedAtMs, row.owner]);
      expect([name, size, storageClass]).toEqual([other['Key'], Number(other['Size']), other['StorageClass']]);
    });
  }

  const alike = (each: Row): Row => ({ ...each, style: 0, storageClass: 'STANDARD', owner: undefined });

  it('are read as an independent parser reads them, alike or not', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), fc.boolean(), (rows, areAlike) => {
        expectReadAs(areAlike ? rows.map(alike) : rows);
      }),
      { numRuns: 200 },
    );
  });

  it('are read so wherever the text that is held at one time begins and ends', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), fc.boolean(), (rows, areAlike) => {
        const some = areAlike ? rows.map(alike) : rows;
        const perRow = page('', some.map(write).join('')).length / some.length;
        const many = Array.from({ length: Math.ceil(200_000 / perRow) }, (_, at) => some[at % some.length]!);
        expectReadAs(many);
      }),
      { numRuns: 20 },
    );
  });

  it('are read so when one of them is longer than the text that is held at one time', () => {
    const short = {
      key: 'é',
      size: 1,
      etag: 'e',
      modifiedAtMs: 0,
      storageClass: 'STANDARD',
      owner: undefined,
      style: 0,
    };
    const long = { ...short, key: 'é'.repeat(300_000) };
    expectReadAs([short, long, short, long, long, short]);
  });

  it('do not keep the page alive through one key', () => {
    const rows = Array.from({ length: 1000 }, (_, at) => ({
      key: `some/longer/key/number-${at}`,
      size: at,
      etag: '9a0364b9e99bb480dd25e1f0284c8555',
      modifiedAtMs: at,
      storageClass: 'STANDARD',
      owner: undefined,
      style: 0,
    }));
    const bytes = page('ListBucketResult', rows.map(write).join(''));
    const kept: string[] = [];
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let at = 0; at < 100; at += 1) kept.push(parseObjectPage(bytes).objects[500]!.key);
    collectGarbage();
    // 100 pages of a quarter of a megabyte would be 25 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5e6);
    expect(kept).toHaveLength(100);
  });
});

describe('hostile pages', () => {
  it.each([
    ['rows without end tags', (count: number) => '<Contents><Key>a</Key>'.repeat(count)],
    [
      'rows that all differ',
      (count: number) =>
        Array.from({ length: count }, (_, at) => `<Contents><Key>a</Key><X${at}/></Contents>`).join(''),
    ],
    [
      'quotes that do not end',
      (count: number) => '<Contents><Key>a</Key><ETag>&quot;a</ETag></Contents>'.repeat(count),
    ],
    ['references', (count: number) => `<Contents><Key>${'&#x41;'.repeat(count)}</Key></Contents>`],
    ['comments', (count: number) => '<!-- x -->'.repeat(count)],
    ['CDATA', (count: number) => `<Contents><Key>${'<![CDATA[x]]>'.repeat(count)}</Key></Contents>`],
  ])('made of %s take time in proportion to their length', (_what, make) => {
    const secondsFor = (count: number): number => {
      const bytes = page('ListBucketResult', make(count));
      const start = process.cpuUsage();
      try {
        parseObjectPage(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: 'unknown' });
      }
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1e6;
    };
    secondsFor(5000);
    // Quadratic work would take minutes here.
    expect(secondsFor(100_000)).toBeLessThan(4);
  });
});

describe('the smaller pages', () => {
  it('of versions hold delete markers too', () => {
    const bytes = page(
      'ListVersionsResult',
      '<IsTruncated>true</IsTruncated><NextKeyMarker>b</NextKeyMarker><NextVersionIdMarker>v9</NextVersionIdMarker>' +
        '<Version><Key>a</Key><VersionId>v2</VersionId><IsLatest>false</IsLatest><LastModified>2024-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>3</Size></Version>' +
        '<DeleteMarker><Key>a</Key><VersionId>v3</VersionId><IsLatest>true</IsLatest></DeleteMarker>',
    );
    expect(parseVersionPage(bytes)).toMatchObject({
      versions: [
        { key: 'a', versionId: 'v2', isLatest: false, isDeleteMarker: false, etag: 'e', size: 3 },
        { key: 'a', versionId: 'v3', isLatest: true, isDeleteMarker: true, size: 0 },
      ],
      isTruncated: true,
      nextKeyMarker: 'b',
      nextVersionIdMarker: 'v9',
    });
  });

  it('of buckets hold name, time and region', () => {
    const bytes = page(
      'ListAllMyBucketsResult',
      '<Owner><ID>1</ID></Owner><Buckets><Bucket><Name>b1</Name><CreationDate>2024-01-01T00:00:00.000Z</CreationDate></Bucket>' +
        '<Bucket><Name>b2</Name><BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets><ContinuationToken>t</ContinuationToken>',
    );
    expect(parseContainerPage(bytes)).toEqual({
      containers: [
        { name: 'b1', createdAtMs: Date.UTC(2024, 0, 1) },
        { name: 'b2', createdAtMs: undefined, extra: { region: 'eu-west-1' } },
      ],
      continuationToken: 't',
    });
    expect(parseContainerPage(page('ListAllMyBucketsResult', '<Buckets/>'))).toEqual({
      containers: [],
      continuationToken: undefined,
    });
  });

  it('of uploads hold key and id', () => {
    const bytes = page(
      'ListMultipartUploadsResult',
      '<EncodingType>url</EncodingType><NextKeyMarker>k+</NextKeyMarker><IsTruncated>true</IsTruncated>' +
        '<Upload><Key>k%2B</Key><UploadId>u1</UploadId><Initiated>2024-01-01T00:00:00.000Z</Initiated></Upload>',
    );
    expect(parseUploadPage(bytes)).toEqual({
      uploads: [{ key: 'k+', uploadId: 'u1', startedAtMs: Date.UTC(2024, 0, 1), storageClass: undefined }],
      isTruncated: true,
      nextKeyMarker: 'k ',
      nextUploadIdMarker: undefined,
    });
  });

  it('of parts hold their checksums', () => {
    const bytes = page(
      'ListPartsResult',
      '<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>COMPOSITE</ChecksumType><NextPartNumberMarker>2</NextPartNumberMarker>' +
        '<Part><PartNumber>2</PartNumber><ETag>"e"</ETag><Size>5242880</Size><ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part>',
    );
    expect(parsePartPage(bytes)).toMatchObject({
      parts: [{ number: 2, size: 5_242_880, etag: 'e', checksums: new Map([['ChecksumCRC32', 'AAAAAA==']]) }],
      checksumAlgorithm: 'CRC32',
      checksumType: 'COMPOSITE',
      nextPartNumberMarker: '2',
    });
  });

  it('of a bulk delete tell of each key', () => {
    const bytes = page(
      'DeleteResult',
      '<Deleted><Key>a&amp;b</Key><DeleteMarker>true</DeleteMarker></Deleted>' +
        '<Error><Key>c</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
    );
    expect(parseDeleteResults(bytes)).toEqual([
      { key: 'a&b', versionId: undefined, isDeleteMarker: true, error: undefined },
      {
        key: 'c',
        versionId: undefined,
        isDeleteMarker: false,
        error: { code: 'AccessDenied', message: 'Access Denied' },
      },
    ]);
  });
});
