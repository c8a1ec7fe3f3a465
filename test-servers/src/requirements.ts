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

/** What `launchSwift` needs with Keystone. */
export const KEYSTONE: LiveRequirement = {
  ...packages(
    'OpenStack Swift with Keystone',
    [
      'python3-swift',
      'memcached',
      'python3-keystone',
      'python3-keystonemiddleware',
      'uwsgi-core',
      'uwsgi-plugin-python3',
    ],
    [],
  ),
  isPresent: () =>
    findProgram('uwsgi_python3') !== undefined &&
    SWIFT.isPresent() &&
    pythonModules(['keystone', 'keystonemiddleware'], []).isPresent(),
};

export const RCLONE = installed('rclone', 'rclone');
