import type { EmulatedResponse } from '../../http-answer.js';
import { GcsError } from '../errors.js';
import { bucketOf, jsonAnswer, type JsonCall, readJson } from './call.js';

/** Kept and given back; nothing is ever published. https://cloud.google.com/storage/docs/json_api/v1/notifications */
export async function serveNotifications(call: JsonCall): Promise<EmulatedResponse> {
  const { notifications } = bucketOf(call);
  const id = call.segments[3];
  const { method } = call.request;
  if (id === undefined && method === 'POST') {
    const next = String(Math.max(0, ...[...notifications.keys()].map(Number)) + 1);
    const resource = { kind: 'storage#notification', id: next, etag: next, ...(await readJson(call)) };
    notifications.set(next, resource);
    return jsonAnswer(call, resource);
  }
  if (id === undefined) return jsonAnswer(call, { kind: 'storage#notifications', items: [...notifications.values()] });
  const found = notifications.get(id);
  if (!found) throw new GcsError(404, 'notFound', 'NoSuchKey', 'The notification was not found.');
  if (method === 'GET') return jsonAnswer(call, found);
  notifications.delete(id);
  return { status: 204 };
}
