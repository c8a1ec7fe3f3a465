/**
 * @typedef {{ cpuUs: number, opsPerSecond: number, rssMB: number }} Figures CPU of this process for one operation in microseconds,
 * operations a second, and the peak of resident memory in millions of bytes
 */

/**
 * Measures work of this process. `work` tells how many operations it did.
 * @param {() => Promise<number>} work @returns {Promise<Figures>}
 */
export async function meter(work) {
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const operations = await work();
  const seconds = (performance.now() - startMs) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  return {
    cpuUs: (cpu.user + cpu.system) / operations,
    opsPerSecond: operations / seconds,
    rssMB: peakRssMB(),
  };
}

export function peakRssMB() {
  // Kibibytes, on every platform.
  return (process.resourceUsage().maxRSS * 1024) / 1e6;
}
