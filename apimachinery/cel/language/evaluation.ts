// One run of an expression: its variables, and what it has cost so far.

import type { Meter } from "./function-table.ts";

/** Ends a run that costs more than it may. */
export class CostLimitExceeded extends Error {}

/** Elements and characters that functions may touch in one run, on top of what their cost says. */
const MAX_WORK = 4_000_000;

export class Run implements Meter {
  readonly slots: unknown[];
  readonly limit: number;
  cost = 0;
  #work = MAX_WORK;

  constructor(slotCount: number, limit: number) {
    this.slots = new Array(slotCount).fill(undefined);
    this.limit = limit;
  }

  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.limit) throw new CostLimitExceeded("operation cancelled: actual cost limit exceeded");
  }

  work(steps: number): void {
    this.#work -= steps;
    if (this.#work < 0) throw new CostLimitExceeded("operation cancelled: actual cost limit exceeded");
  }
}

/** A compiled expression. */
export type Evaluate = (run: Run) => unknown;
