import { builtinSchema } from "@holdfast/apimachinery/builtin/builtin-schema";
import type { JsonSchema } from "@holdfast/apimachinery/schema/json-schema";

/** The schema of a custom resource with what every object has: apiVersion, kind and typed metadata. */
export function customBuiltinFields(schema: JsonSchema): JsonSchema {
  return {
    ...schema,
    properties: {
      ...schema.properties,
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: builtinSchema("meta/v1.ObjectMeta") as JsonSchema,
    },
  };
}
