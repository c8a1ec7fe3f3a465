import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aChecksum,
  aRange,
  anEtag,
  ATTRIBUTE_CHECKS,
  CALL_CHECKS,
  checkOptions,
  userMetadata,
} from '../../src/call/option-checks.js';
import { Validator } from '../../src/call/validate.js';
import { isStorageError, type StorageError } from '../../src/errors/storage-error.js';
import type { Capabilities } from '../../src/spi/capabilities.js';

const capabilities: Capabilities = {
  keys: { maxBytes: 1024, refuse: (key) => (key.includes('\0') ? 'it holds NUL' : undefined) },
  containers: { refuse: (name) => (name.includes('/') ? 'it holds a slash' : undefined) },
  list: { order: 'bytes', delimiter: 'any', startAfter: true, maxLimit: 1000, consistency: 'strong', prefix: true },
  read: { ranges: true, suffixRanges: true, conditions: ['ifMatch'] },
  put: { maxBytes: 10, unknownSize: true, conditions: ['ifNoneMatch'], attributes: ['contentType', 'metadata'] },
  delete: { conditions: [], tellsMissing: true },
  metadata: { names: 'lower-case', maxBytes: 20 },
  checksums: { upload: [], reported: [] },
};
const validator: Validator = new Validator(capabilities, 'lab');

function failureOf(work: () => void): StorageError {
  try {
    work();
  } catch (error) {
    if (isStorageError(error)) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

describe('keys', () => {
  const keys = { ...capabilities.keys, maxBytes: 64 };
  const short: Validator = new Validator({ ...capabilities, keys }, 'lab');

  it('accepts exactly the well-formed strings of 1 to maxBytes bytes in UTF-8', () => {
    const unit = fc.integer({ min: 1, max: 0xffff }).map((code) => String.fromCharCode(code));
    const point = fc.integer({ min: 1, max: 0x10ffff }).map((code) => String.fromCodePoint(code));
    const anyText = fc.oneof(
      fc.array(unit, { minLength: 1, maxLength: 30 }).map((parts) => parts.join('')),
      fc.array(point, { minLength: 1, maxLength: 30 }).map((parts) => parts.join('')),
      fc.string({ minLength: 1, maxLength: 80 }),
    );
    fc.assert(
      fc.property(anyText, (key) => {
        const roundTrips = Buffer.from(key).toString() === key;
        const good = roundTrips && Buffer.byteLength(key) <= 64 && !key.includes('\0');
        if (good) short.key(key);
        else expect(failureOf(() => short.key(key)).code).toBe('invalid-argument');
      }),
    );
  });

  it.each([
    ['1,024 bytes of ASCII', 'a'.repeat(1024), true],
    ['1,025 bytes of ASCII', 'a'.repeat(1025), false],
    ['1,024 bytes of two each', 'é'.repeat(512), true],
    ['1,026 bytes of two each', 'é'.repeat(513), false],
    ['1,024 bytes of four each', '😀'.repeat(256), true],
    ['1,028 bytes of four each', '😀'.repeat(257), false],
  ])('counts %s', (_, key, good) => {
    if (good) expect(() => validator.key(key)).not.toThrow();
    else expect(() => validator.key(key)).toThrow('at most 1024 are taken');
  });

  it.each(['a//b', '/lead', '.', '..', 'é', 'e\u0301', '%41', '?', '#', '+', ' ', '😀', '\\', 'a\nb'])(
    'accepts %j',
    (key) => {
      expect(() => validator.key(key)).not.toThrow();
    },
  );

  it.each(['', 'half \ud83d', '\ude00 half', 42, null, undefined, {}, ['a']])('refuses %j', (key) => {
    expect(failureOf(() => validator.key(key)).code).toBe('invalid-argument');
  });

  it("tells the driver's reason", () => {
    expect(failureOf(() => validator.key('a\0b')).message).toBe('lab cannot have the key "a\\u0000b": it holds NUL.');
    expect(failureOf(() => validator.container('a/b')).message).toBe(
      'lab cannot have the container "a/b": it holds a slash.',
    );
  });
});

describe('options', () => {
  const check = (options: unknown): void => checkOptions('stat', options, CALL_CHECKS);

  it('names an unknown option and the nearest known', () => {
    const error = failureOf(() => check({ timeoutMS: 5 }));
    expect(error.code).toBe('invalid-argument');
    expect(error.message).toBe('stat() has no option "timeoutMS". Did you mean "timeoutMs"?');
    expect(failureOf(() => check({ wholly: 5 })).message).toContain('Known are signal, timeoutMs');
  });

  it.each([undefined, null, 'key', 5, [], () => 1])('refuses %s in place of options', (options) => {
    expect(() => check(options)).toThrow('must be an object');
  });

  it.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])('takes no name from prototypes: %s', (name) => {
    expect(() => check(JSON.parse(`{"${name}": 1}`))).toThrow(`no option "${name}"`);
  });

  it('ignores options that are undefined', () => {
    expect(() => check({ signal: undefined, timeoutMs: undefined })).not.toThrow();
  });

  it.each([
    [{ timeoutMs: 0 }],
    [{ timeoutMs: -1 }],
    [{ timeoutMs: Number.NaN }],
    [{ timeoutMs: '5' }],
    [{ signal: {} }],
    [{ signal: new AbortController() }],
  ])('refuses %j', (options) => {
    expect(failureOf(() => check(options)).code).toBe('invalid-argument');
  });
});

