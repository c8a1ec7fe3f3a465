import { describe, expect, it } from 'vitest';
import { resolveEnvironment } from '../../src/settings/environment.js';

const environment = { USER: 'ada', SECRET: 's3cr3t', EMPTY: '' };
const resolve = (value: unknown) => resolveEnvironment(value, environment, 'LIBCLOUD_PROVIDERS x.key');

describe('values of the environment', () => {
  it('stand in for references and placeholders, at any depth', () => {
    const given = { a: { env: 'USER' }, b: ['${USER}@${SECRET}', 1, null], c: { d: { env: 'SECRET' } } };
    expect(resolve(given)).toEqual({ a: 'ada', b: ['ada@s3cr3t', 1, null], c: { d: 's3cr3t' } });
  });

  it('leave other text alone, and an escaped placeholder is text', () => {
    expect(['$USER', '${}', '${1A}', '$${USER}', '${'].map(resolve)).toEqual([
      '$USER',
      '${}',
      '${1A}',
      '${USER}',
      '${',
    ]);
  });

  it('are text, not placeholders once more', () => {
    expect(resolveEnvironment('${A}', { A: '${B}', B: 'no' }, 'x')).toBe('${B}');
  });

  it('leave objects that are no plain data as they are', () => {
    const date = new Date(0);
    expect(resolve({ date, env: 'USER', more: 1 })).toEqual({ date, env: 'USER', more: 1 });
  });

  it.each([
    [{ env: 'MISSING' }, 'MISSING, which is not set'],
    ['https://${MISSING}/', 'MISSING, which is not set'],
    ['${EMPTY}', 'EMPTY, which is empty'],
  ])('that are missing fail by name: %j', (value, sentence) => {
    expect(() => resolve([value])).toThrow(
      expect.objectContaining({
        name: 'ImproperlyConfigured',
        message: `LIBCLOUD_PROVIDERS x.key[0] needs the environment variable ${sentence}.`,
      }),
    );
  });

  it('are never printed in an error', () => {
    expect(() => resolve('${SECRET} ${MISSING}')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cr3t') }),
    );
  });
});
