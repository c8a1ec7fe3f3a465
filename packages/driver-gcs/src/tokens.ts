import type { DriverHost } from '@stowage/core/spi';
import { Renewed } from '@stowage/http';
import type { Authority } from './authority.js';
import type { TokenSource } from './authorize.js';

/** A token that was given: nobody can renew it. */
export function fixedToken(token: string): TokenSource {
  return { token: () => token, drop: () => false };
}

/** Tokens of an account: one fetch for however many calls wait, five minutes before the old one ends. */
export function renewedTokens(host: DriverHost, load: () => Promise<Authority>): TokenSource {
  const tokens = new Renewed<string>({
    nowMs: () => host.nowMs(),
    fetch: async () => (await load()).token(),
  });
  return {
    token: () => tokens.get(),
    drop(token) {
      tokens.drop(token);
      return true;
    },
  };
}