describe('headers', () => {
  const breaks = ['\r\nx-evil: 1', 'a\nb', 'a\rb', 'a\0b', 'a\x7fb', '\x1b[0m'];

  it.each(breaks)('never take a line break or another control character: %j', (text) => {
    for (const name of [
      'contentType',
      'contentDisposition',
      'cacheControl',
      'storageClass',
      'acl',
      'contentLanguage',
      'contentEncoding',
    ]) {
      expect(() => checkOptions('put', { [name]: text }, ATTRIBUTE_CHECKS)).toThrow(`"${name}"`);
    }
    for (const attributes of [
      { metadata: { a: text } },
      { metadata: { [text]: 'a' } },
      { tags: { a: text } },
      { tags: { [text]: 'a' } },
    ]) {
      expect(() => checkOptions('put', attributes, ATTRIBUTE_CHECKS)).toThrow('put()');
    }
  });

  it('take no ETag with quotes or with a line break', () => {
    expect(anEtag('abc-2')).toBeUndefined();
    expect(anEtag('*')).toBeUndefined();
    for (const bad of ['"abc"', 'W/"abc"', '', 'a\r\nb', 5]) expect(anEtag(bad)).toBeTypeOf('string');
  });

  it.each(['a b', 'a:b', 'é', '', 'a(b)', 'a"b', 'a/b'])(
    'take no metadata name that is no header token: %j',
    (name) => {
      expect(userMetadata({ [name]: 'x' })).toBeTypeOf('string');
    },
  );

  it.each(['a', 'A-b_c.d', '__proto__', "!#$%&'*+-.^_`|~9"])('take the metadata name %j', (name) => {
    expect(userMetadata(JSON.parse(JSON.stringify({ [name]: 'x y é' })))).toBeUndefined();
  });
});

describe('ranges', () => {
  it('are whole numbers whose start lies before the end', () => {
    fc.assert(
      fc.property(fc.double(), fc.option(fc.double(), { nil: undefined }), (start, end) => {
        const whole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
        const good = whole(start) && (end === undefined || (whole(end) && start < end));
        expect(aRange({ start, end }) === undefined).toBe(good);
      }),
    );
    expect(aRange({ start: 0, end: 1 })).toBeUndefined();
    expect(aRange({ start: 5 })).toBeUndefined();
  });

  it.each([
    [{ start: 5, end: 5 }],
    [{ start: 6, end: 5 }],
    [{ end: 5 }],
    [{}],
    [{ suffix: 0 }],
    [{ suffix: 1.5 }],
    [{ suffix: 3, start: 0 }],
    [{ start: 0, stop: 4 }],
    [null],
    ['0-5'],
  ])('refuse %j', (range) => {
    expect(aRange(range)).toBeTypeOf('string');
  });
});

