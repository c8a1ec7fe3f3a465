"""Independent clients of Swift against the emulator; what they saw goes to standard output as JSON."""
import hashlib
import json
import os
import sys
import tempfile
import urllib.request

facts = json.loads(sys.stdin.read())
seen = {}


def swiftclient():
    import swiftclient.service as service
    from swiftclient.client import Connection

    def use(label, **login):
        connection = Connection(retries=0, **login)
        connection.put_container('sc')
        etag = connection.put_object('sc', 'a//b é?', contents=b'hello', headers={'X-Object-Meta-Colour': 'blue'})
        headers, body = connection.get_object('sc', 'a//b é?')
        _, listing = connection.get_container('sc', full_listing=True)
        seen[label] = [etag, body.decode(), headers['x-object-meta-colour'], [row['name'] for row in listing]]
        connection.delete_object('sc', 'a//b é?')
        connection.delete_container('sc')

    keystone = dict(auth_version='3', authurl=facts['v3'])
    use('v1', authurl=facts['v1'], user='test:tester', key='testing')
    use('v2', auth_version='2', authurl=facts['v2'], user='tester', key='testing', tenant_name='test')
    names = dict(user_domain_name='Default', project_domain_name='Default', project_name='test')
    use('v3', user='tester', key='testing', os_options=names, **keystone)
    use('v3 in the second region', user='tester', key='testing', os_options=dict(names, region_name='RegionTwo'), **keystone)
    credential = dict(
        auth_type='v3applicationcredential',
        application_credential_id='0e1f2d3c4b5a69788796a5b4c3d2e1f0',
        application_credential_secret='emulated-secret',
    )
    use('v3 by application credential', os_options=credential, **keystone)

    options = dict(auth=facts['v1'], user='test:tester', key='testing', auth_version='1.0', segment_size=1000, retries=0)
    with tempfile.TemporaryDirectory() as folder, service.SwiftService(options) as swift:
        path = os.path.join(folder, 'large')
        content = os.urandom(4500)
        with open(path, 'wb') as file:
            file.write(content)
        for kind in ('slo', 'dlo'):
            item = service.SwiftUploadObject(path, object_name=kind)
            results = list(swift.upload('large', [item], options=dict(use_slo=kind == 'slo')))
            assert all(result['success'] for result in results), results
            connection = Connection(authurl=facts['v1'], user='test:tester', key='testing', retries=0)
            _, body = connection.get_object('large', kind)
            _, part = connection.get_object('large', kind, headers={'Range': 'bytes=990-1010'})
            assert body == content and part == content[990:1011]
        gone = list(swift.delete('large'))
        assert all(result['success'] for result in gone), gone
        _, containers = connection.get_account()
        seen['large objects'] = [row['name'] for row in containers if row['name'].startswith('large') and row['count']]


def libcloud():
    from libcloud.storage.providers import get_driver
    from libcloud.storage.types import ObjectDoesNotExistError, Provider

    def use(label, driver, with_cdn=False):
        container = driver.create_container('lc')
        with tempfile.NamedTemporaryFile() as file:
            file.write(b'hello')
            file.flush()
            uploaded = driver.upload_object(file.name, container, 'a/é 1.txt', extra={'meta_data': {'colour': 'blue'}})
        found = driver.get_object('lc', 'a/é 1.txt')
        body = b''.join(driver.download_object_as_stream(found))
        names = [item.name for item in driver.list_container_objects(container)]
        seen[label] = [uploaded.hash, found.size, found.meta_data['colour'], body.decode(), names]
        if with_cdn:
            driver.enable_container_cdn(container)
            seen[label + ' url'] = driver.get_container_cdn_url(container)
            assert driver.ex_purge_object_from_cdn(found)
        for item in driver.list_container_objects(container):
            driver.delete_object(item)
        try:
            driver.get_object('lc', 'a/é 1.txt')
        except ObjectDoesNotExistError:
            driver.delete_container(container)

    swift = get_driver(Provider.OPENSTACK_SWIFT)
    use('swift v3', swift('tester', 'testing', ex_force_auth_url=facts['root'], ex_force_auth_version='3.x_password', ex_tenant_name='test', ex_force_service_region='RegionOne', region='RegionOne', ex_force_service_name='swift'))
    use('swift v1', swift('test:tester', 'testing', ex_force_auth_url=facts['v1'], ex_force_auth_version='1.0', ex_force_base_url=facts['storage']))
    files = get_driver(Provider.CLOUDFILES)
    use('cloudfiles us', files('alice', '0123456789abcdef0123456789abcdef', region='ord', ex_force_auth_url=facts['us'], ex_force_auth_version='2.0'), with_cdn=True)


for name in sys.argv[1:]:
    dict(swiftclient=swiftclient, libcloud=libcloud)[name]()
print(json.dumps(seen))
