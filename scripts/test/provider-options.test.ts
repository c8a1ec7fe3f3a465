import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DriverModule, knownProviders, readOptions, resolveDriver } from '@stowage/core';
import { driver as memory } from '@stowage/core/memory';
import { describe, expect, it } from 'vitest';

/** The drivers of this repository; each new one joins by itself. */
async function loadDrivers(): Promise<DriverModule[]> {
  const packages = fileURLToPath(new URL('../../packages', import.meta.url));
  const entries = readdirSync(packages)
    .filter((folder) => folder.startsWith('driver-'))
    .map((folder) => join(packages, folder, 'src', 'index.ts'))
    .filter((file) => existsSync(file));
  const modules = await Promise.all(entries.map((file) => import(file) as Promise<{ driver?: DriverModule }>));
  return [memory, ...modules.flatMap(({ driver }) => (driver ? [driver] : []))];
}

const drivers = await loadDrivers();

/** What the settings must say beside user and key, so that the provider has an address. */
function addressOf(endpoint: string | undefined, needsEndpoint: boolean): Record<string, string> {
  if (needsEndpoint) return { endpoint: 'https://storage.example.com' };
  const parts = [...(endpoint ?? '').matchAll(/\{([a-zA-Z]+)\}/g)].map(([, name]) => name as string);
  return Object.fromEntries(parts.map((name) => [name, 'part']));
}

describe("core's table of providers and the drivers agree", () => {
  const served = knownProviders().filter(({ family }) => drivers.some(({ type }) => type === family));

  it.each(served)(
    'on $constant with the user and key of any Django settings',
    ({ constant, endpoint, needsEndpoint }) => {
      const { module, preset } = resolveDriver(constant, { drivers });
      const given: Record<string, string> = { user: 'user', key: 'key', ...addressOf(endpoint, needsEndpoint) };
      const { options } = readOptions(module, given, preset);
      const expected = Object.entries(preset.defaults).map(([name, value]) => [name, given[name] ?? value]);
      expect(options).toMatchObject(Object.fromEntries(expected) as object);
    },
  );
});
