import { createSign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Storage } from '@google-cloud/storage';
import type { GcsEmulator } from '@stowage/emulators';
import { bytesBody } from '@stowage/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { GcsDriver } from '../src/driver.js';
import type { GcsOptions } from '../src/options.js';
import { jsonFile, temporaryFolder } from './folder.js';
import { credentialsServiceAt, ctx, type Lab, startLab } from './lab.js';

const container = 'bucket-1';
const OWNER = 'emulated@emulated-project.iam.gserviceaccount.com';
const ROBOT = 'robot@emulated-project.iam.gserviceaccount.com';

interface Account {
  readonly name: string;
  /** What the settings say; the environment may be changed. */
  readonly settings: (lab: Lab) => GcsOptions | Promise<GcsOptions>;
  /** Requests that one token takes, in order. */
  readonly asks: readonly string[];
  /** Whose key signs addresses; undefined where nobody's can. */
  readonly signer?: string;
}

const EXCHANGE = { type: 'external_account', subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' };
const AUDIENCE = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q';

/** A token of another identity provider; here the emulated accounts are known there too. */
function subjectToken(emulator: GcsEmulator): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: OWNER, sub: OWNER, aud: AUDIENCE, iat: now, exp: now + 3600 };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(emulator.keyFile().private_key).toString('base64url')}`;
}

function federation(emulator: GcsEmulator, source: object, more: object = {}): object {
  const token_url = `${emulator.endpoint}/v1/token`;
  return { ...EXCHANGE, audience: AUDIENCE, token_url, credential_source: source, ...more };
}

function subjectFile(emulator: GcsEmulator): object {
  const path = join(temporaryFolder(), 'subject');
  writeFileSync(path, subjectToken(emulator));
  return { file: path };
}

async function subjectAddress(emulator: GcsEmulator): Promise<object> {
  const server = createServer((request, response) => {
    response.statusCode = request.headers['x-identity'] === 'yes' ? 200 : 403;
    response.end(JSON.stringify({ value: subjectToken(emulator) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/identity`;
  const format = { type: 'json', subject_token_field_name: 'value' };
  return { url, headers: { 'x-identity': 'yes' }, format };
}

const impersonationUrl = ({ endpoint }: GcsEmulator): string =>
  `${endpoint}/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken`;

const USER = { email: 'me@example.com', clientId: 'client', clientSecret: 'client+secret', refreshToken: 'refresh+it' };
const userJson = ({ endpoint }: GcsEmulator): object => ({
  ...{ type: 'authorized_user', client_id: USER.clientId, client_secret: USER.clientSecret },
  ...{ refresh_token: USER.refreshToken, token_uri: `${endpoint}/token` },
});

const ACCOUNTS: readonly Account[] = [
  {
    name: 'a service account, by a key file with a token server of its own',
    settings: ({ emulator }) => ({ keyFile: jsonFile(emulator.keyFile()) }),
    ...{ asks: ['oauth2.token'], signer: OWNER },
  },
  {
    name: 'a user',
    settings: ({ emulator }) => ({ keyFile: jsonFile(userJson(emulator)), project: emulator.project }),
    asks: ['oauth2.token'],
  },
  {
    name: 'the machine',
    settings: ({ emulator }) => {
      vi.stubEnv('GCE_METADATA_HOST', new URL(emulator.endpoint).host);
      return { metadataServer: true };
    },
    ...{ asks: ['metadata'], signer: OWNER },
  },
  {
    name: 'a workload, whose token is in a file',
    settings: ({ emulator }) => ({
      keyFile: jsonFile(federation(emulator, subjectFile(emulator))),
      project: emulator.project,
    }),
    asks: ['sts.token'],
  },
  {
    name: 'a workload, whose token is at an address, as another account',
    settings: async ({ emulator }) => {
      const service_account_impersonation_url = impersonationUrl(emulator);
      const more = { service_account_impersonation_url };
      const credentials = { ...federation(emulator, await subjectAddress(emulator), more) };
      return { credentials, project: emulator.project };
    },
    ...{ asks: ['sts.token', 'iamcredentials.generateAccessToken'], signer: ROBOT },
  },
  {
    name: 'another account, by "impersonate"',
    settings: ({ emulator }) => ({ credentials: { ...emulator.keyFile() }, impersonate: ROBOT }),
    ...{ asks: ['oauth2.token', 'iamcredentials.generateAccessToken'], signer: ROBOT },
  },
  {
    name: 'another account, by the file of gcloud',
    settings: ({ emulator }) => ({
      keyFile: jsonFile({
        type: 'impersonated_service_account',
        source_credentials: userJson(emulator),
        service_account_impersonation_url: impersonationUrl(emulator),
      }),
      project: emulator.project,
    }),
    ...{ asks: ['oauth2.token', 'iamcredentials.generateAccessToken'], signer: ROBOT },
  },
];

