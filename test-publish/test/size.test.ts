import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { App } from '../src/app.js';

it('the size on disk has every byte that is installed, once: a package that grows is seen', () => {
  const app = new App(join(inject('folder'), 'size'), { name: 'npm', manager: 'npm' }, inject('registry'));
  const store = 'node_modules/.pnpm/a@1.0.0/node_modules/a';
  app.write({ [`${store}/index.js`]: 'x'.repeat(1000), [`${store}/package.json`]: '{}' });
  symlinkSync(join(app.folder, store), join(app.folder, 'node_modules/a'));
  expect(app.bytesOnDisk()).toBe(1002);
  mkdirSync(join(app.folder, store, 'dist'));
  app.write({ [`${store}/dist/more.js`]: 'x'.repeat(500) });
  expect(app.bytesOnDisk()).toBe(1502);
});
