import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors/storage-error.js';
import type { ObjectRecord } from '../../src/spi/records.js';
import type { CopyRequest } from '../../src/spi/requests.js';
import { copyThroughClient, type CopyThroughOptions, type CopyThroughResult } from '../../src/transfer/copy.js';
import type { Progress } from '../../src/transfer/progress.js';
import { breaking, chunked, failureOf, KIB, Lab, type LabSettings, MIB, patterned } from './lab.js';

const body = patterned(300 * KIB);

function labWith(bytes = body, facts: Partial<ObjectRecord> = {}, settings: LabSettings = {}): Lab {
  const lab = new Lab(settings);
  lab.seed(bytes, 'key', facts);
  return lab;
}

const copy = (
  from: Lab,
  to: Lab,
  request: CopyRequest = {},
  options: CopyThroughOptions = {},
): Promise<CopyThroughResult> =>
  copyThroughClient(from.context, from.ref(), to.context, to.ref('copy'), request, options);

describe('a copy through the client', () => {
  it('is whole and verified, whatever breaks on the way and however the target takes it', async () => {
    const cases = fc.record({
      length: fc.nat(body.length),
      breaks: fc.array(fc.nat(body.length), { maxLength: 2 }),
      parts: fc.constantFrom<LabSettings['parts']>(
        false,
        {},
        { thresholdBytes: 0 },
        { thresholdBytes: 0, sequential: true },
      ),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ length, breaks, parts }) => {
        const from = labWith(body.subarray(0, length));
        const left = [...breaks];
        from.stream = (slice) => {
          const at = left.shift();
          return at === undefined ? chunked(slice) : breaking(slice, at);
        };
        const to = new Lab({ ...(parts !== undefined && { parts }) });
        const result = await copy(from, to, {}, { partSize: 40 * KIB });
        expect(to.bytes('copy').equals(body.subarray(0, length))).toBe(true);
        expect(result).toMatchObject({ record: { key: 'copy', size: length }, verified: 'service', lost: [] });
      }),
      { numRuns: 40 },
    );
  });

  it('of a large object holds a few parts, not the object', async () => {
    const from = labWith(Buffer.alloc(60 * MIB, 'stowage'));
    const to = new Lab({ keep: false });
    await copy(from, to, {}, { partSize: 4 * MIB, concurrency: 2 });
    expect(to.count('putPart')).toBe(15);
    expect(to.mostHeldBytes).toBeLessThanOrEqual(2 * 4 * MIB);
  });

  it('stores nothing when what was read is not what the source reports', async () => {
    for (const parts of [false, { thresholdBytes: 0 }] as const) {
      const from = labWith();
      from.report = (record) => ({ ...record, checksums: { md5: '0'.repeat(32) } });
      const to = new Lab({ parts });
      expect((await failureOf(copy(from, to, {}, { partSize: 40 * KIB }))).code).toBe('checksum-mismatch');
      expect([to.objects.size, to.uploads.size]).toEqual([0, 0]);
    }
  });

  it('tells "size" when the source reports no digest', async () => {
    expect((await copy(labWith(body, {}, { checksums: { reported: [] } }), new Lab())).verified).toBe('size');
  });

  it('carries what the target can hold', async () => {
    const facts = {
      contentType: 'text/x',
      contentEncoding: 'gzip',
      cacheControl: 'no-store',
      metadata: { a: '1' },
      storageClass: 'COLD',
    };
    const to = new Lab();
    const { record } = await copy(labWith(body, facts), to);
    const { storageClass: _class, ...carried } = facts;
    expect(record).toMatchObject(carried);
    expect(record.storageClass).toBeUndefined();
  });

  it.each<[string, Partial<ObjectRecord>, LabSettings, string]>([
    ['a header', { cacheControl: 'no-store' }, { put: { attributes: ['contentType', 'metadata'] } }, 'cacheControl'],
    ['metadata', { metadata: { a: '1' } }, { metadata: { names: 'none' } }, 'metadata'],
    ['so much metadata', { metadata: { a: 'x'.repeat(3000) } }, {}, 'metadata'],
    [
      'names that differ in case only',
      { metadata: { a: '1', A: '2' } },
      { metadata: { names: 'lower-case' } },
      'metadata',
    ],
    [
      'capital letters',
      { metadata: { Author: 'me' } },
      { metadata: { names: 'lower-case' } },
      'letter case of metadata names',
    ],
  ])(
    'to a store that cannot hold %s is refused, unless the loss is to be reported',
    async (_name, facts, settings, lost) => {
      const [from, to] = [labWith(body, facts), new Lab(settings)];
      const refusal = await failureOf(copy(from, to));
      expect(refusal).toMatchObject({ code: 'unsupported', message: expect.stringContaining(lost) });
      expect(to.calls).toEqual([]);
      const result = await copy(from, to, {}, { lossy: 'report' });
      expect(result.lost).toEqual([lost]);
      const own = await copy(from, to, { attributes: { contentType: 'text/mine' } });
      expect(own).toMatchObject({ lost: [], record: { contentType: 'text/mine' } });
    },
  );

  it('is of the version that was named, also where the store cannot be asked for it', async () => {
    for (const conditions of [['ifMatch'], []] as const) {
      const from = labWith(body, {}, { read: { conditions } });
      const to = new Lab();
      expect((await failureOf(copy(from, to, { sourceIfMatch: 'other' }))).code).toBe('precondition-failed');
      expect(to.calls).toEqual([]);
      await copy(from, to, { sourceIfMatch: 'v1' });
      expect(to.bytes('copy').equals(body)).toBe(true);
    }
  });

  it('passes the conditions of the target on', async () => {
    const to = new Lab();
    await copy(labWith(), to, { ifMatch: 'x' });
    expect(to.calls[0]).toMatchObject({ name: 'put', ifMatch: 'x' });
  });

  it('fails as the side failed that failed, and frees the other', async () => {
    const from = labWith();
    from.stream = (slice) => breaking(slice, 100 * KIB, new StorageError('permission-denied', 'Source.'));
    const to = new Lab({ parts: { thresholdBytes: 0 } });
    const reading = await failureOf(copy(from, to, {}, { partSize: 20 * KIB }));
    expect(reading).toMatchObject({ code: 'permission-denied', key: 'key', operation: 'copyTo' });
    expect([to.objects.size, to.uploads.size]).toEqual([0, 0]);

    const good = labWith();
    let open = 0;
    good.stream = (slice) => {
      open++;
      return chunked(slice).once('close', () => open--);
    };
    const full = new Lab();
    full.before = () => {
      throw new StorageError('quota-exceeded', 'Full.');
    };
    expect(await failureOf(copy(good, full))).toMatchObject({ code: 'quota-exceeded', key: 'copy' });
    await new Promise(setImmediate);
    expect(open).toBe(0);
  });

  it('ends on abort, on both sides', async () => {
    const control = new AbortController();
    const to = new Lab({ parts: { thresholdBytes: 0 } });
    to.before = ({ number }) => {
      if (number === 3) control.abort();
    };
    const failure = await failureOf(copy(labWith(), to, {}, { partSize: 20 * KIB, signal: control.signal }));
    expect(failure.code).toBe('aborted');
    expect([to.objects.size, to.uploads.size]).toEqual([0, 0]);
  });

  it('tells its progress', async () => {
    const told: Progress[] = [];
    await copy(labWith(), new Lab(), {}, { onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)).toEqual({ transferred: body.length, total: body.length });
  });
});
