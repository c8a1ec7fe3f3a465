import { randomBytes } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { type Call, created, type ReceivedBody, xml } from './call.js';
import { Content } from './content.js';
import { AtmosError } from './errors.js';
import { parseForm } from './form.js';
import { AtmosNode } from './node.js';
import { contentAnswer } from './ranges.js';
import type { Place } from './store.js';
import { decodeText, isUtf8, mergeTags, readTags } from './tags.js';
import { element, elements, plainDocument } from './xml.js';

/** What somebody without an account may do, how often and until when. */
interface AccessToken {
  readonly id: string;
  readonly place: Place | undefined;
  readonly path: string | undefined;
  oid: string | undefined;
  readonly user: string;
  readonly expiresAtMs: number;
  uploads: number;
  downloads: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly fields: ReadonlySet<string>;
  readonly headers: Readonly<Record<string, string>>;
}

interface Policy {
  readonly expiration?: string;
  readonly 'max-uploads'?: string;
  readonly 'max-downloads'?: string;
  readonly 'content-length-range'?: { readonly '@from'?: string; readonly '@to'?: string };
  readonly 'form-field'?: readonly { readonly '@name'?: string }[];
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  processEntities: false,
  isArray: (name) => name === 'form-field',
});

export class AccessTokens {
  readonly #tokens = new Map<string, AccessToken>();

  /** `POST /rest/accesstokens` */
  create({ request, store, user, nowMs }: Call, body: Buffer): EmulatedResponse {
    const { headers } = request;
    const { policy } = parser.parse(body.toString()) as { policy?: Policy };
    const expiresAtMs = Date.parse(policy?.expiration ?? '');
    if (!policy || !(expiresAtMs > nowMs)) throw new AtmosError(1002);
    const given = headers['x-emc-path'];
    const path = given === undefined ? undefined : decodeText(given, isUtf8(headers)).replace(/^\/+/, '');
    const range = policy['content-length-range'];
    const id = randomBytes(16).toString('hex');
    this.#tokens.set(id, {
      id,
      path,
      place: path === undefined ? undefined : store.place(path, false),
      oid: headers['x-emc-objectid'],
      user,
      expiresAtMs,
      uploads: Number(policy['max-uploads'] ?? 0),
      downloads: Number(policy['max-downloads'] ?? 0),
      minBytes: Number(range?.['@from'] ?? 0),
      maxBytes: Number(range?.['@to'] ?? Infinity),
      fields: new Set(policy['form-field']?.map((field) => field['@name'] ?? '')),
      headers,
    });
    return { status: 201, headers: { location: `/rest/accesstokens/${id}`, 'x-emc-policy': 'default' } };
  }

  /** `GET ?info`, `GET` of all and `DELETE`, all of them signed. */
  serve({ request }: Call, id: string | undefined): EmulatedResponse {
    if (id === undefined) {
      const rows = [...this.#tokens.values()].map((token) => element('access-token', describe(token)));
      return xml(plainDocument('list-access-tokens-result', element('access-tokens-list', elements(...rows))));
    }
    const token = this.#find(id);
    if (request.method === 'DELETE') {
      this.#tokens.delete(id);
      return { status: 204 };
    }
    return xml(plainDocument('access-token', describe(token)));
  }

  /** What nobody signed: a download, a form or a plain upload. */
  use(call: Call, id: string, body: ReceivedBody): EmulatedResponse {
    const token = this.#find(id);
    if (token.expiresAtMs <= call.nowMs) throw new AtmosError(1031);
    if (call.request.method === 'GET') return this.#download(call, token);
    if (token.uploads < 1) throw new AtmosError(1015);
    const upload = call.request.method === 'POST' ? parseForm(body.bytes, call.request) : plain(call.request, body);
    if (upload.bytes.length < token.minBytes || upload.bytes.length > token.maxBytes) throw new AtmosError(1010);
    const stray = Object.keys(upload.fields).find((name) => !token.fields.has(name));
    if (stray !== undefined) throw new AtmosError(1002, `The form field ${stray} is not allowed.`);
    const node = place(call, token, upload.bytes, upload.contentType);
    mergeTags(node, readTags({ ...token.headers, ...upload.fields }, call.quirks));
    token.uploads -= 1;
    return created(node);
  }

  #download({ store, request }: Call, token: AccessToken): EmulatedResponse {
    if (token.downloads < 1) throw new AtmosError(1015);
    const node = token.oid === undefined ? token.place && store.find(token.place) : store.byOid(token.oid);
    if (!node) throw new AtmosError(1003);
    token.downloads -= 1;
    return contentAnswer(node.content, node.contentType, request.headers['range'], {});
  }

  #find(id: string): AccessToken {
    const token = this.#tokens.get(id);
    if (!token) throw new AtmosError(1003);
    return token;
  }
}

function plain({ headers }: EmulatedRequest, { bytes }: ReceivedBody) {
  return { bytes, contentType: headers['content-type'] ?? 'application/octet-stream', fields: {} };
}

/** The object that an upload makes; one that is there is written over. */
function place({ store, nowMs }: Call, token: AccessToken, bytes: Buffer, contentType: string): AtmosNode {
  const old = token.place && store.exists(token.place);
  if (old?.kind === 'directory') throw new AtmosError(1022);
  const node = old ?? new AtmosNode('regular', token.user, nowMs);
  node.content = new Content(bytes);
  node.contentType = contentType;
  node.checksum = undefined;
  node.modifiedAtMs = nowMs;
  node.tags.clear();
  store.objects.set(node.oid, node);
  if (!old && token.place) store.makeParent(token.place, token.user, nowMs).add(token.place.steps.at(-1) ?? '', node);
  token.oid ??= node.oid;
  return node;
}

function describe(token: AccessToken): { readonly xml: string } {
  return elements(
    element('access-token-id', token.id),
    element('expiration', new Date(token.expiresAtMs).toISOString()),
    element('max-uploads', token.uploads),
    element('max-downloads', token.downloads),
    token.path === undefined ? undefined : element('path', `/${token.path}`),
    token.oid === undefined ? undefined : element('object-id', token.oid),
    element('uid', token.user),
  );
}
