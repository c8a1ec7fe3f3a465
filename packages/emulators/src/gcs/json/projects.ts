import { randomBytes } from 'node:crypto';
import type { EmulatedResponse } from '../../http-answer.js';
import { GcsError, invalid } from '../errors.js';
import type { GcsHmacKey } from '../identities.js';
import { isoTime } from '../resource.js';
import type { Json } from '../store.js';
import { jsonAnswer, type JsonCall, readJson } from './call.js';

/** https://cloud.google.com/storage/docs/json_api/v1/projects/serviceAccount/get */
export function getServiceAccount(call: JsonCall): EmulatedResponse {
  const email = `service-${call.segments[1] ?? ''}@gs-project-accounts.iam.gserviceaccount.com`;
  return jsonAnswer(call, { kind: 'storage#serviceAccount', email_address: email });
}

function keyResource({ segments, context, origin }: JsonCall, key: GcsHmacKey): Json {
  const project = segments[1] ?? '';
  const now = isoTime(context.nowMs());
  return {
    kind: 'storage#hmacKeyMetadata',
    id: `${project}/${key.accessKey}`,
    selfLink: `${origin}/storage/v1/projects/${project}/hmacKeys/${key.accessKey}`,
    accessId: key.accessKey,
    projectId: project,
    serviceAccountEmail: context.identities.emailOf(key),
    state: key.state ?? 'ACTIVE',
    timeCreated: now,
    updated: now,
    etag: Buffer.from(key.state ?? 'ACTIVE').toString('base64'),
  };
}

/** Keys that are made here sign requests of the XML API: https://cloud.google.com/storage/docs/json_api/v1/projects/hmacKeys */
export function createHmacKey(call: JsonCall): EmulatedResponse {
  const { identities } = call.context;
  const email = call.request.query.get('serviceAccountEmail');
  if (email === undefined || !identities.accounts.has(email))
    throw invalid(`Unknown service account: ${String(email)}`);
  const key: GcsHmacKey = {
    accessKey: `GOOG1E${randomBytes(40).toString('hex').toUpperCase().slice(0, 55)}`,
    secretKey: randomBytes(30).toString('base64'),
    email,
    state: 'ACTIVE',
  };
  identities.hmacKeys.set(key.accessKey, key);
  return jsonAnswer(call, { kind: 'storage#hmacKey', metadata: keyResource(call, key), secret: key.secretKey });
}

export function listHmacKeys(call: JsonCall): EmulatedResponse {
  const email = call.request.query.get('serviceAccountEmail');
  const { identities } = call.context;
  const keys = [...identities.hmacKeys.values()].filter(
    (key) => email === undefined || identities.emailOf(key) === email,
  );
  return jsonAnswer(call, { kind: 'storage#hmacKeysMetadata', items: keys.map((key) => keyResource(call, key)) });
}

export async function serveHmacKey(call: JsonCall): Promise<EmulatedResponse> {
  const { identities } = call.context;
  const key = identities.hmacKeys.get(call.segments[3] ?? '');
  if (!key) throw new GcsError(404, 'notFound', 'NoSuchKey', 'The HMAC key was not found.');
  if (call.request.method === 'GET') return jsonAnswer(call, keyResource(call, key));
  if (call.request.method === 'DELETE') {
    if (key.state !== 'INACTIVE') throw invalid('Cannot delete keys in the ACTIVE state.');
    identities.hmacKeys.delete(key.accessKey);
    return { status: 204 };
  }
  const { state } = await readJson(call);
  if (state !== 'ACTIVE' && state !== 'INACTIVE') throw invalid('Invalid value for state');
  const changed = { ...key, state } as const;
  identities.hmacKeys.set(key.accessKey, changed);
  return jsonAnswer(call, keyResource(call, changed));
}
