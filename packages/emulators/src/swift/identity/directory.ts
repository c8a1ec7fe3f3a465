import { createHash } from 'node:crypto';

export interface SwiftProject {
  readonly name: string;
  /** Account under which its containers lie, such as `AUTH_test`. */
  readonly account: string;
  /** `admin` and `member` own the account; `reader` and others see only what access lists give them. */
  readonly roles: readonly string[];
  /** Default `Default`. */
  readonly domain?: string;
}

export interface SwiftUser {
  readonly name: string;
  readonly password: string;
  /** Rackspace's key of 32 hexadecimal digits; Keystone has none. */
  readonly apiKey?: string;
  /** Default `Default`. */
  readonly domain?: string;
  /** The first is where version 1 and Keystone version 2 without a tenant lead. */
  readonly projects: readonly SwiftProject[];
  readonly applicationCredentials?: readonly SwiftApplicationCredential[];
}

export interface SwiftApplicationCredential {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
  /** Name of the user's project that it is for. */
  readonly project: string;
}

/** Which identity service a user belongs to: OpenStack's, or one of Rackspace's two. */
export type Realm = 'openstack' | 'us' | 'uk';

/** Who is logged in, and where. */
export interface Session {
  readonly realm: Realm;
  readonly user: SwiftUser;
  /** Missing after a login without a scope. */
  readonly project: SwiftProject | undefined;
  readonly methods: readonly string[];
  readonly ownedAccounts: ReadonlySet<string>;
  /** What access lists may name to mean this user. */
  readonly groups: ReadonlySet<string>;
}

export const DEFAULT_DOMAIN = 'Default';

/** Keystone's id of a thing: 32 hexadecimal digits, but `default` for the default domain. */
export function idOf(kind: 'user' | 'project' | 'domain' | 'role', name: string): string {
  if (kind === 'domain' && name === DEFAULT_DOMAIN) return 'default';
  return createHash('md5').update(`${kind}:${name}`).digest('hex');
}

export function userId(user: SwiftUser): string {
  return idOf('user', `${user.domain ?? DEFAULT_DOMAIN}/${user.name}`);
}

export function projectId(project: SwiftProject): string {
  return idOf('project', `${project.domain ?? DEFAULT_DOMAIN}/${project.name}`);
}

const OWNING_ROLES = ['admin', 'member'];

export function openSession(
  realm: Realm,
  user: SwiftUser,
  project: SwiftProject | undefined,
  methods: readonly string[],
): Session {
  const isOwner = project?.roles.some((role) => OWNING_ROLES.includes(role)) === true;
  const ownedAccounts = new Set(isOwner ? [project.account] : []);
  return { realm, user, project, methods, ownedAccounts, groups: groupsOf(user, project) };
}

function groupsOf(user: SwiftUser, project: SwiftProject | undefined): ReadonlySet<string> {
  if (!project) return new Set();
  const keystone = [
    `${projectId(project)}:${userId(user)}`,
    `${projectId(project)}:*`,
    `*:${userId(user)}`,
    '*:*',
    ...project.roles,
  ];
  return new Set([project.name, `${project.name}:${user.name}`, ...keystone]);
}
