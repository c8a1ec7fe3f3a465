/** Faults of the real server, each of which can be healed. */
export type NimbusQuirk =
  /** An upload of no bytes answers 200 and stores nothing. */
  | 'zero-byte-objects'
  /** A `+` in a path is a space, also when it was escaped. */
  | 'plus-in-keys'
  /** Keys beyond ASCII: 500 to all but GET. */
  | 'non-ascii-keys'
  /** A listing with a delimiter tells no keys, and only folds what is on the page, at the delimiter's first character. */
  | 'delimiter-hides-keys'
  /** `%`, `_` and `\` in a prefix are wildcards. */
  | 'prefix-wildcards'
  /** Arguments of listings are decoded twice; beyond ASCII: 500. */
  | 'double-decoding'
  /** Listings are in the order of a locale, not of bytes. */
  | 'locale-order'
  /** GET tells no length: a body that is cut short looks whole. */
  | 'lengthless-bodies'
  /** A part that is sent twice is in the object twice. */
  | 'repeated-parts'
  /** HEAD takes the query for a part of the key. */
  | 'head-without-query'
  /** The list of conjoined archives tells of all that ever were, gives one row too many, and does not know its own markers. */
  | 'conjoined-list'
  /** A collection is deleted with all that is in it. */
  | 'full-collections'
  /** Every answer ends the connection. */
  | 'connection-close';

export const NIMBUS_QUIRKS: readonly NimbusQuirk[] = [
  'zero-byte-objects',
  'plus-in-keys',
  'non-ascii-keys',
  'delimiter-hides-keys',
  'prefix-wildcards',
  'double-decoding',
  'locale-order',
  'lengthless-bodies',
  'repeated-parts',
  'head-without-query',
  'conjoined-list',
  'full-collections',
  'connection-close',
];

export type Quirks = ReadonlySet<NimbusQuirk>;
