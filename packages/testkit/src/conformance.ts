/** The suite as data, its runner, and tools for tests of drivers. None of it needs a test framework. */
export { bytesBody, failingBody, seededBytes, stallingBody, streamBody } from './bodies.js';
export { type Bench, type Listed } from './bench.js';
export { checkManifest } from './check-manifest.js';
export { conformanceCases } from './cases/index.js';
export { type Applies, type ConformanceCase, type Group, GROUPS } from './conformance-case.js';
export { type CuttingProxy, cuttingProxy, type ProxyTarget } from './cutting-proxy.js';
export { type Fault, faultInjector, type FaultyDriver, type PlannedFault } from './fault-injector.js';
export type { Fetch, Harness } from './harness.js';
export { type CallHook, observe, type ObservedDriver, wrapCalls } from './observe.js';
export { type CaseResult, type ConformanceResults, runConformance } from './run-conformance.js';
