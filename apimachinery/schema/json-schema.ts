import type { Json } from "../meta/types.ts";

/** `x-kubernetes-validations[]` of apiextensions.k8s.io/v1 ValidationRule. */
export interface ValidationRule {
  rule: string;
  message?: string;
  messageExpression?: string;
  reason?: "FieldValueInvalid" | "FieldValueForbidden" | "FieldValueRequired" | "FieldValueDuplicate";
  fieldPath?: string;
  optionalOldSelf?: boolean;
}

/**
 * The schema of a value, in the form of apiextensions.k8s.io/v1 JSONSchemaProps.
 *
 * Custom resources bring theirs; built-in kinds have one made from the type table (there it may be cyclic, as
 * JSONSchemaProps itself is, so walkers must be driven by the value and not by the schema alone).
 */
export interface JsonSchema {
  id?: string;
  $schema?: string;
  $ref?: string;
  description?: string;
  type?: string;
  format?: string;
  title?: string;
  default?: Json;
  maximum?: number;
  exclusiveMaximum?: boolean;
  minimum?: number;
  exclusiveMinimum?: boolean;
  maxLength?: number;
  minLength?: number;
  pattern?: string;
  maxItems?: number;
  minItems?: number;
  uniqueItems?: boolean;
  multipleOf?: number;
  enum?: Json[];
  maxProperties?: number;
  minProperties?: number;
  required?: string[];
  items?: JsonSchema;
  allOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  not?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  nullable?: boolean;
  /** Kept, never acted on. */
  externalDocs?: { description?: string; url?: string };
  /** Kept, never acted on. */
  example?: Json;
  /** Refused in definitions of custom resources, as are the next three. */
  patternProperties?: Record<string, JsonSchema>;
  dependencies?: Record<string, JsonSchema | string[]>;
  additionalItems?: JsonSchema | boolean;
  definitions?: Record<string, JsonSchema>;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  "x-kubernetes-embedded-resource"?: boolean;
  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  "x-kubernetes-map-type"?: "granular" | "atomic";
  "x-kubernetes-validations"?: ValidationRule[];
  /** Built-in kinds only: strategic merge patch. `merge`, `replace`, `retainKeys`, or two joined by a comma. */
  "x-kubernetes-patch-strategy"?: string;
  /** Built-in kinds only: the key by which a strategic merge patch matches list items. */
  "x-kubernetes-patch-merge-key"?: string;
}
