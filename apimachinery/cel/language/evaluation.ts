// One run of an expression: its variables, and what it has cost so far.

import type { Meter } from "./function-table.ts";

/** Ends a run that costs more than it may. */
export class CostLimitExceeded extends Error {}

/** Elements and characters that functions may touch, on top of what their cost says. */
export interface WorkBudget {
  left: number;
}

/** What one object or one request may take, however many expressions look at it; some tenths of a second. */
export function newWorkBudget(): WorkBudget {
  return { left: 4_000_000 };
}

export class Run implements Meter {
  readonly slots: unknown[];
  readonly limit: number;
  cost = 0;
  readonly #work: WorkBudget;

  constructor(slotCount: number, limit: number, work: WorkBudget) {
    this.slots = new Array(slotCount).fill(undefined);
    this.limit = limit;
    this.#work = work;
  }

  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.limit) throw new CostLimitExceeded("operation cancelled: actual cost limit exceeded");
  }

  work(steps: number): void {
    this.#work.left -= steps;
    if (this.#work.left < 0) throw new CostLimitExceeded("operation cancelled: actual cost limit exceeded");
  }
}

/** A compiled expression. */
export type Evaluate = (run: Run) => unknown;
