interface Login {
  readonly user: string;
  readonly password: string;
  readonly project: string;
}

/** As much of Keystone's v3 administration as setting up a cloud for tests takes. */
export class KeystoneAdmin {
  readonly #authUrl: string;
  readonly token: string;

  private constructor(authUrl: string, token: string) {
    this.#authUrl = authUrl;
    this.token = token;
  }

  static async login(authUrl: string, { user, password, project }: Login): Promise<KeystoneAdmin> {
    const domain = { id: 'default' };
    const identity = { methods: ['password'], password: { user: { name: user, domain, password } } };
    const body = JSON.stringify({ auth: { identity, scope: { project: { name: project, domain } } } });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${authUrl}/auth/tokens`, { method: 'POST', headers, body });
    const token = response.headers.get('x-subject-token');
    if (token === null)
      throw new Error(`Keystone refused ${user}: ${String(response.status)} ${await response.text()}`);
    return new KeystoneAdmin(authUrl, token);
  }

  /** Creates one resource and gives its id. */
  async create(path: string, kind: string, resource: Readonly<Record<string, unknown>>): Promise<string> {
    const created = (await this.#call('POST', path, { [kind]: resource })) as Record<string, { id: string }>;
    return (created[kind] as { id: string }).id;
  }

  async grant(grant: { readonly role: string; readonly userId: string; readonly projectId: string }): Promise<void> {
    const { roles } = (await this.#call('GET', `roles?name=${grant.role}`)) as { roles: { id: string }[] };
    const roleId = roles[0]?.id ?? (await this.create('roles', 'role', { name: grant.role }));
    await this.#call('PUT', `projects/${grant.projectId}/users/${grant.userId}/roles/${roleId}`);
  }

  /** Revokes a token, as an operator would. */
  async revoke(token: string): Promise<void> {
    await this.#call('DELETE', 'auth/tokens', undefined, { 'x-subject-token': token });
  }

  async #call(
    method: string,
    path: string,
    body?: unknown,
    extra: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const headers = { 'content-type': 'application/json', 'x-auth-token': this.token, ...extra };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`${this.#authUrl}/${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`Keystone: ${method} ${path}: ${String(response.status)} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}
