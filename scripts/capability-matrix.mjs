/**
 * Writes the matrix of abilities and limits into docs/capabilities.md, as the drivers themselves tell them; `--check` fails when it is not
 * up to date. Drivers are opened with options of nobody, and make no request. The packages must be built.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepBlock } from './lib/generated-block.mjs';
import { isMain, listPackages, root } from './lib/workspace.mjs';

/**
 * @typedef {{ title: string, options: Readonly<Record<string, unknown>> }} Variant
 * @typedef {import('@stowage/core').Storage} Storage
 */

const page = join(root, 'docs/capabilities.md');
const block = /(<!-- matrix:start[^>]*-->)[\s\S]*?(<!-- matrix:end -->)/;
const key = Buffer.from('the key of nobody').toString('base64');
const place = { endpoint: 'https://storage.example.com' };

/** @param {string} folder where the local driver may look @returns {Readonly<Record<string, readonly Variant[]>>} by package */
function variants(folder) {
  const swift = { storageUrl: 'https://swift.example.com/v1/AUTH_a', token: 'nobody', tempUrlKey: key };
  return {
    'driver-local': [{ title: 'Local', options: { root: folder, baseUrl: 'http://localhost', urlSecret: key } }],
    'driver-s3': [
      { title: 'Amazon S3', options: { type: 's3', user: 'nobody', key } },
      { title: 'Ceph', options: { type: 's3_rgw', user: 'nobody', key, ...place } },
      { title: 'any S3', options: { type: 's3', user: 'nobody', key, ...place } },
    ],
    'driver-gcs': [
      { title: 'Google, OAuth', options: { accessToken: 'nobody' } },
      { title: 'Google, HMAC', options: { user: 'GOOG1EXAMPLEEXAMPLEEXAMPLE', key } },
    ],
    'driver-openstack': [
      { title: 'Swift', options: swift },
      { title: 'Cloud Files', options: { ...swift, service: 'cloudfiles' } },
    ],
    'driver-atmos': [
      { title: 'Atmos', options: { user: 'tenant/nobody', key, ...place } },
      { title: 'ECS', options: { user: 'tenant/nobody', key, ...place, service: 'ecs' } },
    ],
    'driver-nimbus': [{ title: 'Nimbus.io', options: { user: 'nobody', keyId: '1', key, ...place } }],
  };
}

const signs = { native: '●', emulated: '◐', absent: '–' };

/** Marks a create-only put that two writers at the same moment can both win. @param {Storage} storage @param {keyof Storage['can']} ability */
function signOf({ can, capabilities }, ability) {
  const isRacy = ability === 'createOnly' && capabilities.put.racyConditions?.includes('ifNoneMatch');
  return `${signs[can[ability]]}${isRacy ? ' racy' : ''}`;
}

/** @param {number | undefined} bytes */
function sizeOf(bytes) {
  if (bytes === undefined) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return unit === units.length - 1 && value > 1024 ? 'any' : `${Number(value.toFixed(1))} ${units[unit]}`;
}

/** @type {Readonly<Record<string, (storage: Storage) => string>>} */
const limits = {
  'largest single put': ({ capabilities }) => sizeOf(capabilities.put.maxBytes),
  'stream of unknown length in one put': ({ capabilities }) => (capabilities.put.unknownSize ? '●' : '–'),
  'smallest part': ({ capabilities: { parts } }) => sizeOf(parts?.minBytes),
  'most parts': ({ capabilities: { parts } }) => (parts === undefined ? '–' : String(parts.maxParts)),
  'parts in any order': ({ capabilities: { parts } }) => (parts === undefined ? '–' : parts.sequential ? '–' : '●'),
  'conditions of uploads in parts': ({ capabilities: { parts } }) => listOf(parts?.conditions),
  'longest key': ({ capabilities }) => sizeOf(capabilities.keys.maxBytes),
  'user metadata': ({ capabilities: { metadata } }) =>
    metadata.names === 'none' ? '–' : `${metadata.names}, ${sizeOf(metadata.maxBytes)}`,
  'order of listings': ({ capabilities }) => capabilities.list.order,
  'listings tell of a write': ({ capabilities }) => (capabilities.list.consistency === 'strong' ? 'at once' : 'later'),
  'digests compared by the store': ({ capabilities }) => listOf(capabilities.checksums.upload),
  'digests reported by the store': ({ capabilities }) => listOf(capabilities.checksums.reported),
  'signed URLs': ({ capabilities: { urls } }) => listOf(urls?.methods),
  'signed URLs, longest': ({ capabilities: { urls } }) => (urls ? `${Math.floor(urls.maxSeconds / 86_400)} days` : '–'),
};

/** @param {readonly string[] | undefined} words */
function listOf(words) {
  return words === undefined || words.length === 0 ? '–' : words.join(', ');
}

/** @param {string} folder @returns {Promise<{ title: string, storage: Storage }[]>} */
async function openAll(folder) {
  const { openStorage } = await import(join(root, 'packages/core/dist/index.js'));
  const known = variants(folder);
  const columns = [{ title: 'Memory', storage: openStorage({ type: 'memory' }) }];
  for (const { folder: name, path } of listPackages().filter((pkg) => pkg.folder.startsWith('driver-'))) {
    if (known[name] === undefined) throw new Error(`give capability-matrix.mjs options for packages/${name}`);
    const { driver } = await import(join(path, 'dist/index.js'));
    for (const { title, options } of known[name])
      columns.push({ title, storage: openStorage({ type: driver, ...options }, { drivers: [driver] }) });
  }
  return columns;
}

/** @param {readonly { title: string, storage: Storage }[]} columns */
function makeTable(columns) {
  const row = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`;
  const abilities = /** @type {(keyof Storage['can'])[]} */ (Object.keys(columns[0]?.storage.can ?? {})).sort();
  return [
    row(['', ...columns.map(({ title }) => title)]),
    row(['---', ...columns.map(() => '---')]),
    ...abilities.map((name) => row([`\`${name}\``, ...columns.map(({ storage }) => signOf(storage, name))])),
    ...Object.entries(limits).map(([name, tell]) => row([name, ...columns.map(({ storage }) => tell(storage))])),
  ].join('\n');
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-matrix-'));
  try {
    const columns = await openAll(folder);
    const text = makeTable(columns);
    await Promise.all(columns.map(({ storage }) => storage.close()));
    keepBlock({ title: 'capability matrix', script: 'capability-matrix.mjs', page, block, text });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (isMain(import.meta.url)) await main();
