// Defaulting, and the dropping of nulls that a schema does not allow.
// Kubernetes documentation, "Extend the Kubernetes API with CustomResourceDefinitions", sections "Defaulting" and
// "Defaulting and Nullable".

import { getOwn, setOwn } from "../meta/own-members.ts";
import type { Json, JsonObject } from "../meta/types.ts";
import { assertDepth } from "./depth-limit.ts";
import type { JsonSchema } from "./json-schema.ts";
import { cloneJson } from "./json-value.ts";

/**
 * Fills in, in place, what is missing and has a default.
 *
 * A null where the schema allows none takes the default, or is removed if there is none. In a list such a null stays
 * unless items have a default; validation refuses it then. Defaults are copied, never shared.
 */
export function applyDefaults(value: Json, schema: JsonSchema): void {
  fill(value, schema, 0);
}

/** The properties of a schema that have defaults, found once for each schema. */
const defaultedProperties = new WeakMap<JsonSchema, readonly (readonly [string, JsonSchema])[]>();

function defaultedIn(schema: JsonSchema): readonly (readonly [string, JsonSchema])[] {
  let found = defaultedProperties.get(schema);
  if (found === undefined) {
    found = Object.entries(schema.properties ?? {}).filter(([, property]) => hasDefault(property));
    defaultedProperties.set(schema, found);
  }
  return found;
}

/** `default: null` is no default. */
export function hasDefault(schema: JsonSchema): boolean {
  return schema.default !== undefined && schema.default !== null;
}

function fill(value: Json, schema: JsonSchema, depth: number): void {
  if (typeof value !== "object" || value === null) return;
  assertDepth(depth);
  if (Array.isArray(value)) {
    if (schema.items !== undefined) fillItems(value, schema.items, depth);
    return;
  }
  for (const [name, property] of defaultedIn(schema)) {
    if (!Object.hasOwn(value, name) || (value[name] === null && property.nullable !== true)) {
      setOwn(value, name, cloneJson(property.default as Json));
    }
  }
  fillMembers(value, schema, depth);
}

function fillMembers(value: JsonObject, schema: JsonSchema, depth: number): void {
  const { properties, additionalProperties } = schema;
  const others = typeof additionalProperties === "object" ? additionalProperties : undefined;
  for (const key in value) {
    const below = getOwn(properties, key) ?? others;
    if (below === undefined) continue;
    const member = value[key] as Json;
    if (member === null) {
      if (below.nullable === true) continue;
      if (!hasDefault(below)) {
        delete value[key];
        continue;
      }
      setOwn(value, key, cloneJson(below.default as Json));
    }
    fill(value[key] as Json, below, depth + 1);
  }
}

function fillItems(items: Json[], schema: JsonSchema, depth: number): void {
  const replaceNull = schema.nullable !== true && hasDefault(schema);
  for (let i = 0; i < items.length; i++) {
    if (items[i] === null && replaceNull) items[i] = cloneJson(schema.default as Json);
    fill(items[i] as Json, schema, depth + 1);
  }
}
