import type { Realm, SwiftUser } from './identity/directory.js';

/** OpenStack users whom an emulator knows when it is told of no others. */
export const DEFAULT_USERS: readonly SwiftUser[] = [
  {
    name: 'tester',
    password: 'testing',
    projects: [
      { name: 'test', account: 'AUTH_test', roles: ['admin'] },
      { name: 'archive', account: 'AUTH_archive', roles: ['member'] },
    ],
    applicationCredentials: [
      { id: '0e1f2d3c4b5a69788796a5b4c3d2e1f0', name: 'backup', secret: 'emulated-secret', project: 'test' },
    ],
  },
  { name: 'tester2', password: 'testing2', projects: [{ name: 'test2', account: 'AUTH_test2', roles: ['admin'] }] },
  { name: 'tester3', password: 'testing3', projects: [{ name: 'test', account: 'AUTH_test', roles: ['reader'] }] },
  {
    name: 'carol',
    password: 'carols-password',
    domain: 'Company',
    projects: [{ name: 'shared', account: 'AUTH_shared', roles: ['member'], domain: 'Company' }],
  },
];

export const DEFAULT_RACKSPACE_USERS: Readonly<Record<'us' | 'uk', readonly SwiftUser[]>> = {
  us: [rackspaceUser('alice', '0123456789abcdef0123456789abcdef', 'MossoCloudFS_aaa')],
  uk: [rackspaceUser('oliver', 'fedcba9876543210fedcba9876543210', 'MossoCloudFS_bbb')],
};

function rackspaceUser(name: string, apiKey: string, account: string): SwiftUser {
  return { name, apiKey, password: `${name}s-password`, projects: [{ name: account, account, roles: ['admin'] }] };
}

export const DEFAULT_REGIONS: Readonly<Record<Realm, readonly string[]>> = {
  openstack: ['RegionOne', 'RegionTwo'],
  us: ['DFW', 'ORD', 'IAD', 'HKG', 'SYD'],
  uk: ['LON'],
};
