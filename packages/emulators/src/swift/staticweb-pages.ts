import { escapeXml, type Row } from './formats.js';
import { quote } from './report.js';
import type { WebSettings } from './staticweb.js';

const DOCTYPE =
  '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">\n<html>\n';

const LISTING_STYLE = `  <style type="text/css">
   h1 {font-size: 1em; font-weight: bold;}
   th {text-align: left; padding: 0px 1em 0px 1em;}
   td {padding: 0px 1em 0px 1em;}
   a {text-decoration: none;}
  </style>
`;

const PLAIN_STYLE = `  <style type="text/css">
   h1 {font-size: 1em; font-weight: bold;}
   p {font-size: 2}
  </style>
`;

function styleOf({ css }: WebSettings, prefix: string, otherwise: string): string {
  if (css === '') return otherwise;
  const isAbsolute = /^(\/|https?:\/\/)/.test(css);
  const path = isAbsolute ? quote(css).replaceAll('%3A', ':') : '../'.repeat(prefix.split('/').length - 1) + quote(css);
  return `  <link rel="stylesheet" type="text/css" href="${path}" />\n`;
}

/** The page for a site whose owner lets nobody list it. */
export function disabledPage(label: string, web: WebSettings, prefix: string): string {
  const index =
    web.index === ''
      ? ''
      : '<h1>Index File Not Found</h1> <p>The owner of this web site has set ' +
        ` <b>X-Container-Meta-Web-Index: ${web.index}</b>.  However, this file is not found.</p>`;
  return (
    `${DOCTYPE}<head>\n<title>Listing of ${escapeXml(label)}</title>\n${styleOf(web, prefix, PLAIN_STYLE)}</head>\n<body>` +
    '  <h1>Web Listing Disabled</h1>   <p>The owner of this web site has disabled web listing.' +
    '   <p>If you are the owner of this web site, you can enable   web listing by setting X-Container-Meta-Web-Listings.</p>' +
    `${index} </body>\n</html>\n`
  );
}

/** A directory of a site, with what lies in it. */
export function listingPage(label: string, web: WebSettings, prefix: string, rows: readonly Row[]): string {
  const title = escapeXml(label);
  const parent = prefix === '' ? '' : row('parent', 'id', '../', '../', '&nbsp;', '&nbsp;');
  const subdirs = rows.flatMap(({ subdir }) => {
    if (subdir === undefined) return [];
    const name = String(subdir).slice(prefix.length);
    return [row('item subdir', 'class', quote(name), escapeXml(name), '&nbsp;', '&nbsp;')];
  });
  const files = rows.filter(({ subdir }) => subdir === undefined).map((file) => fileRow(file, prefix));
  return (
    `${DOCTYPE} <head>\n  <title>Listing of ${title}</title>\n${styleOf(web, prefix, LISTING_STYLE)} </head>\n <body>\n` +
    `  <h1 id="title">Listing of ${title}</h1>\n  <table id="listing">\n   <tr id="heading">\n` +
    '    <th class="colname">Name</th>\n    <th class="colsize">Size</th>\n    <th class="coldate">Date</th>\n   </tr>\n' +
    `${parent}${subdirs.join('')}${files.join('')}  </table>\n </body>\n</html>\n`
  );
}

function row(name: string, kind: 'id' | 'class', href: string, text: string, size: string, date: string): string {
  const attributes = kind === 'id' ? `id="${name}" class="item"` : `class="${name}"`;
  return (
    `   <tr ${attributes}>\n    <td class="colname"><a href="${href}">${text}</a></td>\n` +
    `    <td class="colsize">${size}</td>\n    <td class="coldate">${date}</td>\n   </tr>\n`
  );
}

function fileRow(file: Row, prefix: string): string {
  const name = String(file['name']).slice(prefix.length);
  const types = String(file['content_type'])
    .split('/')
    .map((part) => `type-${escapeXml(part.toLowerCase())}`);
  const date = (String(file['last_modified']).split('.')[0] ?? '').replace('T', ' ');
  return row(`item ${types.join(' ')}`, 'class', quote(name), escapeXml(name), humanSize(Number(file['bytes'])), date);
}

/** Such as `2Ki`. */
function humanSize(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti'];
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${String(Math.round(bytes / 1024 ** power))}${units[power] ?? ''}`;
}
