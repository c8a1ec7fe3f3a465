import { join } from 'node:path';

export interface SwiftPorts {
  readonly proxy: number;
  readonly keystoneProxy: number;
  readonly keystone: number;
  readonly object: number;
  readonly container: number;
  readonly account: number;
  readonly memcached: number;
  /** UDP; where all servers send their log lines. */
  readonly log: number;
}

export interface SwiftSetup {
  readonly folder: string;
  /** Where objects lie: a folder whose files take large extended attributes. */
  readonly devices: string;
  readonly user: string;
  readonly ports: SwiftPorts;
  /** Lines of [swift-constraints], such as `max_file_size = 1048576`. */
  readonly constraints: readonly string[];
  /** Life of a token of TempAuth. */
  readonly tokenLifeSeconds: number;
}

/** Every configuration file of a one-node Swift by name. One device needs patience (timeouts) and no error suppression. */
export function swiftConfig(setup: SwiftSetup): Readonly<Record<string, string>> {
  return {
    'swift.conf': swiftConf(setup.constraints),
    'account-server.conf': backend(setup, 'account', setup.ports.account, ''),
    'container-server.conf': backend(setup, 'container', setup.ports.container, containerUpdater(setup.folder)),
    'object-server.conf': backend(setup, 'object', setup.ports.object, objectExpirer(setup.folder)),
    'internal-client.conf': internalClient(setup),
    'proxy-tempauth.conf': proxy(setup, setup.ports.proxy, 's3api tempauth', tempAuth(setup.tokenLifeSeconds)),
    'proxy-keystone.conf': proxy(
      setup,
      setup.ports.keystoneProxy,
      'authtoken s3api s3token keystoneauth',
      keystoneAuth(setup.ports),
    ),
  };
}

function swiftConf(constraints: readonly string[]): string {
  return `[swift-hash]
swift_hash_path_prefix = stowage
swift_hash_path_suffix = stowage
[storage-policy:0]
name = gold
aliases = Policy-0
default = yes
[storage-policy:1]
name = silver
[swift-constraints]
${constraints.join('\n')}
`;
}

function common(setup: SwiftSetup): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_timeout = 5
workers = 0
user = ${setup.user}
swift_dir = ${setup.folder}
devices = ${setup.devices}
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
log_level = INFO
log_udp_host = 127.0.0.1
log_udp_port = ${String(setup.ports.log)}
max_clients = 1024
conn_timeout = 10
node_timeout = 30
container_update_timeout = 30
`;
}

function backend(setup: SwiftSetup, kind: string, port: number, more: string): string {
  return `${common(setup)}bind_port = ${String(port)}
log_name = ${kind}-server
[pipeline:main]
pipeline = ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
log_requests = false
${more}`;
}

function containerUpdater(folder: string): string {
  return `[container-updater]
recon_cache_path = ${join(folder, 'recon')}
interval = 1
concurrency = 1
containers_per_second = 1000
account_suppression_time = 1
`;
}

function objectExpirer(folder: string): string {
  return `[object-expirer]
interval = 2
internal_client_conf_path = ${join(folder, 'internal-client.conf')}
dequeue_from_legacy = true
recon_cache_path = ${join(folder, 'recon')}
`;
}

function proxyApp(): string {
  return `[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
error_suppression_interval = 0
conn_timeout = 10
node_timeout = 60
recoverable_node_timeout = 60
recheck_account_existence = 1
recheck_container_existence = 1
`;
}

function cacheFilter(ports: SwiftPorts): string {
  return `[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${String(ports.memcached)}
`;
}

function internalClient(setup: SwiftSetup): string {
  return `[DEFAULT]
user = ${setup.user}
swift_dir = ${setup.folder}
[pipeline:main]
pipeline = catch_errors cache symlink proxy-server
${proxyApp()}${cacheFilter(setup.ports)}[filter:symlink]
use = egg:swift#symlink
[filter:catch_errors]
use = egg:swift#catch_errors
`;
}

/** Middleware that needs no settings of its own, by the name of its section and of its entry point. */
const PLAIN_FILTERS: Readonly<Record<string, string>> = {
  catch_errors: 'catch_errors',
  gatekeeper: 'gatekeeper',
  healthcheck: 'healthcheck',
  listing_formats: 'listing_formats',
  staticweb: 'staticweb',
  copy: 'copy',
  'container-quotas': 'container_quotas',
  'account-quotas': 'account_quotas',
  dlo: 'dlo',
  slo: 'slo',
  symlink: 'symlink',
};

function tempAuth(tokenLifeSeconds: number): string {
  return `[filter:tempauth]
use = egg:swift#tempauth
token_life = ${String(tokenLifeSeconds)}
user_admin_admin = admin .admin .reseller_admin
user_test_tester = testing .admin
user_test2_tester2 = testing2 .admin
user_test_tester3 = testing3
`;
}

function proxy(setup: SwiftSetup, port: number, auth: string, authFilters: string): string {
  const plain = Object.entries(PLAIN_FILTERS).map(
    ([section, entry]) => `[filter:${section}]\nuse = egg:swift#${entry}\n`,
  );
  return `${common(setup)}bind_port = ${String(port)}
log_name = proxy
expose_info = true
cors_allow_origin = *
strict_cors_mode = true
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk tempurl formpost ${auth} staticweb copy container-quotas account-quotas slo dlo versioned_writes symlink proxy-server
${proxyApp()}${cacheFilter(setup.ports)}${plain.join('')}[filter:bulk]
use = egg:swift#bulk
max_deletes_per_request = 10000
[filter:tempurl]
use = egg:swift#tempurl
methods = GET HEAD PUT POST DELETE
allowed_digests = sha1 sha256 sha512
[filter:formpost]
use = egg:swift#formpost
allowed_digests = sha1 sha256 sha512
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
allow_object_versioning = true
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
allow_multipart_uploads = true
max_upload_part_num = 10000
${authFilters}`;
}

/** The proxy's own login to Keystone; a token is believed unasked for 1 s (Swift's default is 300 s). */
function keystoneAuth(ports: SwiftPorts): string {
  const login = `auth_type = password
auth_url = http://127.0.0.1:${String(ports.keystone)}
project_domain_id = default
user_domain_id = default
project_name = service
username = swift
password = swiftpw
region_name = RegionOne
`;
  return `[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = http://127.0.0.1:${String(ports.keystone)}/v3
delay_auth_decision = True
cache = swift.cache
token_cache_time = 1
include_service_catalog = False
${login}[filter:keystoneauth]
use = egg:swift#keystoneauth
reseller_prefix = AUTH
operator_roles = admin, member
reseller_admin_role = ResellerAdmin
project_reader_roles = reader
allow_overrides = true
[filter:s3token]
use = egg:swift#s3token
reseller_prefix = AUTH_
delay_auth_decision = False
auth_uri = http://127.0.0.1:${String(ports.keystone)}/v3
${login}`;
}
