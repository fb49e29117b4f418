// What makes a schema structural: every field is declared once, with a type, outside of `allOf`, `anyOf`, `oneOf`, `not`.
// Kubernetes documentation, "Extend the Kubernetes API with CustomResourceDefinitions", "Specifying a structural schema".

import { aggregateText, type FieldError, fieldErrorText, forbidden, invalid, required } from "../meta/field-error.ts";
import { jsonEqual } from "../meta/json-equal.ts";
import { getOwn } from "../meta/own-members.ts";
import type { KubeObject } from "../meta/types.ts";
import type { CustomResourceDefinition } from "./crd/crd-types.ts";
import { hasDefault } from "./defaults.ts";
import { assertDepth } from "./depth-limit.ts";
import type { JsonSchema } from "./json-schema.ts";
import { compilePattern } from "./pattern.ts";

type Level = "root" | "item" | "field";

const INT_OR_STRING: readonly JsonSchema[] = [{ type: "integer" }, { type: "string" }];

/** Everything that keeps a schema from being structural, sorted by text. `path` is the path of the schema. */
export function structuralErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  checkInvariants(errors, schema, { path, level: "root", depth: 0 });
  checkJunctorsComplete(errors, schema, schema, { structure: path, validation: path });
  const texts = new Map(errors.map((error) => [error, fieldErrorText(error)]));
  return errors.sort((a, b) => compareText(texts.get(a) as string, texts.get(b) as string));
}

