import type { EmulatedRequest } from '../http-request.js';
import type { Target } from './call.js';

const NOUNS: Readonly<Record<string, string>> = {
  'metadata/user': 'UserMetadata',
  'metadata/system': 'SystemMetadata',
  'metadata/tags': 'MetadataTags',
  acl: 'Acl',
  info: 'ObjectInfo',
  versions: 'Versions',
  rename: 'Rename',
  listabletags: 'ListableTags',
};

const VERBS: Readonly<Record<string, string>> = {
  GET: 'Read',
  HEAD: 'Head',
  POST: 'Create',
  PUT: 'Update',
  DELETE: 'Delete',
};

/** Names a call for fault rules: `CreateObject`, `ReadDirectory`, `Rename`, `ReadUserMetadata`. */
export function operationOf({ method, query }: EmulatedRequest, target: Target): string {
  const verb = VERBS[method] ?? method;
  if (target.kind === 'service') return 'ServiceInfo';
  if (target.kind === 'tokens') return `${verb}AccessToken`;
  const [noun] = [...query.keys()].filter((name) => Object.hasOwn(NOUNS, name));
  if (noun === 'rename') return 'Rename';
  if (noun !== undefined) return `${verb}${NOUNS[noun] as string}`;
  const isDirectory = target.kind === 'namespace' && (target.path === '' || target.path.endsWith('/'));
  return `${verb}${isDirectory ? 'Directory' : 'Object'}`;
}
