export interface CephPorts {
  readonly http: number;
  readonly https: number;
  readonly monitorV1: number;
  readonly monitorV2: number;
}

/**
 * Configuration of a one-node Ceph in memory. What is not obvious: `ms mon client mode = crc`, or clients hang for 300 s without
 * cephx; short paxos intervals take 10 s off the start; without `tcp_nodelay` each GET waits 40 ms for a delayed ACK.
 */
export function cephConfig(folder: string, fsid: string, ports: CephPorts): string {
  return `${globalSection(folder, fsid, ports)}
${storageSections(folder)}
${gatewaySection(folder, ports)}`;
}

function globalSection(folder: string, fsid: string, ports: CephPorts): string {
  return `[global]
fsid = ${fsid}
mon initial members = a
mon host = [v2:127.0.0.1:${String(ports.monitorV2)},v1:127.0.0.1:${String(ports.monitorV1)}]
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
auth supported = none
run dir = ${folder}/run
pid file = ${folder}/run/$name.pid
admin socket = ${folder}/run/$name.asok
log file = ${folder}/log/$name.log
mon cluster log file = ${folder}/log/cluster.log
crash dir = ${folder}/run
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon allow pool delete = true
mon max pg per osd = 1000
mon data avail crit = 1
mon data avail warn = 2
ms bind ipv6 = false
paxos propose interval = 0.02
paxos min wait = 0.005
mon tick interval = 1
osd mon report interval = 1
`;
}

function storageSections(folder: string): string {
  return `[mon.a]
mon data = ${folder}/mon

[osd]
osd data = ${folder}/osd
osd objectstore = memstore
memstore device bytes = 8G
osd op num shards = 2
osd op num threads per shard = 1
osd class update on start = false
osd max object name len = 2048
osd max scrubs = 0
`;
}

function gatewaySection(folder: string, ports: CephPorts): string {
  return `[client]
ms mon client mode = crc
ms mon service mode = crc
rgw frontends = beast tcp_nodelay=1 endpoint=127.0.0.1:${String(ports.http)} ssl_endpoint=127.0.0.1:${String(ports.https)} ssl_certificate=${folder}/tls/server-and-key.pem
rgw thread pool size = 64
rgw enable apis = s3, s3website, swift, swift_auth, admin, sts, iam
rgw enable static website = true
rgw dns name = localhost
rgw dns s3website name = s3-website.localhost
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = testkey-1=YmluCmJvb3N0CmJvb3N0LWJ1aWxkCmNlcGguY29uZgo=
rgw swift account in url = true
rgw swift versioning enabled = true
rgw swift url = http://127.0.0.1:${String(ports.http)}
rgw lc debug interval = 10
rgw override bucket index max shards = 1
rgw enable usage log = false
rgw enable quota threads = false
rgw dynamic resharding = false
rgw data = ${folder}/run
`;
}
