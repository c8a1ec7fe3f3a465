import assert from 'node:assert/strict';
import { isStorageError } from '@stowage/core/spi';
import { rejects } from '../asserts.js';
import type { Bench } from '../bench.js';
import { casesOf } from '../conformance-case.js';
import { observe } from '../observe.js';

/** Names that paths, addresses and strings of C are known to get wrong, some of them beside or below another container. */
const STRANGE_NAMES: Readonly<Record<string, (other: string) => string>> = {
  dot: () => '.',
  'dot-dot': () => '..',
  'parent-path': (other) => `../${other}x`,
  slash: (other) => `${other}/inner`,
  'trailing-slash': (other) => `${other}/`,
  'empty-segment': (other) => `${other}//inner`,
  null: (other) => `${other}\0x`,
};

export const containerCases = casesOf('containers', (rule) => {
  rule('create', 'creates a container that stat then finds', async (bench) => {
    const name = bench.newName();
    const made = await bench.driver.createContainer(name, {}, bench.ctx);
    assert.equal(made.name, name);
    const record = await bench.driver.statContainer(name, bench.ctx);
    assert.equal(record.name, name);
    if (record.createdAtMs !== undefined) assert.ok(Math.abs(Date.now() - record.createdAtMs) < 24 * 3600_000);
  });

  rule('create-twice', 'refuses to create a container that exists, and leaves its objects alone', async (bench) => {
    const container = await bench.freshContainer();
    await bench.put({ container, key: 'kept' }, 'content');
    await rejects(bench.driver.createContainer(container, {}, bench.ctx), 'container-exists');
    assert.equal((await bench.bytes({ container, key: 'kept' })).toString(), 'content');
  });

  rule('stat-missing', 'rejects a stat of a missing container with container-not-found', async (bench) => {
    await rejects(bench.driver.statContainer(bench.newName(), bench.ctx), 'container-not-found');
  });

  rule('delete', 'deletes an empty container', async (bench) => {
    const container = await bench.freshContainer();
    await bench.driver.deleteContainer(container, bench.ctx);
    await rejects(bench.driver.statContainer(container, bench.ctx), 'container-not-found');
  });

  rule('delete-missing', 'rejects the deletion of a missing container with container-not-found', async (bench) => {
    await rejects(bench.driver.deleteContainer(bench.newName(), bench.ctx), 'container-not-found');
  });

  rule('delete-not-empty', 'refuses to delete a container that holds an object', async (bench) => {
    const container = await bench.freshContainer();
    const ref = { container, key: 'folder/kept' };
    await bench.put(ref, 'content');
    await rejects(bench.driver.deleteContainer(container, bench.ctx), 'container-not-empty');
    assert.equal((await bench.bytes(ref)).toString(), 'content');
  });

  rule('delete-emptied', 'deletes a container whose objects were all deleted', async (bench) => {
    const container = await bench.freshContainer();
    const ref = { container, key: 'folder/deep/gone' };
    await bench.put(ref, 'content');
    await bench.driver.delete(ref, {}, bench.ctx);
    await bench.driver.deleteContainer(container, bench.ctx);
  });

  rule('list', 'lists each container once', async (bench) => {
    const container = await bench.freshContainer();
    await bench.eventually(async () => {
      const names = await listNames(bench, {});
      assert.equal(names.filter((name) => name === container).length, 1);
    });
  });

  rule('list-prefix', 'lists only the containers that begin with a prefix', async (bench) => {
    const container = await bench.freshContainer();
    await bench.freshContainer();
    await bench.eventually(async () => {
      assert.deepEqual(await listNames(bench, { prefix: container }), [container]);
    });
  });

  rule('list-pages', 'keeps to the limit of a page, and gives every container over the pages', async (bench) => {
    const made = [await bench.freshContainer(), await bench.freshContainer(), await bench.freshContainer()];
    const prefix = commonStart(made);
    await bench.eventually(async () => {
      const names = await listNames(bench, { prefix, limit: 1 });
      assert.deepEqual(
        made.filter((name) => !names.includes(name)),
        [],
      );
      assert.equal(new Set(names).size, names.length, 'a container is listed twice');
    });
  });

  rule('list-gone', 'lists no container that was deleted', async (bench) => {
    const container = await bench.freshContainer();
    await bench.driver.deleteContainer(container, bench.ctx);
    await bench.eventually(async () => {
      assert.ok(!(await listNames(bench, { prefix: container })).includes(container));
    });
  });

  for (const [name, strangeName] of Object.entries(STRANGE_NAMES)) {
    const title = `holds a container of the name ${JSON.stringify(strangeName('other'))}, or says that it cannot`;
    rule(`name-${name}`, title, async (bench) => {
      const other = await bench.freshContainer();
      await holdsOrRefuses(bench, strangeName(other), other);
    });
  }
});

