export { type CephFacts, launchCeph } from './ceph.js';
export { type KeystoneFacts } from './keystone.js';
export { KeystoneAdmin } from './keystone-admin.js';
export { freePorts, type Launched, ProcessGroup, ServerMissingError, until } from './launched.js';
export { launchSwift, PYTHON, type SwiftFacts, type SwiftOptions } from './swift.js';
export { describeLive, type LiveRequirement } from './describe-live.js';
export { pythonModules, systemPython } from './python.js';
export { findProgram, installed } from './installed.js';
export { launchStunnel, launchTinyproxy, type StunnelOptions, type TinyproxyFacts } from './proxies.js';
