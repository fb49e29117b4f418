/**
 * Does `count` things in batches of 1, 2, 4, …: what fails for all of them (a quota, a webhook that is away) fails once, not a
 * thousand times.
 *
 * @returns how many succeeded, and the first error of the batch that stopped it
 */
export async function slowStart(
  count: number,
  act: (index: number) => Promise<void>,
): Promise<{ readonly done: number; readonly error: unknown }> {
  let done = 0;
  for (let batch = 1, next = 0; next < count; batch *= 2) {
    const size = Math.min(batch, count - next);
    const results = await Promise.allSettled(Array.from({ length: size }, (_, i) => act(next + i)));
    next += size;
    const failed = results.find((result) => result.status === "rejected");
    done += results.filter((result) => result.status === "fulfilled").length;
    if (failed !== undefined) return { done, error: failed.reason };
  }
  return { done, error: undefined };
}
