import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { parseAccessControl } from './access.js';
import { json, jsonRefusal, NimbusError } from './errors.js';
import type { Target } from './operations.js';
import type { Collection, NimbusStore } from './store.js';
import { httpTime } from './text.js';

const NAME = /^[a-z0-9][a-z0-9-]*[a-z0-9]$/;

/** A call about collections, by who signed it. */
export interface ManagementCall {
  readonly store: NimbusStore;
  readonly request: EmulatedRequest;
  readonly target: Target;
  readonly user: string;
  readonly body: Buffer;
  readonly nowMs: number;
}

export function isGoodName(name: string): boolean {
  return NAME.test(name) && !name.includes('--') && name.length <= 63;
}

export function manage(call: ManagementCall): EmulatedResponse {
  switch (call.target.operation) {
    case 'ListCollections':
      return json(call.store.of(call.user).map(describe));
    case 'CreateCollection':
      return create(call);
    case 'GetCollection':
      return json({ success: true, ...describe(owned(call, 404, { error_message: 'No such collection' })) });
    case 'GetSpaceUsage':
      return spaceUsage(owned(call, 404, { error_message: 'No such collection' }));
    case 'SetVersioning':
      return setVersioning(call);
    case 'SetAccessControl':
      return setAccessControl(call);
    case 'DeleteCollection':
      return remove(call);
    default:
      throw new NimbusError(call.target.collection === undefined ? 400 : 405);
  }
}

function describe({ name, isDefault, versioning, accessControl, createdAtMs }: Collection): object {
  return {
    name,
    default_collection: isDefault,
    versioning,
    access_control: accessControl,
    'creation-time': httpTime(createdAtMs),
  };
}

function owned({ store, target, user }: ManagementCall, status: number, more: object = {}): Collection {
  const collection = store.collections.get(target.collection ?? '');
  if (collection?.owner === user) return collection;
  throw jsonRefusal(status, { success: false, ...more });
}

/** The content type must be just this: with a charset behind it the body is not looked at. */
function accessControlOf({ request, body }: ManagementCall): Collection['accessControl'] {
  if (request.headers['content-type'] !== 'application/json') return null;
  const parsed = parseAccessControl(body);
  if (Array.isArray(parsed)) throw jsonRefusal(400, { success: false, error_list: parsed });
  return parsed as Collection['accessControl'];
}

function create(call: ManagementCall): EmulatedResponse {
  const { store, request, user, nowMs } = call;
  const name = request.query.get('name') ?? '';
  if (!isGoodName(name) || store.collections.has(name))
    throw jsonRefusal(409, { name, 'error-messages': ['Invalid Name'] });
  const accessControl = accessControlOf(call);
  const collection = store.add(name, user, { isDefault: false, nowMs });
  collection.accessControl = accessControl;
  return json({ name, versioning: false, 'creation-time': httpTime(nowMs) }, 201);
}

function spaceUsage(collection: Collection): EmulatedResponse {
  const days = [...collection.days].sort(([a], [b]) => (a < b ? -1 : 1));
  return json({ success: true, operational_stats: days.map(([day, stats]) => ({ day, ...stats })) });
}

function setVersioning(call: ManagementCall): EmulatedResponse {
  const value = call.request.query.get('versioning')?.toLowerCase();
  if (value !== 'true' && value !== 'false') throw new NimbusError(400);
  owned(call, 403).versioning = value === 'true';
  return json({ success: true });
}

function setAccessControl(call: ManagementCall): EmulatedResponse {
  const accessControl = accessControlOf(call);
  owned(call, 403).accessControl = accessControl;
  return json({ success: true });
}

function remove(call: ManagementCall): EmulatedResponse {
  const { store } = call;
  const collection = owned(call, 403);
  if (collection.isDefault) throw jsonRefusal(405, { success: false });
  const isFull = [...collection.keys()].some((key) => collection.current(key));
  if (isFull && !store.quirks.has('full-collections')) throw jsonRefusal(409, { success: false });
  store.collections.delete(collection.name);
  return json({ success: true });
}
