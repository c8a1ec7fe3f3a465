import { createHost, type DriverHost, type StorageDriver } from '@stowage/core/spi';
import { S3Emulator, type S3EmulatorOptions } from '@stowage/emulators';
import { createS3Driver } from '../src/driver.js';
import type { S3Options } from '../src/options.js';

/** An emulator and a driver on it. */
export interface Lab {
  readonly emulator: S3Emulator;
  readonly driver: StorageDriver;
  readonly warnings: string[];
  /** Another driver on the same emulator. */
  open(options?: S3Options, host?: Partial<DriverHost>): StorageDriver;
  close(): Promise<void>;
}

export const ctx = { attempt: 1 } as const;

/** Starts an S3 server in this process and opens the driver on it. */
export async function startLab(options: S3Options = {}, server: S3EmulatorOptions = {}): Promise<Lab> {
  const emulator = await S3Emulator.start(server);
  const warnings: string[] = [];
  const drivers: StorageDriver[] = [];
  const open: Lab['open'] = (more = {}, host = {}) => {
    const { accessKey: user, secretKey: key } = emulator.account;
    const all = { endpoint: emulator.endpoint, user, key, ...options, ...more };
    const made = createS3Driver(all, createHost({ warn: (message) => void warnings.push(message), ...host }));
    drivers.push(made);
    return made;
  };
  const driver = open();
  const close = async (): Promise<void> => {
    for (const each of drivers) await each.close?.();
    await emulator.close();
  };
  return { emulator, driver, warnings, open, close };
}
