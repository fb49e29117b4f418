import type { JsonObject, KubeObject } from "../../meta/types.ts";
import { pruneObject } from "../../schema/prune.ts";
import { builtinSchema } from "../builtin-schema.ts";

/** Drops what the type does not know. */
export function normalizeBuiltin(object: KubeObject, typeKey: string, unknown?: string[]): void {
  const schema = builtinSchema(typeKey);
  if (schema !== undefined) pruneObject(object as unknown as JsonObject, schema, { isResourceRoot: true, ...(unknown === undefined ? {} : { unknown }) });
}
