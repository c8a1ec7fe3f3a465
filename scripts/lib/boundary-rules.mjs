/**
 * Who may import whom (docs: CONTRIBUTING.md, "Boundaries"). `stowage` lists entries of our own packages; `npm` is what may come
 * from elsewhere, always within what the package's manifest declares.
 * @typedef {{ stowage: readonly string[], npm: 'declared' | readonly string[], maxDependencies?: number }} PackageRule
 */

/** @type {PackageRule} */
const driverRule = { stowage: ['@stowage/core/spi', '@stowage/http'], npm: 'declared' };

/** @type {Readonly<Record<string, PackageRule>>} */
const packageRules = {
  core: { stowage: [], npm: 'declared', maxDependencies: 1 },
  http: { stowage: ['@stowage/core/spi'], npm: ['undici'] },
  testkit: {
    stowage: ['@stowage/core', '@stowage/core/spi', '@stowage/core/memory'],
    npm: ['vitest', 'fast-check', 'semver', 'es-module-lexer'],
  },
  // Emulators judge our clients, so they share no code with them.
  emulators: { stowage: [], npm: 'declared' },
  'django-style-adapter': { stowage: ['@stowage/core'], npm: [] },
  'create-stowage-driver': { stowage: [], npm: [] },
  cli: { stowage: ['@stowage/core', '@stowage/django-style-adapter'], npm: 'declared' },
};

/** Private packages may import anything that they declare. */
const openRule = /** @type {const} */ ({ stowage: ['*'], npm: 'declared' });

/** @param {string} folder @param {boolean} isPrivate @returns {PackageRule | undefined} */
export function ruleFor(folder, isPrivate) {
  if (isPrivate) return openRule;
  return folder.startsWith('driver-') ? driverRule : packageRules[folder];
}

/**
 * Inside core the arrows point one way: a folder of `packages/core/src` (or an entry file beside them) may import these folders.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const coreLayers = {
  errors: [],
  spi: ['errors'],
  checksum: ['errors', 'spi'],
  call: ['errors', 'spi', 'checksum'],
  registry: ['errors', 'spi', 'memory'],
  transfer: ['errors', 'spi', 'checksum', 'call'],
  portable: ['errors', 'spi', 'checksum', 'call', 'registry', 'transfer'],
  memory: ['errors', 'spi', 'checksum'],
  'index.ts': ['errors', 'spi', 'checksum', 'call', 'registry', 'transfer', 'portable'],
  'spi.ts': ['errors', 'spi', 'checksum'],
  'memory.ts': ['memory'],
};