/**
 * Names come from strangers. Through the portable API: one that the capabilities refuse is refused before any request, one that the store
 * refuses is `invalid-argument`, and any other is a container of just this name, with nothing in it that belongs to `other`.
 */
async function holdsOrRefuses(bench: Bench, name: string, other: string): Promise<void> {
  const { driver, calls } = observe(bench.driver);
  const storage = bench.storageOver(driver);
  const shown = JSON.stringify(name);
  if (bench.facts.containers.refuse?.(name) !== undefined) {
    const attempts = [
      async () => storage.createContainer(name),
      async () => storage.getContainer(name),
      async () => storage.container(name),
      async () => storage.deleteContainer(name),
    ];
    for (const attempt of attempts) await rejects(attempt, 'invalid-argument');
    assert.deepEqual(calls(), [], 'requests were made for a name that is refused');
    return;
  }
  await bench.put({ container: other, key: 'kept' }, 'content');
  // Nothing is written or deleted under a name that may lead to what is not ours.
  const found = await storage.getContainer(name).catch((error: unknown) => error);
  assert.ok(isStorageError(found), `there is a container ${shown}, though nobody made it`);
  assert.ok(['container-not-found', 'invalid-argument'].includes(found.code), `${shown}: ${found.message}`);
  const made = await storage.createContainer(name).catch((error: unknown) => error);
  if (made instanceof Error) {
    assert.ok(isStorageError(made, 'invalid-argument'), `neither holds nor refuses ${shown}: ${made.message}`);
    return;
  }
  await holds(bench, name, other);
}

async function holds(bench: Bench, name: string, other: string): Promise<void> {
  const ref = { container: name, key: 'object' };
  const shown = JSON.stringify(name);
  try {
    await bench.put(ref, 'content');
    await bench.eventually(async () => {
      assert.deepEqual((await bench.list(name)).keys, ['object'], `the keys in ${shown}`);
      assert.deepEqual((await bench.list(other)).keys, ['kept'], `the keys in another container beside ${shown}`);
      const names = await listNames(bench, {});
      for (const each of [name, other]) {
        const count = names.filter((listed) => listed === each).length;
        assert.equal(count, 1, `times that ${JSON.stringify(each)} is listed`);
      }
    });
  } finally {
    await bench.driver.delete(ref, {}, bench.ctx);
    await bench.driver.deleteContainer(name, bench.ctx);
  }
}

async function listNames(bench: Bench, request: { prefix?: string; limit?: number }): Promise<string[]> {
  const names: string[] = [];
  const tokens = new Set<string>();
  for (let token: string | undefined; ;) {
    const page = await bench.driver.listContainers({ ...request, token }, bench.ctx);
    assert.ok(page.containers.length <= (request.limit ?? Infinity), 'a page is longer than its limit');
    names.push(...page.containers.map(({ name }) => name));
    if (page.next === undefined) return names;
    assert.ok(!tokens.has(page.next), `page token "${page.next}" is repeated`);
    tokens.add(page.next);
    token = page.next;
  }
}

function commonStart([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  while (!others.every((other) => other.startsWith(first.slice(0, length)))) length--;
  return first.slice(0, length);
}
