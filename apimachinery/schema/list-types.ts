// Uniqueness in lists of `x-kubernetes-list-type` set (whole items) and map (keys).

import { duplicate, type FieldError, invalid } from "../meta/field-error.ts";
import { getOwn, isObject, setOwn } from "../meta/own-members.ts";
import type { Json, JsonObject } from "../meta/types.ts";
import { assertDepth } from "./depth-limit.ts";
import type { JsonSchema } from "./json-schema.ts";
import { canonicalText, sortKeys } from "./json-value.ts";
import { traitsOf } from "./validation/schema-traits.ts";

/** The repetitions in a value's sets and maps, each reported once, where it occurs for the second time. */
export function listTypeErrors(value: unknown, schema: JsonSchema, path = ""): FieldError[] {
  const errors: FieldError[] = [];
  walk(errors, value, schema, { path, depth: 0 });
  return errors;
}

interface Place {
  readonly path: string;
  readonly depth: number;
}

function walk(errors: FieldError[], value: unknown, schema: JsonSchema, place: Place): void {
  if (typeof value !== "object" || value === null || !traitsOf(schema).uniqueLists) return;
  assertDepth(place.depth);
  const depth = place.depth + 1;
  if (Array.isArray(value)) {
    const listType = schema["x-kubernetes-list-type"];
    if (listType === "set") checkSet(errors, value, place.path);
    else if (listType === "map") checkMap(errors, value, schema["x-kubernetes-list-map-keys"] ?? [], place.path);
    const { items } = schema;
    if (items !== undefined && traitsOf(items).uniqueLists) {
      for (const [index, item] of value.entries()) {
        walk(errors, item, items, { path: `${place.path}[${index}]`, depth });
      }
    }
    return;
  }
  const { properties, additionalProperties } = schema;
  const object = value as JsonObject;
  for (const key in object) {
    const member = object[key];
    if (typeof member !== "object" || member === null) continue;
    const property = getOwn(properties, key);
    if (property !== undefined) {
      walk(errors, member, property, { path: place.path === "" ? key : `${place.path}.${key}`, depth });
    } else if (typeof additionalProperties === "object") {
      walk(errors, member, additionalProperties, { path: `${place.path}[${key}]`, depth });
    }
  }
}

/** Indices at which a text stands for the second time. */
function secondOccurrences(texts: readonly string[]): number[] {
  const times = new Map<string, number>();
  return [...texts.keys()].filter((index) => {
    const text = texts[index] as string;
    const before = times.get(text) ?? 0;
    times.set(text, before + 1);
    return before === 1;
  });
}

function checkSet(errors: FieldError[], items: readonly Json[], path: string): void {
  if (items.length < 2) return;
  for (const index of secondOccurrences(items.map((item) => canonicalText(item)))) {
    errors.push(duplicate(`${path}[${index}]`, sortKeys(items[index])));
  }
}

function checkMap(errors: FieldError[], items: readonly Json[], keys: readonly string[], path: string): void {
  const wrong = items.findIndex((item) => item !== null && !isObject(item));
  if (wrong >= 0) {
    errors.push(
      invalid(`${path}[${wrong}]`, sortKeys(items[wrong]), "must be an object for an array of list-type map"),
    );
    return;
  }
  if (items.length < 2) return;
  const keysOf = items.map((item) => pickKeys(item, keys));
  for (const index of secondOccurrences(keysOf.map((key) => canonicalText(key)))) {
    errors.push(duplicate(`${path}[${index}]`, sortKeys(keysOf[index])));
  }
}

/** The keys of an item; one that lacks a key has fewer. */
function pickKeys(item: Json | undefined, keys: readonly string[]): JsonObject {
  const picked: JsonObject = {};
  if (!isObject(item)) return picked;
  for (const key of keys) {
    const value = getOwn(item, key);
    if (value !== undefined) setOwn(picked, key, value);
  }
  return picked;
}
