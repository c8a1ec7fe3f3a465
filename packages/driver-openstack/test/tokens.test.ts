import { describe, expect, it } from 'vitest';
import type { Session } from '../src/session.js';
import { Tokens } from '../src/tokens.js';

interface Maker {
  readonly tokens: Tokens;
  readonly logins: () => number;
  /** Lets the login under way end. */
  readonly finish: () => void;
  nowMs: number;
}

function maker({ lifeMs = 3_600_000, isRenewable = true } = {}): Maker {
  let logins = 0;
  let finish = (): void => undefined;
  const clock = { nowMs: 1_000_000 };
  const run = async (): Promise<Session> => {
    const token = `token ${String(++logins)}`;
    await new Promise<void>((resolve) => (finish = resolve));
    const { nowMs } = clock;
    const storage = { origin: 'https://s', path: '' };
    return { token, storage, cdn: undefined, issuedAtMs: nowMs, expiresAtMs: nowMs + lifeMs, isProven: false };
  };
  const tokens = new Tokens({ run, isRenewable: async () => isRenewable }, () => clock.nowMs);
  return Object.assign(clock, { tokens, logins: () => logins, finish: () => finish() });
}

async function loggedIn(made: Maker): Promise<Session> {
  const pending = made.tokens.session(undefined);
  made.finish();
  return pending;
}

describe('tokens', () => {
  it('come from one login for however many calls wait', async () => {
    const made = maker();
    const pending = Array.from({ length: 100 }, async () => made.tokens.session(undefined));
    made.finish();
    expect(new Set(await Promise.all(pending)).size).toBe(1);
    expect(made.logins()).toBe(1);
    expect(made.tokens.session(undefined)).toMatchObject({ token: 'token 1' });
  });

  it('are renewed beside the calls while they are still good, and before them when they are not', async () => {
    const made = maker();
    const first = await loggedIn(made);
    made.nowMs += 3_600_000 - 30_000;
    expect(made.tokens.session(undefined)).toBe(first);
    expect(made.logins()).toBe(2);
    made.finish();
    await new Promise(setImmediate);
    made.nowMs += 3_600_000;
    const later = made.tokens.session(undefined);
    expect(later).toBeInstanceOf(Promise);
    made.finish();
    expect((await later).token).toBe('token 3');
  });

  it('of a short life are not renewed with every call', async () => {
    const made = maker({ lifeMs: 5_000 });
    const first = await loggedIn(made);
    made.nowMs += 4_000;
    expect(made.tokens.session(undefined)).toBe(first);
    expect(made.logins()).toBe(1);
  });

  it('that are refused are renewed once, whoever was refused with them', async () => {
    const made = maker();
    const first = await loggedIn(made);
    first.isProven = true;
    expect(await Promise.all(Array.from({ length: 10 }, () => made.tokens.refuse(first, 1)))).not.toContain(false);
    const again = Array.from({ length: 10 }, () => made.tokens.session(undefined));
    made.finish();
    expect((await again[0])?.token).toBe('token 2');
    expect(made.logins()).toBe(2);
    expect(await made.tokens.refuse(first, 3)).toBe(true);
  });

  it('that never were accepted are not asked for again and again', async () => {
    const made = maker();
    const first = await loggedIn(made);
    expect(await made.tokens.refuse(first, 1)).toBe(true);
    const second = await loggedIn(made);
    expect(await made.tokens.refuse(second, 2)).toBe(false);
  });

  it('that were given from outside cannot be renewed', async () => {
    const made = maker({ isRenewable: false });
    expect(await made.tokens.refuse(await loggedIn(made), 1)).toBe(false);
  });

  it('are waited for no longer than the caller wants', async () => {
    const made = maker();
    const controller = new AbortController();
    const impatient = made.tokens.session(controller.signal);
    const patient = made.tokens.session(undefined);
    controller.abort(new Error('enough'));
    await expect(impatient).rejects.toMatchObject({ code: 'aborted', requestSent: false });
    made.finish();
    expect((await patient).token).toBe('token 1');
  });
});
