import { Medians } from './medians.mjs';

/**
 * @typedef {import('./responder/start.mjs').Responder} Responder
 * @typedef {import('./measure/meter.mjs').Figures} Figures
 * @typedef {import('./medians.mjs').Row} Row
 * @typedef {{ name: string, value: number, goal: number, met: boolean }} Ratio
 * @typedef {{
 *   responder: Responder, runs: number, quick: boolean, only: readonly string[] | undefined, showRequests: boolean,
 *   nodeOptions: readonly string[],
 * }} Context
 * @typedef {{ client: string, op: string, measure: () => Promise<Figures> }} Task
 */

/**
 * What every client is given to log on with.
 * @typedef {{ endpoint: string, bucket: string, region: string, accessKeyId: string, secretAccessKey: string }} Target
 */

/** @param {string} endpoint @returns {Target} */
export function targetAt(endpoint) {
  return {
    endpoint,
    bucket: 'bench',
    region: 'us-east-1',
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
}

/** @param {string} client @param {string} op @param {Record<string, string>} heads */
function showRequests(client, op, heads) {
  for (const head of Object.values(heads)) {
    const text = head.replace(/(Signature=)[0-9a-f]+/, '$1...').replaceAll('\r\n', '\n    ');
    console.error(`\n${client}, ${op}:\n    ${text}`);
  }
}

/**
 * Measures every task once in each round, in turn, so that what the machine does meanwhile meets them all alike. A client that sends
 * what it should not ends the run.
 * @param {Context} context @param {readonly Task[]} tasks @returns {Promise<Row[]>}
 */
export async function runRounds(context, tasks) {
  const medians = new Medians();
  const chosen = tasks.filter(({ client }) => !context.only || context.only.includes(client));
  for (let round = 1; round <= context.runs; round += 1) {
    for (const { client, op, measure } of chosen) {
      const figures = await measure().catch((error) => {
        throw new Error(`${client}, ${op}: ${error.message}`, { cause: error });
      });
      const { unexpected, heads } = await context.responder.takeSeen();
      if (unexpected.length > 0)
        throw new Error(`${client}, ${op}: unexpected requests:\n${unexpected.slice(0, 5).join('\n')}`);
      if (context.showRequests && round === 1) showRequests(client, op, heads);
      const { cpuUs, opsPerSecond, rssMB } = figures;
      console.error(
        `${round}/${context.runs} ${op.padEnd(20)} ${client.padEnd(18)} ${cpuUs.toFixed(0).padStart(9)} µs ` +
          `${opsPerSecond.toFixed(opsPerSecond < 100 ? 2 : 0).padStart(8)}/s ${rssMB.toFixed(0).padStart(5)} MB`,
      );
      medians.add(client, op, figures);
    }
  }
  return medians.rows();
}
