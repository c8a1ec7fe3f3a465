import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../lib/run.mjs';
import { root } from '../lib/workspace.mjs';

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

it.each([
  ['README.md', '16 Ostend orange over blue\n2026/sunset.txt\n'],
  ['packages/driver-local/README.md', 'orange over blue\n'],
  ['packages/driver-s3/README.md', '16 service\norange over blue\n'],
  ['packages/driver-atmos/README.md', '16 service\norange over blue\n'],
  ['packages/driver-gcs/README.md', '16 service\norange over blue\n'],
  ['packages/driver-openstack/README.md', '16 service\norange over blue\n'],
  ['packages/driver-nimbus/README.md', '16 service\ntext/plain orange over blue\n'],
])('runs the example of %s as it is printed, over the built packages', async (file, printed) => {
  const app = mkdtempSync(join(tmpdir(), 'stowage-readme-'));
  onTestFinished(() => rmSync(app, { recursive: true, force: true }));
  mkdirSync(join(app, 'node_modules', '@stowage'), { recursive: true });
  for (const name of [
    'core',
    'driver-atmos',
    'driver-gcs',
    'driver-local',
    'driver-nimbus',
    'driver-openstack',
    'driver-s3',
    'emulators',
  ]) {
    symlinkSync(join(root, 'packages', name), join(app, 'node_modules', '@stowage', name));
  }
  writeFileSync(join(app, 'example.mjs'), /```js\n(.*?)```/s.exec(read(file))?.[1] ?? '');
  const { output } = await run(process.execPath, ['example.mjs'], { quiet: true, cwd: app });
  expect(output).toBe(printed);
});

it('names only packages that are there', () => {
  const linked = [...read('README.md').matchAll(/\]\(packages\/([a-z0-9-]+)\)/g)].map(([, folder]) => folder as string);
  expect(linked.length).toBeGreaterThan(5);
  for (const folder of linked) expect(read(`packages/${folder}/README.md`)).toMatch(/^# (@stowage\/|create-)/);
});
