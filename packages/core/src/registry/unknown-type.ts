import { StorageError } from '../errors/storage-error.js';
import type { DriverModule } from '../spi/module.js';
import { didYouMean } from '../errors/nearest.js';
import { PROVIDER_ROWS } from './presets.js';

const longestShown = 60;

/** The error for a `type` that names nothing: nearest names first, then what there is in one line. */
export function unknownType(type: unknown, drivers: readonly DriverModule[]): StorageError {
  const own = drivers.flatMap((driver) => [driver.type, ...Object.keys(driver.presets ?? {})]);
  const names = PROVIDER_ROWS.flatMap((row) => [row.constant, ...(row.aliases ?? [])]);
  const wanted = typeof type === 'string' ? type.trim().replace(/^libcloud\.storage\.types\.Provider\./i, '') : '';
  const guess = didYouMean(wanted, [...own, ...names]);
  return new StorageError(
    'invalid-argument',
    `Unknown storage type ${show(type)}.${guess} A type is a provider constant of Libcloud (S3_US_WEST_OREGON, GOOGLE_STORAGE, ` +
      'CLOUDFILES, OPENSTACK_SWIFT, NIMBUS, NINEFOLD, LOCAL, ...), a short name (s3, gcs, swift, cloudfiles, atmos, nimbus, ' +
      'local, memory), a package named like "@scope/driver-name", or a driver module.' +
      (own.length === 0 ? '' : ` The application's own drivers know: ${[...new Set(own)].join(', ')}.`),
  );
}

/** An address may hold a password, so only its scheme is shown. */
function show(type: unknown): string {
  if (typeof type !== 'string')
    return type === null ? 'null' : typeof type === 'number' ? String(type) : `(${typeof type})`;
  const scheme = /^\s*([a-z][a-z0-9+.-]*:\/\/)/i.exec(type)?.[1];
  if (scheme !== undefined) return JSON.stringify(`${scheme.slice(0, longestShown)}...`);
  return JSON.stringify(type.length > longestShown ? `${type.slice(0, longestShown)}...` : type);
}
