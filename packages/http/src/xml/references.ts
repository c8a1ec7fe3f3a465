const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const REFERENCE = /&([^;&]{0,12})(;?)/g;

function characterOf(digits: string): string | undefined {
  const hex = /^[xX]([0-9a-fA-F]{1,6})$/.exec(digits);
  const code = hex ? parseInt(hex[1] as string, 16) : /^\d{1,7}$/.test(digits) ? Number(digits) : NaN;
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}

/** Replaces the five entities of XML and numeric references. `bad` makes the error for any other. */
export function decodeReferences(text: string, bad: (why: string) => Error): string {
  return text.replace(REFERENCE, (_whole, name: string, end: string) => {
    const character = name.startsWith('#') ? characterOf(name.slice(1)) : NAMED[name];
    if (end === '' || character === undefined)
      throw bad('it holds an entity that is none of the five, or a reference that is none');
    return character;
  });
}
