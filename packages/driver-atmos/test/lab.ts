import { createHost, type DriverHost, type StorageDriver } from '@stowage/core/spi';
import { AtmosEmulator, type AtmosEmulatorOptions } from '@stowage/emulators';
import { createAtmosDriver } from '../src/driver.js';
import type { AtmosOptions } from '../src/options.js';

/** An emulator and a driver on it. */
export interface Lab {
  readonly emulator: AtmosEmulator;
  readonly driver: StorageDriver;
  readonly warnings: string[];
  /** Another driver on the same emulator. */
  readonly open: (options?: Partial<AtmosOptions>, host?: Partial<DriverHost>) => StorageDriver;
  close(): Promise<void>;
}

export const ctx = { attempt: 1 } as const;

/** Starts an Atmos server in this process and opens the driver on it. */
export async function startLab(options: Partial<AtmosOptions> = {}, server: AtmosEmulatorOptions = {}): Promise<Lab> {
  const emulator = await AtmosEmulator.start(server);
  const warnings: string[] = [];
  const drivers: StorageDriver[] = [];
  const open: Lab['open'] = (more = {}, host = {}) => {
    const { uid: user, secret: key } = emulator.account;
    const all = { endpoint: emulator.endpoint, user, key, ...options, ...more };
    const made = createAtmosDriver(all, createHost({ warn: (message) => void warnings.push(message), ...host }));
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
