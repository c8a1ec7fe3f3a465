import assert from 'node:assert/strict';
import type { Container, Storage } from '@stowage/core';
import type { PutAttributes, ReadConditions, StorageDriver, UrlMethod } from '@stowage/core/spi';
import { rejects } from '../asserts.js';
import type { Bench } from '../bench.js';
import { type Applies, casesOf } from '../conformance-case.js';
import { observe } from '../observe.js';

const READ_CONDITIONS: Readonly<Required<ReadConditions>> = {
  ifMatch: 'an-etag',
  ifNoneMatch: 'an-etag',
  ifModifiedSinceMs: 1_000_000_000_000,
  ifUnmodifiedSinceMs: 1_000_000_000_000,
};

const ATTRIBUTES: Readonly<Required<PutAttributes>> = {
  contentType: 'text/plain',
  contentEncoding: 'gzip',
  contentDisposition: 'inline',
  contentLanguage: 'de',
  cacheControl: 'no-store',
  metadata: { colour: 'blue' },
  storageClass: 'COLD',
  tags: { colour: 'blue' },
  acl: 'private',
};

/** Names that some provider refuses. */
const CONTAINER_NAMES = [
  'a/b',
  '..',
  '.',
  'UPPER CASE',
  'x'.repeat(300),
  'under_score',
  'dot..dot',
  '-minus',
  'é',
  '1.2.3.4',
];

