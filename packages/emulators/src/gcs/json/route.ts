import type { EmulatedResponse } from '../../http-answer.js';
import { GcsError } from '../errors.js';
import { serveAcl } from './acls.js';
import {
  deleteBucket,
  getBucket,
  insertBucket,
  listBuckets,
  lockRetentionPolicy,
  patchBucket,
  serveIam,
} from './buckets.js';
import type { JsonCall } from './call.js';
import { listObjects } from './listing.js';
import { serveNotifications } from './notifications.js';
import {
  compose,
  copyObject,
  deleteObject,
  getObject,
  moveObject,
  patchObject,
  restoreObject,
  rewrite,
} from './objects.js';
import { createHmacKey, getServiceAccount, listHmacKeys, serveHmacKey } from './projects.js';
import { insertObject, serveSession } from './uploads.js';

type Handler = (call: JsonCall) => EmulatedResponse | Promise<EmulatedResponse>;

/** `METHOD path` to the discovery document's name of the method; `*` is one segment. */
const TABLE: readonly (readonly [pattern: string, operation: string, handler: Handler])[] = [
  ['GET b', 'buckets.list', listBuckets],
  ['POST b', 'buckets.insert', insertBucket],
  ['GET b/*', 'buckets.get', getBucket],
  ['PATCH b/*', 'buckets.patch', patchBucket],
  ['PUT b/*', 'buckets.update', patchBucket],
  ['DELETE b/*', 'buckets.delete', deleteBucket],
  ['GET b/*/iam', 'buckets.getIamPolicy', serveIam],
  ['PUT b/*/iam', 'buckets.setIamPolicy', serveIam],
  ['GET b/*/iam/testPermissions', 'buckets.testIamPermissions', serveIam],
  ['GET b/*/o', 'objects.list', listObjects],
  ['GET b/*/o/*', 'objects.get', getObject],
  ['PATCH b/*/o/*', 'objects.patch', patchObject],
  ['PUT b/*/o/*', 'objects.update', patchObject],
  ['DELETE b/*/o/*', 'objects.delete', deleteObject],
  ['POST b/*/o/*/compose', 'objects.compose', compose],
  ['POST b/*/o/*/restore', 'objects.restore', restoreObject],
  ['POST b/*/o/*/copyTo/b/*/o/*', 'objects.copy', copyObject],
  ['POST b/*/o/*/rewriteTo/b/*/o/*', 'objects.rewrite', rewrite],
  ['POST b/*/o/*/moveTo/o/*', 'objects.move', moveObject],
  ['POST b/*/lockRetentionPolicy', 'buckets.lockRetentionPolicy', lockRetentionPolicy],
  ...aclRoutes('b/*/acl', 'bucketAccessControls'),
  ...aclRoutes('b/*/defaultObjectAcl', 'defaultObjectAccessControls'),
  ...aclRoutes('b/*/o/*/acl', 'objectAccessControls'),
  ['GET b/*/notificationConfigs', 'notifications.list', serveNotifications],
  ['POST b/*/notificationConfigs', 'notifications.insert', serveNotifications],
  ['GET b/*/notificationConfigs/*', 'notifications.get', serveNotifications],
  ['DELETE b/*/notificationConfigs/*', 'notifications.delete', serveNotifications],
  ['GET projects/*/serviceAccount', 'projects.serviceAccount.get', getServiceAccount],
  ['POST projects/*/hmacKeys', 'projects.hmacKeys.create', createHmacKey],
  ['GET projects/*/hmacKeys', 'projects.hmacKeys.list', listHmacKeys],
  ['GET projects/*/hmacKeys/*', 'projects.hmacKeys.get', serveHmacKey],
  ['PUT projects/*/hmacKeys/*', 'projects.hmacKeys.update', serveHmacKey],
  ['DELETE projects/*/hmacKeys/*', 'projects.hmacKeys.delete', serveHmacKey],
];

function aclRoutes(path: string, name: string): (readonly [string, string, Handler])[] {
  return [
    [`GET ${path}`, `${name}.list`, serveAcl],
    [`POST ${path}`, `${name}.insert`, serveAcl],
    [`GET ${path}/*`, `${name}.get`, serveAcl],
    [`PUT ${path}/*`, `${name}.update`, serveAcl],
    [`PATCH ${path}/*`, `${name}.patch`, serveAcl],
    [`DELETE ${path}/*`, `${name}.delete`, serveAcl],
  ];
}

const ROUTES = TABLE.map(([pattern, operation, handler]) => {
  const [method = '', path = ''] = pattern.split(' ');
  return { method, names: path.split('/'), route: { operation, handler } };
});

export interface JsonRoute {
  readonly operation: string;
  readonly handler: Handler;
}

/** The call that a path behind `/storage/v1/` or `/upload/storage/v1/` means. */
export function findRoute(
  method: string,
  segments: readonly string[],
  query: ReadonlyMap<string, string>,
  isUpload: boolean,
): JsonRoute {
  if (isUpload) return uploadRoute(method, query);
  const found = ROUTES.find(
    ({ method: verb, names }) =>
      verb === method &&
      names.length === segments.length &&
      names.every((name, index) => name === '*' || name === segments[index]),
  );
  if (!found) return { operation: 'unknown', handler: notFound };
  const { operation, handler } = found.route;
  const isMedia = operation === 'objects.get' && query.get('alt') === 'media';
  return isMedia ? { operation: 'objects.download', handler } : found.route;
}

function uploadRoute(method: string, query: ReadonlyMap<string, string>): JsonRoute {
  if (query.has('upload_id'))
    return { operation: method === 'DELETE' ? 'resumable.cancel' : 'resumable.put', handler: serveSession };
  const isStart = query.get('uploadType') === 'resumable';
  return { operation: isStart ? 'resumable.start' : 'objects.insert', handler: insertObject };
}

function notFound(): never {
  throw new GcsError(404, 'notFound', 'NoSuchKey', 'Not Found');
}
