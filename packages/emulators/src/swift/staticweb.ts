import { authorize } from './authorize.js';
import { Bytes } from './bytes.js';
import { type Answer, type Call, type Handler, isSuccess, isTrue, type Layer, subCall } from './call.js';
import { containerOf } from './containers.js';
import { SwiftError } from './errors.js';
import type { Row } from './formats.js';
import { quote } from './report.js';
import { disabledPage, listingPage } from './staticweb-pages.js';

export interface WebSettings {
  readonly index: string;
  readonly error: string;
  readonly listings: string;
  readonly css: string;
  readonly label: string;
  readonly directoryType: string;
}

/** Public containers as web sites: https://docs.openstack.org/swift/latest/middleware.html#static-web */
export const webSites: Layer = (call, next) => {
  const isRead = call.method === 'GET' || call.method === 'HEAD';
  const isStranger = call.authority.kind === 'anonymous' || isTrue(call.headers['x-web-mode']);
  if (!isRead || !isStranger || call.container === undefined) return next(call);
  return call.object === undefined ? varied(call, serveRoot(call, next)) : servePath(call, next);
};

/** A site's root is a container, and so its pages say that they vary as listings do. */
async function varied(call: Call, answer: Promise<Answer>): Promise<Answer> {
  const { headers, ...rest } = await answer;
  const isVaried = isSuccess({ headers, ...rest }) && !call.query.has('format');
  return { ...rest, headers: isVaried ? { ...headers, vary: 'Accept' } : headers };
}

function settingsOf(call: Call): WebSettings {
  const headers = containerOf(call)?.headers;
  const text = (name: string): string => (headers?.get(`x-container-meta-web-${name}`) ?? '').trim();
  return {
    index: text('index'),
    error: text('error'),
    listings: text('listings'),
    css: text('listings-css'),
    label: text('listings-label'),
    directoryType: text('directory-type') || 'application/directory',
  };
}

async function serveRoot(call: Call, next: Handler): Promise<Answer> {
  const web = settingsOf(call);
  try {
    authorize(call, containerOf(call)?.headers.get('x-container-read'));
  } catch (error) {
    if (!(error instanceof SwiftError)) throw error;
    return errorPage(call, web, error.toAnswer(), next);
  }
  if (web.listings === '' && web.index === '') {
    if (isTrue(call.headers['x-web-mode'])) throw new SwiftError(404);
    return next(call);
  }
  if (call.hasSlash !== true) return redirect(call);
  if (web.index === '') return list(call, web, '', next);
  const index = await next({ ...call, object: web.index });
  if (index.status === 404) return list(call, web, '', next);
  return index.status < 400 ? index : errorPage(call, web, index, next);
}

async function servePath(call: Call, next: Handler): Promise<Answer> {
  const web = settingsOf(call);
  const answer = await next(call);
  const isDirectory = answer.headers['content-type'] === web.directoryType && answer.body.size <= 1;
  const isMissing = answer.status === 404 || (answer.status < 400 && isDirectory);
  if (!isMissing || (web.listings === '' && web.index === '')) return answer;
  return serveDirectory(call, web, next);
}

async function serveDirectory(call: Call, web: WebSettings, next: Handler): Promise<Answer> {
  const { object = '' } = call;
  const hasSlash = object.endsWith('/');
  if (web.index !== '') {
    const index = await next({ ...call, object: `${object}${hasSlash ? '' : '/'}${web.index}` });
    if (index.status < 400) return hasSlash ? index : redirect(call);
  }
  if (hasSlash) return list(call, web, object, next);
  const rows = await rowsOf(call, `${object}/`, next);
  const isThere = Array.isArray(rows) && rows.length > 0;
  return isThere ? redirect(call) : errorPage(call, web, new SwiftError(404).toAnswer(), next);
}

function redirect({ account, container = '', object, client }: Call): Answer {
  const path = [container, ...(object ?? '').split('/')].filter(
    (part, index) => index === 0 || object !== undefined || part !== '',
  );
  const location = `${client.origin}/v1/${account}/${path.map((part) => quote(part)).join('/')}/`;
  const page = new SwiftError(301).toAnswer();
  return { ...page, headers: { ...page.headers, location } };
}

async function rowsOf(call: Call, prefix: string, next: Handler): Promise<readonly Row[] | Answer> {
  const query = new Map([
    ['format', 'json'],
    ['delimiter', '/'],
    ['prefix', prefix],
  ]);
  const answer = await next(subCall(call, { method: 'GET', object: undefined, query }));
  return isSuccess(answer) ? (JSON.parse(answer.body.toString()) as readonly Row[]) : answer;
}

async function list(call: Call, web: WebSettings, prefix: string, next: Handler): Promise<Answer> {
  const path = `/v1/${call.account}/${call.container ?? ''}/${prefix}`;
  const label = web.label === '' ? path : `${web.label}/${prefix}`;
  if (!isTrue(web.listings)) {
    const page = html(404, disabledPage(label, web, prefix));
    return errorPage(call, web, page, next);
  }
  const rows = await rowsOf(call, prefix, next);
  if (!Array.isArray(rows)) return errorPage(call, web, rows as Answer, next);
  const found = rows as readonly Row[];
  if (prefix !== '' && found.length === 0) return errorPage(call, web, new SwiftError(404).toAnswer(), next);
  return html(200, listingPage(label, web, prefix, found));
}

function html(status: number, text: string): Answer {
  return { status, headers: { 'content-type': 'text/html; charset=UTF-8' }, body: Bytes.of(text) };
}

/** The owner's own page for a status, such as the object `404error.html`, when there is one. */
async function errorPage(call: Call, web: WebSettings, answer: Answer, next: Handler): Promise<Answer> {
  if (web.error === '') return answer;
  const page = await next(subCall(call, { method: 'GET', object: `${String(answer.status)}${web.error}` }));
  return isSuccess(page) ? { ...page, status: answer.status, isWhole: false } : answer;
}
