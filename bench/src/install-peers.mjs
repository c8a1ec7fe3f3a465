import { installPinned } from '../../scripts/lib/install.mjs';

/** Installs the libraries that Stowage is measured against, unless they are there. */
export function installPeers() {
  return installPinned('bench/peers', 'the libraries that Stowage is measured against, about 60 MB');
}
