import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  type CallContext,
  createHost,
  type DriverHost,
  type ListRequest,
  type ObjectRef,
  type PutBody,
  type StorageDriver,
} from '@stowage/core/spi';
import { afterEach } from 'vitest';
import { driver, type LocalOptions } from '../src/index.js';

export const ctx: CallContext = { attempt: 1 };
export const SECRET = 'a secret of enough letters';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

/** A directory that is removed after the test. */
export function makeRoot(): string {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'stowage-local-'));
  roots.push(root);
  return root;
}

export interface Lab {
  readonly root: string;
  readonly driver: StorageDriver;
  readonly warnings: string[];
  /** Another driver for the same root, as another process would have. */
  readonly again: (options?: Partial<LocalOptions>) => StorageDriver;
}

/** A driver for a new root with the container `box`. */
export async function makeLab(options: Partial<LocalOptions> = {}, host: Partial<DriverHost> = {}): Promise<Lab> {
  const root = makeRoot();
  const warnings: string[] = [];
  const again = (more: Partial<LocalOptions> = {}): StorageDriver =>
    driver.create(
      { root, fsync: false, ...options, ...more },
      createHost({ warn: (text) => warnings.push(text), ...host }),
    );
  const lab = { root, driver: again(), warnings, again };
  await lab.driver.createContainer('box', {}, ctx);
  return lab;
}

export const at = (key: string, container = 'box'): ObjectRef => ({ container, key });

export function bodyOf(content: string | Buffer): PutBody {
  const bytes = Buffer.from(content);
  return { size: bytes.length, replayable: true, bytes, open: () => Readable.from([bytes]) };
}

export function streamOf(chunks: Iterable<Buffer> | AsyncIterable<Buffer>, size?: number): PutBody {
  return { size, replayable: false, open: () => Readable.from(chunks) };
}

export async function put(driver: StorageDriver, key: string, content: string | Buffer = key): Promise<string> {
  return (await driver.put(at(key), bodyOf(content), {}, ctx)).record.etag!;
}

export async function text(driver: StorageDriver, key: string): Promise<string> {
  return (await driver.read(at(key), { want: 'bytes' }, ctx)).bytes!.toString();
}

/** Every key, and every folded prefix, over all pages. */
export async function listAll(
  driver: StorageDriver,
  request: ListRequest = {},
): Promise<{ keys: string[]; prefixes: string[]; pages: number }> {
  const [keys, prefixes]: [string[], string[]] = [[], []];
  let token: string | undefined;
  for (let pages = 1; ; pages++) {
    const page = await driver.list('box', { ...request, token }, ctx);
    keys.push(...page.objects.map(({ key }) => key));
    prefixes.push(...page.prefixes);
    token = page.next;
    if (token === undefined) return { keys, prefixes, pages };
  }
}
