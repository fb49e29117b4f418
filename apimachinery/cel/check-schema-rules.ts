import type { FieldError } from "../meta/field-error.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
export function checkSchemaRules(_schema: JsonSchema, _path: string): FieldError[] {
  return [];
}
