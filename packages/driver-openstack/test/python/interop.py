"""Writes and reads objects by swiftclient or libcloud. Arguments: JSON of {client, action, authUrl, user, key, container, keys}."""
import hashlib
import io
import json
import sys
import tempfile

job = json.loads(sys.argv[1])
LARGE = b'a large object in parts ' * 100_000
SEGMENT = 512 * 1024


def sha256(body):
    return hashlib.sha256(body).hexdigest()


def with_swiftclient():
    from swiftclient.client import Connection
    from swiftclient.service import SwiftService, SwiftUploadObject
    options = {'auth_version': '1', 'auth': job['authUrl'], 'user': job['user'], 'key': job['key']}
    swift = Connection(authurl=job['authUrl'], user=job['user'], key=job['key'], auth_version='1')
    container = job['container']
    if job['action'] == 'write':
        for key in job['keys']:
            swift.put_object(container, key, key.encode(), content_type='text/x-swift', headers={'x-object-meta-who': 'swiftclient é'})
        with SwiftService(options=options) as service:
            for name, slo in (('slo', True), ('dlo', False)):
                with tempfile.NamedTemporaryFile() as file:
                    file.write(LARGE)
                    file.flush()
                    results = service.upload(container, [SwiftUploadObject(file.name, object_name=name)],
                                             options={'segment_size': SEGMENT, 'use_slo': slo})
                    assert all(result['success'] for result in results)
        return {}
    seen = {}
    for row in swift.get_container(container, full_listing=True)[1]:
        headers, body = swift.get_object(container, row['name'])
        seen[row['name']] = {'sha256': sha256(body), 'type': headers['content-type'], 'who': headers.get('x-object-meta-who'),
                             'slo': headers.get('x-static-large-object')}
    return seen


def with_libcloud():
    from libcloud.storage.drivers.cloudfiles import OpenStackSwiftStorageDriver
    from swiftclient.client import get_auth
    # Libcloud asks for /v1.0 at the root of the host, wherever the login is.
    url, token = get_auth(job['authUrl'], job['user'], job['key'], auth_version='1')
    driver = OpenStackSwiftStorageDriver(job['user'], job['key'], ex_force_auth_url=job['authUrl'], ex_force_auth_version='1.0',
                                         ex_force_auth_token=token, ex_force_base_url=url)
    container = driver.get_container(job['container'])
    if job['action'] == 'write':
        for key in job['keys']:
            driver.upload_object_via_stream(io.BytesIO(key.encode()), container, key,
                                            extra={'content_type': 'text/x-libcloud', 'meta_data': {'who': 'libcloud'}})
        with tempfile.NamedTemporaryFile() as file:
            file.write(LARGE)
            file.flush()
            # Its own check of the digest fails always: it reads the part after it was sent.
            driver.ex_multipart_upload_object(file.name, container, 'dlo', chunk_size=SEGMENT, verify_hash=False)
        return {}
    seen = {}
    for key in job['keys'] + ['slo', 'dlo']:
        item = driver.get_object(job['container'], key)
        seen[key] = {'sha256': sha256(b''.join(driver.download_object_as_stream(item)))}
    return seen


print(json.dumps({'swiftclient': with_swiftclient, 'libcloud': with_libcloud}[job['client']]()))
