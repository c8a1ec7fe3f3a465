import type { EmulatedResponse } from '../http-answer.js';
import { crash, json } from './errors.js';
import { argument, type DataCall } from './objects.js';
import { httpTime, isAscii, unquotePlus } from './text.js';

export function startConjoined({ store, identifiers, collection, key, nowMs }: DataCall): EmulatedResponse {
  const id = store.nextId();
  collection.conjoined.set(id, { id, key, createdAtMs: nowMs });
  return json({ conjoined_identifier: identifiers.publish(id), key, create_timestamp: httpTime(nowMs) });
}

/** Notes the end of an archive. Nobody looks whether there is one, or whether it has ended already. */
export function endConjoined(
  { identifiers, collection, key, nowMs }: DataCall,
  rawIdentifier: string,
  end: 'abortedAtMs' | 'completedAtMs',
): EmulatedResponse {
  const archive = collection.conjoined.get(identifiers.resolve(unquotePlus(rawIdentifier)));
  if (archive?.key === key) archive[end] = nowMs;
  return json({ success: true });
}

export function listConjoined({ store, identifiers, collection, request }: DataCall): EmulatedResponse {
  const isQuirky = store.quirks.has('conjoined-list');
  const marker = unquotePlus(argument(request, 'key_marker') ?? '');
  const limit = Number(argument(request, 'max_conjoined') ?? 1000);
  if (!isAscii(marker) || !Number.isInteger(limit)) throw crash('ValueError');
  if (isQuirky && marker !== '' && (argument(request, 'conjoined_identifier_marker') ?? '') !== '')
    throw crash('invalid input syntax for integer');
  const rows = [...collection.conjoined.values()]
    .filter(({ key, id }) => key > marker && !collection.isDeleted(key, id))
    .filter(({ abortedAtMs, completedAtMs }) => isQuirky || (abortedAtMs ?? completedAtMs) === undefined)
    .map(({ id, key, createdAtMs, abortedAtMs, completedAtMs }) => ({
      conjoined_identifier: identifiers.publish(id),
      key,
      create_timestamp: httpTime(createdAtMs),
      abort_timestamp: abortedAtMs === undefined ? null : httpTime(abortedAtMs),
      complete_timestamp: completedAtMs === undefined ? null : httpTime(completedAtMs),
    }));
  return json({ conjoined_list: rows.slice(0, isQuirky ? limit + 1 : limit), truncated: rows.length > limit });
}
