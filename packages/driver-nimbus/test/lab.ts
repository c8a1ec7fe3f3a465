import { createHost, type DriverHost, type StorageDriver } from '@stowage/core/spi';
import { NimbusEmulator, type NimbusEmulatorOptions } from '@stowage/emulators';
import { createNimbusDriver } from '../src/driver.js';
import type { NimbusOptions } from '../src/options.js';

/** An emulator and a driver on it. */
export interface Lab {
  readonly emulator: NimbusEmulator;
  readonly driver: StorageDriver;
  readonly warnings: string[];
  /** Another driver on the same emulator. */
  open(options?: NimbusOptions, host?: Partial<DriverHost>): StorageDriver;
  close(): Promise<void>;
}

export const ctx = { attempt: 1 } as const;

/** Starts a cluster in this process and opens the driver on it. */
export async function startLab(options: NimbusOptions = {}, server: NimbusEmulatorOptions = {}): Promise<Lab> {
  const emulator = await NimbusEmulator.start(server);
  const warnings: string[] = [];
  const drivers: StorageDriver[] = [];
  const open: Lab['open'] = (more = {}, host = {}) => {
    const { user, keyId, key } = emulator.account;
    const all = { endpoint: emulator.endpoint, user, key, keyId: String(keyId), ...options, ...more };
    const made = createNimbusDriver(all, createHost({ warn: (message) => void warnings.push(message), ...host }));
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

/** The key of the emulator's own account. */
export const DEFAULT_NIMBUS_KEY = 'EmulatedNimbusKey00000000000000000000000000';
