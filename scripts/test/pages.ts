import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Block, type Program, readBlocks, readPrograms } from '../lib/markdown-blocks.mjs';
import { listPackages, privateFolders, root } from '../lib/workspace.mjs';

/** Something of a page that a test runs or compares, and the lines of the blocks that it is made of. */
export interface Page {
  readonly file: string;
  readonly text: string;
  /** The package that the page is about, where it says so in its frontmatter. */
  readonly driver: string | undefined;
  readonly programs: readonly Program[];
  /** Django settings. */
  readonly settings: readonly Block[];
  /** `$ command` and what it prints, with the settings of the page. */
  readonly sessions: readonly Block[];
  /** Parts of files that are tested where they are. */
  readonly copies: readonly Block[];
  readonly commands: readonly Block[];
  /** Blocks that nothing of the above takes. */
  readonly untested: readonly Block[];
}

/** Sketches in records of what was decided, which have a test of their own; and what is generated. */
const untestedPages = /^docs\/(decisions|api|node_modules)\//;

function docPages(): string[] {
  return readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.startsWith('.'))
    .map((file) => `docs/${file}`)
    .filter((file) => !untestedPages.test(file));
}

const readmes = [
  ...listPackages().map(({ folder }) => `packages/${folder}`),
  ...privateFolders.filter((folder) => folder !== 'docs'),
].map((folder) => `${folder}/README.md`);

function readPage(file: string): Page {
  const text = readFileSync(join(root, file), 'utf8');
  const blocks = readBlocks(text);
  const of = (...languages: readonly string[]): Block[] =>
    blocks.filter(({ language, from }) => from === undefined && languages.includes(language));
  const isOutput = (block: Block): boolean => {
    const before = blocks[blocks.indexOf(block) - 1];
    return block.language === 'text' && before !== undefined && ['js', 'ts'].includes(before.language);
  };
  const taken = new Set<Block>([
    ...of('js', 'ts', 'json', 'console', 'sh'),
    ...blocks.filter((block) => isOutput(block) || block.from !== undefined),
  ]);
  return {
    file,
    text,
    driver: /^---\n(?:.*\n)*?driver: '(.+)'\n/.exec(text)?.[1],
    programs: readPrograms(blocks),
    settings: of('json'),
    sessions: of('console'),
    copies: blocks.filter(({ from }) => from !== undefined),
    commands: of('sh'),
    untested: blocks.filter((block) => !taken.has(block)),
  };
}

/** Every page of documentation that people read: READMEs, the site, CONTRIBUTING. */
export const pages: readonly Page[] = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...readmes, ...docPages().sort()]
  .filter((file) => existsSync(join(root, file)))
  .map(readPage);

/** For titles of tests: where the blocks are. */
export function linesOf(blocks: readonly { readonly line: number }[]): string {
  return blocks.map(({ line }) => line).join(', ');
}
