import { createHash } from 'node:crypto';
import { Bytes } from './bytes.js';
import { type Answer, type Call, isSuccess, type Handler, type Layer, subCall, withoutQuotes } from './call.js';
import { applyConditions } from './conditions.js';
import { htmlError, SwiftError } from './errors.js';
import type { Row } from './formats.js';
import { MANIFEST_QUERY } from './slo-read.js';

/** Dynamic large objects: all objects whose names begin with what `X-Object-Manifest` tells, one behind the other. */
export const dynamicLargeObjects: Layer = async (call, next) => {
  if (call.object === undefined) return next(call);
  if (call.method === 'PUT') checkManifest(call.headers['x-object-manifest']);
  const isRead = call.method === 'GET' || call.method === 'HEAD';
  if (!isRead || call.query.get('multipart-manifest') === 'get') return next(call);
  const answer = await next(call);
  const manifest = answer.headers['x-object-manifest'];
  return isSuccess(answer) && manifest !== undefined
    ? assemble(call, answer, decodeURIComponent(manifest), next)
    : answer;
};

function checkManifest(manifest: string | undefined): void {
  if (manifest === undefined || /^[^/?&]+\/[^/?&][^?&]*$/.test(manifest)) return;

  throw htmlError(400, 'X-Object-Manifest must be in the format container/prefix');
}

async function assemble(call: Call, answer: Answer, manifest: string, next: Handler): Promise<Answer> {
  const slash = manifest.indexOf('/');
  const container = manifest.slice(0, slash);
  const listing = await listSegments(call, { container, prefix: manifest.slice(slash + 1) }, next);
  if (!Array.isArray(listing)) return listing as Answer;
  const rows = listing as readonly Row[];
  const hash = createHash('md5');
  for (const row of rows) hash.update(withoutQuotes(String(row['hash'])));
  const headers = { ...answer.headers, etag: `"${hash.digest('hex')}"` };
  if (call.method === 'HEAD') {
    const size = rows.reduce((total, row) => total + Number(row['bytes']), 0);
    return { ...answer, headers, body: Bytes.zeros(size) };
  }
  const parts: Bytes[] = [];
  for (const row of rows) {
    const part = await next(
      subCall(call, { method: 'GET', container, object: String(row['name']), query: MANIFEST_QUERY }),
    );
    if (!isSuccess(part)) throw new SwiftError(409);
    parts.push(part.body);
  }
  return ranged(call, { ...answer, headers, body: Bytes.join(parts) });
}

/** Several ranges at once are ignored, and a refusal tells nothing of the object. */
function ranged(call: Call, answer: Answer): Answer {
  const { range, ...headers } = call.headers;
  const isSingle = range?.includes(',') === false;
  const result = applyConditions(isSingle ? call : { ...call, headers }, answer);
  if (result.status !== 416) return { ...result, isWhole: false };
  const contentRange = result.headers['content-range'] ?? '';
  throw new SwiftError(416, undefined, { 'accept-ranges': 'bytes', 'content-range': contentRange });
}

async function listSegments(
  call: Call,
  { container, prefix }: { readonly container: string; readonly prefix: string },
  next: Handler,
): Promise<readonly Row[] | Answer> {
  const rows: Row[] = [];
  for (;;) {
    const marker = String(rows.at(-1)?.['name'] ?? '');
    const query = new Map([
      ['format', 'json'],
      ['prefix', prefix],
      ['marker', marker],
    ]);
    const answer = await next(subCall(call, { method: 'GET', container, object: undefined, query }));
    if (!isSuccess(answer)) return answer;
    const page = JSON.parse(answer.body.toString()) as readonly Row[];
    if (page.length === 0) return rows;
    rows.push(...page);
  }
}