interface Opened {
  readonly lab: Lab;
  readonly driver: GcsDriver;
  /** Requests for tokens since the last time. */
  readonly asked: () => string[];
  readonly passMinutes: (count: number) => void;
}

async function open({ settings }: Pick<Account, 'settings'>): Promise<Opened> {
  let nowMs = Date.now();
  const clock = { nowMs: () => nowMs };
  const serviceAccounts = [{ email: OWNER }, { email: ROBOT }];
  const lab = await startLab('oauth', {}, { ...clock, serviceAccounts, users: [USER] });
  onTestFinished(() => lab.close());
  onTestFinished(() => void vi.unstubAllEnvs());
  await lab.driver.createContainer(container, {}, ctx);
  const driver = lab.openWith(await settings(lab), clock, credentialsServiceAt(lab.emulator.endpoint));
  lab.emulator.forget();
  const asked = (): string[] => {
    const operations = lab.emulator.requests.map(({ operation }) => operation);
    return operations.filter((operation) => /^(oauth2|sts|iamcredentials|metadata)/.test(operation));
  };
  return { lab, driver, asked, passMinutes: (count) => void (nowMs += count * 60_000) };
}

describe.each(ACCOUNTS)('$name', (account) => {
  it('has one token for a hundred calls that wait, a new one before it ends, and another after a refusal', async () => {
    const { lab, driver, asked, passMinutes } = await open(account);
    await Promise.all(Array.from({ length: 100 }, () => driver.list(container, {}, ctx)));
    expect(asked()).toEqual(account.asks);
    passMinutes(54);
    await driver.list(container, {}, ctx);
    expect(asked()).toEqual(account.asks);
    passMinutes(2);
    await Promise.all(Array.from({ length: 10 }, () => driver.list(container, {}, ctx)));
    await expect.poll(asked).toEqual([...account.asks, ...account.asks]);
    lab.emulator.revokeTokens();
    await expect(driver.list(container, {}, ctx)).rejects.toMatchObject({ code: 'unavailable', mended: true });
    await driver.list(container, {}, ctx);
    expect(asked()).toEqual([...account.asks, ...account.asks, ...account.asks]);
  });

  it('makes buckets, and the vendor’s client acts as it', async () => {
    const { driver } = await open(account);
    await driver.createContainer('bucket-2', {}, ctx);
    const client = (await driver.sdk!()) as Storage;
    expect((await client.getBuckets())[0].map(({ name }) => name)).toEqual(['bucket-1', 'bucket-2']);
  });

  it(account.signer === undefined ? 'cannot sign addresses, and says so' : 'signs addresses', async () => {
    const { lab, driver } = await open(account);
    const ref = { container, key: 'k' };
    await lab.driver.put(ref, bytesBody(''), {}, ctx);
    const signing = driver.urls!.sign(ref, { method: 'GET', expiresInSeconds: 60 }, ctx);
    if (account.signer === undefined) {
      await expect(signing).rejects.toMatchObject({ code: 'unsupported' });
      return;
    }
    const { url } = await signing;
    expect(new URL(url).searchParams.get('X-Goog-Credential')).toContain(account.signer);
    expect((await fetch(url)).status).toBe(200);
    const form = await driver.urls!.signForm!({ container, key: 'posted' }, { expiresInSeconds: 60 }, ctx);
    const data = new FormData();
    for (const [name, value] of Object.entries(form.fields)) data.set(name, value);
    data.set('file', new Blob(['posted']));
    expect((await fetch(form.url, { method: 'POST', body: data })).ok).toBe(true);
  });
});
