import { Uint } from "./cel-values.ts";

/** A value as an index of a list: a number that is whole, of any type; undefined if it is none. */
export function listIndex(value: unknown): number | undefined {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint) return Number(value.value);
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}
