import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { type Container, openStorage, type Storage } from '@stowage/core';
import { bundlePrograms, CEPH, describeLive, launchCeph, launchSwift, SWIFT } from '@stowage/test-servers';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { driver, type OpenStackOptions, type SwiftClient } from '../src/index.js';
import { content, sha256Of } from './content.js';

const MIB = 1024 ** 2;
const IS_FULL = process.env['STOWAGE_FULL_SCALE'] === '1';
/** For a server to be up, on a machine that has other things to do. */
const SLOW_MS = 300_000;
/** 6 GB in segments of 16 MiB, or the same number of segments of a size that is quick. */
const PART = IS_FULL ? 16 * MIB : 128 * 1024;
const SIZE = PART * (IS_FULL ? 384 : 48) + 12_345;

interface Place {
  readonly settings: OpenStackOptions;
  stop(): Promise<void>;
}

const PLACES: readonly (readonly [string, typeof SWIFT, () => Promise<Place>])[] = [
  [
    'OpenStack Swift',
    SWIFT,
    async () => {
      const server = await launchSwift();
      const { authUrl, user, key } = server.facts;
      return { settings: { authUrl, user, key }, stop: () => server.stop() };
    },
  ],
  [
    "Ceph's Swift API",
    CEPH,
    async () => {
      const server = await launchCeph();
      const { swiftAuthUrl: authUrl, swiftUser: user, swiftKey: key } = server.facts;
      return { settings: { authUrl, user, key, service: 'ceph' }, stop: () => server.stop() };
    },
  ],
];

