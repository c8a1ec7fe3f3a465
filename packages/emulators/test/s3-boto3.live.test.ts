import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describeLive, pythonModules, systemPython } from '@stowage/test-servers';
import { expect, it, onTestFinished } from 'vitest';
import { S3Emulator } from '../src/index.js';

/** Python's own client, which knows nothing of this project: it signs, sends checksums, parts and odd keys, and parses the answers. */
const PROGRAM = `
import io, json, sys
import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError
endpoint, user, key = sys.argv[1:4]
s3 = boto3.client('s3', endpoint_url=endpoint, aws_access_key_id=user, aws_secret_access_key=key, region_name='us-east-1',
                  config=Config(s3={'addressing_style': 'path'}))
s3.create_bucket(Bucket='referee')
keys = ['a b+c', 'é', 'q?u=e&r#y', 'per%41cent', 'a//b']
for name in keys:
    s3.put_object(Bucket='referee', Key=name, Body=name.encode(), Metadata={'who': 'boto3'}, Tagging='a=1')
large = b'part' * 3_000_000
s3.upload_fileobj(io.BytesIO(large), 'referee', 'large', Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20))
rows = [row['Key'] for page in s3.get_paginator('list_objects_v2').paginate(Bucket='referee', PaginationConfig={'PageSize': 2}) for row in page['Contents']]
got = s3.get_object(Bucket='referee', Key='é')
try:
    s3.put_object(Bucket='referee', Key='é', Body=b'x', IfNoneMatch='*') if 'IfNoneMatch' in s3.meta.service_model.operation_model('PutObject').input_shape.members else None
    missing = s3.head_object(Bucket='referee', Key='none')
except ClientError as error:
    missing = error.response['ResponseMetadata']['HTTPStatusCode']
s3.copy_object(Bucket='referee', Key='copy', CopySource={'Bucket': 'referee', 'Key': 'a b+c'})
deleted = s3.delete_objects(Bucket='referee', Delete={'Objects': [{'Key': name} for name in keys]})
print(json.dumps({'rows': sorted(rows), 'body': got['Body'].read().decode(), 'metadata': got['Metadata'],
                  'large': s3.get_object(Bucket='referee', Key='large')['Body'].read() == large, 'missing': missing,
                  'copy': s3.get_object(Bucket='referee', Key='copy')['Body'].read().decode(), 'deleted': len(deleted['Deleted'])}))
`;

describeLive('the S3 emulator, refereed by boto3', pythonModules(['boto3'], ['python3-boto3']), () => {
  it('is an S3 service to it', async () => {
    const emulator = await S3Emulator.start();
    onTestFinished(() => emulator.close());
    const { accessKey, secretKey } = emulator.account;
    const args = ['-c', PROGRAM, emulator.endpoint, accessKey, secretKey];
    const { stdout } = await promisify(execFile)(systemPython, args);
    expect(JSON.parse(stdout)).toMatchObject({
      rows: ['a b+c', 'a//b', 'large', 'per%41cent', 'q?u=e&r#y', 'é'],
      body: 'é',
      metadata: { who: 'boto3' },
      large: true,
      missing: expect.any(Number) as number,
      copy: 'a b+c',
      deleted: 5,
    });
  });
});
