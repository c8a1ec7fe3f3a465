import { XMLParser } from 'fast-xml-parser';
import type { EmulatedResponse } from '../../http-answer.js';
import { escapeXml, listOf, textOf } from '../../s3/xml.js';
import { cannedAcl, readAclEntry, refuseAclUnderUniformAccess } from '../acl.js';
import { GcsError, invalid } from '../errors.js';
import { PROJECT_NUMBER } from '../resource.js';
import type { AclEntry } from '../store.js';
import { isAmazon } from './headers.js';
import { findObject, readBytes, XML, type XmlCall } from './objects.js';

const PERMISSIONS = { READER: 'READ', WRITER: 'WRITE', OWNER: 'FULL_CONTROL' } as const;
const SCOPES: readonly (readonly [prefix: string, type: string, element: string])[] = [
  ['user-', 'UserByEmail', 'EmailAddress'],
  ['group-', 'GroupByEmail', 'EmailAddress'],
  ['domain-', 'GroupByDomain', 'Domain'],
  ['project-', 'GroupById', 'ID'],
];

/** `?acl` and `?defaultObjectAcl` in Google's own words: https://cloud.google.com/storage/docs/xml-api/get-object-acls */
export async function serveAcl(call: XmlCall): Promise<EmulatedResponse> {
  const { request, bucket, headers, key } = call;
  if (isAmazon(request))
    throw new GcsError(501, 'notImplemented', 'NotImplemented', 'Lists in the words of S3 are not served.');
  const isRead = request.method === 'GET';
  refuseAclUnderUniformAccess(bucket, isRead ? 'get' : 'update');
  const object = key === '' ? undefined : findObject(call);
  const list = request.query.has('defaultObjectAcl') ? 'defaultObjectAcl' : 'acl';
  const current = object?.acl ?? bucket[list];
  if (isRead) return { status: 200, headers: XML, body: writeAcl(current, object?.owner) };
  const canned = headers['x-goog-acl'];
  const owner = current.find(({ entity }) => entity === object?.owner) ?? current[0];
  const entries =
    canned === undefined ? parseAcl(Buffer.concat((await readBytes(call)).blocks)) : cannedAcl(canned, owner);
  if (object) {
    object.acl = entries;
    object.metageneration += 1;
  } else {
    bucket[list] = entries;
    bucket.metageneration += 1;
  }
  return { status: 200 };
}

function writeAcl(entries: readonly AclEntry[], owner: string | undefined): string {
  const rows = entries.map(
    ({ entity, role }) => `<Entry>${writeScope(entity)}<Permission>${PERMISSIONS[role]}</Permission></Entry>`,
  );
  const id = escapeXml(owner?.replace(/^user-/, '') ?? PROJECT_NUMBER);
  return `<?xml version='1.0' encoding='UTF-8'?><AccessControlList><Owner><ID>${id}</ID></Owner><Entries>${rows.join('')}</Entries></AccessControlList>`;
}

function writeScope(entity: string): string {
  if (entity === 'allUsers') return '<Scope type="AllUsers"/>';
  if (entity === 'allAuthenticatedUsers') return '<Scope type="AllAuthenticatedUsers"/>';
  const [prefix = '', type = '', element = ''] = SCOPES.find(([start]) => entity.startsWith(start)) ?? [];
  return `<Scope type="${type}"><${element}>${escapeXml(entity.slice(prefix.length))}</${element}></Scope>`;
}

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false });

function parseAcl(body: Buffer): readonly AclEntry[] {
  const document = parser.parse(body.toString('utf8')) as { AccessControlList?: { Entries?: { Entry?: unknown } } };
  if (document.AccessControlList === undefined) throw invalid('Invalid ACL', 'invalid', 'MalformedACLError');
  return listOf(document.AccessControlList.Entries?.Entry).map((entry) => {
    const permission = textOf(entry['Permission']);
    const role = Object.entries(PERMISSIONS).find(([, name]) => name === permission)?.[0];
    return readAclEntry({ entity: entityOf((entry['Scope'] ?? {}) as Record<string, unknown>), role });
  });
}

function entityOf(scope: Readonly<Record<string, unknown>>): string {
  const type = textOf(scope['@type']);
  if (type === 'AllUsers') return 'allUsers';
  if (type === 'AllAuthenticatedUsers') return 'allAuthenticatedUsers';
  const [prefix = '', , element = ''] = SCOPES.find(([, name]) => name === type) ?? [];
  return `${prefix}${textOf(scope[element]) ?? ''}`;
}
