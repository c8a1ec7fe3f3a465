import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROVIDER_ROWS } from '../../src/registry/presets.js';
import { parseTypeName } from '../../src/registry/type-name.js';

const driverShaped = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?(stowage-)?driver-[a-z0-9-]+$/;

describe('parseTypeName', () => {
  it.each([
    '  S3_EU_WEST\n',
    'Libcloud.Storage.Types.PROVIDER.S3_Eu_West',
    '\tlibcloud.storage.types.Provider.S3_EU_WEST ',
  ])('reads %j in any case and with white space around', (type) => {
    expect(parseTypeName(type)).toMatchObject({ kind: 'provider', row: { constant: 'S3_EU_WEST' } });
  });

  it.each([
    '@acme/driver-foo',
    '@acme/stowage-driver-foo',
    'stowage-driver-foo',
    'driver-foo',
    '@a.b_c~d/driver-9-x',
    '@stowage/driver-s3',
  ])('reads %s as a package', (type) => {
    expect(parseTypeName(type)).toEqual({ kind: 'package', packageName: type, preset: undefined });
    expect(parseTypeName(`${type}:EU_1`)).toEqual({ kind: 'package', packageName: type, preset: 'eu_1' });
  });

  it.each([
    '',
    '../evil',
    './driver-foo',
    '/abs/driver-foo',
    'driver-foo/../../evil',
    '@acme/driver-foo/sub',
    '@../driver-foo',
    '@/driver-foo',
    'driver-foo:',
    'driver-foo:a:b',
    'driver-foo:../x',
    'driver-foo\0',
    'driver-foo?query',
    'node:fs',
    'https://example.com/driver-foo',
    'file:///tmp/driver-foo',
    'data:text/javascript,driver-foo',
    'libcloud.storage.types.Provider.',
    'libcloud.compute.types.Provider.S3',
    'S3\u{212a}',
    `driver-${'x'.repeat(300)}`,
    'x'.repeat(1_000_000),
  ])('takes %j for nothing', (type) => {
    expect(parseTypeName(type)).toEqual({ kind: 'unknown' });
  });

  it.each([
    'left-pad',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'fs',
    '11',
    'acme_eu',
    'Driver-Foo',
    'driver-',
  ])('takes %j for a word that only an own driver can know', (type) => {
    expect(parseTypeName(type)).toEqual({ kind: 'word', word: type.toLowerCase() });
  });

  it('names a package only when the whole text is driver-shaped, whatever it is given', () => {
    const piece = fc.constantFrom(
      'driver-',
      'stowage-',
      '@',
      'acme',
      '/',
      '..',
      ':',
      '\0',
      ' ',
      's3',
      '-',
      '%2f',
      '\\',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (type) => {
        const name = parseTypeName(type);
        if (name.kind !== 'package') return;
        expect(name.packageName).toMatch(driverShaped);
        expect(type.trim().startsWith(name.packageName)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads every known name the same in any case', () => {
    const names = PROVIDER_ROWS.flatMap((row) => [row.constant, ...(row.aliases ?? [])].map((name) => ({ name, row })));
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.infiniteStream(fc.boolean()), ({ name, row }, upper) => {
        const mixed = name.replace(/./g, (letter) =>
          upper.next().value ? letter.toUpperCase() : letter.toLowerCase(),
        );
        expect(parseTypeName(mixed)).toEqual({ kind: 'provider', row });
      }),
    );
  });
});