for (const [name, requirement, launch] of PLACES) {
  describeLive(`large objects of ${name}`, requirement, () => {
    let place: Place;
    let storage: Storage;
    const isCeph = requirement === CEPH;
    beforeAll(async () => {
      place = await launch();
      storage = openStorage(driver, place.settings, { emulate: 'allow' });
    }, SLOW_MS);
    afterAll(async () => {
      await storage.close();
      await place.stop();
    });

    /** Every segment that there is, whosoever it was. */
    async function segments(box: Container): Promise<string[]> {
      const name = `${box.name}_segments`;
      if (!(await storage.containerExists(name))) return [];
      return (await storage.container(name).listObjects()).map(({ key }) => key);
    }
    const put = (box: Container, key: string, size: number): Promise<unknown> =>
      box.put(key, Readable.from(content(size)), { size, partSize: PART, concurrency: 4 });
    const expectWhole = async (box: Container, key: string): Promise<void> => {
      const stream = await box.object(key).stream();
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      expect(sha256Of(chunks)).toBe(sha256Of(content(SIZE)));
    };

    it('are sent, read, copied, replaced and deleted, and leave no segment', { timeout: 1_800_000 }, async () => {
      const box = await storage.createContainer('whole-life');
      await put(box, 'large', SIZE);
      const count = Math.ceil(SIZE / PART);
      expect((await segments(box)).length).toBe(count);
      expect((await box.object('large').stat()).size).toBe(SIZE);
      await expectWhole(box, 'large');

      for (const [from, to] of [
        [PART - 5, PART + 5],
        [3 * PART - 1, 3 * PART],
        [PART / 2, 2.5 * PART],
        [SIZE - 7, SIZE],
      ] as const) {
        const bytes = await box.object('large').bytes({ range: { start: from, end: to } });
        const expected = Buffer.concat([...content(to, from)]);
        expect(bytes.equals(expected), `${String(from)} to ${String(to)}`).toBe(true);
      }

      await box.object('large').copyTo({ key: 'copy' }, { partSize: 2 * PART });
      const copied = await box.object('copy').stat();
      expect([copied.size, copied.extra['largeObject']]).toEqual([SIZE, isCeph ? copied.extra['largeObject'] : 'slo']);
      await box.object('large').delete();
      await expectWhole(box, 'copy');

      await put(box, 'copy', SIZE - PART);
      expect((await box.object('copy').stat()).size).toBe(SIZE - PART);
      expect((await segments(box)).length).toBe(count - 1);
      await box.put('copy', 'now a plain one');
      expect(await box.object('copy').text()).toBe('now a plain one');
      expect(await segments(box)).toEqual([]);
      await put(box, 'again', SIZE);
      await box.deletePrefix('');
      expect([await segments(box), await box.listObjects()]).toEqual([[], []]);
      await box.delete();
      expect(await storage.containerExists('whole-life_segments')).toBe(false);
    });

    it('keep their metadata and headers through a change of metadata', async () => {
      const box = await storage.createContainer('changed');
      await box.put('large', Readable.from(content(3 * PART)), {
        ...{ size: 3 * PART, partSize: PART, contentType: 'text/x-stowage', metadata: { colour: 'blue' } },
      });
      await box.object('large').updateMetadata({ cacheControl: 'no-cache' });
      const { record } = await box.object('large').stat();
      expect(record).toMatchObject({ size: 3 * PART, contentType: 'text/x-stowage', cacheControl: 'no-cache' });
      expect({ ...record?.metadata }).toEqual({ colour: 'blue' });
      await box.object('large').delete();
      expect(await segments(box)).toEqual([]);
    });

    it('may be dynamic ones, which are changed, copied and deleted like others', async () => {
      const box = await storage.createContainer('dynamic');
      const size = 3 * PART + 9;
      const upload = await box.createUpload('large', { partSize: PART, provider: { largeObject: 'dlo' } });
      await upload.send(Readable.from(content(size)));
      const before = await box.object('large').stat();
      expect([before.size, before.extra['largeObject']]).toEqual([size, 'dlo']);
      await box.object('large').updateMetadata({ metadata: { colour: 'blue' } });
      expect((await box.object('large').stat()).size).toBe(size);
      await box.object('large').copyTo({ key: 'copy' });
      await box.object('large').delete();
      expect(sha256Of([await box.object('copy').bytes()])).toBe(sha256Of(content(size)));
      await box.object('copy').delete();
      expect(await segments(box)).toEqual([]);
    });

    it('are gone on with by another process after a kill -9', { timeout: 600_000 }, async () => {
      const box = await storage.createContainer('killed');
      const programs = await bundlePrograms(new URL('processes/', import.meta.url), 'upload');
      onTestFinished(() => programs.remove());
      const program = programs.path('upload');
      const job = { settings: place.settings, container: 'killed', key: 'large', size: SIZE, partSize: PART };
      const first = start(program, job);
      let token = '';
      for await (const step of stepsOf(first)) {
        token ||= step.token ?? '';
        if ((step.transferred ?? 0) >= SIZE / 2) first.kill('SIGKILL');
      }
      expect(first.signalCode).toBe('SIGKILL');
      expect(await box.exists('large')).toBe(false);
      const steps: Step[] = [];
      for await (const step of stepsOf(start(program, { ...job, token }))) steps.push(step);
      expect(steps[0]?.receivedBytes).toBeGreaterThan(0);
      expect(steps.at(-1)?.done).toBe(true);
      await expectWhole(box, 'large');
      expect((await segments(box)).length).toBe(Math.ceil(SIZE / PART));
      for await (const pending of box.listUploads()) expect.fail(`the upload of ${pending.key} is still listed`);
      await box.object('large').delete();
      expect(await segments(box)).toEqual([]);
    });

    it('are not destroyed by the sweeping of an upload that was completed', async () => {
      const box = await storage.createContainer('swept');
      const parts = storage.driver.parts!;
      const ctx = { attempt: 1 };
      const upload = await parts.begin({ container: 'swept', key: 'large' }, {}, ctx);
      const body = { size: 4, replayable: true, bytes: Buffer.from('body'), open: () => Readable.from(['body']) };
      const sent = await parts.put(upload, { number: 1, offset: 0, last: true }, body, ctx);
      await parts.complete(upload, [sent], {}, ctx);
      await parts.abort(upload, ctx);
      expect(await box.object('large').text()).toBe('body');
    });

    it.skipIf(isCeph)('tell their segments', async () => {
      const box = await storage.createContainer('told');
      await put(box, 'large', 2 * PART);
      const swift = (await storage.sdk()) as SwiftClient;
      const rows = await swift.manifest({ container: 'told', key: 'large' });
      expect(rows?.map(({ bytes }) => bytes)).toEqual([PART, PART]);
      expect(await swift.manifest({ container: 'told_segments', key: (await segments(box))[0]! })).toBeUndefined();
    });
  });
}

interface Step {
  readonly token?: string;
  readonly receivedBytes?: number;
  readonly transferred?: number;
  readonly done?: boolean;
}

function start(program: string, job: object): ChildProcess {
  const child = spawn(process.execPath, [program, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function* stepsOf(child: ChildProcess): AsyncGenerator<Step> {
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout! })) yield JSON.parse(line) as Step;
  await exited;
}
