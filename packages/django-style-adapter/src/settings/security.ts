/** How storages reach their servers: Libcloud's `libcloud.security`. Read each time that a storage is made. */
export interface Security {
  /** PEM files, or directories of PEM files, trusted beside Node's own roots; `CA_CERTS_PATH` of the settings adds to them. */
  CA_CERTS_PATH: string[];
  /** False turns the check of server certificates off. For tests only: anybody on the way can then read and change everything. */
  VERIFY_SSL_CERT: boolean;
}

/** Holds for every storage that is made afterwards in this process. */
export const security: Security = { CA_CERTS_PATH: [], VERIFY_SSL_CERT: true };
