import { StorageError, type TagsGroup } from '@stowage/core/spi';
import { childrenOf, escapeXml, parseXml, queryString, textAt } from '@stowage/http';
import { call, withXml } from './requests.js';
import type { S3Service } from './s3-service.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
export function tagsGroup({ client }: S3Service): TagsGroup {
  return {
    async read(ref, ctx) {
      const query = queryString('tagging', '', 'versionId', ref.versionId);
      const [tags] = await client.ask(call('GET', ref.container, ref.key, query), ctx, parseTags);
      return tags;
    },
    async replace(ref, tags, ctx) {
      const query = queryString('tagging', '', 'versionId', ref.versionId);
      await client.send(withXml(call('PUT', ref.container, ref.key, query), tagDocument(tags)), ctx);
    },
  };
}

function parseTags(bytes: Buffer): Readonly<Record<string, string>> {
  const root = parseXml(bytes, 'the tags of an object');
  if (root.name !== 'Tagging') {
    throw new StorageError('unknown', `The server sent <${root.name}> in place of the tags of an object.`);
  }
  const tags = Object.create(null) as Record<string, string>;
  for (const set of childrenOf(root, 'TagSet')) {
    for (const tag of childrenOf(set, 'Tag')) tags[textAt(tag, 'Key') ?? ''] = textAt(tag, 'Value') ?? '';
  }
  return tags;
}

function tagDocument(tags: Readonly<Record<string, string>>): string {
  const rows = Object.entries(tags).map(
    ([name, value]) => `<Tag><Key>${escapeXml(name)}</Key><Value>${escapeXml(value)}</Value></Tag>`,
  );
  return `<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>${rows.join('')}</TagSet></Tagging>`;
}
