import { createHost, type DriverHost, type StorageDriver } from '@stowage/core/spi';
import { SwiftEmulator, type SwiftEmulatorOptions } from '@stowage/emulators';
import { createOpenStackDriver } from '../src/driver.js';
import type { OpenStackOptions } from '../src/options.js';
import type { SwiftClient } from '../src/swift-client.js';

/** An emulator and drivers on it. */
export interface Lab {
  readonly emulator: SwiftEmulator;
  readonly warnings: string[];
  open(options?: OpenStackOptions, host?: Partial<DriverHost>): StorageDriver;
  close(): Promise<void>;
}

export const ctx = { attempt: 1 } as const;
export const TEMP_URL_KEY = 'key of the tests';

/** Starts a Swift in this process. Drivers log in by version 1 unless the options say otherwise. */
export async function startLab(server: SwiftEmulatorOptions = {}): Promise<Lab> {
  const emulator = await SwiftEmulator.start(server);
  const warnings: string[] = [];
  const drivers: StorageDriver[] = [];
  const open: Lab['open'] = (options, host = {}) => {
    const { authUrl, user, key } = emulator.v1;
    const made = createOpenStackDriver(
      options ?? { authUrl, user, key },
      createHost({ warn: (message) => void warnings.push(message), ...host }),
      { env: {} },
    );
    drivers.push(made);
    return made;
  };
  const close = async (): Promise<void> => {
    for (const each of drivers) await each.close?.();
    await emulator.close();
  };
  return { emulator, warnings, open, close };
}

export async function swiftOf(driver: StorageDriver): Promise<SwiftClient> {
  return (await driver.sdk?.()) as SwiftClient;
}

/** Gives the account the key that its addresses are signed with. */
export async function withKey(driver: StorageDriver): Promise<StorageDriver> {
  await (await swiftOf(driver)).setTempUrlKey(TEMP_URL_KEY);
  return driver;
}
