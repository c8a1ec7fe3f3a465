/**
 * A process that does one thing from its start: loads a client, and with `read` reads one object of 1 KiB. Prints what the whole
 * process cost until then. Nothing else may be loaded here.
 */
const [step, file, target] = process.argv.slice(2);
if (step !== 'nothing') {
  const { open } = await import(/** @type {string} */ (file));
  if (step === 'read') {
    const client = open(JSON.parse(/** @type {string} */ (target)));
    const bytes = await client.get('1024/first.bin');
    if (bytes.length !== 1024) throw new Error(`${bytes.length} bytes instead of 1024`);
  }
}
const { user, system } = process.cpuUsage();
const wallMs = performance.now();
const rssMB = (process.resourceUsage().maxRSS * 1024) / 1e6;
console.log(JSON.stringify({ cpuUs: user + system, opsPerSecond: 1000 / wallMs, rssMB }));
process.exit();
