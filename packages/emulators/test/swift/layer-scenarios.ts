import { createHmac } from 'node:crypto';
import { pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type { RawRequest } from './raw-client.js';

/** A conversation whose container is named by the test. */
export interface LayerScenario {
  readonly title: string;
  readonly requests: (c: string) => readonly RawRequest[] | Promise<readonly RawRequest[]>;
}

const put = (path: string, body: string | Buffer = '', headers: Readonly<Record<string, string>> = {}): RawRequest => ({
  method: 'PUT',
  path,
  body,
  headers,
});
const ask = (method: string, path: string, headers: Readonly<Record<string, string>> = {}): RawRequest => ({
  method,
  path,
  headers,
});
const get = (path: string, headers: Readonly<Record<string, string>> = {}): RawRequest => ask('GET', path, headers);
/** Real Swift believes what it knows of a container or an account for a second. */
const settled = (request: RawRequest): RawRequest => ({ ...request, settleMs: 1300 });
const stranger = (request: RawRequest): RawRequest => ({ ...request, isAnonymous: true });

const EXPIRES = 4_000_000_000;

function sign(text: string, key = 'mykey', algorithm = 'sha256'): string {
  return createHmac(algorithm, key).update(text).digest('hex');
}

function signed(method: string, path: string, more = '', key = 'mykey', algorithm = 'sha256'): RawRequest {
  const text = `${method}\n${String(EXPIRES)}\n/v1/AUTH_test${decodeURIComponent(path)}`;
  const query = `temp_url_sig=${sign(text, key, algorithm)}&temp_url_expires=${String(EXPIRES)}${more}`;
  return stranger(ask(method, `${path}?${query}`));
}

function form(
  path: string,
  fields: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
  key = 'mykey',
): RawRequest {
  const { redirect = '', max_file_size = '100', max_file_count = '2', expires = String(EXPIRES) } = fields;
  const text = [`/v1/AUTH_test${path}`, redirect, max_file_size, max_file_count, expires].join('\n');
  const all = { redirect, max_file_size, max_file_count, expires, signature: sign(text, key), ...fields };
  const shown = Object.entries(all).filter(([name, value]) => !(name === 'redirect' && value === ''));
  const parts = [
    ...shown.map(([name, value]) => `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`),
    ...Object.entries(files).map(
      ([name, content], index) =>
        `Content-Disposition: form-data; name="file${String(index)}"; filename="${name}"\r\nContent-Type: text/plain\r\n\r\n${content}`,
    ),
  ];
  const body = `${parts.map((part) => `--xyz\r\n${part}\r\n`).join('')}--xyz--\r\n`;
  return stranger({ method: 'POST', path, body, headers: { 'content-type': 'multipart/form-data; boundary=xyz' } });
}

async function tar(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files))
    archive.entry(
      { name, pax: { 'SCHILY.xattr.user.meta.colour': 'blue', 'SCHILY.xattr.user.mime_type': 'x/y' } },
      content,
    );
  archive.finalize();
  return buffer(archive);
}

