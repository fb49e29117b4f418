// Which traits occur anywhere below a schema, so that walks for them can skip the rest.

import type { JsonSchema } from "../json-schema.ts";

export interface SchemaTraits {
  /** `x-kubernetes-list-type` set or map. */
  readonly uniqueLists: boolean;
  /** `x-kubernetes-embedded-resource`. */
  readonly embedded: boolean;
}

interface Finding {
  uniqueLists: boolean;
  embedded: boolean;
}

const cache = new WeakMap<JsonSchema, SchemaTraits>();

/** The traits of a schema and of all its structural parts; what stands under `allOf` and its like has none. */
export function traitsOf(schema: JsonSchema): SchemaTraits {
  const known = cache.get(schema);
  if (known !== undefined) return known;
  const finding: Finding = { uniqueLists: false, embedded: false };
  const seen = new Set<JsonSchema>([schema]);
  // The set grows while it is walked: a worklist that visits every reachable schema once.
  for (const part of seen) {
    const listType = part["x-kubernetes-list-type"];
    finding.uniqueLists ||= listType === "set" || listType === "map";
    finding.embedded ||= part["x-kubernetes-embedded-resource"] === true;
    for (const below of childrenOf(part)) seen.add(below);
  }
  cache.set(schema, finding);
  return finding;
}

function childrenOf(schema: JsonSchema): JsonSchema[] {
  const { properties, additionalProperties, items } = schema;
  const children = properties === undefined ? [] : Object.values(properties);
  if (typeof additionalProperties === "object") children.push(additionalProperties);
  if (items !== undefined) children.push(items);
  return children;
}
