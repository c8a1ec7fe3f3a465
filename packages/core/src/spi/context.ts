/** Travels with one attempt of one call. */
export interface CallContext {
  /** Ends the attempt: the caller's signal, the deadline and `close()` in one. It must reach the socket. */
  readonly signal?: AbortSignal | undefined;
  /** Counted from 1. */
  readonly attempt: number;
}

/** How drivers that use a network reach it; the HTTP transport reads this. */
export interface NetworkSettings {
  /** PEM files and directories of PEM files, trusted beside Node's own roots. */
  readonly caCertsPath: readonly string[];
  /** Default true. False is loud: the transport warns each time that a driver is opened. */
  readonly verifyTls: boolean;
}

/** What core lends to a driver, so that signing, naming and waiting can be tested with fixed values. */
export interface DriverHost {
  /** Milliseconds since 1970. */
  nowMs(): number;
  randomBytes(size: number): Buffer;
  /** Tells the user something once that needs no action of the program; `process.emitWarning` by default. */
  warn(message: string): void;
  readonly network: NetworkSettings;
}
