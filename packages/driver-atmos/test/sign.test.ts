import { expect, it } from 'vitest';
import { type Signable, stringToSign, textSigner, urlToSign } from '../src/sign.js';

const GUIDE_KEY = Buffer.from('LJLuryj6zs8ste6Y3jTGQp71xq0=', 'base64');
const GUIDE_UID = '6039ac182f194e15b9261d73ce044939/user1';
const GUIDE_DATE = 'Thu, 05 Jun 2008 16:38:19 GMT';
const OCTETS = 'application/octet-stream';

function sign(key: Buffer, request: Omit<Signable, 'query'> & { readonly query?: string }): string {
  return textSigner(key)(stringToSign({ query: '', ...request }));
}

it("signs the example of EMC's guide", () => {
  const emcHeaders = [
    ...['x-emc-useracl', 'john=FULL_CONTROL,mary=WRITE'],
    ...['x-emc-date', GUIDE_DATE],
    ...['x-emc-meta', 'part1=buy'],
    ...['x-emc-groupacl', 'other=NONE'],
    ...['x-emc-listable-meta', 'part4/part7/part8=quick'],
    ...['x-emc-uid', GUIDE_UID],
  ];
  const text = { method: 'POST', resource: '/rest/objects', contentType: OCTETS, date: GUIDE_DATE, emcHeaders };
  expect(sign(GUIDE_KEY, text)).toBe('WHJo1MFevMnK4jCthJ974L3YHoo=');
});

const LIBCLOUD_KEY = Buffer.from('ssssshhhhhmysecretkey');
const LIBCLOUD_DATE = 'Mon, 04 Jul 2011 07:39:19 GMT';

it.each([
  ['GET', '/rest/namespace/foo', '', [], 'WfSASIA25TuqO2n0aO9k/dtg6S0='],
  ['GET', '/rest/namespace/foo & bar', '', [], 'vmlqXqcInxxoP4YX5mR09BonjX4='],
  ['POST', '/rest/namespace/foo', '', [], 'oYKdsF+1DOuUT7iX5CJCDym2EQk='],
  ['PUT', '/rest/namespace/foo', '', [], 'JleF9dpSWhaT3B2swZI3s41qqs4='],
  ['DELETE', '/rest/namespace/foo', '', [], '2IX+Bd5XZF5YY+g4P59qXV1uLpo='],
  ['GET', '/rest/namespace/foo', 'metata/system', [], 'zuHDEAgKM1winGnWn3WBsqnz4ks='],
  [
    ...['POST', '/rest/namespace/foo', 'metadata/user'],
    ['x-emc-meta', 'fakemeta=fake, othermeta=faketoo'],
    '7sLx1nxPIRAtocfv02jz9h1BjbU=',
  ],
] as const)("signs Libcloud's %s %s?%s", (method, resource, query, extra, signature) => {
  const emcHeaders = [...extra, 'x-emc-uid', 'fredsmagicuid', 'x-emc-date', LIBCLOUD_DATE];
  const request = { method, resource, query, contentType: OCTETS, date: LIBCLOUD_DATE, emcHeaders };
  expect(sign(LIBCLOUD_KEY, request)).toBe(signature);
});

it("signs jclouds' upload and shareable URL", () => {
  const key = Buffer.from('aaaabbbb', 'base64');
  const emcHeaders = ['x-emc-uid', 'identity', 'x-emc-wschecksum', `MD5/0/${'0'.repeat(32)}`];
  const resource = '/rest/namespace/container/name';
  const upload = { method: 'POST', resource, contentType: 'text/plain', date: GUIDE_DATE, emcHeaders };
  expect(sign(key, upload)).toBe('OlAHsoIDCsO5YmqjRxOIM5sp3r0=');
  expect(textSigner(key)(urlToSign(resource, 'identity', '1212684799', undefined))).toBe(
    'oijXdvPjHQ/LwWDcdx9Eozsu77o=',
  );
});

it.each([
  [
    'metadata beyond ASCII',
    { method: 'POST', resource: '/rest/namespace/photos/été 1.txt', contentType: 'text/plain' },
    ['x-emc-utf8', 'true', 'x-emc-meta', 'caf%C3%A9=cr%C3%A8me%20br%C3%BBl%C3%A9e'],
    'RdyRHJ7BkbkHA4dd4z3GZkNwc8I=',
  ],
  [
    'a range',
    { method: 'GET', resource: '/rest/namespace/photos/IMG.jpg', range: 'Bytes=0-99' },
    [],
    'GNnULF/+fS/8I74S89NeZMDq7SE=',
  ],
  [
    'a sub-resource',
    { method: 'GET', resource: '/rest/namespace/photos/IMG.jpg', query: 'metadata/user' },
    [],
    '+QHp/C+MVekYmCHi9NmWNaLltok=',
  ],
  [
    'a rename',
    { method: 'POST', resource: '/rest/namespace/photos/img.jpg', query: 'rename' },
    ['x-emc-path', 'photos/new.jpg', 'x-emc-force', 'true'],
    'FTxrP+4PivNoZadiGu4umBOV6zo=',
  ],
  [
    'a page of a listing',
    { method: 'GET', resource: '/rest/namespace/photos/' },
    ['x-emc-limit', '2', 'x-emc-include-meta', '1', 'x-emc-token', 'abc'],
    'aw4yiWhx+KOTO0EUUVszmX/GMZU=',
  ],
  [
    'no content type',
    { method: 'GET', resource: '/rest/namespace/photos/img 1.jpg', contentType: undefined },
    [],
    'VoqfP0JEHmF7WTMvFuzH9sdwSzg=',
  ],
] as const)('signs %s', (_, request, extra, signature) => {
  const emcHeaders = [...extra, 'x-emc-date', GUIDE_DATE, 'x-emc-uid', GUIDE_UID];
  expect(sign(GUIDE_KEY, { contentType: OCTETS, date: GUIDE_DATE, ...request, emcHeaders })).toBe(signature);
});

it.each([
  ['/rest/namespace/Photos/Img 1.JPG', undefined, 'fph43Qt7rZgmzZAbgth06VR3Lec='],
  ['/rest/namespace/Photos/Img 1.JPG', 'attachment; filename="a b.jpg"', '3WhKjDgujOer7SVCX3i3UDRyYEQ='],
  ['/rest/objects/499ad542a1a8bc200499ad5a6b05580499c3168560a4', undefined, '+GgpqqBgNxYAl1EQw9OcoIPSlxs='],
])('signs a shareable URL of %s with the disposition %s', (resource, disposition, signature) => {
  expect(textSigner(GUIDE_KEY)(urlToSign(resource, GUIDE_UID, '1212683899', disposition))).toBe(signature);
});
