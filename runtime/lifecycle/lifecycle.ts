import type { Logger } from "../log/logger.ts";

/** Something with a life: started once, stopped once. */
export interface Part {
  readonly name: string;
  /** Resolves when the part really works. */
  start(): Promise<void>;
  /** Finishes what is under way, then lets go of everything. Never rejects for good reasons only. */
  stop(): Promise<void>;
}

export interface LifecycleOptions {
  readonly log: Logger;
  /** Whole time all parts together have to stop. Default 30 s. */
  readonly drainMs?: number;
}

/**
 * Starts parts in order and stops them in the opposite one. A part that fails to start stops those before it.
 */
export class Lifecycle {
  readonly #parts: readonly Part[];
  readonly #log: Logger;
  readonly #drainMs: number;
  #running: Part[] = [];
  #stopping: Promise<boolean> | undefined;

  constructor(parts: readonly Part[], options: LifecycleOptions) {
    this.#parts = parts;
    this.#log = options.log;
    this.#drainMs = options.drainMs ?? 30_000;
  }

  /** @throws what kept a part from starting, or an Error when {@link stop} came first */
  async start(): Promise<void> {
    for (const part of this.#parts) {
      if (this.#stopping !== undefined) throw new Error(`stopped before ${part.name} was started`);
      // From here on a stop reaches it: a part may take long to start, or never get there.
      this.#running.push(part);
      try {
        await part.start();
      } catch (error) {
        this.#running = this.#running.filter((other) => other !== part);
        this.#log.error("part failed to start", { part: part.name, error });
        await this.stop();
        throw error;
      }
      this.#log.debug("part started", { part: part.name });
    }
  }

  /** @returns false when a part failed or the time ran out */
  stop(): Promise<boolean> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<boolean> {
    let clean = true;
    const deadline = new Promise<"late">((resolve) => setTimeout(resolve, this.#drainMs, "late").unref());
    for (const part of this.#running.reverse()) {
      const outcome = await Promise.race([
        part.stop().then(
          () => "stopped",
          (error: unknown) => ({ error }),
        ),
        deadline,
      ]);
      if (outcome === "stopped") continue;
      clean = false;
      this.#log.error("part did not stop cleanly", {
        part: part.name,
        ...(outcome === "late" ? { afterMs: this.#drainMs } : (outcome as object)),
      });
      if (outcome === "late") break;
    }
    this.#running = [];
    return clean;
  }
}

/**
 * Runs `stop` at the first SIGINT or SIGTERM and ends the process: 0 after a clean stop, 1 otherwise. A second signal ends it at once.
 */
export function stopOnSignals(
  stop: () => Promise<boolean>,
  log: Logger,
  exit: (code: number) => void = (code) => process.exit(code),
): void {
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    signals++;
    if (signals > 1) {
      exit(1);
      return;
    }
    log.info("stopping", { signal });
    void stop().then(
      (clean) => exit(clean ? 0 : 1),
      () => exit(1),
    );
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
}