describe('checksums', () => {
  it.each([
    [{ algorithm: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e' }, true],
    [{ algorithm: 'crc32c', value: 'e3069283' }, true],
    [{ algorithm: 'md5', value: 'D41D8CD98F00B204E9800998ECF8427E' }, false],
    [{ algorithm: 'md5', value: '1B2M2Y8AsgTpgAmY7PhCfg==' }, false],
    [{ algorithm: 'sha512', value: '00' }, false],
    [{ algorithm: 'toString', value: '00' }, false],
    [undefined, false],
  ])('%j: %s', (value, good) => {
    expect(aChecksum(value) === undefined).toBe(good);
  });
});

describe('capabilities', () => {
  it.each([
    ['put', 'cacheControl', () => validator.put('put', { cacheControl: 'no-cache' })],
    ['put', 'ifMatch', () => validator.put('put', { ifMatch: 'abc' })],
    ['createUpload', 'ifNoneMatch', () => validator.parts('createUpload', { ifNoneMatch: '*' })],
    ['bytes', 'ifNoneMatch', () => validator.read('bytes', { ifNoneMatch: 'abc' })],
    ['delete', 'ifMatch', () => validator.delete('delete', { ifMatch: 'abc' })],
    ['copyTo', 'ifMatch', () => validator.copy('copyTo', { ifMatch: 'abc' }, undefined)],
    [
      'copyTo',
      'sourceIfMatch',
      () => validator.copy('copyTo', { sourceIfMatch: 'a' }, { conditions: [], attributes: [] }),
    ],
    [
      'copyTo',
      'metadata',
      () => validator.copy('copyTo', { attributes: { metadata: {} } }, { conditions: [], attributes: [] }),
    ],
  ])('%s refuses "%s" where the store cannot honour it', (call, option, work) => {
    const error = failureOf(work);
    expect(error).toMatchObject({ code: 'unsupported', provider: 'lab' });
    expect(error.message).toContain(`"${option}" of ${call}()`);
  });

  it('accepts what the store has, and what is undefined', () => {
    expect(() => {
      validator.put('put', { contentType: 'text/plain', ifNoneMatch: '*', ifMatch: undefined, acl: undefined });
      validator.read('bytes', { ifMatch: 'abc', range: { suffix: 3 } });
      validator.copy('copyTo', { sourceIfMatch: 'abc', ifNoneMatch: '*' }, undefined);
    }).not.toThrow();
  });

  it('refuses ranges where the store has none', () => {
    const flat = new Validator(
      { ...capabilities, read: { ranges: false, suffixRanges: false, conditions: [] } },
      'lab',
    );
    expect(failureOf(() => flat.read('bytes', { range: {} })).code).toBe('unsupported');
  });

  it('refuses metadata that the store cannot keep', () => {
    expect(() => validator.put('put', { metadata: { abc: 'x'.repeat(18) } })).toThrow('at most 20');
    expect(() => validator.put('put', { metadata: { Abc: '1', aBC: '2' } })).toThrow('"abc" is given twice');
    const refuse = (name: string) => (name === 'x-y' ? 'it is reserved' : undefined);
    const picky = new Validator({ ...capabilities, metadata: { names: 'exact', maxBytes: 20, refuse } }, 'lab');
    expect(() => picky.put('put', { metadata: { 'x-y': '1' } })).toThrow('"x-y" is refused: it is reserved');
    const none = new Validator({ ...capabilities, metadata: { names: 'none', maxBytes: 0 } }, 'lab');
    expect(failureOf(() => none.put('put', { metadata: { a: 'b' } })).code).toBe('unsupported');
    expect(() => none.put('put', { metadata: {} })).not.toThrow();
  });
});
