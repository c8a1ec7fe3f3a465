import { type PartRecord, StorageError } from '@stowage/core/spi';
import { escapeXml } from '../xml/write.js';

const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/**
 * Writes the document that completes an upload of these parts; `digestElement` gives what goes along with a part. Throws
 * `invalid-argument` for a part without an etag.
 */
export function completionDocument(
  parts: readonly PartRecord[],
  digestElement: (part: PartRecord) => string = () => '',
): string {
  const rows = parts.map((part) => {
    const { number, etag } = part;
    if (etag === undefined) {
      const message = `Part ${String(number)} has no etag; take parts as put() or list() gave them.`;
      throw new StorageError('invalid-argument', message);
    }
    return `<Part><PartNumber>${String(number)}</PartNumber><ETag>"${escapeXml(etag)}"</ETag>${digestElement(part)}</Part>`;
  });
  return `<CompleteMultipartUpload ${NAMESPACE}>${rows.join('')}</CompleteMultipartUpload>`;
}

/** Writes the document that has a bucket keep versions, or no new ones. */
export function versioningDocument(enabled: boolean): string {
  const status = enabled ? 'Enabled' : 'Suspended';
  return `<VersioningConfiguration ${NAMESPACE}><Status>${status}</Status></VersioningConfiguration>`;
}
