import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors/storage-error.js';
import { failureOf, type LabOptions, openLab } from './lab.js';

const MIB = 1024 ** 2;
const content = Buffer.alloc(12 * MIB, 'copied in parts ');
const tooLarge: LabOptions = {
  facts: { copy: { maxBytes: 10 * MIB } },
  before: (call) => {
    if (call === 'copy.copy') throw new StorageError('invalid-argument', 'The source is too large.');
  },
};

describe('an object that is too large for one copy', () => {
  it('is copied in parts inside the store, with its attributes and tags', async () => {
    const { box, calls } = await openLab(tooLarge);
    const object = await box.put('k', content, { contentType: 'a/b', metadata: { x: 'y' }, tags: { t: '1' } });
    calls.length = 0;
    const copy = await object.copyTo({ key: 'c' }, { partSize: 5 * MIB });
    expect(copy.size).toBe(content.length);
    expect(calls.filter((call) => call === 'parts.copy')).toHaveLength(3);
    expect(calls.some((call) => call === 'read' || call === 'put' || call === 'parts.put')).toBe(false);
    const seen = await copy.stat();
    expect(seen.contentType).toBe('a/b');
    expect({ ...seen.metadata }).toEqual({ x: 'y' });
    expect((await copy.bytes()).equals(content)).toBe(true);
  });

  it('that changes meanwhile makes no copy and leaves no parts', async () => {
    let replaced = false;
    const lab = await openLab({
      ...tooLarge,
      facts: { copy: { maxBytes: 10 * MIB, conditions: [] } },
      after: async (call, result) => {
        if (call === 'parts.copy' && !replaced) {
          replaced = true;
          await lab.box.put('k', 'another');
        }
        return result;
      },
    });
    const object = await lab.box.put('k', content);
    const failure = await failureOf(object.copyTo({ key: 'c' }, { partSize: 12 * MIB }));
    expect(failure.code).toBe('precondition-failed');
    expect(await lab.box.exists('c')).toBe(false);
    const left = [];
    for await (const upload of lab.box.listUploads()) left.push(upload);
    expect(left).toEqual([]);
  });
});
