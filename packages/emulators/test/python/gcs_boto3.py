"""Uses the XML API of Google Cloud Storage as boto3 users do, and prints what it saw as JSON."""

import hashlib
import io
import json
import sys

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import ClientError

job = json.loads(sys.argv[1])
s3 = boto3.client(
    "s3",
    endpoint_url=job["endpoint"],
    aws_access_key_id=job["user"],
    aws_secret_access_key=job["key"],
    region_name="auto",
    config=Config(signature_version="s3v4", retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
)
bucket = job["bucket"]
seen = {}

s3.create_bucket(Bucket=bucket)
for key in job["keys"]:
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), ContentType="text/x-boto", Metadata={"who": "boto3"})
read = s3.get_object(Bucket=bucket, Key=job["keys"][0])
seen["read"] = [read["Body"].read().decode(), read["ContentType"], read["Metadata"], read["ETag"]]
seen["range"] = s3.get_object(Bucket=bucket, Key=job["keys"][0], Range="bytes=1-2")["Body"].read().decode()

for version in ("list_objects", "list_objects_v2"):
    pages = s3.get_paginator(version).paginate(Bucket=bucket, PaginationConfig={"PageSize": 3})
    seen[version] = [row["Key"] for page in pages for row in page.get("Contents", [])]

large = bytes(range(256)) * 40_000
s3.upload_fileobj(
    io.BytesIO(large), bucket, "large", Config=TransferConfig(multipart_threshold=1 << 20, multipart_chunksize=5 << 20)
)
whole = s3.get_object(Bucket=bucket, Key="large")
seen["large"] = [hashlib.sha256(whole["Body"].read()).hexdigest() == hashlib.sha256(large).hexdigest(), whole["ContentLength"]]

s3.copy_object(Bucket=bucket, Key="copied", CopySource={"Bucket": bucket, "Key": job["keys"][0]})
seen["copied"] = s3.head_object(Bucket=bucket, Key="copied")["Metadata"]
seen["url"] = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "copied"}, ExpiresIn=60)


def code_of(call):
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


seen["missing"] = code_of(lambda: s3.get_object(Bucket=bucket, Key="missing"))
seen["full"] = code_of(lambda: s3.delete_bucket(Bucket=bucket))
print(json.dumps(seen))
