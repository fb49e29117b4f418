// Which part of an old object a part of a new one is compared with, and whether it is unchanged. Validation of updates
// tolerates what an unchanged part already violates ("CRD validation ratcheting").

import { jsonEqual } from "../../meta/json-equal.ts";
import { getOwn, isObject } from "../../meta/own-members.ts";
import { assertDepth } from "../depth-limit.ts";
import type { JsonSchema } from "../json-schema.ts";

/** Nothing to compare with: the old object has no such part, or lists give no way to find it. */
export const UNCORRELATED: unique symbol = Symbol("uncorrelated");

/** The old value of a member, or {@link UNCORRELATED}. */
export function oldMember(old: unknown, key: string): unknown {
  return isObject(old) && Object.hasOwn(old, key) ? old[key] : UNCORRELATED;
}

/** Finds items of an old list by the keys of `x-kubernetes-list-type: map`; other lists give no correlation. */
export function oldItems(old: unknown, schema: JsonSchema): (item: unknown) => unknown {
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  if (!Array.isArray(old) || schema["x-kubernetes-list-type"] !== "map" || keys.length === 0) {
    return () => UNCORRELATED;
  }
  const byKey = new Map<string, unknown>();
  for (const item of old) {
    const key = compositeKey(item, keys);
    if (key !== undefined && !byKey.has(key)) byKey.set(key, item);
  }
  return (item) => {
    const key = compositeKey(item, keys);
    return key !== undefined && byKey.has(key) ? byKey.get(key) : UNCORRELATED;
  };
}

function compositeKey(item: unknown, keys: readonly string[]): string | undefined {
  if (!isObject(item)) return undefined;
  let key = "";
  for (const name of keys) {
    const value = getOwn(item, name);
    if (value === undefined || value === null || typeof value === "object") return undefined;
    key += `\0${typeof value} ${JSON.stringify(value)}`;
  }
  return key;
}

/**
 * Whether a value is the same as before in the sense of ratcheting: an object with fields that its schema does not know
 * counts as changed, and a list of `map` type may be reordered.
 */
export function isUnchanged(value: unknown, old: unknown, schema: JsonSchema, depth = 0): boolean {
  if (value === null || old === null || typeof value !== "object" || typeof old !== "object") return value === old;
  assertDepth(depth);
  if (Array.isArray(value) || Array.isArray(old)) {
    if (!Array.isArray(value) || !Array.isArray(old) || value.length !== old.length) return false;
    return areItemsUnchanged(value, old, schema, depth);
  }
  const keys = Object.keys(value);
  if (keys.length !== Object.keys(old).length) return false;
  const { additionalProperties } = schema;
  const others = typeof additionalProperties === "object" ? additionalProperties : undefined;
  return keys.every((key) => {
    const below = getOwn(schema.properties, key) ?? others;
    const before = oldMember(old, key);
    if (below === undefined || before === UNCORRELATED) return false;
    return isUnchanged((value as Record<string, unknown>)[key], before, below, depth + 1);
  });
}

function areItemsUnchanged(
  value: readonly unknown[],
  old: readonly unknown[],
  schema: JsonSchema,
  depth: number,
): boolean {
  const { items } = schema;
  if (items === undefined || schema["x-kubernetes-list-type"] !== "map") return jsonEqual(value, old);
  const find = oldItems(old, schema);
  return value.every((item) => {
    const before = find(item);
    return before !== UNCORRELATED && isUnchanged(item, before, items, depth + 1);
  });
}
