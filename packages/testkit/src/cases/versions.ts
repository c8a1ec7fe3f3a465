import assert from 'node:assert/strict';
import type { ListRequest, ObjectRef, VersionRecord } from '@stowage/core/spi';
import { rejects } from '../asserts.js';
import type { Bench } from '../bench.js';
import { type Applies, casesOf } from '../conformance-case.js';
import { groupOf } from '../group-of.js';

const hasVersions: Applies = (driver) => driver.versions !== undefined;
const copiesVersions: Applies = (driver) => driver.versions !== undefined && driver.copy !== undefined;

export const versionCases = casesOf('versions', (rule) => {
  rule('switch', 'is switched on and off', hasVersions, async (bench) => {
    const container = await bench.freshContainer();
    const versions = groupOf(bench.driver, 'versions');
    assert.equal(await versions.isEnabled(container, bench.ctx), false);
    await versions.setEnabled(container, true, bench.ctx);
    assert.equal(await versions.isEnabled(container, bench.ctx), true);
    await versions.setEnabled(container, false, bench.ctx);
    assert.equal(await versions.isEnabled(container, bench.ctx), false);
  });

  rule('missing-container', 'rejects calls on a missing container', hasVersions, async (bench) => {
    const versions = groupOf(bench.driver, 'versions');
    const container = bench.newName();
    await rejects(versions.isEnabled(container, bench.ctx), 'container-not-found');
    await rejects(versions.list(container, {}, bench.ctx), 'container-not-found');
  });

  rule('overwritten', 'keeps what is overwritten, and lists the newest first', hasVersions, async (bench) => {
    const ref = await versionedRef(bench);
    for (const content of ['one', 'two', 'three']) await bench.put(ref, content);
    await bench.eventually(async () => {
      const versions = await list(bench, ref.container);
      assert.equal(versions.length, 3);
      assert.deepEqual(
        versions.map(({ isLatest, isDeleteMarker, key }) => [isLatest, isDeleteMarker, key]),
        [
          [true, false, ref.key],
          [false, false, ref.key],
          [false, false, ref.key],
        ],
      );
      const contents = versions.map(async ({ versionId }) => (await bench.bytes({ ...ref, versionId })).toString());
      assert.deepEqual(await Promise.all(contents), ['three', 'two', 'one']);
    });
    assert.equal((await bench.bytes(ref)).toString(), 'three');
  });

  rule('stat', 'tells the version of an object, and the facts of each version', hasVersions, async (bench) => {
    const ref = await versionedRef(bench);
    const first = await bench.put(ref, 'first content');
    await bench.put(ref, 'second');
    const current = await bench.stat(ref);
    assert.ok(current.versionId !== undefined && current.versionId !== first.record.versionId);
    const before = await bench.stat({ ...ref, versionId: first.record.versionId });
    assert.equal(before.size, 'first content'.length);
  });

  rule('deleted', 'leaves a delete marker in place of a deleted object', hasVersions, async (bench) => {
    const ref = await versionedRef(bench);
    const { record } = await bench.put(ref, 'content');
    await bench.driver.delete(ref, {}, bench.ctx);
    await rejects(bench.stat(ref), 'object-not-found');
    await bench.eventually(async () => assert.deepEqual((await bench.list(ref.container)).keys, []));
    assert.equal((await bench.bytes({ ...ref, versionId: record.versionId })).toString(), 'content');
    await bench.eventually(async () => {
      const markers = (await list(bench, ref.container)).map(({ isDeleteMarker, isLatest }) => [
        isDeleteMarker,
        isLatest,
      ]);
      assert.deepEqual(markers, [
        [true, true],
        [false, false],
      ]);
    });
    await rejects(bench.driver.deleteContainer(ref.container, bench.ctx), 'container-not-empty');
  });

  rule('restored', 'shows an object again when its delete marker is deleted', hasVersions, async (bench) => {
    const ref = await versionedRef(bench);
    await bench.put(ref, 'content');
    await bench.driver.delete(ref, {}, bench.ctx);
    const marker = (await list(bench, ref.container)).find(({ isDeleteMarker }) => isDeleteMarker);
    assert.ok(marker);
    await bench.driver.delete({ ...ref, versionId: marker.versionId }, {}, bench.ctx);
    assert.equal((await bench.bytes(ref)).toString(), 'content');
  });

  rule('delete-version', 'deletes one version for good', hasVersions, async (bench) => {
    const ref = await versionedRef(bench);
    const { record } = await bench.put(ref, 'one');
    await bench.put(ref, 'two');
    const { versionId } = record;
    await bench.driver.delete({ ...ref, versionId }, {}, bench.ctx);
    await rejects(bench.bytes({ ...ref, versionId }), 'object-not-found');
    assert.equal((await bench.bytes(ref)).toString(), 'two');
    await bench.eventually(async () => assert.equal((await list(bench, ref.container)).length, 1));
  });

  rule('pages', 'gives every version once, whatever the size of a page', hasVersions, async (bench) => {
    const container = await versioned(bench);
    const keys = ['a', 'b/1', 'b/2', 'c'];
    for (const content of ['one', 'two', 'three']) for (const key of keys) await bench.put({ container, key }, content);
    const id = ({ key, versionId }: VersionRecord): string => `${key} ${versionId}`;
    await bench.eventually(async () => assert.equal((await list(bench, container)).length, 12));
    const whole = (await list(bench, container)).map(id);
    for (const limit of [1, 2, 3, 5, 12]) {
      assert.deepEqual((await list(bench, container, { limit })).map(id), whole, `in pages of ${limit}`);
    }
    const below = await list(bench, container, { prefix: 'b/', limit: 4 });
    assert.deepEqual(
      below.map(id),
      whole.filter((text) => text.startsWith('b/')),
    );
  });

  rule('copy', 'copies an older version', copiesVersions, async (bench) => {
    const ref = await versionedRef(bench);
    const { record } = await bench.put(ref, 'one');
    await bench.put(ref, 'two');
    const from = { ...ref, versionId: record.versionId };
    await groupOf(bench.driver, 'copy').copy(from, ref, {}, bench.ctx);
    assert.equal((await bench.bytes(ref)).toString(), 'one');
  });
});

async function versioned(bench: Bench): Promise<string> {
  const container = await bench.freshContainer();
  await groupOf(bench.driver, 'versions').setEnabled(container, true, bench.ctx);
  return container;
}

async function versionedRef(bench: Bench): Promise<ObjectRef> {
  return { container: await versioned(bench), key: 'folder/object' };
}

async function list(bench: Bench, container: string, request: ListRequest = {}): Promise<VersionRecord[]> {
  const versions: VersionRecord[] = [];
  const tokens = new Set<string>();
  for (let token: string | undefined; ;) {
    const page = await groupOf(bench.driver, 'versions').list(container, { ...request, token }, bench.ctx);
    assert.ok(page.versions.length <= (request.limit ?? Infinity), 'a page is longer than its limit');
    versions.push(...page.versions);
    if (page.next === undefined) return versions;
    assert.ok(!tokens.has(page.next), `page token "${page.next}" is repeated`);
    tokens.add(page.next);
    token = page.next;
  }
}
