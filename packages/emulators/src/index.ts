export { type Fault, FaultPlan, type FaultRule, type RequestSummary } from './faults.js';
export type { GcsHmacKey, GcsServiceAccount, GcsUser } from './gcs/identities.js';
export { GcsEmulator, type GcsEmulatorOptions, type GcsKeyFile } from './gcs/server.js';
export { Emulator, type EmulatorOptions } from './http-server.js';
export type { S3Feature } from './s3/lacks.js';
export { S3Emulator, type S3EmulatorOptions } from './s3/server.js';
export type { Account as S3Account } from './s3/signature.js';
