import { readlinkSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Calls from '../src/calls.js';
import { at, bodyOf, ctx, makeLab } from './lab.js';

const log = vi.hoisted(() => ({ steps: [] as string[] }));

/** What a path is, whatever its random parts are. */
function kindOf(path: string): string {
  if (path.includes('/staging/') || path.endsWith('/whole')) return 'bytes';
  if (/\/facts\/..\/./.test(path)) return 'facts';
  if (/\/facts\/..$/.test(path)) return 'facts folder';
  if (path.includes('/.stowage/')) return 'other';
  return /\/(box|dir)$/.test(path) ? 'folder' : 'object';
}

vi.mock('../src/calls.js', async (importOriginal) => {
  const calls = await importOriginal<typeof Calls>();
  const resolved = (path: string): string =>
    path.replace(/^\/proc\/self\/fd\/\d+/, (link) => readlinkSync(link)).replace(/ \(deleted\)$/, '');
  return {
    ...calls,
    syncFile: async (fd: number) => {
      const kind = kindOf(resolved(`/proc/self/fd/${fd}`));
      await calls.syncFile(fd);
      log.steps.push(`sync ${kind}`);
    },
    syncDirectory: async (path: string) => {
      await calls.syncDirectory(path);
      log.steps.push(`sync ${kindOf(path)}`);
    },
    renameFile: async (from: string, to: string) => {
      log.steps.push(`rename ${kindOf(from)} to ${kindOf(resolved(to))}`);
      await calls.renameFile(from, to);
    },
    removeFile: async (path: string) => {
      log.steps.push(`remove ${kindOf(resolved(path))}`);
      await calls.removeFile(path);
    },
  };
});

const steps = (): string[] => log.steps.filter((step) => !step.includes('other'));

beforeEach(() => {
  log.steps = [];
});

describe('with fsync', () => {
  it('a put has bytes and facts safe before the rename, and the rename before it resolves', async () => {
    const { driver } = await makeLab({ fsync: true });
    await driver.put(at('dir/a'), bodyOf('one'), {}, ctx);
    log.steps = [];
    await driver.put(at('dir/a'), bodyOf('two'), {}, ctx);
    const rename = steps().indexOf('rename bytes to object');
    expect(steps().slice(0, rename).sort()).toEqual(['sync bytes', 'sync facts', 'sync facts folder']);
    expect(steps().slice(rename)).toEqual(['rename bytes to object', 'remove facts', 'sync folder']);
  });

  it('an upload in parts has each part safe before it counts, and the whole before it is an object', async () => {
    const { driver } = await makeLab({ fsync: true });
    const upload = await driver.parts!.begin(at('a'), {}, ctx);
    log.steps = [];
    const part = await driver.parts!.put(upload, { number: 1, offset: 0 }, bodyOf('one'), ctx);
    expect(log.steps.filter((step) => step.startsWith('sync'))).toHaveLength(1);
    log.steps = [];
    await driver.parts!.complete(upload, [part], {}, ctx);
    const rename = steps().indexOf('rename bytes to object');
    expect(steps().slice(0, rename)).toEqual(expect.arrayContaining(['sync bytes', 'sync facts', 'sync facts folder']));
    expect(steps()[rename + 1]).toBe('sync folder');
  });

  it('a delete is safe before it resolves', async () => {
    const { driver } = await makeLab({ fsync: true });
    await driver.put(at('dir/a'), bodyOf('one'), {}, ctx);
    log.steps = [];
    await driver.delete(at('dir/a'), {}, ctx);
    expect(steps().filter((step) => !step.startsWith('remove object'))).toEqual(['remove facts', 'sync folder']);
    expect(steps()).toContain('remove object');
  });
});

describe('without fsync', () => {
  it('nothing waits for the disk', async () => {
    const { driver } = await makeLab({ fsync: false });
    await driver.put(at('dir/a'), bodyOf('one'), {}, ctx);
    await driver.metadata!.update(at('dir/a'), { metadata: { m: '1' } }, ctx);
    await driver.delete(at('dir/a'), {}, ctx);
    expect(log.steps.filter((step) => step.startsWith('sync'))).toEqual([]);
  });
});
