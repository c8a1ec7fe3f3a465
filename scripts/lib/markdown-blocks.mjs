/**
 * Reads the code blocks of a page, and makes programs of them (docs: CONTRIBUTING.md, "Documentation").
 * @typedef {{ language: string, code: string, line: number, onMemory: boolean, from: string | undefined }} Block
 * @typedef {{ language: string, code: string, line: number, onMemory: boolean, output: string | undefined }} Program
 */

const fence = /^(?<indent> *)```(?<language>[^\s`]*)[^\n]*\n(?<code>.*?)^\k<indent>```$/gms;
const standIn = /<!-- runs on memory -->\n+$/;
const copied = /<!-- from (\S+) -->\n+$/;

/** @param {string} page @returns {Block[]} */
export function readBlocks(page) {
  return [...page.matchAll(fence)].map(({ index, groups }) => ({
    language: groups?.language ?? '',
    code: (groups?.code ?? '').replaceAll(new RegExp(`^${groups?.indent ?? ''}`, 'gm'), ''),
    line: page.slice(0, index).split('\n').length,
    onMemory: standIn.test(page.slice(0, index)),
    from: copied.exec(page.slice(0, index))?.[1],
  }));
}

/** @param {string} code @returns {string | undefined} what the comments behind `console.log` promise; undefined when one has none */
function promisedOutput(code) {
  const calls = code.split('\n').filter((line) => line.includes('console.log('));
  const promises = calls.map((line) => /; \/\/ (.*)$/.exec(line)?.[1]);
  return promises.includes(undefined) ? undefined : promises.map((text) => `${text}\n`).join('');
}

/**
 * A `js` or `ts` block that imports begins a program, and those that follow without imports go on with it. Copies of files are none. A `text` block right after it is
 * what it prints; else the comments behind its `console.log` are.
 * @param {readonly Block[]} blocks @returns {Program[]}
 */
export function readPrograms(blocks) {
  /** @type {Program[]} */
  const programs = [];
  for (const { language, code, line, onMemory, from } of blocks) {
    const last = programs.at(-1);
    if (language === 'text' && last) last.output = code;
    if ((language !== 'js' && language !== 'ts') || from !== undefined) continue;
    if (last === undefined || /^import /m.test(code)) {
      programs.push({ language, code, line, onMemory, output: undefined });
    } else last.code += code;
  }
  return programs.map((program) => ({ ...program, output: program.output ?? promisedOutput(program.code) }));
}
