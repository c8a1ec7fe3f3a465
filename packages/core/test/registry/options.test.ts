import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors/storage-error.js';
import { snakeCase } from '../../src/registry/option-spellings.js';
import { readOptions } from '../../src/registry/options.js';
import type { Preset } from '../../src/registry/preset.js';
import { findRow, presetOf } from '../../src/registry/presets.js';
import { DRIVER_API, type DriverModule } from '../../src/spi/module.js';
import type { OptionTable } from '../../src/spi/options.js';

const table: OptionTable = {
  user: { type: 'string', about: 'Access key id.', required: true },
  key: { type: 'string', about: 'Secret access key.', secret: true, aliases: ['secretAccessKey'] },
  authUrl: { type: 'string', about: 'Where to log in.', aliases: ['exForceAuthUrl'] },
  service: { type: 'string', about: 'What answers at the endpoint.' },
  region: { type: 'string', about: 'Region.' },
  locationConstraint: { type: 'string', about: 'Text of the location.' },
  endpoint: { type: 'string', about: 'Address.' },
  host: { type: 'string', about: 'Host of the address.' },
  port: { type: 'number', about: 'Port.' },
  secure: { type: 'boolean', about: 'Whether to use TLS; default true.' },
  scopes: { type: 'strings', about: 'Scopes.' },
  credentials: { type: 'object', about: 'Key file.', secret: true },
  agent: { type: 'any', about: 'Whatever.' },
};

function driverWith(options: OptionTable): DriverModule {
  const create = () => {
    throw new Error('not created here');
  };
  return { api: DRIVER_API, type: 'fake', options, create };
}

const driver = driverWith(table);

const read = (given: object, preset?: Preset) => readOptions(driver, { user: 'me', ...given }, preset).options;

function failureOf(given: object, preset?: Preset, module = driver): StorageError {
  try {
    readOptions(module, given as Record<string, unknown>, preset);
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  throw new Error('the options were accepted');
}

const rowPreset = (constant: string) => presetOf(findRow(constant.toLowerCase())!);

describe('names of options', () => {
  it.each(['authUrl', 'auth_url', 'exForceAuthUrl', 'ex_force_auth_url'])('may be written as %s', (name) => {
    expect(read({ [name]: 'https://x' })).toEqual({ user: 'me', authUrl: 'https://x' });
  });

  it('are kept when a name and its alias say the same', () => {
    expect(read({ auth_url: 'https://x', exForceAuthUrl: 'https://x', scopes: ['a'] })).toMatchObject({
      authUrl: 'https://x',
    });
  });

  it('are refused when two spellings of one option differ, without showing the values', () => {
    const error = failureOf({ user: 'me', key: 'hunter2', secret_access_key: 'hunter3' });
    expect(error.code).toBe('invalid-argument');
    expect(error.message).toContain('"key" and "secret_access_key" are one option');
    expect(error.message).not.toContain('hunter');
  });

  it('are refused when unknown, with the nearest known one in the same spelling', () => {
    expect(failureOf({ user: 'me', auth_ulr: 'x' }).message).toContain(
      'unknown option "auth_ulr". Did you mean "auth_url"?',
    );
    expect(failureOf({ user: 'me', authUlr: 'x' }).message).toContain('Did you mean "authUrl"?');
    expect(failureOf({ user: 'me', a_b_c_d_e: 1, zzzzz: 2 }).message).toContain(
      'unknown option "a_b_c_d_e", "zzzzz". Known options: agent, authUrl,',
    );
  });

  it('are own properties only', () => {
    const inherited = Object.create({ region: 'x', nonsense: 1 }) as object;
    expect(readOptions(driver, Object.assign(inherited, { user: 'me' })).options).toEqual({ user: 'me' });
  });

  it('are refused as unknown when JSON brings "__proto__", and nothing is polluted', () => {
    const given = JSON.parse('{"user":"me","__proto__":{"polluted":true}}') as object;
    expect(failureOf(given).message).toContain('unknown option "__proto__"');
    expect(failureOf({ user: 'me', constructor: 1 }).message).toContain('unknown option "constructor"');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('mean one option each, or the driver is refused', () => {
    const clumsy = driverWith({
      ...table,
      login: { type: 'string', about: 'x', aliases: ['exForceAuthUrl'] },
    });
    const error = failureOf({ user: 'me' }, undefined, clumsy);
    expect(error.code).toBe('driver-incompatible');
    expect(error.message).toContain('"exForceAuthUrl" ("authUrl" and "login")');
  });

  it('are found in snake_case whatever their camelCase is', () => {
    const camelCase = fc.stringMatching(/^[a-z]{1,6}([A-Z][a-z0-9]{1,5}){0,4}$/);
    fc.assert(
      fc.property(camelCase, fc.string(), (name, value) => {
        const module = driverWith({ [name]: { type: 'string', about: 'x' } });
        expect(snakeCase(name)).toMatch(/^[a-z0-9_]+$/);
        expect(readOptions(module, { [snakeCase(name)]: value }).options).toEqual({ [name]: value });
      }),
    );
  });
});

describe('values of options', () => {
  it.each([
    ['port', 8080, 8080],
    ['port', '8080', 8080],
    ['port', '-1.5', -1.5],
    ['secure', 'false', false],
    ['secure', 'True', true],
    ['secure', '0', false],
    ['secure', true, true],
    ['user', 12345, '12345'],
    ['user', '', ''],
    ['scopes', 'one', ['one']],
    ['scopes', ['one', 'two'], ['one', 'two']],
    ['credentials', { a: 1 }, { a: 1 }],
  ])('%s: %j is taken as %j', (name, value, expected) => {
    expect(read({ [name]: value })).toMatchObject({ [name]: expected });
  });

  it.each([
    ['port', '0x10', 'must be a number'],
    ['port', '1e3', 'must be a number'],
    ['port', ' 80', 'must be a number'],
    ['port', '080', 'must be a number'],
    ['port', '', 'must be a number, not an empty text'],
    ['port', '9007199254740993', 'must be a number that is held exactly'],
    ['port', Number.NaN, 'must be a number, not NaN or Infinity'],
    ['port', true, 'must be a number, not a boolean'],
    ['secure', 'yes', 'must be true or false'],
    ['secure', 1, 'must be true or false, not a number'],
    ['user', 1.5, 'must be a text, not a number'],
    ['user', ['a'], 'must be a text, not a list'],
    ['scopes', ['a', 1], 'must be a list of texts'],
    ['credentials', [], 'must be a plain object, not a list'],
    ['credentials', new Date(), 'must be a plain object, not an instance of a class'],
    ['credentials', () => 1, 'must be a plain object, not a function'],
  ])('%s: %j is refused', (name, value, problem) => {
    const error = failureOf({ user: 'me', [name]: value });
    expect(error.code).toBe('invalid-argument');
    expect(error.message).toContain(`Option "${name}" of fake ${problem}`);
  });

  it('are taken as not given when null or undefined', () => {
    expect(read({ region: null, port: undefined })).toEqual({ user: 'me' });
  });

  it('are asked for when they are required', () => {
    const error = failureOf({ user: null });
    expect(error.code).toBe('invalid-argument');
    expect(error.message).toBe('fake: option "user" is missing: Access key id.');
  });

  it('are never shown when they are refused', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Z]{12,20}$/),
        fc.constantFrom('port', 'secure', 'credentials', 'kee'),
        (text, name) => {
          expect(failureOf({ user: 'me', [name]: text }).message).not.toContain(text);
        },
      ),
    );
  });

  it('keep numbers that are written plainly, exactly', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (number) => {
        expect(read({ port: String(number) })).toMatchObject({ port: number });
        expect(read({ user: number })).toMatchObject({ user: String(number) });
      }),
    );
  });
});

