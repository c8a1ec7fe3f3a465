import { familyOf } from './known-drivers.js';
import { namesOf, PROVIDER_ROWS, type ProviderRow, valueOf } from './presets.js';
import { parseTypeName } from './type-name.js';

/** One line of the list of providers, for documentation and for `stowage providers`. */
export interface KnownProvider {
  readonly constant: string;
  /** Plain name, as `storage.provider` tells it. */
  readonly provider: string;
  readonly title: string;
  /** Missing where Stowage has no driver of its own. */
  readonly family: string | undefined;
  /** Package to install; missing where none is needed, and where there is none. */
  readonly packageName: string | undefined;
  readonly region: string | undefined;
  /** Address that is used unless the settings give one; `{name}` stands for an option. Missing: it follows from the settings. */
  readonly endpoint: string | undefined;
  /** The settings must give `endpoint` or `host`. */
  readonly needsEndpoint: boolean;
  /** Host that Libcloud uses, where it is another. */
  readonly oldHost: string | undefined;
  /** Other spellings in lower case. */
  readonly aliases: readonly string[];
  readonly legacyNumber: number | undefined;
  readonly note: string | undefined;
}

/** Lists every provider that `type` can name without a third party's driver. */
export function knownProviders(): readonly KnownProvider[] {
  return PROVIDER_ROWS.map(toKnownProvider);
}

/**
 * Tells what a `type` needs without loading anything: the package to install, or undefined for types that need none or that
 * nothing here knows.
 */
export function packageForType(type: string | number): string | undefined {
  const name = parseTypeName(type);
  if (name.kind === 'package') return name.packageName;
  return name.kind === 'provider' ? toKnownProvider(name.row).packageName : undefined;
}

function toKnownProvider(row: ProviderRow): KnownProvider {
  const provider = valueOf(row);
  const family = row.family && familyOf(row.family);
  const region = row.defaults['region'];
  return {
    constant: row.constant,
    provider,
    title: row.title,
    family: family?.family,
    packageName: family?.packageName,
    region: typeof region === 'string' ? region : undefined,
    endpoint: row.endpoint ?? (row.oldHost === undefined ? undefined : awsEndpoint(String(region))),
    needsEndpoint: row.needsEndpoint ?? false,
    oldHost: row.oldHost,
    aliases: namesOf(row).filter((name) => name !== provider),
    legacyNumber: row.legacyNumber,
    note: row.note,
  };
}

/** For display: the driver derives it from the region, whichever that is. */
function awsEndpoint(region: string): string {
  return `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}