/** Says which field of the schema, if any, has no place in a structural schema at all. */
export function unsupportedField(schema: JsonSchema, depth = 0): string | undefined {
  assertDepth(depth);
  if ((schema.id ?? "") !== "") return "OpenAPIV3Schema 'id' is not supported";
  if ((schema.$schema ?? "") !== "") return "OpenAPIV3Schema 'schema' is not supported";
  if ((schema.$ref ?? "") !== "") return "OpenAPIV3Schema '$ref' is not supported";
  for (const key of ["patternProperties", "dependencies", "additionalItems", "definitions"] as const) {
    const value = schema[key];
    const isSet = key === "additionalItems" ? value !== undefined : Object.keys(value ?? {}).length > 0;
    if (isSet) return `OpenAPIV3Schema '${key}' is not supported`;
  }
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  }
  if (Array.isArray(schema.items)) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  for (const below of allChildren(schema)) {
    const found = unsupportedField(below, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every schema directly within a schema, in junctors too. */
export function allChildren(schema: JsonSchema): JsonSchema[] {
  const { allOf = [], anyOf = [], oneOf = [], not, items, properties, additionalProperties } = schema;
  const children = [...allOf, ...anyOf, ...oneOf, ...Object.values(properties ?? {})];
  if (not !== undefined) children.push(not);
  if (items !== undefined && !Array.isArray(items)) children.push(items);
  if (typeof additionalProperties === "object") children.push(additionalProperties);
  return children;
}

/** The message of the condition NonStructuralSchema; undefined if all schemas are structural. */
export function nonStructuralMessage(crd: KubeObject): string | undefined {
  const { spec } = crd as CustomResourceDefinition;
  const errors: FieldError[] = [];
  if (spec?.preserveUnknownFields === true) {
    errors.push(invalid("spec.preserveUnknownFields", true, "must be false"));
  }
  for (const [index, version] of (spec?.versions ?? []).entries()) {
    const schema = version.schema?.openAPIV3Schema;
    if (schema === undefined) continue;
    const unsupported = unsupportedField(schema);
    if (unsupported !== undefined) {
      return `failed to check validation schema for version ${version.name ?? ""}: ${unsupported}`;
    }
    errors.push(...structuralErrors(schema, `spec.versions[${index}].schema.openAPIV3Schema`));
  }
  return errors.length === 0 ? undefined : aggregateText(errors);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Place {
  readonly path: string;
  readonly level: Level;
  readonly depth: number;
}

function checkInvariants(errors: FieldError[], schema: JsonSchema, place: Place): void {
  assertDepth(place.depth);
  const { path, level } = place;
  const { items, properties, additionalProperties, type = "" } = schema;
  const depth = place.depth + 1;
  if (type === "array" && items === undefined) errors.push(required(`${path}.items`, "must be specified"));
  if (items !== undefined) checkInvariants(errors, items, { path: `${path}.items`, level: "item", depth });
  for (const [name, property] of Object.entries(properties ?? {})) {
    checkInvariants(errors, property, { path: `${path}.properties[${name}]`, level: "field", depth });
  }
  if (additionalProperties !== undefined) {
    const at = `${path}.additionalProperties`;
    if (level === "root") errors.push(forbidden(at, "must not be used at the root"));
    if (typeof additionalProperties === "object") {
      checkInvariants(errors, additionalProperties, { path: at, level: "field", depth });
    }
  }
  checkExtensions(errors, schema, path);
  checkValueValidation(errors, schema, place, isIntOrString(schema.anyOf) ? "anyOf" : firstAllOfIsIntOrString(schema));
  checkType(errors, schema, place);
  checkMetaFields(errors, schema, place);
}

function checkExtensions(errors: FieldError[], schema: JsonSchema, path: string): void {
  if (schema["x-kubernetes-int-or-string"] !== true) return;
  for (const key of ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] as const) {
    if (schema[key] === true) {
      errors.push(invalid(`${path}.${key}`, true, "must be false if x-kubernetes-int-or-string is true"));
    }
  }
}

function checkType(errors: FieldError[], schema: JsonSchema, { path, level }: Place): void {
  const { type = "" } = schema;
  const embedded = schema["x-kubernetes-embedded-resource"] === true;
  const preserve = schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (embedded && type !== "object") {
    const detail = "must be object if x-kubernetes-embedded-resource is true";
    errors.push(type === "" ? required(`${path}.type`, detail) : invalid(`${path}.type`, type, detail));
  } else if (type === "" && schema["x-kubernetes-int-or-string"] !== true && !preserve) {
    const where = { root: "at the root", item: "for specified array items", field: "for specified object fields" };
    errors.push(required(`${path}.type`, `must not be empty ${where[level]}`));
  }
  if (embedded && schema.additionalProperties !== undefined) {
    errors.push(forbidden(`${path}.additionalProperties`, "must not be used if x-kubernetes-embedded-resource is set"));
  }
  if (level === "root" && type !== "" && type !== "object") {
    errors.push(invalid(`${path}.type`, type, "must be object at the root"));
  }
  if (embedded && !preserve && Object.keys(schema.properties ?? {}).length === 0) {
    const detail =
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
    errors.push(required(`${path}.properties`, detail));
  }
}

/** apiVersion and kind are strings; of metadata at the root only name and generateName may be described. */
function checkMetaFields(errors: FieldError[], schema: JsonSchema, { path, level }: Place): void {
  const isResource = level === "root" || schema["x-kubernetes-embedded-resource"] === true;
  if (isResource) {
    for (const key of ["kind", "apiVersion"]) {
      const property = getOwn(schema.properties, key);
      if (property !== undefined && property.type !== "string") {
        errors.push(invalid(`${path}.properties[${key}].type`, property.type ?? "", "must be string"));
      }
    }
  }
  const metadata = getOwn(schema.properties, "metadata");
  if (metadata === undefined) return;
  const at = `${path}.properties[metadata]`;
  if (isResource && metadata.type !== "object") {
    errors.push(invalid(`${at}.type`, metadata.type ?? "", "must be object"));
  }
  if (level === "root" && !describesOnlyName(metadata)) {
    const detail = "must not specify anything other than name and generateName, but metadata is implicitly specified";
    errors.push(forbidden(at, detail));
  }
}

function describesOnlyName(metadata: JsonSchema): boolean {
  const { type: _type, default: _default, properties = {}, ...rest } = metadata;
  const isEmpty = Object.values(rest).every((value) => value === undefined || value === "" || value === false);
  return isEmpty && Object.keys(properties).every((name) => name === "name" || name === "generateName");
}

function isIntOrString(anyOf: readonly JsonSchema[] | undefined): boolean {
  return anyOf !== undefined && jsonEqual(anyOf, INT_OR_STRING);
}

function firstAllOfIsIntOrString(schema: JsonSchema): "allOf" | undefined {
  return isIntOrString(schema.allOf?.[0]?.anyOf) ? "allOf" : undefined;
}

/**
 * Checks what stands in the junctors of a schema.
 *
 * @param intOrString - which junctor holds the one permitted choice of types, if any.
 */
function checkValueValidation(
  errors: FieldError[],
  schema: JsonSchema,
  place: Place,
  intOrString?: "anyOf" | "allOf",
): void {
  const { anyOf = [], allOf = [], oneOf = [], not, pattern = "" } = schema;
  const below = (name: string): Place => ({ ...place, path: `${place.path}.${name}`, depth: place.depth + 1 });
  if (intOrString !== "anyOf") anyOf.forEach((part, i) => void checkNested(errors, part, below(`anyOf[${i}]`)));
  allOf.forEach((part, i) => {
    checkNested(errors, part, below(`allOf[${i}]`), i === 0 && intOrString === "allOf" ? "anyOf" : undefined);
  });
  oneOf.forEach((part, i) => void checkNested(errors, part, below(`oneOf[${i}]`)));
  if (not !== undefined) checkNested(errors, not, below("not"));
  if (pattern === "") return;
  const compiled = compilePattern(pattern);
  if ("error" in compiled) {
    const detail = `must be a valid regular expression, but isn't: ${compiled.error}`;
    errors.push(invalid(`${place.path}.pattern`, pattern, detail));
  }
}

/** Within junctors only validations may stand, nothing that declares. */
function checkNested(errors: FieldError[], schema: JsonSchema, place: Place, intOrString?: "anyOf"): void {
  assertDepth(place.depth);
  const { path } = place;
  const depth = place.depth + 1;
  checkValueValidation(errors, schema, place, intOrString);
  if (schema.items !== undefined) checkNested(errors, schema.items, { ...place, path: `${path}.items`, depth });
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    checkNested(errors, property, { path: `${path}.properties[${name}]`, level: "field", depth });
  }
  for (const [key, isSet, what] of declarationsOf(schema)) {
    if (isSet) errors.push(forbidden(`${path}.${key}`, `must be ${what} to be structural`));
  }
  if (getOwn(schema.properties, "metadata") !== undefined) {
    errors.push(forbidden(`${path}.properties[metadata]`, "must not be specified in a nested context"));
  }
}

function declarationsOf(schema: JsonSchema): readonly (readonly [string, boolean, string])[] {
  const { additionalProperties } = schema;
  return [
    ["type", (schema.type ?? "") !== "", "empty"],
    ["additionalProperties", additionalProperties !== undefined && additionalProperties !== false, "undefined"],
    ["default", hasDefault(schema), "undefined"],
    ["title", (schema.title ?? "") !== "", "empty"],
    ["description", (schema.description ?? "") !== "", "empty"],
    ["nullable", schema.nullable === true, "false"],
    ["x-kubernetes-preserve-unknown-fields", schema["x-kubernetes-preserve-unknown-fields"] === true, "false"],
    ["x-kubernetes-embedded-resource", schema["x-kubernetes-embedded-resource"] === true, "false"],
    ["x-kubernetes-int-or-string", schema["x-kubernetes-int-or-string"] === true, "false"],
    ["x-kubernetes-list-map-keys", (schema["x-kubernetes-list-map-keys"] ?? []).length > 0, "empty"],
    ["x-kubernetes-list-type", schema["x-kubernetes-list-type"] !== undefined, "undefined"],
    ["x-kubernetes-map-type", schema["x-kubernetes-map-type"] !== undefined, "undefined"],
    ["x-kubernetes-validations", (schema["x-kubernetes-validations"] ?? []).length > 0, "empty"],
  ];
}

interface Paths {
  readonly structure: string;
  readonly validation: string;
}

/** What a junctor validates must be declared outside of it. */
function checkJunctorsComplete(
  errors: FieldError[],
  schema: JsonSchema,
  structure: JsonSchema | undefined,
  paths: Paths,
): void {
  if (structure === undefined) {
    errors.push(required(paths.structure, `because it is defined in ${paths.validation}`));
    return;
  }
  const { not, allOf = [], anyOf = [], oneOf = [] } = schema;
  const check = (part: JsonSchema, name: string): void =>
    checkNestedComplete(errors, part, structure, { ...paths, validation: `${paths.validation}.${name}` });
  if (not !== undefined) check(not, "not");
  for (const [i, part] of allOf.entries()) check(part, `allOf[${i}]`);
  for (const [i, part] of anyOf.entries()) check(part, `anyOf[${i}]`);
  for (const [i, part] of oneOf.entries()) check(part, `oneOf[${i}]`);
}

function checkNestedComplete(
  errors: FieldError[],
  schema: JsonSchema,
  structure: JsonSchema | undefined,
  paths: Paths,
): void {
  if (structure === undefined) {
    errors.push(required(paths.structure, `because it is defined in ${paths.validation}`));
    return;
  }
  checkJunctorsComplete(errors, schema, structure, paths);
  if (schema.items !== undefined) {
    checkNestedComplete(errors, schema.items, structure.items, {
      structure: `${paths.structure}.items`,
      validation: `${paths.validation}.items`,
    });
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const at = {
      structure: `${paths.structure}.properties[${name}]`,
      validation: `${paths.validation}.properties[${name}]`,
    };
    checkNestedComplete(errors, property, getOwn(structure.properties, name), at);
  }
}
