import type { SwiftLimits } from './call.js';
import { METADATA_LIMITS } from './metadata.js';

/** What `/info` tells: https://docs.openstack.org/swift/latest/api/discoverability.html */
export function infoOf(limits: SwiftLimits, policies: readonly string[]): object {
  return {
    swift: {
      version: '2.30.1',
      policies: policies.map((name, index) => ({ name, aliases: name, ...(index === 0 && { default: true }) })),
      max_file_size: limits.maxFileBytes,
      max_meta_name_length: METADATA_LIMITS.nameBytes,
      max_meta_value_length: METADATA_LIMITS.valueBytes,
      max_meta_count: METADATA_LIMITS.count,
      max_meta_overall_size: METADATA_LIMITS.overallBytes,
      max_header_size: METADATA_LIMITS.headerBytes,
      max_object_name_length: 1024,
      max_container_name_length: 256,
      max_account_name_length: 256,
      container_listing_limit: limits.maxListing,
      account_listing_limit: limits.maxListing,
      account_autocreate: true,
      allow_account_management: true,
      extra_header_count: 0,
      strict_cors_mode: true,
      valid_api_versions: ['v1', 'v1.0'],
    },
    slo: {
      max_manifest_segments: limits.maxSegments,
      max_manifest_size: limits.maxManifestBytes,
      min_segment_size: 1,
      yield_frequency: 10,
      allow_async_delete: false,
    },
    bulk_upload: { max_containers_per_extraction: 10_000, max_failed_extractions: 1000 },
    bulk_delete: { max_deletes_per_request: limits.maxDeletesPerRequest, max_failed_deletes: 1000 },
    tempauth: { account_acls: false },
    tempurl: {
      methods: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'],
      incoming_remove_headers: ['x-timestamp'],
      incoming_allow_headers: [],
      outgoing_remove_headers: ['x-object-meta-*'],
      outgoing_allow_headers: ['x-object-meta-public-*'],
      allowed_digests: ['sha1', 'sha256', 'sha512'],
      deprecated_digests: ['sha1'],
    },
    formpost: { allowed_digests: ['sha1', 'sha256', 'sha512'], deprecated_digests: ['sha1'] },
    symlink: { symloop_max: 2, static_links: true },
    versioned_writes: { allowed_flags: ['x-versions-location', 'x-history-location'] },
    object_versioning: {},
    staticweb: {},
    container_quotas: {},
    account_quotas: {},
  };
}
