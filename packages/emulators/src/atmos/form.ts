import type { EmulatedRequest } from '../http-request.js';
import { AtmosError } from './errors.js';

export interface PostedForm {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** Fields beside the file, by name in lower case. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Reads a `multipart/form-data` body with one file. */
export function parseForm(body: Buffer, { headers }: EmulatedRequest): PostedForm {
  const boundary = /boundary="?([^";]+)"?/.exec(headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) throw new AtmosError(1034);
  const mark = Buffer.from(`\r\n--${boundary}`);
  const text = Buffer.concat([Buffer.from('\r\n'), body]);
  const fields = Object.create(null) as Record<string, string>;
  let file: Pick<PostedForm, 'bytes' | 'contentType'> | undefined;
  for (let at = text.indexOf(mark); at >= 0;) {
    const next = text.indexOf(mark, at + mark.length);
    if (next < 0) break;
    const part = text.subarray(at + mark.length + 2, next);
    const split = part.indexOf('\r\n\r\n');
    const head = part.toString('utf8', 0, split);
    const content = part.subarray(split + 4);
    const type = /^content-type: *(.+)$/im.exec(head)?.[1] ?? 'application/octet-stream';
    if (/filename="/.test(head)) file = { bytes: content, contentType: type };
    else fields[(/name="([^"]*)"/.exec(head)?.[1] ?? '').toLowerCase()] = content.toString();
    at = next;
  }
  if (!file) throw new AtmosError(1034);
  return { ...file, fields };
}