export const LAYER_SCENARIOS: readonly LayerScenario[] = [
  {
    title: 'signed URLs open one object, one prefix, for one method',
    requests: (c) => [
      put(`/${c}`, '', { 'x-container-meta-temp-url-key': 'ckey' }),
      settled(ask('POST', '', { 'x-account-meta-temp-url-key': 'mykey' })),
      put(`/${c}/a%20%C3%A9.txt`, 'hello', { 'x-object-meta-secret': '1', 'x-object-meta-public-known': '2' }),
      signed('GET', `/${c}/a%20%C3%A9.txt`),
      signed('GET', `/${c}/a%20%C3%A9.txt`, '', 'mykey', 'sha1'),
      signed('GET', `/${c}/a%20%C3%A9.txt`, '', 'mykey', 'sha512'),
      signed('GET', `/${c}/a%20%C3%A9.txt`, '', 'ckey'),
      signed('GET', `/${c}/a%20%C3%A9.txt`, '', 'other'),
      signed('GET', `/${c}/a%20%C3%A9.txt`, '&filename=b%22%20c.txt'),
      signed('GET', `/${c}/a%20%C3%A9.txt`, '&inline'),
      signed('GET', `/${c}/a%20%C3%A9.txt`, '&inline&filename=x'),
      { ...signed('GET', `/${c}/a%20%C3%A9.txt`), headers: { range: 'bytes=1-2' } },
      { ...signed('GET', `/${c}/a%20%C3%A9.txt`), method: 'HEAD' },
      { ...signed('GET', `/${c}/a%20%C3%A9.txt`), method: 'PUT' },
      { ...signed('PUT', `/${c}/new`), body: 'written' },
      { ...signed('PUT', `/${c}/new`), body: '', headers: { 'x-object-manifest': `${c}/a` } },
      { ...signed('PUT', `/${c}/new`), method: 'HEAD' },
      { ...signed('POST', `/${c}/new`), headers: { 'x-object-meta-a': 'b' } },
      signed('DELETE', `/${c}/new`),
      signed('GET', `/${c}/none`),
      signed('GET', `/${c}`),
      stranger(get(`/${c}/a%20%C3%A9.txt?temp_url_sig=${sign('x')}`)),
      stranger(
        get(`/${c}/a%20%C3%A9.txt?temp_url_sig=${sign(`GET\n1\n/v1/AUTH_test/${c}/a é.txt`)}&temp_url_expires=1`),
      ),
      stranger(
        get(
          `/${c}/a%20%C3%A9.txt?temp_url_sig=${sign(`GET\n${String(EXPIRES)}\nprefix:/v1/AUTH_test/${c}/a`)}&temp_url_expires=2096-10-02T07:06:40Z&temp_url_prefix=a`,
        ),
      ),
      stranger(
        get(
          `/${c}/b?temp_url_sig=${sign(`GET\n${String(EXPIRES)}\nprefix:/v1/AUTH_test/${c}/a`)}&temp_url_expires=${String(EXPIRES)}&temp_url_prefix=a`,
        ),
      ),
      ...['127.0.0.0/8', '10.0.0.0/8', '127.0.0.1', 'nonsense'].map((range) =>
        stranger(
          get(
            `/${c}/a%20%C3%A9.txt?temp_url_sig=${sign(`ip=${range}\nGET\n${String(EXPIRES)}\n/v1/AUTH_test/${c}/a é.txt`)}&temp_url_expires=${String(EXPIRES)}&temp_url_ip_range=${range}`,
          ),
        ),
      ),
      stranger(
        get(
          `/${c}/a%20%C3%A9.txt?temp_url_sig=sha256:${createHmac('sha256', 'mykey')
            .update(`GET\n${String(EXPIRES)}\n/v1/AUTH_test/${c}/a é.txt`)
            .digest('base64url')}&temp_url_expires=${String(EXPIRES)}`,
        ),
      ),
    ],
  },
  {
    title: 'forms store files within what they were signed for',
    requests: (c) => [
      put(`/${c}`),
      settled(ask('POST', '', { 'x-account-meta-temp-url-key': 'mykey' })),
      form(`/${c}/up_`, {}, { 'a.txt': 'hello', 'b.txt': 'world' }),
      get(`/${c}?format=json`),
      form(`/${c}/`, { redirect: 'https://example.com/done' }, { 'r.txt': 'x' }),
      form(`/${c}/`, { redirect: 'https://example.com/done?x=1' }, {}),
      form(`/${c}/`, {}, { 1: 'x', 2: 'y', 3: 'z' }),
      form(`/${c}/`, {}, {}),
      form(`/${c}/`, { max_file_size: '3' }, { long: 'four' }),
      form(`/${c}/`, {}, { x: 'x' }, 'other'),
      form(`/${c}/`, { expires: '1' }, { x: 'x' }),
      form(`/${c}/`, { x_delete_at: '4000000000' }, { 'later.txt': 'x' }),
      ask('HEAD', `/${c}/later.txt`),
      form(`/${c}-none/`, {}, { x: 'x' }),
      { ...form(`/${c}/`, {}, {}), body: 'nonsense' },
      get(`/${c}`),
    ],
  },
  {
    title: 'archives are unpacked',
    requests: async (c) => {
      const json = { accept: 'application/json' };
      return [
        { ...put(`/${c}/base?extract-archive=tar`, await tar({ 'a/b': 'one', './c': 'two' }), json) },
        get(`/${c}?format=json`),
        ask('HEAD', `/${c}/base/a/b`),
        put(`?extract-archive=tar.gz`, gzipSync(await tar({ [`${c}/zipped`]: 'z', top: 'ignored' })), json),
        get(`/${c}/zipped`),
        put(`/${c}?extract-archive=tar`, await tar({}), json),
        put(`/${c}?extract-archive=zip`, 'x', json),
      ];
    },
  },
  {
    title: 'a stack of old versions comes back by deletes',
    requests: (c) => [
      put(`/${c}-old`),
      put(`/${c}`, '', { 'x-versions-location': `${c}-old` }),
      settled(ask('HEAD', `/${c}`)),
      put(`/${c}/%C3%A9`, 'one', { 'x-object-meta-n': '1' }),
      put(`/${c}/%C3%A9`, 'two'),
      put(`/${c}/%C3%A9`, 'three'),
      get(`/${c}-old?format=json`),
      ask('DELETE', `/${c}/%C3%A9`),
      get(`/${c}/%C3%A9`),
      ask('DELETE', `/${c}/%C3%A9`),
      get(`/${c}/%C3%A9`),
      ask('DELETE', `/${c}/%C3%A9`),
      get(`/${c}/%C3%A9`),
      ask('DELETE', `/${c}/%C3%A9`),
      get(`/${c}-old`),
      settled(ask('POST', `/${c}`, { 'x-remove-versions-location': 'x' })),
      ask('HEAD', `/${c}`),
      put(`/${c}`, '', { 'x-versions-location': 'a', 'x-history-location': 'b' }),
      put(`/${c}`, '', { 'x-versions-location': 'a/b' }),
    ],
  },
  {
    title: 'a history keeps all versions and what was deleted',
    requests: (c) => [
      put(`/${c}-old`),
      settled(put(`/${c}`, '', { 'x-history-location': `${c}-old` })),
      ask('HEAD', `/${c}`),
      put(`/${c}/o`, 'one'),
      put(`/${c}/o`, 'two'),
      ask('DELETE', `/${c}/o`),
      get(`/${c}/o`),
      get(`/${c}-old?format=json`),
      ask('DELETE', `/${c}/o`),
    ],
  },
  {
    title: 'versions are listed, read, restored and deleted by their ids',
    requests: (c) => [
      put(`/${c}`),
      put(`/${c}/before`, 'old', { 'x-object-meta-n': '0' }),
      settled(ask('POST', `/${c}`, { 'x-versions-enabled': 'true' })),
      ask('HEAD', `/${c}`),
      get(`/${c}/before`),
      get(`/${c}?versions&format=json`),
      { ...put(`/${c}/o`, 'one', { 'x-object-meta-n': '1', 'content-type': 'a/b' }), capture: 'one' },
      { ...put(`/${c}/o`, 'two!'), capture: 'two' },
      get(`/${c}/o`),
      ask('HEAD', `/${c}/o`),
      get(`/${c}/o?version-id={one}`),
      get(`/${c}/o?version-id=null`),
      get(`/${c}/before?version-id=null`),
      get(`/${c}/o?version-id=nonsense`),
      get(`/${c}/o?version-id=1.00000`),
      get(`/${c}?format=json`),
      get(`/${c}?versions&format=json`),
      get(`/${c}?versions&format=json&reverse=true`),
      get(`/${c}?versions&format=json&limit=1`),
      get(`/${c}?versions&format=json&marker=before`),
      get(`/${c}?versions&format=json&marker=o&version_marker={two}`),
      get(`/${c}?versions&format=json&prefix=o`),
      get(`/${c}?versions&version_marker=1`),
      ask('POST', `/${c}/o`, { 'x-object-meta-m': '2' }),
      ask('HEAD', `/${c}/o`),
      ask('POST', `/${c}/o?version-id={one}`),
      put(`/${c}/o?version-id={one}`, 'body'),
      put(`/${c}/o?version-id={one}`),
      get(`/${c}/o`),
      { ...ask('DELETE', `/${c}/o`), capture: 'marker' },
      get(`/${c}/o`),
      get(`/${c}/o?version-id={marker}`),
      get(`/${c}?versions&format=json`),
      ask('DELETE', `/${c}/o?version-id={two}`),
      ask('DELETE', `/${c}/o?version-id={two}`),
      put(`/${c}/before`, 'new'),
      get(`/${c}?versions&format=json`),
      ask('DELETE', `/${c}`),
      { ...put(`/${c}/o`, 'three'), capture: 'three' },
      ask('DELETE', `/${c}/o?version-id={three}`),
      get(`/${c}/o`),
      ask('HEAD', `/${c}`),
      settled(ask('POST', `/${c}`, { 'x-versions-enabled': 'false' })),
      ask('HEAD', `/${c}`),
      put(`/${c}/plain`, 'x'),
      get(`/${c}/plain`),
      put(`/${c}-other`),
      get(`/${c}-other/x?version-id=1.00000`),
    ],
  },
  {
    title: 'symlinks lead to their targets',
    requests: (c) => [
      put(`/${c}`),
      put(`/${c}/target`, 'hello', { 'x-object-meta-n': '1', 'content-type': 'a/b' }),
      put(`/${c}/link`, '', { 'x-symlink-target': `${c}/target` }),
      get(`/${c}/link`),
      get(`/${c}/link`, { range: 'bytes=0-1' }),
      get(`/${c}/link?symlink=get`),
      ask('HEAD', `/${c}/link?symlink=get`),
      get(`/${c}?format=json`),
      ask('POST', `/${c}/link`, { 'x-object-meta-m': '1' }),
      put(`/${c}/link2`, '', { 'x-symlink-target': `${c}/link` }),
      put(`/${c}/link3`, '', { 'x-symlink-target': `${c}/link2` }),
      get(`/${c}/link2`),
      get(`/${c}/link3`),
      put(`/${c}/self`, '', { 'x-symlink-target': `${c}/self` }),
      put(`/${c}/bad`, '', { 'x-symlink-target': `/${c}/x` }),
      put(`/${c}/bad`, '', { 'x-symlink-target': 'x' }),
      put(`/${c}/bad`, 'body', { 'x-symlink-target': `${c}/target` }),
      put(`/${c}/fixed`, '', {
        'x-symlink-target': `${c}/target`,
        'x-symlink-target-etag': '5d41402abc4b2a76b9719d911017c592',
      }),
      put(`/${c}/wrong`, '', { 'x-symlink-target': `${c}/target`, 'x-symlink-target-etag': 'other' }),
      put(`/${c}/wrong`, '', { 'x-symlink-target': `${c}/none`, 'x-symlink-target-etag': 'other' }),
      get(`/${c}/fixed`),
      get(`/${c}?format=json&prefix=fixed`),
      put(`/${c}/target`, 'changed'),
      get(`/${c}/fixed`),
      ask('COPY', `/${c}/link`, { destination: `${c}/copied` }),
      ask('HEAD', `/${c}/copied`),
      ask('COPY', `/${c}/link?symlink=get`, { destination: `${c}/linked` }),
      get(`/${c}/linked`),
      ask('DELETE', `/${c}/target`),
      get(`/${c}/link`),
    ],
  },
  {
    title: 'quotas refuse what is too much',
    requests: (c) => [
      settled(put(`/${c}`, '', { 'x-container-meta-quota-bytes': '8', 'x-container-meta-quota-count': '2' })),
      put(`/${c}/a`, '12345678'),
      ask('DELETE', `/${c}/a`),
      settled(put(`/${c}/b`, '1')),
      put(`/${c}/c`, '12345678'),
      put(`/${c}`, '', { 'x-container-meta-quota-bytes': 'x' }),
      put(`/${c}`, '', { 'x-container-meta-quota-count': '-1' }),
      ask('POST', '', { 'x-account-meta-quota-bytes': '1' }),
    ],
  },
  {
    title: 'public containers are web sites',
    requests: (c) => [
      settled(put(`/${c}`, '', { 'x-container-read': '.r:*,.rlistings' })),
      put(`/${c}/index.html`, '<p>top'),
      put(`/${c}/d/index.html`, '<p>d'),
      put(`/${c}/e/x.txt`, 'x'),
      put(`/${c}/404error.html`, '<p>gone'),
      stranger(get(`/${c}`)),
      stranger(get(`/${c}/`)),
      stranger(get(`/${c}/none`)),
      settled(
        ask('POST', `/${c}`, {
          'x-container-meta-web-index': 'index.html',
          'x-container-meta-web-error': 'error.html',
        }),
      ),
      stranger(get(`/${c}`)),
      stranger(get(`/${c}/`)),
      stranger(get(`/${c}/d`)),
      stranger(get(`/${c}/d/`)),
      stranger(get(`/${c}/e`)),
      stranger(get(`/${c}/e/`)),
      stranger(get(`/${c}/none`)),
      stranger(ask('HEAD', `/${c}/d/`)),
      settled(ask('POST', `/${c}`, { 'x-container-meta-web-listings': 'true' })),
      stranger(get(`/${c}/e`)),
      stranger(get(`/${c}/e/`)),
      get(`/${c}`),
      get(`/${c}/`, { 'x-web-mode': 'true' }),
      settled(
        ask('POST', `/${c}`, {
          'x-container-meta-web-index': '',
          'x-container-meta-web-listings-css': 'style.css',
          'x-container-meta-web-listings-label': 'My site',
        }),
      ),
      stranger(get(`/${c}/`)),
      settled(ask('POST', `/${c}`, { 'x-container-read': '' })),
      stranger(get(`/${c}/`)),
      stranger(get(`/${c}/e/x.txt`)),
    ],
  },
];
