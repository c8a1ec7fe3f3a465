import { randomBytes } from 'node:crypto';
import type { WsChecksum } from './checksums.js';
import { Content } from './content.js';

export interface Tag {
  readonly value: string;
  readonly listable: boolean;
}

/** A file, a directory or an object without a name. */
export class AtmosNode {
  readonly oid = newOid();
  readonly kind: 'regular' | 'directory';
  content = new Content();
  contentType = 'application/octet-stream';
  readonly tags = new Map<string, Tag>();
  userAcl: string;
  groupAcl = 'other=NONE';
  checksum: WsChecksum | undefined;
  /** What `x-emc-generate-checksum` had the server compute, as its header tells it. */
  contentChecksum: string | undefined;
  readonly createdAtMs: number;
  modifiedAtMs: number;
  changedAtMs: number;
  name = '';
  parent: AtmosNode | undefined;
  readonly versions: { readonly node: AtmosNode; readonly number: number }[] = [];
  /** A frozen copy that a call of `?versions` made. */
  versionOf: AtmosNode | undefined;
  readonly #children = new Map<string, AtmosNode>();
  /** Overwriting renames that readers do not see yet. */
  readonly #pending = new Map<string, { readonly node: AtmosNode; readonly dueMs: number }>();

  constructor(kind: AtmosNode['kind'], user: string, nowMs: number) {
    this.kind = kind;
    this.userAcl = `${user}=FULL`;
    this.createdAtMs = nowMs;
    this.modifiedAtMs = nowMs;
    this.changedAtMs = nowMs;
  }

  /** What readers see under a name. */
  child(name: string): AtmosNode | undefined {
    this.#settle(name, false);
    return this.#children.get(name);
  }

  /** What is under a name, pending renames done. */
  childNow(name: string): AtmosNode | undefined {
    this.#settle(name, true);
    return this.#children.get(name);
  }

  get children(): readonly AtmosNode[] {
    for (const name of [...this.#pending.keys()]) this.#settle(name, false);
    return [...this.#children.values()];
  }

  get isEmpty(): boolean {
    return this.#children.size === 0;
  }

  add(name: string, node: AtmosNode): void {
    this.#children.set(name, node);
    this.#own(name, node);
  }

  /** Readers see `node` only from `dueMs` on, by the machine's clock. */
  addLate(name: string, node: AtmosNode, dueMs: number): void {
    this.#settle(name, true);
    this.#own(name, node);
    this.#pending.set(name, { node, dueMs });
  }

  remove(name: string): void {
    this.#settle(name, true);
    this.#children.delete(name);
  }

  #own(name: string, node: AtmosNode): void {
    node.name = name;
    node.parent = this;
  }

  #settle(name: string, now: boolean): void {
    const pending = this.#pending.get(name);
    if (!pending || (!now && Date.now() < pending.dueMs)) return;
    this.#pending.delete(name);
    const old = this.#children.get(name);
    if (old) old.parent = undefined;
    this.#children.set(name, pending.node);
  }
}

function newOid(): string {
  return randomBytes(22).toString('hex');
}
