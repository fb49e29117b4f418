/**
 * Asks until there is an answer: for what others do in their own time. Tests wait by it, never for a time.
 *
 * @param ask - undefined means not yet; what it throws ends the waiting
 * @param what - names the event for the error
 * @param timeoutMs - default 10 s
 */
export async function eventually<T>(ask: () => Promise<T | undefined>, what: string, timeoutMs = 10_000): Promise<T> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > until) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
