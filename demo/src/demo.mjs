/** The main job on real files, as a Django project does it, and what it would take to do the same at other stores. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { knownProviders, packageForType } from '@stowage/core';
import { configure, ContentFile, defaultStorage, LibCloudStorage, settings } from '@stowage/django-style-adapter';
import { createRequestHandler } from '@stowage/driver-local';
import cliProgress from 'cli-progress';
import { makePicture } from './picture.mjs';
import { djangoSettings } from './settings.mjs';
import { drawTree } from './tree.mjs';

const MIB = 1024 ** 2;
const BIG_BYTES = 200 * MIB;

/** @param {string} title */
const step = (title) => console.log(`\n▸ ${title}`);
/** @param {string} line */
const say = (line) => console.log(`  ${line}`);

/** A file that is not in memory whole, with its SHA-256. @param {number} size */
function bigFile(size) {
  const sha256 = createHash('sha256');
  async function* pieces() {
    const piece = randomBytes(MIB);
    for (let sent = 0; sent < size; sent += MIB) {
      piece.writeDoubleLE(sent, 0);
      sha256.update(piece);
      yield Buffer.from(piece);
    }
  }
  return { content: pieces(), digest: () => sha256.digest('hex') };
}

/** @param {AsyncIterable<Uint8Array>} chunks */
async function sha256Of(chunks) {
  const sha256 = createHash('sha256');
  for await (const chunk of chunks) sha256.update(chunk);
  return sha256.digest('hex');
}

/** Serves signed links of the local store, as a web application would. */
async function startServer() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { server, origin: `http://127.0.0.1:${port}` };
}

/** @param {LibCloudStorage} store */
async function saveFiles(store) {
  step("save('notes/hello.txt', ...)");
  say(`stored as ${await store.save('notes/hello.txt', new ContentFile('Hello from Stowage.\n'))}`);
  step('the same name again: nothing is overwritten');
  say(`stored as ${await store.save('notes/hello.txt', new ContentFile('Another hello.\n'))}`);
  say(store.atomic ? 'race-free: the store itself refuses to overwrite' : 'not race-free at this store');
  step("save('pictures/sunset.png', ...)");
  const picture = makePicture(640, 360);
  say(`stored as ${await store.save('pictures/sunset.png', new ContentFile(picture))}, ${picture.length} bytes`);
}

/** @param {LibCloudStorage} store */
async function saveBigFile(store) {
  step(`save('films/holiday.bin', ...): ${BIG_BYTES / MIB} MiB, streamed`);
  const bar = new cliProgress.SingleBar(
    {
      format: '  {bar} {percentage}% | {value}/{total} MiB',
      noTTYOutput: true,
      notTTYSchedule: 1000,
      hideCursor: true,
    },
    cliProgress.Presets.shades_classic,
  );
  const { content, digest } = bigFile(BIG_BYTES);
  bar.start(BIG_BYTES / MIB, 0);
  const name = await store.save('films/holiday.bin', content, {
    onProgress: ({ transferred }) => bar.update(Math.floor(transferred / MIB)),
  });
  bar.update(BIG_BYTES / MIB);
  bar.stop();
  const sha256 = digest();
  say(`stored as ${name}, SHA-256 ${sha256}`);
  return { name, sha256 };
}

/** @param {LibCloudStorage} store */
async function lookAround(store) {
  step('listdir, as a tree');
  for await (const line of drawTree(store)) say(line);
  step("open('films/holiday.bin'): the 16 bytes at 100,000,000, and no more");
  const file = store.open('films/holiday.bin');
  await file.seek(100_000_000);
  say((await file.read(16)).toString('hex'));
  await file.close();
}

/** @param {LibCloudStorage} store */
async function openLink(store) {
  step("url('pictures/sunset.png'): a signed link, opened with a real HTTP GET");
  const url = await store.url('pictures/sunset.png');
  say(url);
  const answer = await fetch(url);
  say(`${answer.status}, ${answer.headers.get('content-type')}, ${(await answer.arrayBuffer()).byteLength} bytes`);
  const forged = await fetch(url.replace('sunset', 'secret'));
  say(`the same signature on another name: ${forged.status}`);
  await forged.body?.cancel();
}

/** @param {LibCloudStorage} from @param {LibCloudStorage} to @param {{ name: string, sha256: string }} big */
async function copyOver(from, to, big) {
  step('copy everything to a second provider');
  for await (const object of from.driver.container(from.bucket).iterateObjects()) {
    const copied = await object.copyTo({ container: to.driver.container(to.bucket), key: object.key });
    say(`${object.key} → ${to.providerName} (verified: ${copied.verified ?? 'not told'})`);
  }
  step('compare checksums');
  const there = await sha256Of(to.open(big.name).chunks());
  say(`${big.name}: ${there === big.sha256 ? 'equal' : 'DIFFERENT'}`);
  if (there !== big.sha256) throw new Error('the copy differs from its source');
}

/** @param {LibCloudStorage} store */
async function cleanUp(store) {
  step(`delete everything at ${store.providerName}, and its container`);
  const { deleted } = await store.driver.container(store.bucket).deletePrefix('');
  await store.driver.deleteContainer(store.bucket);
  say(`${deleted} objects and the container are gone`);
}

function showOtherProviders() {
  step('the other providers of the same settings take one line each');
  for (const [name, { type }] of Object.entries(settings.LIBCLOUD_PROVIDERS ?? {})) {
    const packageName = packageForType(String(type));
    if (packageName !== undefined && !name.startsWith('local')) say(`${name.padEnd(14)} npm install ${packageName}`);
  }
  say(`${knownProviders().length} providers are known by name; any S3, Swift or Atmos address works without one.`);
}

async function main() {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-demo-'));
  await Promise.all(['local_1', 'local_2'].map((name) => mkdir(join(folder, name))));
  console.log(`Stowage: one storage API over many object stores. Everything happens in ${folder}`);
  const { server, origin } = await startServer();
  configure(djangoSettings(folder, origin));
  const store = new LibCloudStorage();
  const second = new LibCloudStorage('local_2');
  server.on('request', createRequestHandler(store.driver.driver));
  try {
    step("store.driver.createContainer('bucket-1')");
    await store.driver.createContainer(store.bucket);
    await second.driver.createContainer(second.bucket);
    say(`${store.bucket} at ${store.providerName}, ${second.bucket} at ${second.providerName}`);
    await saveFiles(store);
    const big = await saveBigFile(store);
    await lookAround(store);
    await openLink(store);
    await copyOver(store, second, big);
    step('defaultStorage, over DEFAULT_FILE_STORAGE');
    say(`exists('notes/hello.txt'): ${await defaultStorage.exists('notes/hello.txt')}`);
    await cleanUp(store);
    await cleanUp(second);
    showOtherProviders();
    console.log(`\nDone. ${folder} is left for you to look at, and empty: remove it when you like.`);
  } finally {
    server.close();
    await store.close();
    await second.close();
  }
}

await main();
