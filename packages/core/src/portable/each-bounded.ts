/** Works on each item, at most `limit` at a time. The first failure ends it when the work under way has settled. */
export async function eachBounded<T>(
  items: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const start = (item: T): void => {
    const job = work(item)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => underWay.delete(job));
    underWay.add(job);
  };
  const failed = (): boolean => failure !== undefined;
  try {
    for await (const item of items) {
      start(item);
      if (underWay.size >= limit) await Promise.race(underWay);
      if (failed()) break;
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failure) throw failure.error;
}
