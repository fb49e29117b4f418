// How many events one object may cause: a burst, then one now and then. A workload that fails in a circle must not fill the store.

const BURST = 25;
const REFILL_MS = 300_000;
const MAX_OBJECTS = 4096;

interface Account {
  readonly left: number;
  readonly atMs: number;
}

/** Decides whether an event may be written. Remembers the 4096 objects that reported last. */
export class EventBudget {
  readonly #accounts = new Map<string, Account>();

  /** Takes one from the budget of `about`; false when it is used up. */
  take(about: string, nowMs: number): boolean {
    const known = this.#accounts.get(about);
    const left = known === undefined ? BURST : Math.min(BURST, known.left + (nowMs - known.atMs) / REFILL_MS);
    const allowed = left >= 1;
    this.#accounts.delete(about);
    this.#accounts.set(about, { left: allowed ? left - 1 : left, atMs: nowMs });
    if (this.#accounts.size > MAX_OBJECTS) {
      const [oldest] = this.#accounts.keys();
      this.#accounts.delete(oldest as string);
    }
    return allowed;
  }
}