describe('secrets', () => {
  it('are collected from every secret option, also from within objects', () => {
    const given = { key: 's3cret', credentials: { private_key: 'PEM', nested: [{ token: 'T' }] }, region: 'eu' };
    expect(readOptions(driver, { user: 'me', ...given }).secrets).toEqual(['s3cret', 'PEM', 'T']);
  });

  it('are none when nothing secret is given', () => {
    expect(readOptions(driver, { user: 'me', key: '' }).secrets).toEqual([]);
  });
});

describe('what a preset brings', () => {
  it('gives way to the user under any spelling', () => {
    const preset = { provider: 'acme', defaults: { authUrl: 'https://default', region: 'ord' } };
    expect(read({ ex_force_auth_url: 'https://mine' }, preset)).toEqual({
      user: 'me',
      authUrl: 'https://mine',
      region: 'ord',
    });
  });

  it('takes part in the check of required options', () => {
    expect(readOptions(driver, {}, { provider: 'acme', defaults: { user: 'default' } }).options).toEqual({
      user: 'default',
    });
  });

  it('is refused when the driver does not know it', () => {
    const error = failureOf({ user: 'me' }, { provider: 'acme', defaults: { flavour: 'new' } });
    expect(error.code).toBe('driver-incompatible');
    expect(error.message).toContain('does not know the option "flavour" as acme needs it: update the driver');
  });

  it('sends the old text of the location only to its own region', () => {
    expect(read({}, rowPreset('S3_EU_WEST'))).toMatchObject({ region: 'eu-west-1', locationConstraint: 'EU' });
    expect(read({ region: 'eu-west-1' }, rowPreset('S3_EU_WEST'))).toMatchObject({ locationConstraint: 'EU' });
    expect(read({ region: 'ap-south-1' }, rowPreset('S3_EU_WEST'))).not.toHaveProperty('locationConstraint');
  });

  it('names itself in errors', () => {
    expect(failureOf({}, rowPreset('S3_EU_WEST')).provider).toBe('s3_eu_west');
  });
});

