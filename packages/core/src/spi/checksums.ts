/** Digests that Stowage computes and compares. Values are lower-case hexadecimal everywhere; drivers convert for the wire. */
export type ChecksumAlgorithm = 'md5' | 'sha1' | 'sha256' | 'crc32' | 'crc32c' | 'crc64nvme';

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Lower-case hexadecimal. */
  readonly value: string;
}

/**
 * How far a transfer was checked: `service`, the store compared a digest; `client`, Stowage compared its own digest with the
 * one that the store reported; `size`, only the byte count was compared; `none`, not even that.
 */
export type Verification = 'service' | 'client' | 'size' | 'none';
