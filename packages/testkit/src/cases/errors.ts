import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { isStorageError, type StorageDriver } from '@stowage/core/spi';
import { failureOf, rejects } from '../asserts.js';
import type { Bench } from '../bench.js';
import { type Applies, casesOf } from '../conformance-case.js';

const hasSecrets: Applies = (_, harness) => harness.secrets !== undefined;
const hasWrongCredentials: Applies = (_, harness) => harness.wrongCredentials !== undefined;
const hasUnreachable: Applies = (_, harness) => harness.unreachable !== undefined;

export const errorCases = casesOf('errors', (rule) => {
  rule('classified', 'classifies what it rejects with, and says what went wrong', async (bench) => {
    for (const error of await someErrors(bench)) {
      assert.ok(isStorageError(error), `not a StorageError: ${inspect(error)}`);
      assert.ok(error.message.length > 10, `the message "${error.message}" says nothing`);
      assert.equal(error.retryable, false, `"${error.message}" says "retryable", and would fail again`);
      assert.notEqual(error.code, 'unknown', error.message);
    }
  });

  rule('portable', 'names provider, call, container and key in the errors of the portable API', async (bench) => {
    const container = bench.storageOver(bench.driver, { provider: 'my_provider' }).container(bench.container);
    const { key } = bench.ref('missing');
    const error = await rejects(container.object(key).bytes(), 'object-not-found');
    assert.deepEqual([error.provider, error.container, error.key], ['my_provider', bench.container, key]);
    assert.ok(error.operation);
    assert.equal((JSON.parse(JSON.stringify(error)) as { code: string }).code, 'object-not-found');
  });

  rule('no-secret', 'shows no secret in any error', hasSecrets, async (bench) => {
    const errors = await someErrors(bench);
    const { wrongCredentials } = bench.harness;
    if (wrongCredentials) errors.push(await failureOf((await wrongCredentials()).stat(bench.ref(), {}, bench.ctx)));
    for (const error of errors) {
      const shown = [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), String(error)].join('\n');
      for (const secret of bench.harness.secrets ?? []) assert.ok(!shown.includes(secret), 'an error shows a secret');
    }
  });

  rule(
    'wrong-credentials',
    'calls wrong credentials unauthenticated, and not worth another attempt',
    hasWrongCredentials,
    async (bench) => {
      const driver = await made(bench.harness.wrongCredentials);
      // None that a service may answer without a body, where a status is all there is: S3 says 403 to a HEAD, whatever is wrong.
      const calls = [
        () => driver.listContainers({}, bench.ctx),
        () => driver.list(bench.container, {}, bench.ctx),
        () => driver.read(bench.ref(), { want: 'bytes' }, bench.ctx),
      ];
      for (const call of calls) {
        const error = await rejects(call(), 'unauthenticated');
        assert.equal(error.retryable, false, 'wrong credentials do not become right');
      }
      await driver.close?.();
    },
  );

  rule(
    'unreachable',
    'tells a server that is not there as unavailable, worth another attempt',
    hasUnreachable,
    async (bench) => {
      const driver = await made(bench.harness.unreachable);
      const error = await rejects(driver.stat(bench.ref(), {}, bench.ctx), 'unavailable');
      assert.equal(error.retryable, true);
      await driver.close?.();
    },
  );
});

async function someErrors(bench: Bench): Promise<unknown[]> {
  const { driver, ctx } = bench;
  const container = bench.newName();
  const calls = [
    bench.bytes(bench.ref('missing')),
    bench.stat(bench.ref('missing')),
    driver.statContainer(container, ctx),
    driver.deleteContainer(container, ctx),
    driver.list(container, {}, ctx),
    driver.createContainer(bench.container, {}, ctx),
    bench.put({ container, key: 'key' }, 'content'),
  ];
  return Promise.all(calls.map((call) => failureOf(call)));
}

async function made(create: (() => StorageDriver | Promise<StorageDriver>) | undefined): Promise<StorageDriver> {
  assert.ok(create);
  return create();
}
