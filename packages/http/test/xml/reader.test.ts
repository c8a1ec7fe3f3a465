import { XMLParser } from 'fast-xml-parser';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childrenOf, parseXml, textAt, writeXml, type XmlContent, type XmlElement } from '../../src/index.js';

function parse(text: string): XmlElement {
  return parseXml(Buffer.from(text), 'a test');
}

describe('parseXml', () => {
  it('reads elements, text, CDATA, references and comments', () => {
    const root = parse(
      '\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<!-- <a> --><r xmlns="urn:x" a=\'>"\'><ns:a b="/>">1 &lt; 2 &amp;&#x20;&#233;&#x1F600;</ns:a >' +
        '<b/><b attr="x" /><b></b><c>x<![CDATA[<&]]>y<!-- no -->z</c><d> <e>é</e> </d></r>\n<!-- end -->',
    );
    expect(root.name).toBe('r');
    expect(textAt(root, 'a')).toBe('1 < 2 & é😀');
    expect(childrenOf(root, 'b').map(({ text }) => text)).toEqual(['', '', '']);
    expect(textAt(root, 'c')).toBe('x<&yz');
    expect(textAt(root, 'd', 'e')).toBe('é');
    expect(textAt(root, 'd', 'f')).toBeUndefined();
  });

  it('takes blanks before the declaration, which some services send to keep a connection alive', () => {
    expect(parse(' \n \n<?xml version="1.0"?><r>x</r>').text).toBe('x');
  });

  it.each([
    ['a document type', '<!DOCTYPE r [<!ENTITY a "aaaa">]><r>&a;</r>'],
    ['an external entity', '<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>'],
    ['an unknown entity', '<r>&lol;</r>'],
    ['a lone ampersand', '<r>a & b</r>'],
    ['a reference to nothing', '<r>&#0;</r>'],
    ['a reference to half a pair', '<r>&#xD800;</r>'],
    ['a reference beyond Unicode', '<r>&#x110000;</r>'],
    ['an end tag of another', '<r><a></b></r>'],
    ['an end tag that only begins so', '<r><a></ab></r>'],
    ['an end tag too many', '<r></r></r>'],
    ['two roots', '<r/><r/>'],
    ['text behind the root', '<r/>x'],
    ['text before the root', 'x<r/>'],
    ['a tag without a name', '<r>< a></a></r>'],
    ['a tag that does not end', '<r><a <b></b></r>'],
    ['nothing', ''],
    ['HTML of a proxy', '<html><br><p>Bad gateway</html>'],
    ['another encoding', '<?xml version="1.0" encoding="ISO-8859-1"?><r/>'],
  ])('refuses %s', (_what, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'unknown', retryable: false }));
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseXml(Buffer.from([0x3c, 0x72, 0x3e, 0xff, 0x3c, 0x2f, 0x72, 0x3e]), 'a test')).toThrow(
      /not UTF-8/,
    );
  });

  it('refuses what is too deep or too much', () => {
    expect(() => parse('<a>'.repeat(100) + '</a>'.repeat(100))).toThrow(/elements deep/);
    expect(() => parse(`<r>${'<a/>'.repeat(30_000)}</r>`)).toThrow(/more than 20000 elements/);
  });

  it('refuses every document that is cut off', () => {
    const whole = '<?xml version="1.0"?><r a="b"><!-- c --><k>v&amp;</k><![CDATA[x]]><e/></r>';
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => parse(whole.slice(0, length)), whole.slice(0, length)).toThrow(
        expect.objectContaining({ code: 'unknown' }),
      );
    }
  });

  it('ends, with a document or a StorageError, whatever it is given', () => {
    const shred = fc.string({
      unit: fc.constantFrom(
        '<',
        '>',
        '/',
        '!',
        '-',
        '?',
        '[',
        ']',
        '&',
        ';',
        '#',
        '"',
        "'",
        'a',
        ' ',
        'CDATA',
        '<r>',
        '</r>',
      ),
    });
    fc.assert(
      fc.property(shred, fc.boolean(), (text, isWrapped) => {
        try {
          parse(isWrapped ? `<r>${text}</r>` : text);
        } catch (error) {
          expect(error).toMatchObject({ name: 'StorageError', code: 'unknown' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** Text that XML 1.0 can carry. */
const carried = fc.string({
  unit: fc.constantFrom(...Array.from('ab &<>"\'\t\n\ré😀\u0085\u2028]%;#x')),
  maxLength: 15,
});
const content = fc.letrec<{ element: XmlContent; group: Record<string, XmlContent> }>((tie) => ({
  element: fc.oneof({ maxDepth: 4 }, carried, tie('group')),
  group: fc.dictionary(fc.constantFrom('A', 'Bb', 'C-c', 'd.d', '_e'), tie('element'), { minKeys: 1 }),
})).group;

function plain(element: XmlElement): unknown {
  if (element.children.length === 0) return element.text;
  return Object.fromEntries(element.children.map((child) => [child.name, plain(child)]));
}

describe('writeXml', () => {
  const independent = new XMLParser({
    parseTagValue: false,
    trimValues: false,
    ignoreDeclaration: true,
    ignoreAttributes: true,
    htmlEntities: true,
  });

  it('writes what this parser and an independent one read back', () => {
    fc.assert(
      fc.property(content, (value) => {
        const bytes = writeXml('Root', value, 'urn:a&b');
        expect(plain(parseXml(bytes, 'a test'))).toEqual(value);
        const theirs = independent.parse(bytes.toString()) as { Root: unknown };
        expect(theirs.Root).toEqual(value);
      }),
      { numRuns: 40 },
    );
  });

  it('repeats an element for an array and leaves out what is undefined', () => {
    const bytes = writeXml('D', { Quiet: true, Object: [{ Key: 'a' }, { Key: 'b', Size: 1 }], Mfa: undefined });
    expect(bytes.toString()).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><D><Quiet>true</Quiet><Object><Key>a</Key></Object><Object><Key>b</Key><Size>1</Size></Object></D>',
    );
  });

  it.each(['\0', '\x0b', '\ufffe', '\ud800', 'a\udc00'])('refuses %j, which XML cannot carry', (text) => {
    expect(() => writeXml('r', text)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});
