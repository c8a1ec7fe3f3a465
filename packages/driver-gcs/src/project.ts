import { readFileSync } from 'node:fs';
import type { Authority } from './authority.js';
import { type Credential, type CredentialSurroundings, type OAuthSource, parseObject } from './credentials.js';
import { type GcsOptions, refuse } from './options.js';

/** Names the project in which buckets are made and listed. */
export type FindProject = () => Promise<string | undefined>;

/**
 * The option, else that of the credentials, of the environment, or of the machine whose account is used; undefined where nobody names one.
 * Google itself knows the one of an HMAC key.
 */
export function projectFinder(
  { project }: GcsOptions,
  credential: Credential,
  env: CredentialSurroundings['env'],
  load: () => Promise<Pick<Authority, 'project'>>,
): FindProject {
  return async () => {
    if (project !== undefined) return project;
    if (credential.kind === 'hmac' || credential.kind === 'anonymous') return undefined;
    const found = (credential.kind === 'oauth' && projectOfSource(credential.source)) || projectOfEnvironment(env);
    if (found !== undefined) return found;
    const isMachine = credential.kind === 'oauth' && credential.source.kind === 'metadata-server';
    return isMachine ? (await load()).project() : undefined;
  };
}

/** As it is found; throws `invalid-argument` for a token of nobody knows which project, since the service would refuse the request. */
export async function neededProject(find: FindProject, { kind }: Credential): Promise<string | undefined> {
  const project = await find();
  if (project !== undefined || kind === 'hmac' || kind === 'anonymous') return project;
  return refuse('The credentials name no project in which buckets are made and listed; set "project".');
}

function projectOfEnvironment(env: CredentialSurroundings['env']): string | undefined {
  return [env['GOOGLE_CLOUD_PROJECT'], env['GCLOUD_PROJECT']].find((name) => name !== undefined && name !== '');
}

function projectOfSource(source: OAuthSource): string | undefined {
  switch (source.kind) {
    case 'service-account':
      return projectOfEmail(source.email);
    case 'credentials':
      return projectOfJson(source.json);
    case 'key-file':
      return projectOfJson(parseObject(readText(source.path)) ?? {});
    case 'metadata-server':
      return undefined;
  }
}

function projectOfJson(json: Readonly<Record<string, unknown>>): string | undefined {
  const { project_id: project, quota_project_id: quotaProject, client_email: email } = json;
  if (typeof project === 'string') return project;
  if (typeof quotaProject === 'string') return quotaProject;
  return typeof email === 'string' ? projectOfEmail(email) : undefined;
}

function projectOfEmail(email: string): string | undefined {
  return /@([a-z0-9-]+)\.iam\.gserviceaccount\.com$/.exec(email)?.[1];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Whoever asks for the token says what is wrong with the file.
    return '';
  }
}
