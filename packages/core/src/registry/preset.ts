import type { OptionTable } from '../spi/options.js';

/** What a provider's name brings with it. Every value gives way to what the user writes. */
export interface Preset {
  /** Plain name for messages and `storage.provider`, such as `s3_us_west`. */
  readonly provider: string;
  /** Options of the driver, by their names in its table. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** More defaults, which hold only while `region` is the one in `defaults`. */
  readonly regional?: Readonly<Record<string, unknown>>;
  /** Value of the option `endpoint` unless the user gives `endpoint` or `host`; `{name}` stands for the value of an option. */
  readonly endpoint?: string;
  /** Regions whose endpoint does not follow the template. */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** The provider has no address of its own: the user must give `endpoint` or `host`. */
  readonly needsEndpoint?: true;
  /** Options that are accepted and not given to the driver: parts of the endpoint, or what Libcloud asks for and nothing uses. */
  readonly extraOptions?: OptionTable;
}
