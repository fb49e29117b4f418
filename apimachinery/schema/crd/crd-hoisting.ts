// The internal form of a definition: what is the same in all versions moves to the top. Some complaints show it whole.

import { jsonEqual } from "../../meta/json-equal.ts";
import type { JsonSchema } from "../json-schema.ts";
import { sortKeys } from "../json-value.ts";
import type { CrdSpec, CrdVersion, HoistedSpec } from "./crd-types.ts";

const SHARED = ["schema", "subresources", "additionalPrinterColumns", "selectableFields"] as const;

/** Moves to the top what every version says alike. The input is not changed. */
export function hoistSpec(spec: CrdSpec): HoistedSpec {
  const versions = spec.versions ?? [];
  const first = versions[0];
  const shared = SHARED.filter((key) =>
    versions.every((version) => jsonEqual(version[key] ?? null, first?.[key] ?? null)),
  );
  const has = (key: (typeof SHARED)[number]): boolean => first !== undefined && shared.includes(key);
  return {
    versions: versions.map((version) => {
      const rest: CrdVersion = { ...version };
      for (const key of shared) delete rest[key];
      return rest;
    }),
    validation: has("schema") ? first?.schema : undefined,
    subresources: has("subresources") ? first?.subresources : undefined,
    additionalPrinterColumns: has("additionalPrinterColumns") ? first?.additionalPrinterColumns : undefined,
    selectableFields: has("selectableFields") ? first?.selectableFields : undefined,
  };
}

/** Versions as complaints show them; null if there are none at all. */
export function showVersions(spec: CrdSpec, hoisted: HoistedSpec): unknown {
  if (spec.versions === undefined || spec.versions === null) return null;
  return hoisted.versions.map((version) => ({
    Name: version.name ?? "",
    Served: version.served ?? false,
    Storage: version.storage ?? false,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: version.schema === undefined ? null : { OpenAPIV3Schema: showSchema(version.schema.openAPIV3Schema) },
    Subresources: showSubresources(version),
    AdditionalPrinterColumns:
      version.additionalPrinterColumns?.map((column) => ({
        Name: column.name ?? "",
        Type: column.type ?? "",
        Format: column.format ?? "",
        Description: column.description ?? "",
        Priority: column.priority ?? 0,
        JSONPath: column.jsonPath ?? "",
      })) ?? null,
    SelectableFields: version.selectableFields?.map((field) => ({ JSONPath: field.jsonPath ?? "" })) ?? null,
  }));
}

function showSubresources({ subresources }: CrdVersion): unknown {
  if (subresources === undefined) return null;
  const { status, scale } = subresources;
  return {
    Status: status === undefined ? null : {},
    Scale:
      scale === undefined
        ? null
        : {
            SpecReplicasPath: scale.specReplicasPath ?? "",
            StatusReplicasPath: scale.statusReplicasPath ?? "",
            LabelSelectorPath: scale.labelSelectorPath ?? null,
          },
  };
}

/** A schema with every field of the internal type, in its order. */
export function showSchema(schema: JsonSchema | undefined): unknown {
  if (schema === undefined) return null;
  const each = (list: readonly JsonSchema[] | undefined): unknown => list?.map(showSchema) ?? null;
  const map = (schemas: Readonly<Record<string, JsonSchema>> | undefined): unknown => {
    if (schemas === undefined) return null;
    return Object.fromEntries(
      Object.keys(schemas)
        .sort()
        .map((key) => [key, showSchema(schemas[key])]),
    );
  };
  return {
    ID: schema.id ?? "",
    Schema: schema.$schema ?? "",
    Ref: schema.$ref ?? null,
    Description: schema.description ?? "",
    Type: schema.type ?? "",
    Nullable: schema.nullable ?? false,
    Format: schema.format ?? "",
    Title: schema.title ?? "",
    Default: sortKeys(schema.default ?? null),
    Maximum: schema.maximum ?? null,
    ExclusiveMaximum: schema.exclusiveMaximum ?? false,
    Minimum: schema.minimum ?? null,
    ExclusiveMinimum: schema.exclusiveMinimum ?? false,
    MaxLength: schema.maxLength ?? null,
    MinLength: schema.minLength ?? null,
    Pattern: schema.pattern ?? "",
    MaxItems: schema.maxItems ?? null,
    MinItems: schema.minItems ?? null,
    UniqueItems: schema.uniqueItems ?? false,
    MultipleOf: schema.multipleOf ?? null,
    Enum: sortKeys(schema.enum ?? null),
    MaxProperties: schema.maxProperties ?? null,
    MinProperties: schema.minProperties ?? null,
    Required: schema.required ?? null,
    Items: showItems(schema.items),
    AllOf: each(schema.allOf),
    OneOf: each(schema.oneOf),
    AnyOf: each(schema.anyOf),
    Not: showSchema(schema.not),
    Properties: map(schema.properties),
    AdditionalProperties: showSchemaOrBool(schema.additionalProperties),
    PatternProperties: map(schema.patternProperties),
    Dependencies: showDependencies(schema.dependencies),
    AdditionalItems: showSchemaOrBool(schema.additionalItems),
    Definitions: map(schema.definitions),
    ExternalDocs:
      schema.externalDocs === undefined
        ? null
        : { Description: schema.externalDocs.description ?? "", URL: schema.externalDocs.url ?? "" },
    Example: sortKeys(schema.example ?? null),
    XPreserveUnknownFields: schema["x-kubernetes-preserve-unknown-fields"] ?? null,
    XEmbeddedResource: schema["x-kubernetes-embedded-resource"] ?? false,
    XIntOrString: schema["x-kubernetes-int-or-string"] ?? false,
    XListMapKeys: schema["x-kubernetes-list-map-keys"] ?? null,
    XListType: schema["x-kubernetes-list-type"] ?? null,
    XMapType: schema["x-kubernetes-map-type"] ?? null,
    XValidations: schema["x-kubernetes-validations"]?.map(showRule) ?? null,
  };
}

/** A validation rule as complaints show it. */
export function showRule(rule: NonNullable<JsonSchema["x-kubernetes-validations"]>[number]): unknown {
  return {
    Rule: rule.rule,
    Message: rule.message ?? "",
    MessageExpression: rule.messageExpression ?? "",
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? "",
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}

function showItems(items: JsonSchema | readonly JsonSchema[] | undefined): unknown {
  if (items === undefined) return null;
  return Array.isArray(items)
    ? { Schema: null, JSONSchemas: items.map(showSchema) }
    : { Schema: showSchema(items as JsonSchema), JSONSchemas: null };
}

function showDependencies(dependencies: JsonSchema["dependencies"]): unknown {
  if (dependencies === undefined) return null;
  const shown = Object.keys(dependencies)
    .sort()
    .map((key) => {
      const value = dependencies[key];
      const isList = Array.isArray(value);
      return [key, { Schema: isList ? null : showSchema(value), Property: isList ? value : null }];
    });
  return Object.fromEntries(shown);
}

function showSchemaOrBool(value: JsonSchema | boolean | undefined): unknown {
  if (value === undefined) return null;
  return typeof value === "boolean" ? { Allows: value, Schema: null } : { Allows: true, Schema: showSchema(value) };
}
