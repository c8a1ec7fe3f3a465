import { Bytes } from './bytes.js';
import type { Answer } from './call.js';

/** Titles and sentences of Swift's own error pages. */
const PAGES: Readonly<Record<number, readonly [title: string, sentence: string]>> = {
  301: ['Moved Permanently', 'The resource has moved permanently.'],
  303: ['See Other', 'The response to the request can be found under a different URI.'],
  307: ['Temporary Redirect', 'The resource has moved temporarily.'],
  400: [
    'Bad Request',
    'The server could not comply with the request since it is either malformed or otherwise incorrect.',
  ],
  401: ['Unauthorized', 'This server could not verify that you are authorized to access the document you requested.'],
  403: ['Forbidden', 'Access was denied to this resource.'],
  404: ['Not Found', 'The resource could not be found.'],
  405: ['Method Not Allowed', 'The method is not allowed for this resource.'],
  406: ['Not Acceptable', 'The resource is not available in a format acceptable to your browser.'],
  408: ['Request Timeout', 'The server has waited too long for the request to be sent by the client.'],
  409: ['Conflict', 'There was a conflict when trying to complete your request.'],
  411: ['Length Required', 'Content-Length header required.'],
  412: ['Precondition Failed', 'A precondition for this request was not met.'],
  413: ['Request Entity Too Large', 'The body of your request was too large for this server.'],
  416: ['Requested Range Not Satisfiable', 'The Range requested is not available.'],
  422: ['Unprocessable Entity', 'Unable to process the contained instructions'],
  499: ['Client Disconnect', 'The client was disconnected during request.'],
  500: ['Internal Error', 'The server has either erred or is incapable of performing the requested operation.'],
  501: ['Not Implemented', 'The requested method is not implemented by this server.'],
  503: ['Service Unavailable', 'The server is currently unavailable. Please try again at a later time.'],
  507: ['Insufficient Storage', 'There was not enough space to save the resource.'],
};

const OTHER_TITLES: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
};

/** Such as `404 Not Found`: how Swift names a status inside a body. */
export function statusLine(status: number): string {
  return `${String(status)} ${PAGES[status]?.[0] ?? OTHER_TITLES[status] ?? 'Unknown'}`;
}

function pageOf(status: number): string {
  const [title, sentence] = PAGES[status] ?? ['Error', 'The request failed.'];
  return `<html><h1>${title}</h1><p>${sentence}</p></html>`;
}

/** A refusal; without `text` it shows Swift's page for the status. */
export class SwiftError extends Error {
  override readonly name = 'SwiftError';

  constructor(
    readonly status: number,
    readonly text?: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(text ?? statusLine(status));
  }

  toAnswer(): Answer {
    const type = this.text === undefined ? 'text/html; charset=UTF-8' : 'text/plain';
    const body = Bytes.of(this.text ?? pageOf(this.status));
    return { status: this.status, headers: { 'content-type': type, ...this.headers }, body };
  }
}

/** A refusal whose own text is sent as if it were a page. */
export function htmlError(status: number, text: string): SwiftError {
  return new SwiftError(status, text, { 'content-type': 'text/html; charset=UTF-8' });
}
