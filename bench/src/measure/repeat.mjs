/**
 * Calls again and again, so many calls at once, until both bounds are passed.
 * @param {(index: number) => Promise<unknown>} call
 * @param {{ inFlight: number, minCalls: number, minMs: number }} options
 * @returns {Promise<number>} how many calls were made
 */
export async function repeat(call, { inFlight, minCalls, minMs }) {
  const startMs = performance.now();
  let calls = 0;
  const worker = async () => {
    while (calls < minCalls || performance.now() - startMs < minMs) await call(calls++);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return calls;
}
