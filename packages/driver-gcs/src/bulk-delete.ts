import { type BulkDeleteGroup, digestOf, StorageError } from '@stowage/core/spi';
import { deleteDocument, hexToBase64, matchDeleteResults, parseDeleteResults } from '@stowage/http';
import { codeOf } from './errors.js';
import type { GcsService } from './gcs-service.js';
import { providerHeaders } from './provider-options.js';
import { withXml, xmlCall } from './requests.js';

/** Up to 1,000 keys in one request: https://cloud.google.com/storage/docs/xml-api/post-bucket-delete-multiple-objects */
export function bulkDeleteGroup({ client, endpoint, dialect }: GcsService): BulkDeleteGroup {
  return {
    async delete(refs, { ifMatch, provider }, ctx) {
      const container = refs[0]?.container;
      if (container === undefined) return [];
      if (ifMatch !== undefined)
        throw new StorageError('unsupported', 'Google Cloud Storage has no "ifMatch" for a bulk delete.');
      const headers = [...providerHeaders(dialect, 'delete', provider)];
      const document = deleteDocument(refs);
      // This call insists on it.
      headers.push('content-md5', hexToBase64(digestOf('md5', Buffer.from(document))));
      const call = xmlCall(endpoint, 'POST', { container }, { query: ['delete', ''], headers });
      const [results] = await client.ask(withXml(call, document), ctx, parseDeleteResults);
      return matchDeleteResults(refs, results, codeOf);
    },
  };
}
