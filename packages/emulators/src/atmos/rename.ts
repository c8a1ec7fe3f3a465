import type { EmulatedResponse } from '../http-answer.js';
import type { Call } from './call.js';
import { AtmosError } from './errors.js';
import type { AtmosNode } from './node.js';
import { decodeText, isUtf8 } from './tags.js';

/** `POST ?rename`: files and directories get another path. */
export function rename(call: Call): EmulatedResponse {
  const { request, target, store, nowMs, quirks } = call;
  if (target.kind !== 'namespace') throw new AtmosError(1046);
  const { headers } = request;
  const node = store.findNow(store.place(target.path));
  if (node === store.root) throw new AtmosError(1002);
  const path = decodeText(headers['x-emc-path'] ?? '', isUtf8(headers));
  const place = store.place(path.replace(/^\/+/, ''), false);
  const name = place.steps.at(-1);
  if (name === undefined) throw new AtmosError(1002);
  const parent = parentOf(call, place.steps);
  refuseLoop(node, parent);
  const old = parent.childNow(name);
  const isLate = old !== undefined && replaces(node, old, headers['x-emc-force'] === 'true');
  node.parent?.remove(node.name);
  if (old && isLate && quirks.lateOverwriteMs > 0) parent.addLate(name, node, Date.now() + quirks.lateOverwriteMs);
  else parent.add(name, node);
  if (old) store.objects.delete(old.oid);
  node.changedAtMs = nowMs;
  return { status: 200 };
}

function parentOf({ store }: Call, steps: readonly string[]): AtmosNode {
  let node = store.root;
  for (const step of steps.slice(0, -1)) {
    const next = node.childNow(step);
    if (!next) throw new AtmosError(1044);
    if (next.kind === 'regular') throw new AtmosError(1045);
    node = next;
  }
  return node;
}

function refuseLoop(node: AtmosNode, parent: AtmosNode): void {
  for (let at: AtmosNode | undefined = parent; at; at = at.parent) {
    if (at === node) throw new AtmosError(1002);
  }
}

/** True when a file takes the place of a file. */
function replaces(node: AtmosNode, old: AtmosNode, force: boolean): boolean {
  if (old === node) throw new AtmosError(1047);
  if (!force) throw new AtmosError(1016);
  if (old.kind === 'directory') {
    if (node.kind === 'regular') throw new AtmosError(1022);
    if (!old.isEmpty) throw new AtmosError(1048);
    return false;
  }
  if (node.kind === 'directory') throw new AtmosError(1045);
  return true;
}
