import type { Client } from 'undici';

/** undici's client of one connection. */
export type UndiciClient = typeof Client;

let loading: Promise<UndiciClient> | undefined;

/**
 * Loads undici's client, and only that: the whole package takes three times as long and is mostly `fetch`. Undici publishes the
 * file without promising its place, so that the package's own entry is the way out.
 */
async function load(): Promise<UndiciClient> {
  try {
    // @ts-expect-error undici has no types for this file; they are those of the entry.
    const module = (await import('undici/lib/dispatcher/client.js')) as { readonly default: UndiciClient };
    if (typeof module.default === 'function') return module.default;
  } catch {
    // Moved: the entry has it in any case.
  }
  return (await import('undici')).Client;
}

/** Loads undici's client once for the process. */
export function loadUndiciClient(): Promise<UndiciClient> {
  loading ??= load();
  return loading;
}
