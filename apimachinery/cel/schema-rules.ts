import type { FieldError } from "../meta/field-error.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
export interface SchemaRules {
  validate(value: unknown, old: unknown | undefined): FieldError[];
}
export function compileSchemaRules(_schema: JsonSchema): SchemaRules | undefined {
  return undefined;
}
