import { type Answer, type Call, type Handler, isSuccess, subCall, textAnswer } from './call.js';
import { statusLine, SwiftError } from './errors.js';
import { quote, reportAnswer, reportType } from './report.js';

export interface Doomed {
  /** `/container/object`, `/container`, or either without the first slash. */
  readonly name: string;
  readonly versionId?: string | undefined;
  /** Why it was found before that it cannot be deleted. */
  readonly error?: { readonly status: number; readonly message: string };
}

/** `POST /v1/account?bulk-delete`: the answer is 200 whatever happens, and its body tells. */
export async function bulkDelete(call: Call, next: Handler): Promise<Answer> {
  const type = reportType(call);
  return textAnswer(200, await deleteAll(call, next, { type, find: () => readNames(call) }), type);
}

async function readNames(call: Call): Promise<readonly Doomed[]> {
  const { headers, body, site } = call;
  const type = headers['content-type'];
  if (type !== undefined && type !== '' && !type.startsWith('text/plain')) throw new SwiftError(406);
  if (body.length === undefined && headers['transfer-encoding'] === undefined) throw new SwiftError(411);
  const { bytes } = await body.read(Number.MAX_SAFE_INTEGER);
  const names = bytes
    .toString()
    .split('\n')
    .map((line) => unquote(line.trim()));
  const max = site.limits.maxDeletesPerRequest;
  if (names.length > max && names.filter((name) => name !== '').length > max)
    throw new SwiftError(413, `Maximum Bulk Deletes: ${String(max)} per request`);
  return names.filter((name) => name !== '').map((name) => ({ name }));
}

function unquote(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Deletes objects first and containers behind them; the report as a text. */
export async function deleteAll(
  call: Call,
  next: Handler,
  { type, find }: { readonly type: string; readonly find: () => Promise<readonly Doomed[]> },
): Promise<string> {
  const tally = { deleted: 0, missing: 0 };
  const errors: (readonly [string, string])[] = [];
  const facts = { status: statusLine(200), body: '' };
  try {
    for (const doomed of objectsFirst(await find())) {
      const failure = await deleteOne(call, next, doomed);
      if (failure === undefined) tally.deleted += 1;
      else if (failure.startsWith('404')) tally.missing += 1;
      else errors.push([quote(doomed.name), failure]);
    }
    if (errors.length > 0) facts.status = statusLine(400);
    else if (tally.deleted + tally.missing === 0)
      Object.assign(facts, { status: statusLine(400), body: 'Invalid bulk delete.' });
  } catch (error) {
    if (!(error instanceof SwiftError)) throw error;
    Object.assign(facts, { status: statusLine(error.status), body: error.text ?? '' });
  }
  const rows = {
    'Response Status': facts.status,
    'Response Body': facts.body,
    'Number Deleted': tally.deleted,
    'Number Not Found': tally.missing,
  };
  return reportAnswer(type, rows, errors, 'delete');
}

function objectsFirst(doomed: readonly Doomed[]): readonly Doomed[] {
  const isObject = ({ name }: Doomed): boolean => name.replaceAll(/^\/+|\/+$/g, '').includes('/');
  return [...doomed.filter(isObject), ...doomed.filter((item) => !isObject(item))];
}

async function deleteOne(call: Call, next: Handler, { name, versionId, error }: Doomed): Promise<string | undefined> {
  if (error) return error.status === 404 ? '404' : error.message;
  const [, container = '', object] = /^\/*([^/]+)(?:\/(.*))?$/s.exec(name) ?? [];
  const query = new Map(versionId === undefined ? [] : [['version-id', versionId]]);
  const answer = await next(
    subCall(call, { method: 'DELETE', container, object: object === '' ? undefined : object, query }),
  );
  return isSuccess(answer) ? undefined : statusLine(answer.status);
}
