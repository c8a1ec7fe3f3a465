import { type BodyPart, splitMultipart as split } from '../multipart-body.js';
import { invalid } from './errors.js';

/** Parts of a `multipart/*` body; they share its memory. */
export function splitMultipart(body: Buffer, contentType: string): BodyPart[] {
  if (!/boundary=/i.test(contentType)) throw invalid('Multipart body has no boundary.', 'badContent');
  const parts = split(body, contentType);
  if (!parts) throw invalid('Missing end boundary in multipart body.', 'badRequest');
  return parts;
}
