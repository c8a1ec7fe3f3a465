/** One option of a driver, as data: core checks what the user gives against it and prints it in error messages. */
export interface OptionSpec {
  readonly type: 'string' | 'number' | 'boolean' | 'strings' | 'object' | 'any';
  /** What it is for, with unit and default, in one sentence. */
  readonly about: string;
  /** Its value is never printed. */
  readonly secret?: true;
  readonly required?: true;
  /** Other spellings that mean the same, in camelCase, such as Libcloud's `exForceAuthUrl`. */
  readonly aliases?: readonly string[];
}

/** Option names in camelCase. Users may write them in snake_case too. */
export type OptionTable = Readonly<Record<string, OptionSpec>>;

interface ValueOf {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly strings: readonly string[];
  readonly object: Readonly<Record<string, unknown>>;
  readonly any: unknown;
}

/** The options object that a table describes. */
export type OptionsOf<Table extends OptionTable> = {
  readonly [
    Name in keyof Table as Table[Name] extends { readonly required: true } ? Name : never
  ]: ValueOf[Table[Name]['type']];
} & {
  readonly [Name in keyof Table as Table[Name] extends { readonly required: true } ? never : Name]?:
    ValueOf[Table[Name]['type']] | undefined;
};
