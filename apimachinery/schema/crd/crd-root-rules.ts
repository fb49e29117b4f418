// What the root of a schema may say when the status is a subresource of its own.

import { type FieldError, invalid } from "../../meta/field-error.ts";
import type { JsonSchema } from "../json-schema.ts";
import { showSchema } from "./crd-hoisting.ts";

/** The original's names of what may stand at the root of a schema beside a status subresource. */
const ALLOWED_AT_ROOT =
  "Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations";
const FORBIDDEN_AT_ROOT: readonly (keyof JsonSchema)[] = [
  "id",
  "$schema",
  "$ref",
  "nullable",
  "default",
  "enum",
  "maxProperties",
  "minProperties",
  "allOf",
  "oneOf",
  "anyOf",
  "not",
  "additionalProperties",
  "patternProperties",
  "dependencies",
  "additionalItems",
  "definitions",
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-list-type",
  "x-kubernetes-map-type",
];

/** The schema of the status is cut out of the root's properties; what the root says beside them would be lost. */
export function rootErrorsWithStatus(schema: JsonSchema, path: string): FieldError[] {
  const { type = "" } = schema;
  if (type !== "" && type !== "object") {
    const detail =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalid(`${path}.type`, type, detail)];
  }
  const isSet = (key: keyof JsonSchema): boolean => {
    const value = schema[key];
    return value !== undefined && value !== null && value !== false && value !== "";
  };
  if (!FORBIDDEN_AT_ROOT.some(isSet) && schema.additionalProperties === undefined) return [];
  const detail = `only [${ALLOWED_AT_ROOT}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalid(path, showSchema(schema), detail)];
}
