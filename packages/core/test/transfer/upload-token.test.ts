import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStorageError } from '../../src/errors/storage-error.js';
import { formatToken, parseToken, type UploadTicket } from '../../src/transfer/upload-token.js';

const ticket: UploadTicket = {
  driver: 's3',
  upload: { ref: { container: 'box', key: 'ключ/🚀' }, uploadId: 'u-1', state: { region: 'eu' } },
  size: 5,
  partSize: 8,
  growth: 1,
  attributes: { contentType: 'text/plain', metadata: { a: '1' }, ifNoneMatch: '*' },
  checksum: { algorithm: 'crc32c', value: 'e3069283' },
  providerOptions: ['sseCustomerKey'],
};
const good = JSON.parse(formatToken(ticket)) as Record<string, unknown>;

function refusal(token: unknown): string {
  try {
    parseToken(token as string);
  } catch (error) {
    if (isStorageError(error, 'invalid-argument')) return error.message;
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('a token', () => {
  it('tells again what it was made of', () => {
    expect(parseToken(formatToken(ticket))).toEqual(ticket);
  });

  it('round-trips any key, id and state', () => {
    const unit = fc.constantFrom(
      'a',
      'Z',
      '/',
      '.',
      ' ',
      '"',
      '\\',
      '\0',
      '\n',
      '\u2028',
      'é',
      'e\u0301',
      '🚀',
      '__proto__',
    );
    const text = fc.string({ minLength: 1, unit });
    const state = fc.dictionary(text, text);
    fc.assert(
      fc.property(text, text, state, (key, uploadId, record) => {
        const upload = { ref: { container: 'box', key }, uploadId, state: record };
        const parsed = parseToken(formatToken({ ...ticket, upload }));
        expect(parsed.upload.ref.key).toBe(key);
        expect(parsed.upload.uploadId).toBe(uploadId);
        expect(Object.entries(parsed.upload.state!)).toEqual(Object.entries(record));
      }),
    );
  });

  it.each([
    ['is no text', 7, 'no string'],
    ['is no JSON', '{', 'no JSON'],
    ['is no object', '[]', 'no object'],
    ['is far too long', `"${'x'.repeat(200_000)}"`, 'characters'],
    ['has no version', '{}', 'no version'],
    ['has another version', JSON.stringify({ ...good, stowageUpload: 2 }), 'version 2'],
    ['has an unknown field', JSON.stringify({ ...good, secret: 'x' }), '"secret"'],
    ['lacks a field', JSON.stringify({ ...good, uploadId: undefined }), '"uploadId"'],
    ['has an empty key', JSON.stringify({ ...good, key: '' }), '"key"'],
    ['has a size that is none', JSON.stringify({ ...good, size: -1 }), '"size"'],
    ['has a part size that is none', JSON.stringify({ ...good, partSize: 1.5 }), '"partSize"'],
    ['has a growth beyond reason', JSON.stringify({ ...good, growth: 1e9 }), '"growth"'],
    ['has state that is no text', JSON.stringify({ ...good, state: { a: {} } }), '"state"'],
    ['has state that is a list', JSON.stringify({ ...good, state: ['a'] }), '"state"'],
    ['has an unknown attribute', JSON.stringify({ ...good, attributes: { shell: 'rm' } }), '"shell"'],
    ['has a condition that is none', JSON.stringify({ ...good, attributes: { ifNoneMatch: 'x' } }), '"ifNoneMatch"'],
    [
      'has a digest that is none',
      JSON.stringify({ ...good, checksum: { algorithm: 'toString', value: 'x' } }),
      '"checksum"',
    ],
    ['has option names that are none', JSON.stringify({ ...good, providerOptions: [1] }), '"providerOptions"'],
  ])('that %s is refused', (_name, token, reason) => {
    expect(refusal(token)).toContain(reason);
  });

  it('cannot reach into prototypes', () => {
    const json = formatToken(ticket);
    const evil = json.replace('"region":"eu"', '"__proto__":"x","constructor":"y"');
    const { state } = parseToken(evil).upload;
    expect(Object.getPrototypeOf(state)).toBeNull();
    expect(Object.keys(state!)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    expect(refusal(json.replace('{"stowage', '{"__proto__":{"driver":"x"},"stowage'))).toContain('__proto__');
    const metadata = parseToken(json.replace('"a":"1"', '"__proto__":"1"')).attributes.metadata;
    expect(Object.entries(metadata!)).toEqual([['__proto__', '1']]);
  });

  it('of random JSON is refused with a reason and nothing else', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(refusal(json)).toContain('no token');
      }),
    );
    const field = fc.constantFrom(...Object.keys(good));
    fc.assert(
      fc.property(field, fc.jsonValue(), (name, value) => {
        try {
          const parsed = parseToken(JSON.stringify({ ...good, [name]: value }));
          expect(typeof parsed.upload.uploadId).toBe('string');
        } catch (error) {
          expect(isStorageError(error, 'invalid-argument')).toBe(true);
        }
      }),
    );
  });
});
