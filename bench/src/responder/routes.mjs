import { errorAnswer } from './answers.mjs';
import { answerAtmos, isAtmos } from './atmos-routes.mjs';
import { answerJson, isJsonApi } from './google-json-routes.mjs';
import { answerGoogle, isGoogle } from './google-xml-routes.mjs';
import { answerBucket } from './listing-routes.mjs';
import { answerMultipart } from './multipart-routes.mjs';
import { answerNimbus, isNimbus } from './nimbus-routes.mjs';
import { answerObject } from './object-routes.mjs';
import { answerSwift, isSwift } from './swift-routes.mjs';

/** @typedef {import('./answers.mjs').Answer} Answer @typedef {import('./request.mjs').Request} Request */

const MULTIPART = /(?:^|&)(?:uploads|uploadId)(?:[=&]|$)/;

/** @param {Request} request @returns {Answer | undefined} */
function route(request) {
  const { path, query } = request;
  if (isJsonApi(request)) return answerJson(request);
  if (isSwift(request)) return answerSwift(request);
  if (isAtmos(request)) return answerAtmos(request);
  if (isNimbus(request)) return answerNimbus(request);
  const slash = path.indexOf('/', 1);
  const bucket = slash === -1 ? path.slice(1) : path.slice(1, slash);
  const key = slash === -1 ? '' : path.slice(slash + 1);
  if (isGoogle(request)) return answerGoogle(request, bucket, key);
  if (key === '') return answerBucket(request, bucket);
  if (query !== '' && MULTIPART.test(query)) return answerMultipart(request, bucket, key);
  return answerObject(request, key);
}

/** What came since the last question: a measurement is void when a client sent what it should not. */
export const seen = {
  requests: 0,
  /** First lines of requests that have no answer here. @type {string[]} */
  unexpected: [],
  /** The last head of each method, to see what a client sends. @type {Record<string, string>} */
  heads: {},
};

export function forgetSeen() {
  seen.requests = 0;
  seen.unexpected = [];
  seen.heads = {};
}

/** @param {Request} request @returns {Answer} */
export function answerRequest(request) {
  seen.requests += 1;
  seen.heads[request.method] = request.head;
  const answer = route(request);
  if (answer) return answer;
  seen.unexpected.push(request.head.slice(0, request.head.indexOf('\r\n')));
  return errorAnswer(501, 'NotImplemented', 'The responder has no answer to this request.', request.method !== 'HEAD');
}
