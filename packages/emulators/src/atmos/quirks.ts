/** What servers of the field do and nobody would ask for. All are on unless the emulator is told otherwise. */
export interface AtmosQuirks {
  /** A body that breaks off leaves behind what arrived: a short new object, or a half overwritten old one. */
  readonly partialWrites: boolean;
  /**
   * Milliseconds for which readers still see the old object after a rename with `x-emc-force` over it. EMC's own tests wait 5,000;
   * default 25.
   */
  readonly lateOverwriteMs: number;
  /** Names with `?`, `@` or control characters are refused, empty steps of a path are dropped, `.` and `..` are taken as steps. */
  readonly narrowNames: boolean;
  /** Names beyond ASCII are lower-cased byte by byte in the string to sign, so that capitals such as `É` are not. */
  readonly asciiLowerCase: boolean;
  /** A HEAD on `?metadata/system` is refused. */
  readonly noSystemHead: boolean;
  /** Metadata values with a comma, sent without `x-emc-utf8`, are cut at the comma. */
  readonly commasCut: boolean;
}

const ON: AtmosQuirks = {
  partialWrites: true,
  lateOverwriteMs: 25,
  narrowNames: true,
  asciiLowerCase: true,
  noSystemHead: true,
  commasCut: true,
};

const OFF: AtmosQuirks = {
  partialWrites: false,
  lateOverwriteMs: 0,
  narrowNames: false,
  asciiLowerCase: false,
  noSystemHead: false,
  commasCut: false,
};

/** `false` switches all of them off. */
export function readQuirks(quirks: Partial<AtmosQuirks> | boolean = true): AtmosQuirks {
  if (quirks === false) return OFF;
  return quirks === true ? ON : { ...ON, ...quirks };
}
