import { describe, expect, it } from 'vitest';
import { getAvailableOverwriteName, proposeNames } from '../../src/names/available-name.js';
import {
  cleanName,
  filepathToUri,
  generateFilename,
  getValidFilename,
  validateFileName,
} from '../../src/names/file-name.js';
import { basename, normpath, split, splitext } from '../../src/names/posix-path.js';
import { expectOutcome, vectors } from '../vectors.js';

const firstName = (name: string, maxLength?: number) => proposeNames(name, maxLength).next().value;

describe.each(vectors.names)('the name $name, as Python has it', (vector) => {
  const { name } = vector;

  it('is cleaned', () => expectOutcome(() => cleanName(name), vector.clean_name));
  it('becomes a valid file name', () => expectOutcome(() => getValidFilename(name), vector.get_valid_filename));
  it('is checked', () => expectOutcome(() => validateFileName(name), vector.validate_file_name));
  it('is checked with directories', () =>
    expectOutcome(() => validateFileName(name, { allowRelativePath: true }), vector.validate_file_name_rel));
  it('is generated', () => expectOutcome(() => generateFilename(name, getValidFilename), vector.generate_filename));
  it('is proposed when it is free', () => expectOutcome(() => firstName(name), vector.available_free));
  it('overwrites', () => expectOutcome(() => getAvailableOverwriteName(name, null), vector.overwrite_name_None));
  it('overwrites in 10', () => expectOutcome(() => getAvailableOverwriteName(name, 10), vector.overwrite_name_10));
  it('is escaped', () => expectOutcome(() => filepathToUri(name), vector.filepath_to_uri));
  it('is normalised', () => expectOutcome(() => normpath(name), vector.normpath));
  it('is taken apart', () => {
    expect([basename(name), split(name), splitext(name)]).toEqual([vector.basename, vector.split, vector.splitext]);
  });
});

describe.each(vectors.available)('$name with $taken taken, in $max_length', (vector) => {
  it('finds the name that Python finds', () => {
    const asked: string[] = [];
    const names = proposeNames(vector.name, vector.max_length, (root, extension) => `${root}_RANDOM7${extension}`);
    const find = () => {
      for (const name of names) {
        asked.push(name);
        if (!vector.taken.includes(name)) return name;
      }
      throw new Error('The names ended.');
    };
    expectOutcome(find, vector.result);
    // Python also asks for names that it then finds too long: docs/django-compatibility.md, row 12.
    const fitting = vector.exists_calls.filter((name) => !vector.max_length || name.length <= vector.max_length);
    expect(asked).toEqual(fitting);
  });
});
