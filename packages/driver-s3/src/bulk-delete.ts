import type { BulkDeleteGroup } from '@stowage/core/spi';
import { deleteDocument, matchDeleteResults, parseDeleteResults, queryString } from '@stowage/http';
import { codeOf } from './errors.js';
import { providerHeaders } from './provider-options.js';
import { call, withXml } from './requests.js';
import type { S3Service } from './s3-service.js';

/** Up to 1,000 keys in one request: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export function bulkDeleteGroup({ client }: S3Service): BulkDeleteGroup {
  return {
    async delete(refs, { ifMatch, provider }, ctx) {
      const container = refs[0]?.container;
      if (container === undefined) return [];
      const headers = [...providerHeaders('delete', provider)];
      const request = call('POST', container, undefined, queryString('delete', ''), headers);
      const [results] = await client.ask(withXml(request, deleteDocument(refs, ifMatch)), ctx, parseDeleteResults);
      return matchDeleteResults(refs, results, codeOf);
    },
  };
}
