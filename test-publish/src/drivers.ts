import { listPublicPackages } from '../../scripts/lib/workspace.mjs';

/** The driver of which the second release has a patch. */
export const PATCHED = '@stowage/driver-s3';

const hasGcs = listPublicPackages().some(({ folder }) => folder === 'driver-gcs');

/** The driver of which the second release has a new major: an application stays at the one before. */
export const CHANGED = hasGcs ? '@stowage/driver-gcs' : '@stowage/driver-local';

/** Settings that open it without a request. */
export const CHANGED_SETTINGS = hasGcs
  ? { type: 'GOOGLE_STORAGE', user: 'GOOG1EXAMPLE', key: 'secret-of-the-example' }
  : { type: 'LOCAL', user: '.', key: '' };
