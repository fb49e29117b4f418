// Small operations on JSON values that the walkers of this folder need in the same form.

import { setOwn } from "../meta/own-members.ts";
import type { Json, JsonObject } from "../meta/types.ts";
import { assertDepth } from "./depth-limit.ts";

/** A deep copy. */
export function cloneJson(value: Json, depth = 0): Json {
  if (typeof value !== "object" || value === null) return value;
  assertDepth(depth);
  if (Array.isArray(value)) return value.map((item) => cloneJson(item, depth + 1));
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) setOwn(copy, key, cloneJson(value[key] as Json, depth + 1));
  return copy;
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
