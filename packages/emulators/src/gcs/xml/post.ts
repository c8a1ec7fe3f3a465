import { createHmac, createVerify } from 'node:crypto';
import type { EmulatedResponse } from '../../http-answer.js';
import { type EmulatedRequest, readBody } from '../../http-request.js';
import { checkPolicy, type Form, parseForm } from '../../s3/post.js';
import { hmac, sameText } from '../../s3/signature.js';
import { toXml } from '../../s3/xml.js';
import { contentOf } from '../content.js';
import type { GcsContext } from '../context.js';
import { xmlEtagOf } from '../resource.js';
import type { Bucket } from '../store.js';
import { writeObject } from '../write.js';
import { fieldsOf } from './headers.js';
import { digestsOf, NAMESPACE, writtenHeaders, XML } from './objects.js';
import { hmacKeyOf, mismatch, unknownCredential } from './signature-v4.js';

/** Fields that need no condition in the policy. */
const EXEMPT = new Set([
  'x-goog-signature',
  'signature',
  'googleaccessid',
  'policy',
  'file',
  'x-amz-signature',
  'awsaccesskeyid',
]);

/** A browser's form upload: https://cloud.google.com/storage/docs/xml-api/post-object-forms */
export async function postForm(
  context: GcsContext,
  bucket: Bucket,
  request: EmulatedRequest,
): Promise<EmulatedResponse> {
  const form = parseForm(await readBody(request), request.headers['content-type'] ?? '');
  const field = (name: string): string => form.fields.get(name) ?? '';
  const email = signerOf(field, context);
  const key = field('key').replace('${filename}', form.fileName);
  const fields = { ...Object.fromEntries(form.fields), bucket: bucket.name, key };
  checkPolicy(field('policy'), fields, form.file.length, context.nowMs(), EXEMPT);
  const headers = headersOf(form);
  const object = writeObject(
    context,
    {
      bucket,
      name: key,
      fields: fieldsOf(headers),
      conditions: {},
      writer: email,
      cannedAcl: form.fields.get('acl') ?? form.fields.get('x-goog-acl'),
    },
    contentOf(form.file),
    digestsOf(headers),
  );
  const etag = `"${xmlEtagOf(object)}"`;
  const redirect = form.fields.get('success_action_redirect');
  if (redirect !== undefined) {
    const location = `${redirect}?${new URLSearchParams({ bucket: bucket.name, key, etag }).toString()}`;
    return { status: 303, headers: { location } };
  }
  const status = ['200', '201'].includes(field('success_action_status')) ? Number(field('success_action_status')) : 204;
  const answer = writtenHeaders(object);
  if (status !== 201) return { status, headers: answer };
  const document = {
    Location: `/${bucket.name}/${encodeURIComponent(key)}`,
    Bucket: bucket.name,
    Key: key,
    ETag: etag,
  };
  return { status, headers: { ...answer, ...XML }, body: toXml('PostResponse', document, NAMESPACE) };
}

function headersOf({ fields }: Form): Record<string, string> {
  const kept = [...fields]
    .map(([name, value]) => [name.replace(/^x-amz-/, 'x-goog-'), value] as const)
    .filter(([name]) => /^(x-goog-(meta-|storage-class|custom-time)|content-|cache-control)/.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, Buffer.from(value, 'utf8').toString('latin1')]));
}

/** Whose signature of the policy it is; throws 403 for none that is right. */
function signerOf(field: (name: string) => string, { identities }: GcsContext): string {
  const policy = field('policy');
  const isAmazon = field('x-amz-signature') !== '';
  const prefix = isAmazon ? 'x-amz-' : 'x-goog-';
  const [id, right] = field(`${prefix}signature`) === '' ? verifyV2() : verifyV4();
  if (right) return id;
  throw mismatch(policy);

  function verifyV4(): readonly [string, boolean] {
    const parts = field(`${prefix}credential`).split('/');
    const [account, scope] = [parts.slice(0, -4).join('/'), parts.slice(-4)];
    const signature = field(`${prefix}signature`);
    if (field(`${prefix}algorithm`) === 'GOOG4-RSA-SHA256') {
      const key = identities.publicKeyOf(account);
      if (!key) throw unknownCredential();
      return [account, createVerify('RSA-SHA256').update(policy).verify(key, signature, 'hex')];
    }
    const key = hmacKeyOf(account, identities);
    const seed = Buffer.from(`${isAmazon ? 'AWS4' : 'GOOG4'}${key.secretKey}`);
    const signing = scope.reduce<Buffer>((before, part) => hmac(before, part), seed);
    return [identities.emailOf(key), sameText(hmac(signing, policy).toString('hex'), signature)];
  }

  function verifyV2(): readonly [string, boolean] {
    const account = field('googleaccessid');
    const signature = field('signature');
    const publicKey = identities.publicKeyOf(account);
    if (publicKey) return [account, createVerify('RSA-SHA256').update(policy).verify(publicKey, signature, 'base64')];
    const key = hmacKeyOf(account, identities);
    const expected = createHmac('sha1', key.secretKey).update(policy).digest('base64');
    return [identities.emailOf(key), sameText(expected, signature)];
  }
}
