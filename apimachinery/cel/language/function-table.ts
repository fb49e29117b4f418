// Functions by name, each with its overloads. The tables of the libraries are joined into one when an environment is made.

import type { CelType } from "./cel-types.ts";

/** Where functions account for work that grows with their arguments; throws beyond the limit. */
export interface Meter {
  /** @param steps - elements or characters touched */
  work(steps: number): void;
}

/** One meaning of a function. */
export interface Overload {
  readonly id: string;
  readonly params: readonly CelType[];
  readonly result: CelType;
  readonly isMember: boolean;
  /** Arguments are never error values. Returns a value, or an error value made by `celError`. */
  run(a: unknown, b: unknown, c: unknown, d: unknown, meter: Meter): unknown;
}

type Body = (a: never, b: never, c: never, d: never, meter: Meter) => unknown;

export type FunctionTable = ReadonlyMap<string, readonly Overload[]>;

/** `fn(a, b)` */
export function global(id: string, params: readonly CelType[], result: CelType, run: Body): Overload {
  return { id, params, result, isMember: false, run: run as Overload["run"] };
}

/** `a.fn(b)`; the receiver is the first parameter. */
export function member(id: string, params: readonly CelType[], result: CelType, run: Body): Overload {
  return { id, params, result, isMember: true, run: run as Overload["run"] };
}

/** Joins tables; overloads of the same name add up in the given order. */
export function joinTables(tables: readonly Readonly<Record<string, readonly Overload[]>>[]): FunctionTable {
  const joined = new Map<string, Overload[]>();
  for (const table of tables) {
    for (const [name, overloads] of Object.entries(table)) {
      const known = joined.get(name);
      if (known === undefined) joined.set(name, [...overloads]);
      else known.push(...overloads);
    }
  }
  return joined;
}
