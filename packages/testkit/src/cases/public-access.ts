import assert from 'node:assert/strict';
import { rejects } from '../asserts.js';
import { type Applies, casesOf } from '../conformance-case.js';
import { groupOf } from '../group-of.js';

const hasWebsite: Applies = (driver) => driver.website !== undefined;
const hasContainerUrl: Applies = (driver) => driver.cdn?.containerUrl !== undefined;
const hasObjectUrl: Applies = (driver) => driver.cdn?.objectUrl !== undefined;
const switchesCdn: Applies = (driver) =>
  driver.cdn?.enableContainer !== undefined && driver.cdn.disableContainer !== undefined;

export const publicAccessCases = casesOf('public-access', (rule) => {
  rule('website', 'switches the web site of a container on and off', hasWebsite, async (bench) => {
    const container = await bench.freshContainer();
    const website = groupOf(bench.driver, 'website');
    await website.enable(container, { indexKey: 'index.html', errorKey: 'error.html' }, bench.ctx);
    await website.enable(container, { indexKey: 'home.html' }, bench.ctx);
    await website.disable(container, bench.ctx);
    await website.disable(container, bench.ctx);
    await bench.driver.statContainer(container, bench.ctx);
  });

  rule('website-missing', 'rejects the web site of a missing container', hasWebsite, async (bench) => {
    const call = groupOf(bench.driver, 'website').enable(bench.newName(), { indexKey: 'index.html' }, bench.ctx);
    await rejects(call, 'container-not-found');
  });

  rule('cdn-switch', 'switches the CDN of a container on and off', switchesCdn, async (bench) => {
    const container = await bench.freshContainer();
    const cdn = groupOf(bench.driver, 'cdn');
    await cdn.enableContainer?.(container, { ttlSeconds: 3600 }, bench.ctx);
    if (cdn.containerUrl) assert.ok(URL.canParse(await cdn.containerUrl(container, bench.ctx)));
    await cdn.disableContainer?.(container, bench.ctx);
  });

  rule('cdn-container-url', 'tells no CDN address of a missing container', hasContainerUrl, async (bench) => {
    const call = groupOf(bench.driver, 'cdn').containerUrl?.(bench.newName(), bench.ctx);
    assert.ok(call);
    await rejects(call, 'container-not-found');
  });

  rule('cdn-object-url', 'tells the CDN address of an object', hasObjectUrl, async (bench) => {
    const container = await bench.freshContainer();
    const cdn = groupOf(bench.driver, 'cdn');
    await bench.put({ container, key: 'a b?é' }, 'content');
    await cdn.enableContainer?.(container, {}, bench.ctx);
    const url = await cdn.objectUrl?.({ container, key: 'a b?é' }, bench.ctx);
    assert.match(url ?? '', /^https?:\/\/[!-~]+$/);
  });
});
