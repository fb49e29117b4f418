const FIRST_MS = 1000;
const LAST_MS = 900_000;
const MAX_KEYS = 4096;

/** How fast what fails again and again is replaced: after a second, then after twice as long each time, up to fifteen minutes. */
export class ReplacementPace {
  readonly #failures = new Map<string, { readonly delayMs: number; readonly atMs: number }>();

  /** Milliseconds until the next replacement. */
  leftMs(key: string, nowMs: number): number {
    const known = this.#failures.get(key);
    return known === undefined ? 0 : Math.max(0, known.atMs + known.delayMs - nowMs);
  }

  /** Takes note of a replacement. One after a long time of peace counts as the first. */
  note(key: string, nowMs: number): void {
    const known = this.#failures.get(key);
    const again = known !== undefined && nowMs - known.atMs < 2 * LAST_MS;
    this.#failures.delete(key);
    this.#failures.set(key, { delayMs: again ? Math.min(known.delayMs * 2, LAST_MS) : FIRST_MS, atMs: nowMs });
    if (this.#failures.size > MAX_KEYS) {
      const [oldest] = this.#failures.keys();
      this.#failures.delete(oldest as string);
    }
  }
}
