import type { WebsiteGroup } from '@stowage/core/spi';
import { escapeXml } from '@stowage/http';
import { bucketSettingRequest } from './requests.js';
import type { S3Service } from './s3-service.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html */
export function websiteGroup({ client }: S3Service): WebsiteGroup {
  return {
    async enable(container, { indexKey, errorKey }, ctx) {
      const error = errorKey === undefined ? '' : `<ErrorDocument><Key>${escapeXml(errorKey)}</Key></ErrorDocument>`;
      const index = `<IndexDocument><Suffix>${escapeXml(indexKey)}</Suffix></IndexDocument>`;
      const xml = `<WebsiteConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${index}${error}</WebsiteConfiguration>`;
      await client.send(bucketSettingRequest('PUT', container, 'website', xml), ctx);
    },
    async disable(container, ctx) {
      await client.send(bucketSettingRequest('DELETE', container, 'website'), ctx);
    },
  };
}
