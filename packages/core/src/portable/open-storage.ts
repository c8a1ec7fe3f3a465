import { type Caller, createCaller } from '../call/caller.js';
import { aDuration, anObject, aString, checkOptions, oneOf, type OptionChecks } from '../call/option-checks.js';
import type { RetryOptions } from '../call/retry.js';
import { Validator } from '../call/validate.js';
import { StorageError } from '../errors/storage-error.js';
import { readOptions } from '../registry/options.js';
import { resolveDriver } from '../registry/resolve.js';
import type { DriverHost, NetworkSettings } from '../spi/context.js';
import type { StorageDriver } from '../spi/driver.js';
import { createHost } from '../spi/host.js';
import type { DriverModule } from '../spi/module.js';
import { Emulation, type EmulationPolicy } from './emulation.js';
import { Storage } from './storage.js';

/** What a storage is opened with: the driver's type and its options, in snake_case or camelCase; unknown names are refused. */
export interface StorageSettings {
  /**
   * Family (`s3`, `local`), Libcloud's constant (`S3_US_WEST_OREGON`) or dotted string, name of a driver package, or a driver module.
   */
  readonly type: string | DriverModule;
  readonly [option: string]: unknown;
}

/** How a storage behaves, whatever its driver. */
export interface OpenOptions {
  /** Drivers that the application imports itself: the form that bundlers can follow. */
  readonly drivers?: readonly DriverModule[] | undefined;
  /** The caller's `import.meta.url`: where to look for driver packages first. */
  readonly resolveFrom?: string | undefined;
  /** False for one attempt only. */
  readonly retry?: RetryOptions | false | undefined;
  /**
   * Milliseconds for a call that carries no body, retries included; `Infinity` for none. Default 60,000. Reads and uploads have no deadline
   * but their own `timeoutMs`, and the transport's limits on silence.
   */
  readonly timeoutMs?: number | undefined;
  /** What to do where the store lacks a call that others can make up for, at a price. Default `warn`. */
  readonly emulate?: EmulationPolicy | undefined;
  readonly network?: Partial<NetworkSettings> | undefined;
  /** For tests: clock, random bytes, warnings. */
  readonly host?: Partial<DriverHost> | undefined;
}

/** Options of a storage over a driver that the caller made. */
export interface OverOptions extends Pick<OpenOptions, 'retry' | 'timeoutMs' | 'emulate' | 'host'> {
  /** Name for messages and `storage.provider`. Default: the driver's type. */
  readonly provider?: string | undefined;
  /** Texts that no message may show. */
  readonly secrets?: readonly string[] | undefined;
}

const OVER_CHECKS: OptionChecks<OverOptions> = {
  retry: (value) => (value === false ? undefined : anObject(value) && 'false, or an object of retry options'),
  timeoutMs: aDuration,
  emulate: oneOf('never', 'warn', 'allow'),
  host: anObject,
  provider: aString,
  secrets: (value) => (Array.isArray(value) ? undefined : 'an array of strings'),
};

const OPEN_CHECKS: OptionChecks<OpenOptions> = {
  retry: OVER_CHECKS.retry,
  timeoutMs: aDuration,
  emulate: OVER_CHECKS.emulate,
  host: anObject,
  drivers: (value) => (Array.isArray(value) ? undefined : 'an array of driver modules'),
  resolveFrom: aString,
  network: anObject,
};

const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Opens a storage, synchronously and without a request. Throws `driver-missing`, `driver-incompatible` or, for an unknown type and
 * for options that the driver does not know, `invalid-argument`.
 */
export function openStorage(settings: StorageSettings, options?: OpenOptions): Storage;
/** Opens a storage with a driver module, whose options the compiler then checks. */
export function openStorage<Options extends object>(
  driver: DriverModule<Options>,
  settings: Options,
  options?: OpenOptions,
): Storage;
export function openStorage(
  first: StorageSettings | DriverModule<never>,
  second: object = {},
  third: OpenOptions = {},
): Storage {
  const isModule = 'create' in first && typeof first.create === 'function';
  const settings = isModule ? { ...second, type: first as unknown as DriverModule } : (first as StorageSettings);
  return open(settings, isModule ? third : second);
}

function open({ type, ...given }: StorageSettings, options: OpenOptions): Storage {
  checkOptions('openStorage', options, OPEN_CHECKS);
  const { drivers, resolveFrom, network, host: overrides, ...rest } = options;
  const { module, preset } = resolveDriver(type, { drivers, resolveFrom });
  const { options: driverOptions, secrets } = readOptions(module, given, preset);
  const base = createHost(overrides);
  const host: DriverHost = { ...base, network: { ...base.network, ...network } };
  return assemble(() => module.create(driverOptions, host), { ...rest, host, provider: preset.provider, secrets });
}

/** Makes a storage over a driver that already exists, such as one that wraps another. */
export function storageOver(driver: StorageDriver, options: OverOptions = {}): Storage {
  checkOptions('storageOver', options, OVER_CHECKS);
  const { host, provider = driver.type, secrets = [], ...rest } = options;
  return assemble(() => driver, { ...rest, host: createHost(host), provider, secrets });
}

interface Assembly extends Pick<OpenOptions, 'retry' | 'timeoutMs' | 'emulate'> {
  readonly host: DriverHost;
  readonly provider: string;
  readonly secrets: readonly string[];
}

function assemble(createDriver: () => StorageDriver, assembly: Assembly): Storage {
  const { host, provider, secrets, retry = {}, timeoutMs = DEFAULT_TIMEOUT_MS, emulate = 'warn' } = assembly;
  const closing = new AbortController();
  const caller = createCaller({ provider, host, retry, timeoutMs, secrets, closed: closing.signal });
  const driver = createSafely(createDriver, caller);
  const session = {
    provider,
    driver,
    host,
    caller,
    validator: new Validator(driver.capabilities, provider),
    emulation: new Emulation(emulate, provider, (message) => host.warn(message)),
  };
  return new Storage(session, async () => {
    if (closing.signal.aborted) return;
    const message = 'The storage was closed; open it again for more calls.';
    closing.abort(new StorageError('closed', message, { provider }));
    await driver.close?.();
  });
}

/** What a driver says of its options must not show a secret either. */
function createSafely(createDriver: () => StorageDriver, caller: Caller): StorageDriver {
  try {
    return createDriver();
  } catch (error) {
    throw caller.dress(error, { operation: 'openStorage' });
  }
}
