// Small operations on JSON values that the walkers of this folder need in the same form.

import type { Json, JsonObject } from "../meta/types.ts";
import { assertDepth } from "./depth-limit.ts";

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member that is the object's own; a key from outside never reaches a prototype. */
export function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Sets a member under any key, `__proto__` included. */
export function setOwn(object: JsonObject, key: string, value: Json): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else object[key] = value;
}

/** A deep copy. */
export function cloneJson(value: Json, depth = 0): Json {
  if (typeof value !== "object" || value === null) return value;
  assertDepth(depth);
  if (Array.isArray(value)) return value.map((item) => cloneJson(item, depth + 1));
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) setOwn(copy, key, cloneJson(value[key] as Json, depth + 1));
  return copy;
}

/** Equality of JSON values; the order of keys does not matter. */
export function jsonEqual(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  assertDepth(depth);
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => jsonEqual(item, b[index], depth + 1));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && jsonEqual(left[key], right[key], depth + 1));
}

/** A text that is the same for equal values: keys sorted at every level. */
export function canonicalText(value: unknown, depth = 0): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  assertDepth(depth);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item, depth + 1)).join(",")}]`;
  const object = value as Record<string, unknown>;
  const members = Object.keys(object)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(object[key], depth + 1)}`);
  return `{${members.join(",")}}`;
}

/** The value with the keys of every object in order, as the original shows values in texts. */
export function sortKeys(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null) return value;
  assertDepth(depth);
  if (Array.isArray(value)) return value.map((item) => sortKeys(item, depth + 1));
  const sorted: JsonObject = {};
  for (const key of Object.keys(value).sort()) {
    setOwn(sorted, key, sortKeys((value as JsonObject)[key], depth + 1) as Json);
  }
  return sorted;
}
