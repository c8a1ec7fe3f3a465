import { AtmosError } from './errors.js';
import { AtmosNode } from './node.js';
import type { AtmosQuirks } from './quirks.js';
import { decode } from './signature.js';

const MAX_PATH_BYTES = 1024;
const MAX_NAME_BYTES = 255;

/** A place in the namespace, named by its steps. */
export interface Place {
  readonly steps: readonly string[];
  /** The path ends with a slash. */
  readonly isDirectory: boolean;
}

/** Everything that the server keeps: the tree of the namespace, and objects by id. */
export class AtmosStore {
  readonly root: AtmosNode;
  readonly objects = new Map<string, AtmosNode>();
  readonly #quirks: AtmosQuirks;

  constructor(quirks: AtmosQuirks) {
    this.#quirks = quirks;
    this.root = new AtmosNode('directory', 'root', Date.now());
    this.objects.set(this.root.oid, this.root);
  }

  /** Reads a path below `/rest/namespace/`, still percent-encoded unless told otherwise. */
  place(path: string, encoded = true): Place {
    const text = encoded ? decode(path) : path;
    if (Buffer.byteLength(text) > MAX_PATH_BYTES) throw new AtmosError(1041);
    const steps = text.split('/').filter((step) => step !== '');
    for (const step of steps) this.#checkName(step);
    return {
      steps: this.#quirks.narrowNames ? walkSteps(steps) : steps,
      isDirectory: text === '' || text.endsWith('/'),
    };
  }

  #checkName(name: string): void {
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw new AtmosError(1041);
    if (!this.#quirks.narrowNames) return;
    if (/[?@]|\p{Cc}/u.test(name)) throw new AtmosError(1002, `The name ${JSON.stringify(name)} is not valid.`);
  }

  /** What readers see at a place. Throws 1003, 1021 and 1022. */
  find(place: Place): AtmosNode {
    const node = this.#walk(place.steps, false);
    if (!node) throw new AtmosError(1003);
    if (place.isDirectory && node.kind === 'regular') throw new AtmosError(1021);
    return node;
  }

  /** As `find`, with pending renames done: what a change works on. */
  findNow(place: Place): AtmosNode {
    this.#walk(place.steps, true);
    return this.find(place);
  }

  exists({ steps }: Place): AtmosNode | undefined {
    return this.#walk(steps, true);
  }

  #walk(steps: readonly string[], now: boolean): AtmosNode | undefined {
    let node: AtmosNode | undefined = this.root;
    for (const step of steps) {
      if (node.kind === 'regular') throw new AtmosError(1021);
      node = now ? node.childNow(step) : node.child(step);
      if (!node) return undefined;
    }
    return node;
  }

  byOid(oid: string): AtmosNode {
    const node = this.objects.get(oid);
    if (!node) throw new AtmosError(1003);
    return node;
  }

  /** The directory that holds a place, made with all above it. Throws 1021. */
  makeParent({ steps }: Place, user: string, nowMs: number): AtmosNode {
    let node = this.root;
    for (const step of steps.slice(0, -1)) {
      let next = node.childNow(step);
      if (next?.kind === 'regular') throw new AtmosError(1021);
      if (!next) {
        next = new AtmosNode('directory', user, nowMs);
        this.objects.set(next.oid, next);
        node.add(step, next);
      }
      node = next;
    }
    return node;
  }

  forget(node: AtmosNode): void {
    this.objects.delete(node.oid);
    for (const { node: version } of node.versions) this.objects.delete(version.oid);
  }
}

/** Takes `.` and `..` as every HTTP server in front of a store does. */
function walkSteps(steps: readonly string[]): readonly string[] {
  const walked: string[] = [];
  for (const step of steps) {
    if (step === '..') walked.pop();
    else if (step !== '.') walked.push(step);
  }
  return walked;
}
