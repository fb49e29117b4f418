// How deep the walkers of this folder go. A value may be nested as deep as a body allows, and a schema may be cyclic
// (JSONSchemaProps is), so every recursion is counted.

import { defineErrors } from "@holdfast/base/errors/holdfast-error";

/** Levels of nesting that prune, default and validate follow; far above any real object, far below the call stack. */
export const MAX_DEPTH = 1_000;

export const SCHEMA_ERRORS = defineErrors({
  SCHEMA_VALUE_TOO_DEEP: {
    message: "Cannot process value: nested deeper than {maxDepth} levels",
    fault: "caller",
    retry: "never",
  },
  SCHEMA_BODY_INVALID: { message: "{reason}", fault: "caller", retry: "never" },
});

/** Throws SCHEMA_VALUE_TOO_DEEP beyond {@link MAX_DEPTH}. */
export function assertDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw SCHEMA_ERRORS.create("SCHEMA_VALUE_TOO_DEEP", { maxDepth: MAX_DEPTH });
}
