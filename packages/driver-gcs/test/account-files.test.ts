import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { isStorageError, type StorageError } from '@stowage/core/spi';
import { GcsEmulator } from '@stowage/emulators';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { GcsOptions } from '../src/options.js';
import { jsonFile, temporaryFolder } from './folder.js';
import { credentialsServiceAt, ctx, type Lab, startLab } from './lab.js';

const container = 'bucket-1';
let lab: Lab;
beforeAll(async () => {
  lab = await startLab('oauth');
  await lab.driver.createContainer(container, {}, ctx);
});
afterAll(() => lab.close());

/** How a listing with these settings fails. */
async function refusalOf(options: GcsOptions): Promise<StorageError> {
  const driver = lab.openWith(options, {}, credentialsServiceAt(lab.emulator.endpoint));
  const failure = await driver.list(container, {}, ctx).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (isStorageError(failure)) return failure;
  throw new Error(`It was not refused as it should be: ${inspect(failure)}`);
}

/** A token server that keeps what it was sent, and answers as told. */
async function tokenServer(
  status: number,
  answer: object,
): Promise<{ readonly url: string; readonly forms: string[] }> {
  const forms: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      forms.push(Buffer.concat(chunks).toString());
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/own/token`, forms };
}

const claimsOf = (form: string): unknown => {
  const [, claims = ''] = (new URLSearchParams(form).get('assertion') ?? '').split('.');
  return JSON.parse(Buffer.from(claims, 'base64url').toString());
};

describe('a key file', () => {
  it('of another token server is used there, and what it asserts names that server', async () => {
    const { emulator } = lab;
    const { url, forms } = await tokenServer(200, { access_token: emulator.issueToken(), expires_in: 3600 });
    const driver = lab.openWith({ keyFile: jsonFile({ ...emulator.keyFile(), token_uri: url }) });
    await driver.list(container, {}, ctx);
    expect(forms.map(claimsOf)).toMatchObject([{ iss: emulator.keyFile().client_email, aud: url }]);
  });

  it('that was replaced gives the next token', async () => {
    const { emulator } = lab;
    const path = jsonFile({ ...emulator.keyFile(), client_email: 'stranger@example.com' });
    const driver = lab.openWith({ keyFile: path });
    await expect(driver.list(container, {}, ctx)).rejects.toMatchObject({ code: 'unauthenticated' });
    writeFileSync(path, JSON.stringify(emulator.keyFile()));
    expect((await driver.list(container, {}, ctx)).objects).toEqual([]);
  });

  it('of a sovereign cloud signs its tokens itself, and is shown to no other cloud', async () => {
    const { emulator } = lab;
    const keyFile = jsonFile({ ...emulator.keyFile(), universe_domain: 'cloud.example' });
    emulator.forget();
    await lab.openWith({ keyFile, universeDomain: 'cloud.example' }).list(container, {}, ctx);
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(['ListObjects']);
    expect(await refusalOf({ keyFile })).toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('"universeDomain"') as string,
    });
    expect(emulator.requests).toHaveLength(1);
  });

  const exchange = {
    type: 'external_account',
    audience: '//iam',
    subject_token_type: 't',
    credential_source: { file: 'f' },
  };
  it.each<[string, object]>([
    ['no address', { token_uri: 'localhost' }],
    ['must be an https', { token_uri: 'http://tokens.example/token' }],
    ['must be an https', { ...exchange, token_url: 'http://sts.example/v1/token' }],
    [
      'must be an https',
      { ...exchange, service_account_impersonation_url: 'http://iam.example/a:generateAccessToken' },
    ],
    ['no "source_credentials"', { type: 'impersonated_service_account' }],
    [
      'must be an https',
      {
        type: 'impersonated_service_account',
        service_account_impersonation_url: 'https://iam.example/v1/a@b:generateAccessToken',
        source_credentials: { type: 'authorized_user', token_uri: 'http://tokens.example/token' },
      },
    ],
    ['client_email', { private_key: 'hunter2' }],
    ['cannot be used', { ...exchange, credential_source: {} }],
  ])('is refused before any request: %s', async (reason, json) => {
    const failure = await refusalOf({ keyFile: jsonFile(json) });
    expect(failure).toMatchObject({ code: 'invalid-argument', requestSent: false });
    expect(failure.message).toContain(reason);
    expect(inspect(failure, { depth: null })).not.toContain('hunter2');
  });

  it('that is missing, or holds a key in PEM, is refused by its name', async () => {
    const path = join(temporaryFolder(), 'key.pem');
    expect((await refusalOf({ keyFile: path })).message).toContain(`"${path}" cannot be read`);
    writeFileSync(path, lab.emulator.keyFile().private_key);
    const failure = await refusalOf({ keyFile: path });
    expect(failure.message).toContain('is given as "key"');
    expect(inspect(failure, { depth: null })).not.toContain('PRIVATE KEY');
  });
});

describe('a refusal of tokens', () => {
  it('shows no secret of a user', async () => {
    const { url } = await tokenServer(400, { error: 'invalid_grant', error_description: 'Token has been expired.' });
    const secrets = { client_secret: 'client+secret', refresh_token: 'refresh+it' };
    const failure = await refusalOf({
      credentials: { type: 'authorized_user', client_id: 'c', token_uri: url, ...secrets },
    });
    expect(failure).toMatchObject({ code: 'unauthenticated', retryable: false });
    expect(failure.message).toContain('Token has been expired.');
    for (const secret of ['client+secret', 'refresh+it', 'client%2Bsecret', 'refresh%2Bit'])
      expect(inspect(failure, { depth: null, showHidden: true })).not.toContain(secret);
  });

  it('shows no token of a workload', async () => {
    const path = join(temporaryFolder(), 'subject');
    writeFileSync(path, 'subject.token.of+a.workload');
    const credentials = {
      ...{ type: 'external_account', audience: '//iam', subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' },
      ...{ token_url: `${lab.emulator.endpoint}/v1/token`, credential_source: { file: path } },
    };
    const failure = await refusalOf({ credentials });
    expect(failure).toMatchObject({ code: 'unauthenticated', retryable: false });
    expect(failure.message).toContain('rejected by the attribute condition');
    expect(inspect(failure, { depth: null, showHidden: true })).not.toContain('subject.token');
  });

  it('says why an account may not act as another', async () => {
    const failure = await refusalOf({ credentials: { ...lab.emulator.keyFile() }, impersonate: 'nobody@example.com' });
    expect(failure).toMatchObject({ code: 'unauthenticated', retryable: false });
    expect(failure.message).toContain('Gaia id not found for email nobody@example.com');
  });
});

describe('the metadata server', () => {
  it('is asked nothing where the settings have keys, and nothing before the first call', async () => {
    const machine = await GcsEmulator.start();
    onTestFinished(() => machine.close());
    vi.stubEnv('GCE_METADATA_HOST', new URL(machine.endpoint).host);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { accessKey: user, secretKey: key } = lab.emulator.hmacKey;
    const credentials = { ...lab.emulator.keyFile() };
    for (const options of [{ user, key }, { credentials }, { accessToken: lab.emulator.issueToken() }])
      await lab.openWith(options).list(container, {}, ctx);
    const ofMachine = lab.openWith({});
    expect(machine.requests).toEqual([]);
    await expect(ofMachine.list(container, {}, ctx)).rejects.toMatchObject({ mended: true });
    expect(machine.requests.map(({ operation }) => operation)).toEqual(['metadata']);
  });

  it('that is not there is named, and so are the settings that do without', async () => {
    vi.stubEnv('GCE_METADATA_HOST', '127.0.0.1:1');
    onTestFinished(() => void vi.unstubAllEnvs());
    const failure = await refusalOf({});
    expect(failure).toMatchObject({ code: 'unauthenticated', retryable: false });
    expect(failure.message).toContain('name credentials in the settings');
  });
});
