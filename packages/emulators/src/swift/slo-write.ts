import { createHash } from 'node:crypto';
import { Bytes } from './bytes.js';
import {
  type Answer,
  bodyOf,
  type Call,
  type Handler,
  isSuccess,
  isTrue,
  subCall,
  textAnswer,
  withoutQuotes,
} from './call.js';
import { satisfiable } from './conditions.js';
import { statusLine, SwiftError } from './errors.js';
import { toJson } from './formats.js';
import { guessType } from './media-types.js';
import { quote, reportAnswer, reportType } from './report.js';
import { type GivenSegment, parseGivenManifest } from './slo-manifest.js';
import { largeRow, rangeOf, type Segment } from './slo-read.js';

export type Problem = readonly [name: string, message: string];

/** `PUT ...?multipart-manifest=put`: looks at every segment and stores a manifest of what they are. */
export async function putManifest(call: Call, next: Handler): Promise<Answer> {
  const given = await readManifest(call);
  const problems: Problem[] = [];
  const segments: Segment[] = [];
  for (const [index, segment] of given.entries()) {
    segments.push(await checkSegment(call, segment, { isLast: index === given.length - 1, problems, next }));
  }
  const isPatient = isTrue(call.query.get('heartbeat'));
  if (problems.length > 0) return refuse(call, problems, isPatient);
  const etag = largeEtag(segments);
  const claimed = withoutQuotes(call.headers['etag'] ?? '');
  const answer =
    claimed !== '' && claimed !== etag ? new SwiftError(422).toAnswer() : await store(call, segments, etag, next);
  return isPatient ? heartbeatAnswer(call, answer) : answer;
}

async function readManifest(call: Call): Promise<readonly GivenSegment[]> {
  const { limits } = call.site;
  if (call.headers['x-copy-from'] !== undefined)
    throw new SwiftError(405, 'Multipart Manifest PUTs cannot be COPY requests');
  const isChunked = call.headers['transfer-encoding'] !== undefined;
  if (call.body.length === undefined && !isChunked) throw new SwiftError(411);
  if ((call.body.length ?? 0) > limits.maxManifestBytes)
    throw new SwiftError(413, `Manifest File > ${String(limits.maxManifestBytes)} bytes`);
  const { bytes } = await call.body.read(limits.maxManifestBytes);
  const given = parseGivenManifest(bytes.toString(), `/${call.container ?? ''}/${call.object ?? ''}`);
  if (given.filter(({ path }) => path !== undefined).length > limits.maxSegments)
    throw new SwiftError(413, `Number of object-backed segments must be <= ${String(limits.maxSegments)}`);
  return given;
}

async function checkSegment(
  call: Call,
  given: GivenSegment,
  { isLast, problems, next }: { readonly isLast: boolean; readonly problems: Problem[]; readonly next: Handler },
): Promise<Segment> {
  const { path, data = '' } = given;
  if (path === undefined) return { data };
  const [, container = '', object = ''] = /^\/*([^/]+)\/(.*)$/s.exec(path) ?? [];
  const head = await next(subCall(call, { method: 'HEAD', container, object }));
  if (!isSuccess(head)) {
    problems.push([quote(path), statusLine(head.status)]);
    return {};
  }
  problems.push(...complaints(given, head, isLast).map((message) => [quote(path), message] as const));
  const { 'content-type': type = '', 'last-modified': modified = '', etag = '' } = head.headers;
  const [from, to] = chosenRange(given, head) ?? [0, 0];
  return {
    name: `/${container}/${object}`,
    bytes: head.body.size,
    hash: withoutQuotes(etag),
    content_type: type.split(';')[0] ?? '',
    last_modified: new Date(modified).toISOString().replace('Z', '000'),
    ...(to - from !== head.body.size && { range: `${String(from)}-${String(to - 1)}` }),
    ...(isTrue(head.headers['x-static-large-object']) && { sub_slo: true }),
  };
}

function chosenRange({ range }: GivenSegment, head: Answer): readonly [number, number] | undefined {
  return range ? satisfiable(range, head.body.size)[0] : [0, head.body.size];
}

/** What a segment's object has that is not as the manifest says. */
function complaints(given: GivenSegment, head: Answer, isLast: boolean): readonly string[] {
  const range = chosenRange(given, head);
  const [from, to] = range ?? [0, head.body.size];
  const isWrong: Readonly<Record<string, boolean>> = {
    'Unsatisfiable Range': range === undefined,
    'Too small; each segment must be at least 1 byte.': to - from < 1 && !isLast,
    'Size Mismatch': given.sizeBytes !== undefined && given.sizeBytes !== head.body.size,
    'Etag Mismatch': given.etag !== undefined && given.etag !== withoutQuotes(head.headers['etag'] ?? ''),
  };
  return Object.keys(isWrong).filter((message) => isWrong[message]);
}

/** MD5 over the segments' ETags, with their ranges. */
function largeEtag(segments: readonly Segment[]): string {
  const hash = createHash('md5');
  for (const { data, range, hash: etag = '' } of segments) {
    if (data !== undefined) hash.update(createHash('md5').update(Buffer.from(data, 'base64')).digest('hex'));
    else hash.update(range === undefined ? etag : `${etag}:${range};`);
  }
  return hash.digest('hex');
}

function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((total, segment) => {
    const [from, to] = rangeOf(segment);
    return total + (segment.data === undefined ? to - from : Buffer.from(segment.data, 'base64').length);
  }, 0);
}

async function store(call: Call, segments: readonly Segment[], etag: string, next: Handler): Promise<Answer> {
  const size = sizeOf(segments);
  const { etag: _claimed, ...given } = call.headers;
  const headers = {
    ...given,
    'content-type': given['content-type'] ?? guessType(call.object ?? ''),
    'x-static-large-object': 'True',
    'x-object-sysmeta-slo-etag': etag,
    'x-object-sysmeta-slo-size': String(size),
  };
  const query = new Map([...call.query].filter(([name]) => name !== 'multipart-manifest'));
  const listing = largeRow(headers);
  const answer = await next({ ...call, query, headers, listing, body: bodyOf(Bytes.of(toJson(segments))) });
  return isSuccess(answer) ? { ...answer, headers: { ...answer.headers, etag: `"${etag}"` } } : answer;
}

function refuse(call: Call, problems: readonly Problem[], isPatient: boolean): Answer {
  const type = reportType(call);
  if (isPatient)
    return patient(
      type,
      reportAnswer(type, { 'Response Status': statusLine(400), 'Response Body': badBody }, problems),
    );
  return textAnswer(400, reportAnswer(type, {}, problems), type);
}

const badBody =
  'Bad Request\nThe server could not comply with the request since it is either malformed or otherwise incorrect.';

/** With `heartbeat=on` the status is always 202, and the body tells what became of it. */
function heartbeatAnswer(call: Call, answer: Answer): Answer {
  const facts: Record<string, string> = { 'Response Status': statusLine(answer.status) };
  if (isSuccess(answer)) {
    facts['Etag'] = answer.headers['etag'] ?? '';
    facts['Last Modified'] = answer.headers['last-modified'] ?? '';
  }
  facts['Response Body'] = answer.body.toString();
  const type = reportType(call);
  return patient(type, reportAnswer(type, facts, []));
}

function patient(type: string, report: string): Answer {
  return textAnswer(202, ` \r\n\r\n${report}`, type);
}
