// JSON whose schema is not known, as expressions of admission see it.

import { CelList, CelMap } from "../language/cel-values.ts";

/** Converts a JSON value by what it is: whole numbers are int, others double. */
export function toDynamicValue(value: unknown): unknown {
  if (typeof value === "number") {
    return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? BigInt(value) : value;
  }
  if (Array.isArray(value)) return new DynamicList(value);
  if (value === undefined) return null;
  return typeof value === "object" && value !== null ? new DynamicMap(value as Record<string, unknown>) : value;
}

class DynamicMap extends CelMap {
  readonly #value: Readonly<Record<string, unknown>>;
  constructor(value: Readonly<Record<string, unknown>>) {
    super();
    this.#value = value;
  }
  get size(): number {
    return Object.keys(this.#value).length;
  }
  get(key: unknown): unknown {
    if (typeof key !== "string" || !Object.hasOwn(this.#value, key)) return undefined;
    return toDynamicValue(this.#value[key]);
  }
  has(key: unknown): boolean {
    return typeof key === "string" && Object.hasOwn(this.#value, key);
  }
  keys(): unknown[] {
    return Object.keys(this.#value);
  }
}

class DynamicList extends CelList {
  readonly #value: readonly unknown[];
  constructor(value: readonly unknown[]) {
    super();
    this.#value = value;
  }
  get size(): number {
    return this.#value.length;
  }
  at(index: number): unknown {
    return toDynamicValue(this.#value[index]);
  }
}
