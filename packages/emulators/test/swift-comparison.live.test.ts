import { setTimeout as delay } from 'node:timers/promises';
import { describeLive, type Launched, launchSwift, pythonModules, type SwiftFacts } from '@stowage/test-servers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SwiftEmulator } from '../src/index.js';
import { differences, seen, type Seen } from './swift/compare.js';
import { LAYER_SCENARIOS } from './swift/layer-scenarios.js';
import { loginV1, type RawRequest, sendRaw } from './swift/raw-client.js';
import { SCENARIOS } from './swift/scenarios.js';

let real: Launched<SwiftFacts>;
let emulator: SwiftEmulator;

/** Every container of a scenario gets a name of its own: `/c` becomes `/c-7`. */
function named(request: RawRequest, index: number): RawRequest {
  const rename = (text: string): string =>
    text.replaceAll(/(^|["/\s])c(?=[/?"\s%]|$)/g, (_, before: string) => `${before}c-${String(index)}`);
  const headers = Object.entries(request.headers ?? {}).map(([name, value]): [string, string] =>
    /^(destination|x-copy-from|x-object-manifest|x-symlink-target|x-versions-location|x-history-location)$/.test(name)
      ? [name, rename(value)]
      : [name, value],
  );
  const { body } = request;
  const renamed = typeof body === 'string' && (body.startsWith('[') || request.path.includes('bulk-delete'));
  return {
    ...request,
    path: rename(request.path),
    headers: Object.fromEntries(headers),
    ...(renamed && { body: rename(body) }),
  };
}

async function converse(
  account: { authUrl: string; user: string; key: string; storageUrl: string },
  requests: readonly RawRequest[],
  { isSettling }: { readonly isSettling: boolean },
): Promise<Seen[]> {
  const captured = new Map<string, string>();
  const token = await loginV1(account.authUrl, account.user, account.key);
  const origin = new URL(account.storageUrl).origin;
  const answers: Seen[] = [];
  for (const request of requests) {
    const path = request.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => captured.get(name) ?? '');
    const answer = await sendRaw(account.storageUrl, token, { ...request, path });
    if (request.capture !== undefined) captured.set(request.capture, answer.headers['x-object-version-id'] ?? '');
    if (isSettling && request.settleMs !== undefined) await delay(request.settleMs);
    answers.push(JSON.parse(JSON.stringify(seen(request, answer)).replaceAll(origin, '<origin>')) as Seen);
  }
  return answers;
}

async function compared(requests: readonly RawRequest[]): Promise<readonly [Seen[], Seen[]]> {
  return [
    await converse(real.facts, requests, { isSettling: true }),
    await converse(emulator.v1, requests, { isSettling: false }),
  ];
}

describeLive(
  'the Swift emulator, beside OpenStack Swift',
  pythonModules(['swift'], ['python3-swift', 'memcached']),
  () => {
    beforeAll(async () => {
      [real, emulator] = await Promise.all([launchSwift(), SwiftEmulator.start()]);
    }, 60_000);

    afterAll(async () => {
      await Promise.all([real.stop(), emulator.close()]);
    });

    it.each(SCENARIOS.map((scenario, index) => ({ ...scenario, index })))('$title', async ({ requests, index }) => {
      const sent = requests.map((request) => named(request, index));
      const [expected, emulated] = await compared(sent);
      expect(differences(expected, emulated)).toEqual([]);
    });

    it.each(LAYER_SCENARIOS.map((scenario, index) => ({ ...scenario, index })))(
      '$title',
      async ({ requests, index }) => {
        const [expected, emulated] = await compared(await requests(`layer-${String(index)}`));
        expect(differences(expected, emulated)).toEqual([]);
      },
    );
  },
);
