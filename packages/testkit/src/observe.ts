import type { StorageDriver } from '@stowage/core/spi';
import { GROUP_NAMES } from './group-of.js';

/** A driver that passes every call on and notes its name. */
export interface ObservedDriver {
  readonly driver: StorageDriver;
  /** Names of the calls so far, such as `put` or `parts.begin`. */
  readonly calls: () => readonly string[];
}

/** Watches the calls that reach a driver. */
export function observe(driver: StorageDriver): ObservedDriver {
  const calls: string[] = [];
  return { driver: wrapCalls(driver, (name, call) => (calls.push(name), call())), calls: () => calls };
}

/** What is done in place of a call; `call` does the call itself. */
export type CallHook = (name: string, call: (...args: unknown[]) => unknown, args: readonly unknown[]) => unknown;

/** Makes a driver like another one whose every call, be it in a group, goes through `hook`. `call` takes other arguments if given. */
export function wrapCalls(driver: StorageDriver, hook: CallHook): StorageDriver {
  const groups = GROUP_NAMES.flatMap((name) => {
    const group = driver[name];
    return group ? [[name, wrapMethods(group, `${name}.`, hook)] as const] : [];
  });
  return wrapMethods(driver, '', hook, Object.fromEntries(groups));
}

/** A proxy, since drivers may be of classes with private fields. `fields` stand in place of the target's. */
function wrapMethods<T extends object>(target: T, path: string, hook: CallHook, fields: object = {}): T {
  const known = new Map<PropertyKey, unknown>(Object.entries(fields));
  const wrap = (name: PropertyKey): unknown => {
    const value: unknown = Reflect.get(target, name, target);
    if (typeof value !== 'function') return value;
    const method = value as (...args: unknown[]) => unknown;
    return (...args: unknown[]) =>
      hook(`${path}${String(name)}`, (...others) => method.apply(target, others.length > 0 ? others : args), args);
  };
  return new Proxy(target, {
    get(_, name): unknown {
      if (!known.has(name)) known.set(name, wrap(name));
      return known.get(name);
    },
  });
}
