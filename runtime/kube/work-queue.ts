import type { Logger } from "../log/logger.ts";

export interface WorkQueueOptions {
  readonly name: string;
  readonly log: Logger;
  /** Keys that are worked on at once; one key never twice at a time. Default 4. */
  readonly concurrency?: number;
  readonly firstRetryMs?: number;
  readonly lastRetryMs?: number;
  /** Called with the outcome of each run, for metrics. */
  readonly onDone?: (outcome: "ok" | "error", ms: number) => void;
}

/** What a reconciler wants: nothing more, or to be called again. */
export type Requeue = { readonly afterMs: number } | undefined;

/**
 * A keyed, level-triggered queue: a key that is added while it is worked on is worked on once more; one that fails is tried again
 * with a growing delay.
 */
export class WorkQueue {
  readonly #reconcile: (key: string) => Promise<Requeue | undefined>;
  readonly #options: WorkQueueOptions;
  readonly #ready = new Set<string>();
  readonly #active = new Map<string, Promise<void>>();
  readonly #delayed = new Map<string, NodeJS.Timeout>();
  readonly #failures = new Map<string, number>();
  #stopped = false;

  constructor(reconcile: (key: string) => Promise<Requeue | undefined>, options: WorkQueueOptions) {
    this.#reconcile = reconcile;
    this.#options = options;
  }

  add(key: string): void {
    if (this.#stopped) return;
    const timer = this.#delayed.get(key);
    if (timer !== undefined) {
      clearTimeout(timer);
      this.#delayed.delete(key);
    }
    this.#ready.add(key);
    this.#pump();
  }

  addAfter(key: string, ms: number): void {
    if (this.#stopped || this.#ready.has(key) || this.#delayed.has(key)) return;
    this.#delayed.set(
      key,
      setTimeout(() => {
        this.#delayed.delete(key);
        this.add(key);
      }, ms),
    );
  }

  /** Keys waiting, delayed and being worked on. */
  get depth(): number {
    return this.#ready.size + this.#delayed.size + this.#active.size;
  }

  /** Takes no more work and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#delayed.values()) clearTimeout(timer);
    this.#delayed.clear();
    this.#ready.clear();
    await Promise.all(this.#active.values());
  }

  #pump(): void {
    for (const key of this.#ready) {
      if (this.#active.size >= (this.#options.concurrency ?? 4)) return;
      if (this.#active.has(key)) continue;
      this.#ready.delete(key);
      this.#active.set(key, this.#work(key));
    }
  }

  async #work(key: string): Promise<void> {
    // The caller stores this promise before the work may end.
    await Promise.resolve();
    const started = performance.now();
    const { log, name, onDone } = this.#options;
    try {
      const requeue = await this.#reconcile(key);
      this.#failures.delete(key);
      onDone?.("ok", performance.now() - started);
      this.#active.delete(key);
      if (requeue !== undefined) this.addAfter(key, requeue.afterMs);
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      const first = this.#options.firstRetryMs ?? 50;
      const delay = Math.min(first * 2 ** (failures - 1), this.#options.lastRetryMs ?? 60_000);
      log.warn("reconcile failed", { queue: name, key, failures, retryMs: delay, error });
      onDone?.("error", performance.now() - started);
      this.#active.delete(key);
      this.addAfter(key, delay);
    }
    this.#pump();
  }
}
