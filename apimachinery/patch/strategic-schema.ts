// What a schema says about the strategic merge of a field.
// https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md

import type { JsonSchema } from "../schema/json-schema.ts";

export interface FieldStrategy {
  /** `merge` merges lists, `replace` replaces maps; anything else: lists are replaced and maps merged. */
  readonly strategy: string;
  /** The member that tells list items apart; `""` for lists of primitives. */
  readonly mergeKey: string;
  /** The schema of the map, or of the list's items. */
  readonly schema: JsonSchema;
}

const NOTHING: JsonSchema = {};

/** The strategy of member `key` of a value of `schema`; undefined when the schema declares no such member. */
export function fieldStrategy(schema: JsonSchema, key: string): FieldStrategy | undefined {
  const field = memberSchema(schema, key);
  if (field === undefined) return undefined;
  return {
    strategy: strategyWord(field["x-kubernetes-patch-strategy"]),
    mergeKey: field["x-kubernetes-patch-merge-key"] ?? "",
    schema: field.type === "array" ? (field.items ?? NOTHING) : field,
  };
}

function memberSchema(schema: JsonSchema, key: string): JsonSchema | undefined {
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  if (typeof schema.additionalProperties === "object") return schema.additionalProperties;
  return schema.properties === undefined || schema["x-kubernetes-preserve-unknown-fields"] ? NOTHING : undefined;
}

/** `retainKeys` only allows a directive; the other word says how to merge. */
function strategyWord(strategies: string | undefined): string {
  if (strategies === undefined) return "";
  return strategies.split(",").find((word) => word !== "retainKeys") ?? "";
}
