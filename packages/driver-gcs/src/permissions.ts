import type { CallContext } from '@stowage/core/spi';
import type { GcsService } from './gcs-service.js';
import { jsonCall } from './requests.js';

/** Who may do what: `allUsers`, `allAuthenticatedUsers`, `user-a@example.com`, `group-...`, `project-owners-123`. */
export interface Permission {
  readonly entity: string;
  readonly role: 'OWNER' | 'WRITER' | 'READER';
}

/** A bucket, or an object of it. */
export interface PermissionTarget {
  readonly container: string;
  readonly key?: string | undefined;
}

/**
 * ACLs, as Libcloud's `ex_get_permissions`, `ex_set_permissions` and `ex_delete_permissions`. They are never sent otherwise: a bucket with
 * uniform access refuses them. https://cloud.google.com/storage/docs/access-control/lists
 */
export interface PermissionCalls {
  get(target: PermissionTarget, ctx?: CallContext): Promise<readonly Permission[]>;
  set(target: PermissionTarget, permission: Permission, ctx?: CallContext): Promise<void>;
  delete(target: PermissionTarget, entity: string, ctx?: CallContext): Promise<void>;
}

interface AclAnswer {
  readonly items?: readonly Permission[];
}

export function permissionCalls({ client, endpoint }: GcsService, once: CallContext): PermissionCalls {
  const segments = ({ container, key }: PermissionTarget, ...more: readonly string[]): readonly string[] => [
    ...['b', container],
    ...(key === undefined ? [] : ['o', key]),
    ...['acl', ...more],
  ];
  return {
    async get(target, ctx = once) {
      const { items = [] } = await client.askJson<AclAnswer>(jsonCall(endpoint, 'GET', segments(target)), ctx);
      return items.map(({ entity, role }) => ({ entity, role }));
    },
    async set(target, { entity, role }, ctx = once) {
      await client.askJson(jsonCall(endpoint, 'POST', segments(target), { body: { entity, role } }), ctx);
    },
    async delete(target, entity, ctx = once) {
      await client.askJson(jsonCall(endpoint, 'DELETE', segments(target, entity)), ctx);
    },
  };
}
