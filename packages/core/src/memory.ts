/** The in-memory reference driver: a model for authors of drivers, and a store for tests. */
export { createMemoryDriver, type MemoryDriver } from './memory/driver.js';
export { driver } from './memory/index.js';
export type { MemoryOptions } from './memory/options.js';
