export { type CephFacts, launchCeph } from './ceph.js';
export { freePorts, type Launched, ProcessGroup, ServerMissingError, until } from './launched.js';
