import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** What the real Python gave: a value, or the class and sentence of its error. */
export type Outcome<T> = { readonly ok: T } | { readonly err: string; readonly msg: string };

interface NameVector {
  readonly name: string;
  readonly clean_name: Outcome<string>;
  readonly get_valid_filename: Outcome<string>;
  readonly validate_file_name: Outcome<string>;
  readonly validate_file_name_rel: Outcome<string>;
  readonly generate_filename: Outcome<string>;
  readonly available_free: Outcome<string>;
  readonly overwrite_name_None: Outcome<string>;
  readonly overwrite_name_10: Outcome<string>;
  readonly filepath_to_uri: Outcome<string>;
  readonly fs_url: Outcome<string>;
  readonly guess_type: Outcome<readonly [type: string | null, encoding: string | null]>;
  readonly normpath: Outcome<string>;
  readonly basename: string;
  readonly split: readonly [string, string];
  readonly splitext: readonly [string, string];
}

interface AvailableVector {
  readonly taken: readonly string[];
  readonly name: string;
  readonly max_length: number | null;
  readonly result: Outcome<string>;
  readonly exists_calls: readonly string[];
}

interface FileVector {
  readonly len: number;
  readonly data: string | null;
  readonly head: string;
  readonly tail: string;
  readonly iter_lens: readonly number[];
  readonly iter: readonly string[] | null;
  readonly chunks4: readonly number[] | null;
  readonly chunks_default: readonly number[];
  readonly multiple: boolean;
  readonly size: number;
}

interface TextFileVector {
  readonly data: string;
  readonly iter: readonly string[];
  readonly chunks2: readonly string[];
  readonly size: number;
}

interface ListdirVector {
  readonly keys: readonly string[];
  readonly path: string;
  readonly result: { readonly ok: readonly [readonly string[], readonly string[]] };
}

interface Vectors {
  readonly names: readonly NameVector[];
  readonly available: readonly AvailableVector[];
  readonly files: readonly FileVector[];
  readonly strfiles: readonly TextFileVector[];
  readonly read_in_chunks: readonly { readonly src: readonly string[] }[];
  readonly listdir: readonly ListdirVector[];
}

/** Made by running Django 3.2.25 and django-storages 1.14.6. */
export const vectors = JSON.parse(
  readFileSync(new URL('./fixtures/django-vectors.json', import.meta.url), 'utf8'),
) as Vectors;

/** Runs `call` and compares value or error with what Python gave. */
export function expectOutcome<T>(call: () => T, outcome: Outcome<T>): void {
  if ('ok' in outcome) {
    expect(call()).toEqual(outcome.ok);
    return;
  }
  expect(call).toThrow(expect.objectContaining({ name: outcome.err.split('.').at(-1), message: outcome.msg }));
}
