import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openStorage } from '../../src/index.js';
import { driver } from '../../src/memory.js';

it('runs many calls at once without a warning of Node', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): number => warnings.push(warning);
  process.on('warning', onWarning);
  const storage = openStorage(driver, {});
  const container = await storage.createContainer('many');
  await Promise.all(Array.from({ length: 30 }, (_, index) => container.put(`key ${index}`, 'x')));
  await Promise.all(Array.from({ length: 30 }, (_, index) => container.object(`key ${index}`).stat()));
  await setImmediate();
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});
