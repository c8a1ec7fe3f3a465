/** The documentation site: `npm run docs`. Dead links fail the build, which is VitePress's default. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { defineConfig } from 'vitepress';
import { listPackages } from '../../scripts/lib/workspace.mjs';

const docs = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const here = new Set(listPackages().map(({ manifest }) => manifest.name));

/** @param {string} path @returns {{ text: string, link: string }} */
function linkTo(path) {
  const heading = /^# (.+)$/m.exec(readFileSync(join(docs, `${path}.md`), 'utf8'))?.[1] ?? path;
  return { text: heading.replaceAll('`', ''), link: `/${path}` };
}

/** @param {string} folder @returns {string[]} its pages, by name, without `.md` */
function pagesOf(folder) {
  if (!existsSync(join(docs, folder))) return [];
  const files = readdirSync(join(docs, folder)).filter((file) => file.endsWith('.md') && file !== 'index.md');
  return files.sort().map((file) => `${folder}/${file.slice(0, -'.md'.length)}`);
}

/** @param {readonly string[]} pages */
function present(pages) {
  return pages.filter((page) => existsSync(join(docs, `${page}.md`))).map(linkTo);
}

const providers = ['amazon-s3', 's3-compatible', 'google-cloud-storage', 'openstack-swift', 'rackspace-cloud-files'];

const sidebar = [
  { text: 'Start', items: present(['getting-started', 'moving-from-django', 'django-compatibility']) },
  {
    text: 'Providers',
    items: present(
      [...providers, 'atmos', 'nimbus', 'local'].map((name) => `providers/${name}`).concat('capabilities'),
    ),
  },
  { text: 'Guide', items: present(['portable-api', 'transfers', 'errors', 'security', 'performance']) },
  { text: 'Authors of drivers', items: present(['writing-a-driver', 'conformance-rules']) },
  { text: 'API reference', collapsed: true, items: pagesOf('api').map(linkTo) },
  { text: 'Decisions', collapsed: true, items: pagesOf('decisions').map(linkTo) },
];

/** A page whose frontmatter names a driver that this repository does not have yet says so at its top. */
function noticeOfMissingDriver(md) {
  md.core.ruler.push('missing-driver', (state) => {
    const driver = state.env.frontmatter?.driver;
    if (driver === undefined || here.has(driver)) return;
    const notice = new state.Token('html_block', '', 0);
    notice.content = `<div class="warning custom-block"><p><code>${driver}</code> is not published yet.</p></div>\n`;
    const heading = state.tokens.findIndex(({ type }) => type === 'heading_close');
    state.tokens.splice(heading + 1, 0, notice);
  });
}

/** Links to files of the repository that are no pages lead to the repository; a file that is not there is left to the check of dead links. */
function linksIntoRepository(md) {
  md.core.ruler.push('repository-links', ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? []).filter(({ type }) => type === 'link_open')) {
      const target = posix.normalize(
        posix.join('docs', posix.dirname(env.relativePath ?? ''), token.attrGet('href') ?? ''),
      );
      if (/^(packages|bench|scripts)\//.test(target) && existsSync(join(docs, '..', target.replace(/#.*/, ''))))
        token.attrSet('href', `https://github.com/stowage-js/stowage/blob/main/${target}`);
    }
  });
}

export default defineConfig({
  title: 'Stowage',
  description: 'One storage API for Node over many object stores',
  cleanUrls: true,
  cacheDir: '../.stowage/vitepress',
  themeConfig: {
    sidebar,
    nav: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Capabilities', link: '/capabilities' },
      { text: 'API', link: '/api/' },
    ],
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: 'https://github.com/stowage-js/stowage' }],
  },
  markdown: {
    config: (md) => {
      noticeOfMissingDriver(md);
      linksIntoRepository(md);
    },
  },
});
