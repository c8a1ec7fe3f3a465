import type { StorageDriver } from '@stowage/core/spi';

/** Asks for what a URL names, as the global `fetch` does. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** What the suite needs to know about a driver. Everything but `name` and `create` has a default. */
export interface Harness {
  /** Shown before each test title. */
  readonly name: string;
  /** Makes the driver on which all tests run. Called once, before the first test. */
  readonly create: () => StorageDriver | Promise<StorageDriver>;
  /** Frees what `create` took, such as a server, whatever failed before; the driver's own `close()` is called before it. */
  readonly close?: (() => void | Promise<void>) | undefined;
  /**
   * Makes a driver with the same groups and capabilities that is never called, such as one for a server that is not up yet: test
   * frameworks must know the tests before they run them. Default: `create`, which is then called, and not closed, even where no test is chosen.
   */
  readonly shape?: (() => StorageDriver) | undefined;
  /** Test id -> why the driver differs. Each runs and must fail; one that passes is an error, so that healed deviations go. */
  readonly deviations?: Readonly<Record<string, string>> | undefined;
  /** Names a container, out of a word that no other run uses. Default `stowage-test-<unique>`; must be good for the provider. */
  readonly containerName?: ((unique: string) => string) | undefined;
  /** Milliseconds that a listing may take to tell of a finished write. Default 0, or 10,000 where listings are `eventual`. */
  readonly settleMs?: number | undefined;
  /** Milliseconds for each test. Default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds in which an aborted call must end. Default 5,000. */
  readonly abortWithinMs?: number | undefined;
  /** Runs of each property. Default 25. */
  readonly propertyRuns?: number | undefined;
  /** Seed of random keys, ranges and bodies; printed when a property fails. Default: another one each time. */
  readonly seed?: number | undefined;
  /** Bytes of the body that is large for the driver, such as two parts. Default 1 MiB more than any buffer between: 9 MiB. */
  readonly largeBytes?: number | undefined;
  /** Runs tests side by side, each on keys of its own: for servers that are far. Default false. */
  readonly concurrent?: boolean | undefined;
  /** Fetches signed URLs. Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** Requests that the driver has sent so far; with it the suite checks that each call makes one. */
  readonly requestCount?: (() => number) | undefined;
  /**
   * Makes the next response body end early, as a broken connection does; with it the suite checks that no body comes short. That body has
   * 300,000 bytes; cut it after some of them. The driver that `create` makes must already go through what cuts, such as `cuttingProxy`.
   */
  readonly truncateNextBody?: (() => void) | undefined;
  /** Makes a driver with credentials that are wrong. */
  readonly wrongCredentials?: (() => StorageDriver | Promise<StorageDriver>) | undefined;
  /** Makes a driver of a server that is not there. */
  readonly unreachable?: (() => StorageDriver | Promise<StorageDriver>) | undefined;
  /** Strings that no error may show: keys, tokens, passwords. */
  readonly secrets?: readonly string[] | undefined;
  /** A storage class other than the default one, where `storageClass` is declared. */
  readonly storageClass?: string | undefined;
}