export const undeclaredCases = casesOf('undeclared', (rule) => {
  for (const [name, value] of Object.entries(READ_CONDITIONS)) {
    const condition = name as keyof ReadConditions;
    const lacks: Applies = ({ capabilities }) => !capabilities.read.conditions.includes(condition);
    rule(`read-${name}`, `refuses "${name}" of a read before any request`, lacks, async (bench) => {
      await refuses(bench, ({ container }) => container.object('key').stat({ [name]: value }));
      await refuses(bench, ({ container }) => container.object('key').bytes({ [name]: value }));
      await refuses(bench, ({ container }) => container.object('key').stream({ [name]: value }));
    });
  }

  for (const [name, value] of Object.entries(ATTRIBUTES)) {
    const lacks: Applies = ({ capabilities }) => !(capabilities.put.attributes as readonly string[]).includes(name);
    rule(`put-${name}`, `refuses the attribute "${name}" before any request`, lacks, async (bench) => {
      await refuses(bench, ({ container }) => container.put('key', 'content', { [name]: value }));
    });
  }

  for (const [name, value] of Object.entries({ ifMatch: 'an-etag', ifNoneMatch: '*' } as const)) {
    const lacks: Applies = ({ capabilities }) => !(capabilities.put.conditions as readonly string[]).includes(name);
    rule(`put-${name}`, `refuses "${name}" of a put before any request`, lacks, async (bench) => {
      await refuses(bench, ({ container }) => container.put('key', 'content', { [name]: value }));
    });
  }

  rule('delete-ifMatch', 'refuses "ifMatch" of a delete before any request', lacksDeleteCondition, async (bench) => {
    await refuses(bench, ({ container }) => container.object('key').delete({ ifMatch: 'an-etag' }));
  });

  rule(
    'range',
    'refuses ranges before any request',
    ({ capabilities }) => !capabilities.read.ranges,
    async (bench) => {
      await refuses(bench, ({ container }) => container.object('key').bytes({ range: { start: 1 } }));
    },
  );

  const groups: Readonly<Record<string, readonly [Applies, (open: Opened) => Promise<unknown>]>> = {
    parts: [without('parts'), ({ container }) => container.createUpload('key')],
    copy: [without('copy'), ({ container }) => container.object('key').copyTo({ key: 'copy' })],
    metadata: [
      (driver) => driver.metadata === undefined && driver.capabilities.put.attributes.includes('contentType'),
      ({ container }) => container.object('key').updateMetadata({ contentType: 'text/plain' }),
    ],
    urls: [without('urls'), ({ container }) => container.object('key').signedUrl()],
    'public-urls': [({ urls }) => !urls?.publicUrl, async ({ container }) => container.object('key').publicUrl()],
    forms: [({ urls }) => !urls?.signForm, ({ container }) => container.object('key').signedForm({})],
    versions: [without('versions'), ({ container }) => container.isVersioned()],
    'version-id': [without('versions'), ({ container }) => container.object('key').bytes({ versionId: 'v1' })],
    website: [without('website'), ({ container }) => container.enableWebsite({ indexKey: 'index.html' })],
    cdn: [without('cdn'), ({ container }) => container.getCdnUrl()],
  };
  for (const [name, [lacks, call]] of Object.entries(groups)) {
    rule(`group-${name}`, `refuses before any request what needs the missing group (${name})`, lacks, async (bench) => {
      await refuses(bench, call);
    });
  }

  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'] as const) {
    rule(`url-${method}`, `refuses to sign a URL for ${method}`, lacksMethod(method), async (bench) => {
      await refuses(bench, ({ container }) => container.object('key').signedUrl({ method }));
    });
  }

  rule('container-names', 'refuses the container names that it says it refuses, before any request', async (bench) => {
    for (const name of [...CONTAINER_NAMES, '']) {
      if (name !== '' && bench.facts.containers.refuse?.(name) === undefined) continue;
      const { storage, calls } = opened(bench);
      await rejects(async () => storage.createContainer(name), 'invalid-argument');
      await rejects(async () => storage.container(name), 'invalid-argument');
      assert.deepEqual(calls(), []);
    }
  });

  rule('limits', 'has limits exactly for the groups that are there', async ({ driver, facts }) => {
    for (const name of ['parts', 'copy', 'move', 'bulkDelete', 'urls'] as const) {
      const message = `the group "${name}" and its limits must both be there, or neither`;
      assert.equal(facts[name] !== undefined, driver[name] !== undefined, message);
    }
    assert.ok(facts.keys.maxBytes > 0 && facts.list.maxLimit > 0 && facts.put.maxBytes > 0);
    assert.ok(Number.isSafeInteger(facts.put.maxBytes), 'put.maxBytes is a whole number of bytes');
    for (const name of facts.put.racyConditions ?? []) {
      assert.ok(facts.put.conditions.includes(name), `"${name}" is racy, and no condition of puts`);
    }
    if (!facts.read.ranges) assert.equal(facts.read.suffixRanges, false);
    assert.equal(facts.put.attributes.includes('metadata'), facts.metadata.names !== 'none');
  });

  rule('abilities', 'is told truly by storage.can', async (bench) => {
    const { can } = bench.storageOver(bench.driver, { emulate: 'never' });
    for (const name of ['parts', 'copy', 'move', 'metadata', 'urls', 'versions', 'website', 'cdn'] as const) {
      assert.equal(can[name], bench.driver[name] === undefined ? 'absent' : 'native', name);
    }
  });
});

interface Opened {
  readonly storage: Storage;
  readonly container: Container;
  readonly calls: () => readonly string[];
}

function opened(bench: Bench): Opened {
  const { driver, calls } = observe(bench.driver);
  const storage = bench.storageOver(driver, { emulate: 'never' });
  return { storage, container: storage.container(bench.container), calls };
}

async function refuses(bench: Bench, call: (opened: Opened) => Promise<unknown>): Promise<void> {
  const open = opened(bench);
  const error = await rejects(async () => call(open), 'unsupported');
  assert.ok(error.message.includes(open.storage.provider), `the message does not name the provider: ${error.message}`);
  assert.deepEqual(open.calls(), [], 'requests were made for something that is refused');
}

function without(name: keyof StorageDriver): Applies {
  return (driver) => driver[name] === undefined;
}

function lacksMethod(method: UrlMethod): Applies {
  return (driver) => driver.urls !== undefined && !driver.capabilities.urls?.methods.includes(method);
}

function lacksDeleteCondition({ capabilities }: StorageDriver): boolean {
  return !capabilities.delete.conditions.includes('ifMatch');
}