describe('the address of a provider', () => {
  it.each([
    ['SCALEWAY', {}, 'https://s3.fr-par.scw.cloud'],
    ['SCALEWAY', { region: 'nl-ams' }, 'https://s3.nl-ams.scw.cloud'],
    ['SCALEWAY', { region: 'not-yet-known-7' }, 'https://s3.not-yet-known-7.scw.cloud'],
    ['OVH', { region: 'gra' }, 'https://s3.gra.perf.cloud.ovh.net'],
    ['DIGITALOCEAN_SPACES', { region: 'ams3' }, 'https://ams3.digitaloceanspaces.com'],
    ['S3_RGW_OUTSCALE', {}, 'https://osu.eu-west-2.outscale.com'],
    ['S3_RGW_OUTSCALE', { region: 'cn-southeast-1' }, 'https://osu.cn-southeast-1.outscale.hk'],
    ['CLOUDFLARE_R2', { account_id: 'abc123' }, 'https://abc123.r2.cloudflarestorage.com'],
    ['BACKBLAZE_B2_S3', { region: 'us-west-004' }, 'https://s3.us-west-004.backblazeb2.com'],
    ['WASABI', {}, 'https://s3.us-east-1.wasabisys.com'],
    ['NIMBUS', {}, 'https://nimbus.io'],
    ['NINEFOLD', {}, 'https://api.ninefold.com/storage/v1.0'],
    ['AURORAOBJECTS', {}, 'https://o.auroraobjects.eu'],
  ])('%s with %j is %s', (constant, given, endpoint) => {
    const options = read(given, rowPreset(constant));
    expect(options['endpoint']).toBe(endpoint);
    expect(options).not.toHaveProperty('accountId');
  });

  it('of Amazon S3 is left to the driver, which knows it from the region', () => {
    expect(read({ region: 'mars-north-1' }, rowPreset('S3'))).toEqual({ user: 'me', region: 'mars-north-1' });
  });

  it.each([{ endpoint: 'http://127.0.0.1:8080' }, { host: '127.0.0.1', port: 8080, secure: false }])(
    'gives way to %j',
    (given) => {
      expect(read(given, rowPreset('NIMBUS'))).toEqual({ user: 'me', ...given });
    },
  );

  it('keeps what it has behind its host when another host is given, as in Libcloud', () => {
    const path = { type: 'string', about: 'What stands before "/rest".' } as const;
    const given = (more: Readonly<Record<string, unknown>>) =>
      readOptions(driverWith({ ...table, path }), { user: 'me', ...more }, rowPreset('NINEFOLD')).options['path'];
    expect(given({ host: '127.0.0.1', port: 8080 })).toBe('/storage/v1.0');
    expect(given({ host: '127.0.0.1', path: '/atmos' })).toBe('/atmos');
    expect(given({ endpoint: 'http://127.0.0.1:8080' })).toBeUndefined();
    expect(given({ host: 'http://127.0.0.1:8080/atmos' })).toBeUndefined();
    expect(given({})).toBeUndefined();
  });

  it.each(['MINIO', 'S3_RGW', 'ATMOS'])('of %s must be given', (constant) => {
    const error = failureOf({ user: 'me' }, rowPreset(constant));
    expect(error.code).toBe('invalid-argument');
    expect(error.message).toContain('give "endpoint"');
    expect(read({ host: 'storage.local' }, rowPreset(constant))).toMatchObject({ host: 'storage.local' });
  });

  it('asks for the option that it is made of', () => {
    expect(failureOf({ user: 'me' }, rowPreset('CLOUDFLARE_R2')).message).toContain('give "accountId" ("account_id")');
    expect(failureOf({ user: 'me' }, rowPreset('BACKBLAZE_B2_S3')).message).toContain('give "region"');
  });

  it.each(['evil.example/', 'a@b', 'x:1', '-a', 'a.', '', '__proto__', 'a b'])(
    'is not led elsewhere by the region %j',
    (region) => {
      expect(failureOf({ user: 'me', region }, rowPreset('SCALEWAY')).code).toBe('invalid-argument');
    },
  );

  it('is said once: parts of it beside an endpoint are refused', () => {
    const error = failureOf({ user: 'me', accountId: 'a', endpoint: 'https://x' }, rowPreset('CLOUDFLARE_R2'));
    expect(error.message).toContain('"accountId" and an endpoint both say where the store is');
  });

  it('needs a driver that knows the option', () => {
    const { endpoint: _, ...rest } = table;
    expect(failureOf({ user: 'me' }, rowPreset('NIMBUS'), driverWith(rest)).code).toBe('driver-incompatible');
  });
});

describe('what Libcloud asks for and nothing uses', () => {
  it('is accepted for LOCAL and DUMMY, kept from the driver, and hidden', () => {
    const module = driverWith({ root: { type: 'string', about: 'Folder.', aliases: ['user'] } });
    const { options, secrets } = readOptions(module, { user: '/data', key: 'unused' }, rowPreset('LOCAL'));
    expect(options).toEqual({ root: '/data' });
    expect(secrets).toEqual(['unused']);
    expect(readOptions(driverWith({}), { user: 'a', key: 'b' }, rowPreset('DUMMY')).options).toEqual({});
  });

  it('goes to a driver that knows it', () => {
    const module = driverWith({ signingKey: { type: 'string', about: 'Key.', aliases: ['key'] } });
    expect(readOptions(module, { key: 'k' }, rowPreset('LOCAL')).options).toEqual({ signingKey: 'k' });
  });
});
