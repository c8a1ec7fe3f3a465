import { expect, it } from 'vitest';
import { type Expiring, Renewed } from '../src/index.js';

const MINUTE = 60_000;

function lab(lifeMs: number) {
  let nowMs = 0;
  let made = 0;
  const waiting: ((error?: Error) => void)[] = [];
  const renewed = new Renewed<string>({
    nowMs: () => nowMs,
    fetch: () =>
      new Promise<Expiring<string>>((resolve, reject) => {
        made += 1;
        const value = `token-${String(made)}`;
        waiting.push((error) => (error ? reject(error) : resolve({ value, expiresAtMs: nowMs + lifeMs })));
      }),
  });
  const answer = async (error?: Error): Promise<void> => {
    for (const settle of waiting.splice(0)) settle(error);
    await new Promise(setImmediate);
  };
  return { renewed, answer, made: () => made, pass: (ms: number) => void (nowMs += ms) };
}

it('fetches once for however many calls wait, and then gives it without a promise', async () => {
  const { renewed, answer, made } = lab(60 * MINUTE);
  const calls = Array.from({ length: 50 }, async () => renewed.get());
  await answer();
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['token-1']));
  expect(renewed.get()).toBe('token-1');
  expect(made()).toBe(1);
});

it('renews five minutes before the end, while the old one serves on', async () => {
  const { renewed, answer, made, pass } = lab(60 * MINUTE);
  void renewed.get();
  await answer();
  pass(55 * MINUTE);
  expect([renewed.get(), renewed.get()]).toEqual(['token-1', 'token-1']);
  expect(made()).toBe(2);
  await answer();
  expect(renewed.get()).toBe('token-2');
});

it('lets a failure show only when the old one has ended', async () => {
  const { renewed, answer, pass } = lab(60 * MINUTE);
  void renewed.get();
  await answer();
  pass(58 * MINUTE);
  expect(renewed.get()).toBe('token-1');
  await answer(new Error('the server is down'));
  expect(renewed.get()).toBe('token-1');
  await answer(new Error('the server is down'));
  pass(2 * MINUTE);
  const refused = expect(renewed.get()).rejects.toThrow('down');
  await answer(new Error('the server is down'));
  await refused;
});

it('fetches anew what was refused, and not twice', async () => {
  const { renewed, answer, made } = lab(60 * MINUTE);
  void renewed.get();
  await answer();
  renewed.drop('token-1');
  void renewed.get();
  await answer();
  renewed.drop('token-1');
  expect(renewed.get()).toBe('token-2');
  expect(made()).toBe(2);
});

it('does not ask without pause for what says that it has ended already', async () => {
  const { renewed, answer, made, pass } = lab(1);
  void renewed.get();
  await answer();
  expect(renewed.get()).toBe('token-1');
  pass(10_001);
  void renewed.get();
  expect(made()).toBe(2);
});
