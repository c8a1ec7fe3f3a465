import { readFileSync } from 'node:fs';
import { type Credential, type OAuthSource, parseObject } from './credentials.js';
import { type GcsOptions, refuse } from './options.js';

/**
 * The project in which buckets are made and listed: the option, else that of the credentials. Google itself knows the one of an HMAC key.
 * Throws `invalid-argument` where nobody names one, since the service would refuse the request.
 */
export function projectOf({ project }: GcsOptions, credential: Credential): string | undefined {
  if (project !== undefined) return project;
  if (credential.kind === 'hmac' || credential.kind === 'anonymous') return undefined;
  const found = credential.kind === 'oauth' ? projectOfSource(credential.source) : undefined;
  return found ?? refuse('The credentials name no project in which buckets are made and listed; set "project".');
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
