"""Writes and reads objects by boto3 or libcloud. Arguments: JSON of {client, action, endpoint, user, key, bucket, keys}."""
import hashlib
import json
import sys
import tempfile

job = json.loads(sys.argv[1])
LARGE = b'a large object in parts ' * 500_000


def boto3_client():
    import boto3
    from botocore.config import Config
    return boto3.client('s3', endpoint_url=job['endpoint'], aws_access_key_id=job['user'],
                        aws_secret_access_key=job['key'], region_name='us-east-1',
                        config=Config(s3={'addressing_style': 'path'}, signature_version='s3v4'))


def with_boto3():
    from boto3.s3.transfer import TransferConfig
    s3, bucket = boto3_client(), job['bucket']
    if job['action'] == 'write':
        for key in job['keys']:
            s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), ContentType='text/x-boto', Metadata={'who': 'boto3'})
        with tempfile.NamedTemporaryFile() as file:
            file.write(LARGE)
            file.flush()
            s3.upload_file(file.name, bucket, 'large', Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20))
        return {}
    seen = {}
    for page in s3.get_paginator('list_objects_v2').paginate(Bucket=bucket):
        for row in page.get('Contents', []):
            got = s3.get_object(Bucket=bucket, Key=row['Key'])
            body = got['Body'].read()
            seen[row['Key']] = {'sha256': hashlib.sha256(body).hexdigest(), 'type': got['ContentType'], 'metadata': got['Metadata']}
    return seen


def with_libcloud():
    from urllib.parse import urlparse
    from libcloud.storage.drivers.s3 import S3StorageDriver
    place = urlparse(job['endpoint'])

    class Driver(S3StorageDriver):
        region_name = 'us-east-1'

    driver = Driver(job['user'], job['key'], secure=False, host=place.hostname, port=place.port, region='us-east-1')
    driver.connection.host, driver.connection.port = place.hostname, place.port
    container = driver.get_container(job['bucket'])
    if job['action'] == 'write':
        for key in job['keys']:
            driver.upload_object_via_stream(iter([key.encode()]), container, key,
                                            extra={'content_type': 'text/x-libcloud', 'meta_data': {'who': 'libcloud'}})
        return {}
    seen = {}
    # By name: libcloud's listing reads UTF-8 names as Latin-1.
    for item in [driver.get_object(job['bucket'], key) for key in job['keys'] + ['large']]:
        body = b''.join(driver.download_object_as_stream(item))
        seen[item.name] = {'sha256': hashlib.sha256(body).hexdigest()}
    return seen


print(json.dumps({'boto3': with_boto3, 'libcloud': with_libcloud}[job['client']]()))
