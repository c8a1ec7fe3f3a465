"""Runs one server or daemon of a one-node OpenStack Swift from a folder of configuration.

usage: serve.py FOLDER (rings PORTS... | server NAME | daemon NAME)

Debian's python3-swift has the code but not the scripts, and swift.conf is looked for in /etc unless told otherwise.
"""
import ctypes
import os
import signal
import sys

os.environ['EVENTLET_NO_GREENDNS'] = 'yes'
ctypes.CDLL(None).prctl(1, signal.SIGTERM)      # ends with its parent

import swift.common.utils as utils              # noqa: E402

folder, what = sys.argv[1:3]
utils.HASH_PATH_PREFIX = utils.HASH_PATH_SUFFIX = b''
utils.SWIFT_CONF_FILE = os.path.join(folder, 'swift.conf')
utils.validate_configuration()

from swift.common import storage_policy         # noqa: E402


def make_ring(name, port):
    from swift.common.ring.builder import RingBuilder
    builder = RingBuilder(1, 1, 0)
    builder.add_dev({'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': port, 'replication_ip': '127.0.0.1',
                     'replication_port': port, 'device': 'd1', 'weight': 1.0, 'meta': ''})
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, name + '.ring.gz'))


def run_server(name):
    from swift.common.wsgi import run_wsgi
    extra = {}
    if name == 'object-server':
        import swift.obj.server
        extra['global_conf_callback'] = swift.obj.server.global_conf_callback
    section = 'proxy-server' if name.startswith('proxy-') else name
    sys.exit(run_wsgi(os.path.join(folder, name + '.conf'), section, **extra))


def run_daemon(name):
    import importlib
    from swift.common.daemon import run_daemon as run
    conf, module, cls = {
        'container-updater': ('container-server.conf', 'swift.container.updater', 'ContainerUpdater'),
        'object-expirer': ('object-server.conf', 'swift.obj.expirer', 'ObjectExpirer'),
    }[name]
    run(getattr(importlib.import_module(module), cls), os.path.join(folder, conf), section_name=name, once=False)


if what == 'rings':
    account, container, objects = map(int, sys.argv[3:])
    make_ring('account', account)
    make_ring('container', container)
    for policy in storage_policy.POLICIES:
        make_ring(policy.ring_name, objects)
elif what == 'server':
    run_server(sys.argv[3])
else:
    run_daemon(sys.argv[3])
