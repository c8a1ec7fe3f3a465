/** For tests of drivers, with vitest. Without it: `@stowage/testkit/conformance`. */
export * from './conformance.js';
export { testDriver } from './test-driver.js';
