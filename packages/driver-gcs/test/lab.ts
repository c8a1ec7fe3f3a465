import { createHost, type DriverHost } from '@stowage/core/spi';
import { GcsEmulator, type GcsEmulatorOptions } from '@stowage/emulators';
import { loadAuthority } from '../src/authority.js';
import { createGcsDriver, type GcsDriver, type GcsSurroundings } from '../src/driver.js';
import type { GcsOptions } from '../src/options.js';

/** An emulator and drivers on it. */
export interface Lab {
  readonly emulator: GcsEmulator;
  readonly driver: GcsDriver;
  readonly warnings: string[];
  /** Another driver on the same emulator, with no credentials but those of `options`. */
  readonly openWith: (
    options: GcsOptions,
    host?: Partial<DriverHost>,
    surroundings?: Partial<GcsSurroundings>,
  ) => GcsDriver;
  close(): Promise<void>;
}

export const ctx = { attempt: 1 } as const;

/** Neither the environment nor the files of whoever runs the tests. */
export const NOWHERE: Partial<GcsSurroundings> = { env: {}, homeFolder: '/nowhere' };

/** Google's host for the keys of accounts, which no setting can change, is the emulator. */
export function credentialsServiceAt(endpoint: string): Partial<GcsSurroundings> {
  return {
    loadAuthority: (account) =>
      loadAuthority({
        ...account,
        transport: {
          send: (request, context) => {
            const isAsked = request.origin === 'https://iamcredentials.googleapis.com';
            return account.transport.send({ ...request, ...(isAsked && { origin: endpoint }) }, context);
          },
        },
      }),
  };
}

export type Mode = 'hmac' | 'oauth';

/** Credentials of an emulator, as settings of a driver. */
export function credentialsOf(emulator: GcsEmulator, mode: Mode): GcsOptions {
  const { accessKey: user, secretKey: key } = emulator.hmacKey;
  return mode === 'hmac' ? { user, key } : { credentials: { ...emulator.keyFile() } };
}

/** Starts Google Cloud Storage in this process and opens the driver on it. */
export async function startLab(mode: Mode, options: GcsOptions = {}, server: GcsEmulatorOptions = {}): Promise<Lab> {
  const emulator = await GcsEmulator.start(server);
  const warnings: string[] = [];
  const drivers: GcsDriver[] = [];
  const openWith: Lab['openWith'] = (more, host = {}, surroundings = {}) => {
    const made = createGcsDriver(
      { endpoint: emulator.endpoint, ...more },
      createHost({ warn: (message) => void warnings.push(message), ...host }),
      { ...NOWHERE, ...surroundings },
    );
    drivers.push(made);
    return made;
  };
  const driver = openWith({ ...credentialsOf(emulator, mode), ...options });
  const close = async (): Promise<void> => {
    for (const each of drivers) await each.close?.();
    await emulator.close();
  };
  return { emulator, driver, warnings, openWith, close };
}
