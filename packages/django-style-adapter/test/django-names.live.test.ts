import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ContentFile } from '../src/files/content-file.js';
import { proposeNames } from '../src/names/available-name.js';
import {
  cleanName,
  filepathToUri,
  generateFilename,
  getValidFilename,
  validateFileName,
} from '../src/names/file-name.js';
import { normpath, split, splitext } from '../src/names/posix-path.js';
import { type Answer, askPython, type Call, requirePython } from './python/oracle.js';

const SEED = 20_240_601;
const NAMES = 4_000;

/** What file names trip over: separators, dots, spaces of all kinds, marks, surrogate pairs, and any character at all. */
const piece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('/', '//', '\\', '.', '..', './', '../', ' ', '\t', '_', '-', '.txt', '.tar.gz', '~'),
  },
  { weight: 3, arbitrary: fc.string({ maxLength: 4 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'é',
      'e\u0301',
      '😀',
      'ß',
      '中',
      '\u00a0',
      '\u2003',
      '\u0085',
      '\u001c',
      '\ufeff',
      '%',
      '?',
      '#',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
);
const nameArbitrary = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

function outcomeOf(call: () => unknown): Answer {
  try {
    return { ok: call() };
  } catch (error) {
    return { err: (error as Error).name, msg: (error as Error).message };
  }
}

const ours: Readonly<Record<string, (name: string) => unknown>> = {
  clean_name: cleanName,
  get_valid_filename: getValidFilename,
  validate_file_name: (name) => validateFileName(name),
  validate_file_name_rel: (name) => validateFileName(name, { allowRelativePath: true }),
  generate_filename: (name) => generateFilename(name, getValidFilename),
  filepath_to_uri: filepathToUri,
  normpath,
  split,
  splitext,
};

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe.runIf(requirePython())('the real Django', () => {
  let names: string[];
  beforeAll(() => {
    const candidates = [...new Set(fc.sample(nameArbitrary, { numRuns: NAMES, seed: SEED }))];
    const answers = askPython(candidates.map((name) => ['unassigned', name]));
    // Characters that are younger than Python's Unicode are letters here and nothing there.
    names = candidates.filter((_, index) => !(answers[index] as { ok: boolean }).ok);
    expect(names.length).toBeGreaterThan(NAMES / 4);
  });

  it.each(Object.entries(ours))('agrees on %s', (name, call) => {
    const theirs = askPython(names.map((each) => [name, each]));
    const all = names.map((each, index) => ({ name: each, ours: outcomeOf(() => call(each)), theirs: theirs[index] }));
    expect(all.filter((each) => JSON.stringify(each.ours) !== JSON.stringify(each.theirs))).toEqual([]);
  });

  it('agrees on available names, with taken ones and lengths', () => {
    const lengths = fc.sample(fc.oneof(fc.constant(null), fc.nat(24)), { numRuns: names.length, seed: SEED });
    const cases = names.map((name, index) => {
      const clean = name.replaceAll('\\', '/');
      const [root, extension] = splitext(clean);
      const taken = [[], [clean], [clean, `${root}_RANDOM7x${extension}`]][index % 3]!;
      return { name, taken, maxLength: lengths[index]! };
    });
    const theirs = askPython(cases.map(({ name, taken, maxLength }) => ['available_name', name, taken, maxLength]));
    const find = ({ name, taken, maxLength }: (typeof cases)[number]) => {
      for (const proposal of proposeNames(name, maxLength, (root, extension) => `${root}_RANDOM7${extension}`)) {
        if (!taken.includes(proposal)) return proposal;
      }
      throw new Error('The names ended.');
    };
    const all = cases.map((each, index) => ({ ...each, ours: outcomeOf(() => find(each)), theirs: theirs[index] }));
    expect(all.filter((each) => JSON.stringify(each.ours) !== JSON.stringify(each.theirs))).toEqual([]);
  });

  it('keeps the same characters in file names, of all that its Unicode knows', () => {
    const [kept, assigned] = askPython([['kept_characters'], ['assigned']]) as [
      { ok: [number, string][] },
      { ok: number[] },
    ];
    const keptThere = new Set(kept.ok.map(([code]) => code));
    const differing = assigned.ok.filter((code) => {
      const text = `x${String.fromCodePoint(code)}x`;
      return (getValidFilename(text) === text) !== keptThere.has(code);
    });
    expect(differing.map((code) => code.toString(16))).toEqual([]);
  });

  it('gives the same lines and chunks of any content', async () => {
    const content = fc.sample(
      fc.array(fc.constantFrom('a', 'é', '😀', '\n', '\r', '\r\n', '\v', '\u2028', '\u0085'), { maxLength: 12 }),
      { numRuns: 300, seed: SEED },
    );
    const texts = content.map((parts) => parts.join(''));
    const shown = (data: string | Buffer) => (typeof data === 'string' ? data : { hex: data.toString('hex') });
    const calls: Call[] = texts.flatMap((text) => {
      const hex = { hex: Buffer.from(text).toString('hex') };
      return [
        ['lines', text],
        ['chunks', text, 3],
        ['lines', hex],
        ['chunks', hex, 3],
      ] satisfies Call[];
    });
    const theirs = askPython(calls);
    const results = [];
    for (const text of texts) {
      for (const file of [new ContentFile(text), new ContentFile(Buffer.from(text))] as const) {
        results.push((await collect<string | Buffer>(file.lines())).map(shown));
        results.push((await collect<string | Buffer>(file.chunks(3))).map(shown));
      }
    }
    expect(results).toEqual(theirs.map((answer) => (answer as { ok: unknown }).ok));
  });
});
