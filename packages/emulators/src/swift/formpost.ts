import { Bytes } from './bytes.js';
import { type Answer, bodyOf, type Call, type Handler, isSuccess, type Layer, subCall, textAnswer } from './call.js';
import { type BodyPart, splitMultipart } from '../multipart-body.js';
import { statusLine, SwiftError } from './errors.js';
import { isSignatureOf, parseDigest, signingKeys } from './signed.js';

/** Uploads by a browser's form: https://docs.openstack.org/swift/latest/api/form_post_middleware.html */
export const forms: Layer = async (call, next) => {
  const type = call.headers['content-type'] ?? '';
  if (call.method !== 'POST' || !/^multipart\/form-data;.*boundary=/i.test(type)) return next(call);
  const { bytes } = await call.body.read(Number.MAX_SAFE_INTEGER);
  const parts = splitMultipart(bytes.toBuffer(), type);
  if (!parts) return textAnswer(400, 'FormPost: invalid starting boundary', 'text/plain');
  return storeFiles(call, parts.map(readField), next);
};

interface Field {
  readonly name: string;
  readonly content: Buffer;
  /** Missing for a field that is no file. */
  readonly file: { readonly name: string; readonly headers: Readonly<Record<string, string>> } | undefined;
}

function readField({ headers, body }: BodyPart): Field {
  const disposition = headers['content-disposition'] ?? '';
  const fileName = /[;\s]filename="([^"]*)"/.exec(disposition)?.[1] ?? '';
  const name = /[;\s]name="([^"]*)"/.exec(disposition)?.[1]?.toLowerCase() ?? '';
  return { name, content: body, file: fileName === '' ? undefined : { name: fileName, headers } };
}

/** Stores files one by one, each with the fields before it; those before a failure stay. */
async function storeFiles(call: Call, entries: readonly Field[], next: Handler): Promise<Answer> {
  const fields = new Map<string, string>();
  let [count, status, message] = [0, '', ''];
  for (const field of entries) {
    if (!field.file) {
      fields.set(field.name, field.content.toString());
      continue;
    }
    count += 1;
    if (count > Number(fields.get('max_file_count') ?? 0)) {
      [status, message] = ['400 Bad Request', 'max file count exceeded'];
      break;
    }
    const answer = await next(fileCall(call, fields, field));
    status = statusLine(answer.status);
    if (!isSuccess(answer)) break;
  }
  if (status === '') [status, message] = ['400 Bad Request', 'no files to process'];
  return tell(fields.get('redirect') ?? '', status, message);
}

/** The PUT of one file. Throws when the form does not allow it. */
function fileCall(call: Call, fields: ReadonlyMap<string, string>, { content, file }: Field): Call {
  checkForm(call, fields);
  if (content.length > Number(fields.get('max_file_size') ?? 0))
    throw new SwiftError(400, 'FormPost: max_file_size exceeded');
  const given = file?.headers ?? {};
  const values: Readonly<Record<string, string | undefined>> = {
    'x-delete-at': fields.get('x_delete_at'),
    'x-delete-after': fields.get('x_delete_after'),
    'content-type': fields.get('content-type') ?? given['content-type'],
    'content-encoding': fields.get('content-encoding') ?? given['content-encoding'],
  };
  const headers = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return subCall(call, {
    method: 'PUT',
    object: `${call.object ?? ''}${file?.name ?? ''}`,
    headers: Object.fromEntries(headers),
    body: bodyOf(Bytes.of(content)),
    authority: { kind: 'system' },
  });
}

/** Throws 401 when the form has expired or was signed with no key of the account's or the container's. */
function checkForm(call: Call, fields: ReadonlyMap<string, string>): void {
  const field = (name: string, otherwise: string): string => {
    const value = fields.get(name) ?? '';
    return value === '' ? otherwise : value;
  };
  const keys = signingKeys(call);
  if (keys.length > 0 && Number(field('expires', '0')) < call.site.nowMs() / 1000) throw unauthorized('Form Expired');
  const behind = call.object === undefined ? (call.hasSlash === true ? '/' : '') : `/${call.object}`;
  const path = `/v1/${call.account}/${call.container ?? ''}${behind}`;
  const limits = ['max_file_size', 'max_file_count', 'expires'].map((name) => field(name, '0'));
  const text = [path, field('redirect', ''), ...limits].join('\n');
  const digest = parseDigest(field('signature', ''));
  if (!digest || !keys.some(({ key }) => isSignatureOf(digest, text, key))) throw unauthorized('Invalid Signature');
}

function unauthorized(message: string): SwiftError {
  const headers = { 'content-type': 'text/html; charset=UTF-8', 'www-authenticate': 'Swift realm="unknown"' };
  return new SwiftError(401, `FormPost: ${message}`, headers);
}

function tell(redirect: string, status: string, message: string): Answer {
  if (redirect === '') {
    const title = message.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());
    return textAnswer(
      Number(status.slice(0, 3)),
      message === '' ? status : `${status}\r\nFormPost: ${title}`,
      'text/plain',
    );
  }
  const query = `status=${status.slice(0, 3)}&message=${encodeURIComponent(message)}`;
  const location = `${redirect}${redirect.includes('?') ? '&' : '?'}${query}`;
  const body = `<html><body><p><a href="${location}">Click to continue...</a></p></body></html>`;
  return { status: 303, headers: { location }, body: Bytes.of(body) };
}
