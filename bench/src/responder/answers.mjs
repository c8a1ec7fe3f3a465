/** Makes answers of text that is put together as seldom as possible. */

/**
 * `bytes` are written as they are; `range` is a part of the content that follows them.
 * @typedef {{ bytes: Buffer, range?: { start: number, end: number } }} Answer
 */

/** What Amazon says in every answer. Other stores say what is about as long. */
const AMAZON = [
  'x-amz-id-2: Zm9yIG1lYXN1cmVtZW50cyBvbmx5LCBhcyBsb25nIGFzIHRoYXQgb2YgQW1hem9uIFMzLCBhbmQgbm8gbG9uZ2Vy',
  'x-amz-request-id: 4442587FB7D0A2F9',
  'Server: AmazonS3',
  '',
].join('\r\n');

const REASONS = /** @type {Readonly<Record<number, string>>} */ ({
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  206: 'Partial Content',
  304: 'Not Modified',
  400: 'Bad Request',
  404: 'Not Found',
  416: 'Requested Range Not Satisfiable',
  422: 'Unprocessable Entity',
  501: 'Not Implemented',
});

let date = '';
/** Changes once a second: answers that were made for the same second can be sent again. */
export let second = 0;

function tick() {
  second += 1;
  date = `Date: ${new Date().toUTCString()}\r\n`;
}
tick();
setInterval(tick, 1000).unref();

/** @param {number} status @param {readonly string[]} headers @param {string} fixed lines that every answer of the store has */
export function headOf(status, headers, fixed = AMAZON) {
  return `HTTP/1.1 ${status} ${REASONS[status]}\r\n${fixed}${date}${headers.map((line) => `${line}\r\n`).join('')}\r\n`;
}

/** @type {Map<string, { second: number, answer: Answer }>} */
const cache = new Map();

/**
 * Gives the answer of this name made in this second, or makes it.
 * @param {string} name @param {() => Answer} make
 */
export function cached(name, make) {
  const found = cache.get(name);
  if (found?.second === second) return found.answer;
  const answer = make();
  cache.set(name, { second, answer });
  return answer;
}

/** @param {number} status @param {readonly string[]} headers @param {string | Buffer} body @param {string} [fixed] @returns {Answer} */
export function answer(status, headers, body = '', fixed = AMAZON) {
  const length = status === 204 ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return {
    bytes: Buffer.concat([Buffer.from(headOf(status, [...headers, ...length], fixed), 'latin1'), Buffer.from(body)]),
  };
}

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n';
export const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** @param {string} document @param {readonly string[]} headers */
export function xmlAnswer(document, headers = []) {
  return answer(200, [...headers, 'Content-Type: application/xml'], XML + document);
}

/** @param {number} status @param {string} code @param {string} message @param {boolean} withBody */
export function errorAnswer(status, code, message, withBody = true) {
  const document = `${XML}<Error><Code>${code}</Code><Message>${message}</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>`;
  return withBody ? answer(status, ['Content-Type: application/xml'], document) : answer(status, []);
}
