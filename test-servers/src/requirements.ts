import type { LiveRequirement } from './describe-live.js';
import { findProgram, installed } from './installed.js';
import { pythonModules } from './python.js';

function packages(name: string, names: readonly string[], programs: readonly string[]): LiveRequirement {
  return {
    name,
    install: `apt-get install -y --no-install-recommends ${names.join(' ')}`,
    isPresent: () => programs.every((program) => findProgram(program) !== undefined),
  };
}

/** What `launchCeph` needs. */
export const CEPH = packages(
  "Ceph's gateway",
  ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-common', 'openssl'],
  ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph', 'openssl'],
);

/** What `launchSwift` needs without Keystone. */
export const SWIFT: LiveRequirement = {
  ...packages('OpenStack Swift', ['python3-swift', 'memcached'], []),
  isPresent: () => findProgram('memcached') !== undefined && pythonModules(['swift'], []).isPresent(),
};

export const RCLONE = installed('rclone', 'rclone');
