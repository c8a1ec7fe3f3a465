import type { ContainerRecord } from '@stowage/core/spi';
import { XmlReader } from '../xml/reader.js';
import { expectRoot, missing } from './documents.js';

/** The answer to `ListBuckets`. */
export interface S3ContainerPage {
  readonly containers: readonly ContainerRecord[];
  /** Services that page their buckets give it; a missing one is the end. */
  readonly continuationToken: string | undefined;
}

function readBucket(xml: XmlReader): ContainerRecord {
  let bucket: string | undefined;
  let createdAtMs: number | undefined;
  let region: string | undefined;
  for (let name = xml.child(); name !== undefined; name = xml.child()) {
    if (name === 'Name') bucket = xml.text();
    else if (name === 'CreationDate') createdAtMs = xml.time();
    else if (name === 'BucketRegion') region = xml.word();
    else xml.skip();
  }
  if (bucket === undefined) throw missing('the list of buckets', 'a bucket without a Name');
  return { name: bucket, createdAtMs, ...(region === undefined ? {} : { extra: { region } }) };
}

/** Reads the buckets of an account. Throws `unknown` for anything else. */
export function parseContainerPage(bytes: Buffer): S3ContainerPage {
  const xml = new XmlReader(bytes, 'the list of buckets');
  expectRoot(xml, 'the list of buckets', 'ListAllMyBucketsResult');
  const containers: ContainerRecord[] = [];
  let continuationToken: string | undefined;
  for (let name = xml.child(); name !== undefined; name = xml.child()) {
    if (name === 'Buckets') {
      for (let bucket = xml.child(); bucket !== undefined; bucket = xml.child()) {
        if (bucket === 'Bucket') containers.push(readBucket(xml));
        else xml.skip();
      }
    } else if (name === 'ContinuationToken') continuationToken = xml.text() || undefined;
    else xml.skip();
  }
  xml.end();
  return { containers, continuationToken };
}
