/** HTTP statuses of the numeric codes; those that no client or test suite of EMC's pins are 400. */
const STATUS: Readonly<Record<number, number>> = {
  1001: 500,
  1003: 404,
  1004: 416,
  1005: 404,
  1006: 409,
  1008: 404,
  1009: 405,
  1015: 403,
  1019: 500,
  1031: 403,
  1032: 403,
  1033: 403,
  1040: 500,
  1044: 404,
};

const MESSAGES: Readonly<Record<number, string>> = {
  1002: 'One or more arguments in the request was invalid.',
  1003: 'The requested object was not found.',
  1004: 'The specified range cannot be satisfied.',
  1005: 'One or more metadata tags were not found for the requested object.',
  1008: 'The requested resource was not found.',
  1009: 'The requested method is not allowed on this resource.',
  1010: 'The requested object size exceeds the maximum allowed size.',
  1012: 'The specified extent does not match the number of bytes in the body.',
  1014: 'The maximum allowed metadata entries per object has been exceeded.',
  1015: 'The request could not be completed because of insufficient access privileges.',
  1016: 'The resource you are trying to create already exists.',
  1021: 'The specified name is not a directory.',
  1022: 'The specified name is a directory.',
  1023: 'The directory you are attempting to delete is not empty.',
  1031: 'The request timestamp was outside the valid time window.',
  1032: 'There was a mismatch between the signature in the request and the signature computed by the server.',
  1033: 'The specified user was not found.',
  1037: 'The list token is not valid.',
  1041: 'The specified name is too long.',
  1044: 'The target parent directory was not found.',
  1045: 'The target parent is not a directory.',
  1047: 'The source and the target are the same file.',
  1048: 'The target directory is not empty.',
  1049: 'The checksum passed in the header does not match the data.',
  1050: 'The checksum algorithm differs from the one that the object was created with.',
  1051: 'Checksums may only be used with an append.',
  1052: 'The checksum algorithm is not implemented.',
  1053: 'The object was not created with a checksum.',
  1054: 'The checksum is missing.',
};

/** A refusal with one of Atmos' numeric codes. */
export class AtmosError extends Error {
  readonly code: number;
  readonly status: number;

  constructor(code: number, message = MESSAGES[code] ?? 'The server encountered an internal error.') {
    super(message);
    this.code = code;
    this.status = STATUS[code] ?? 400;
  }
}
