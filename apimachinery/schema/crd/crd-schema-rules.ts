// What a definition's schema may say apart from being structural: types, lists and maps, places of defaults, and the form
// of validation rules (their expressions are checked elsewhere).

import { type FieldError, forbidden, invalid, notSupported, required } from "../../meta/field-error.ts";
import { getOwn } from "../../meta/own-members.ts";
import { hasDefault } from "../defaults.ts";
import { assertDepth } from "../depth-limit.ts";
import { resolveFieldPath } from "../field-path.ts";
import type { JsonSchema, ValidationRule } from "../json-schema.ts";

const TYPES: readonly string[] = ["array", "boolean", "integer", "number", "object", "string"];
const META_FIELDS: ReadonlySet<string> = new Set(["metadata", "kind", "apiVersion"]);
const REASONS: readonly string[] = [
  "FieldValueDuplicate",
  "FieldValueForbidden",
  "FieldValueInvalid",
  "FieldValueRequired",
];

/** What holds for a part of a schema because of where it stands. */
interface Context {
  readonly path: string;
  readonly depth: number;
  readonly isRoot: boolean;
  /** Why defaults are forbidden here; undefined where they are not. */
  readonly noDefaults: string | undefined;
  /** Within apiVersion, kind or metadata of a resource. */
  readonly insideMeta: boolean;
}

/** Complaints about a schema and everything in it, in the order of the original. */
export function schemaRuleErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  checkSchema(errors, schema, { path, depth: 0, isRoot: true, noDefaults: undefined, insideMeta: false });
  return errors;
}

function checkSchema(errors: FieldError[], schema: JsonSchema, context: Context): void {
  assertDepth(context.depth);
  const { path } = context;
  checkKeywords(errors, schema, context);
  if (schema.uniqueItems === true) {
    const detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
    errors.push(forbidden(`${path}.uniqueItems`, detail));
  }
  checkChildren(errors, schema, context);
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, "must be true or undefined"));
  }
  checkMapType(errors, schema, path);
  checkListType(errors, schema, path);
  checkListKeys(errors, schema, path);
  checkListItems(errors, schema, path);
  for (const [index, rule] of (schema["x-kubernetes-validations"] ?? []).entries()) {
    checkRule(errors, rule, schema, `${path}.x-kubernetes-validations[${index}]`);
  }
}

function checkKeywords(errors: FieldError[], schema: JsonSchema, { path, noDefaults, insideMeta }: Context): void {
  const { type = "" } = schema;
  if (type !== "" && !TYPES.includes(type)) errors.push(notSupported(`${path}.type`, type, TYPES));
  if (hasDefault(schema) && noDefaults !== undefined) {
    errors.push(forbidden(`${path}.default`, `must not be set ${noDefaults}`));
  }
  const unsupported: readonly (readonly [string, boolean])[] = [
    ["id", (schema.id ?? "") !== ""],
    ["additionalItems", schema.additionalItems !== undefined],
    ["patternProperties", Object.keys(schema.patternProperties ?? {}).length > 0],
    ["definitions", Object.keys(schema.definitions ?? {}).length > 0],
    ["dependencies", schema.dependencies !== undefined],
    ["$ref", schema.$ref !== undefined],
  ];
  for (const [key, isSet] of unsupported) {
    if (isSet) errors.push(forbidden(`${path}.${key}`, `${key} is not supported`));
  }
  if (type === "null") {
    errors.push(forbidden(`${path}.type`, "type cannot be set to null, use nullable as an alternative"));
  }
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    errors.push(forbidden(`${path}.items`, "items must be a schema object and not an array"));
  }
  if (insideMeta && schema["x-kubernetes-embedded-resource"] === true) {
    errors.push(forbidden(`${path}.x-kubernetes-embedded-resource`, "must not be used inside of resource meta"));
  }
}

function checkChildren(errors: FieldError[], schema: JsonSchema, context: Context): void {
  const { properties, additionalProperties, not, allOf = [], oneOf = [], anyOf = [], definitions } = schema;
  const at = (name: string): Context => ({
    ...context,
    path: `${context.path}.${name}`,
    depth: context.depth + 1,
    isRoot: false,
  });
  if (additionalProperties !== undefined) {
    if (Object.keys(properties ?? {}).length > 0 && additionalProperties !== true) {
      const detail = "additionalProperties and properties are mutual exclusive";
      errors.push(forbidden(`${context.path}.additionalProperties`, detail));
    }
    if (typeof additionalProperties === "object") {
      const below = at("additionalProperties");
      const noDefaults = "inside additionalProperties applying to object metadata";
      checkSchema(errors, additionalProperties, context.insideMeta ? { ...below, noDefaults } : below);
    }
  }
  for (const [name, property] of Object.entries(properties ?? {})) {
    checkSchema(errors, property, propertyContext(at(`properties[${name}]`), schema, name, context.isRoot));
  }
  if (not !== undefined) checkSchema(errors, not, at("not"));
  for (const [i, part] of allOf.entries()) checkSchema(errors, part, at(`allOf[${i}]`));
  for (const [i, part] of oneOf.entries()) checkSchema(errors, part, at(`oneOf[${i}]`));
  for (const [i, part] of anyOf.entries()) checkSchema(errors, part, at(`anyOf[${i}]`));
  for (const [name, part] of Object.entries(definitions ?? {})) checkSchema(errors, part, at(`definitions[${name}]`));
  const items: unknown = schema.items;
  if (Array.isArray(items)) {
    for (const [i, part] of (items as JsonSchema[]).entries()) checkSchema(errors, part, at(`items[${i}]`));
  } else if (items !== undefined) checkSchema(errors, items as JsonSchema, at("items"));
  for (const [name, part] of Object.entries(schema.dependencies ?? {})) {
    if (!Array.isArray(part)) checkSchema(errors, part, at(`dependencies[${name}]`));
  }
}

function propertyContext(below: Context, schema: JsonSchema, name: string, isRoot: boolean): Context {
  const isMeta = META_FIELDS.has(name) && (isRoot || schema["x-kubernetes-embedded-resource"] === true);
  if (!isMeta) return below;
  return { ...below, insideMeta: true, noDefaults: isRoot ? `in top-level ${name}` : below.noDefaults };
}

function checkMapType(errors: FieldError[], schema: JsonSchema, path: string): void {
  const mapType: string | undefined = schema["x-kubernetes-map-type"];
  if (mapType === undefined) return;
  const { type = "" } = schema;
  if (type !== "object") {
    const detail = "must be object if x-kubernetes-map-type is specified";
    errors.push(type === "" ? required(`${path}.type`, detail) : invalid(`${path}.type`, type, detail));
  }
  if (mapType !== "atomic" && mapType !== "granular") {
    errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ["atomic", "granular"]));
  }
}

function checkListType(errors: FieldError[], schema: JsonSchema, path: string): void {
  const listType: string | undefined = schema["x-kubernetes-list-type"];
  if (listType === undefined) return;
  const { type = "", items } = schema;
  if (type !== "array") {
    const detail = "must be array if x-kubernetes-list-type is specified";
    errors.push(type === "" ? required(`${path}.type`, detail) : invalid(`${path}.type`, type, detail));
  } else if (listType === "set" && items !== undefined) checkSetItems(errors, items, path);
  if (listType !== "atomic" && listType !== "set" && listType !== "map") {
    errors.push(notSupported(`${path}.x-kubernetes-list-type`, listType, ["atomic", "set", "map"]));
  }
}

/** Items of a set are compared as wholes, so they must be atomic. */
function checkSetItems(errors: FieldError[], items: JsonSchema, path: string): void {
  const detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
  const listType = items["x-kubernetes-list-type"];
  if (items.type === "array" && listType !== undefined && listType !== "atomic") {
    errors.push(invalid(`${path}.items.x-kubernetes-list-type`, listType, detail));
  }
  if (items.type === "object" && items["x-kubernetes-map-type"] !== "atomic") {
    errors.push(invalid(`${path}.items.x-kubernetes-map-type`, listType ?? null, detail));
  }
}

function checkListKeys(errors: FieldError[], schema: JsonSchema, path: string): void {
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const listType = schema["x-kubernetes-list-type"];
  if (keys.length > 0 && listType !== "map") {
    const at = `${path}.x-kubernetes-list-type`;
    const detail = "must be map if x-kubernetes-list-map-keys is non-empty";
    errors.push(listType === undefined ? required(at, detail) : invalid(at, listType, detail));
  }
  if (listType !== "map") return;
  const at = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) errors.push(required(at, "must not be empty if x-kubernetes-list-type is map"));
  const { items } = schema;
  if (items === undefined) {
    errors.push(required(`${path}.items`, "must have a schema if x-kubernetes-list-type is map"));
    return;
  }
  if (items.type !== "object") {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(invalid(`${path}.items.type`, items.type ?? "", detail));
    return;
  }
  const seen = new Set<string>();
  for (const key of keys) {
    const property = getOwn(items.properties, key);
    if (property === undefined) errors.push(invalid(at, keys, "entries must all be names of item properties"));
    else if (property.type === "array" || property.type === "object") {
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalid(`${path}.items.properties[${key}].type`, items.type, detail));
    }
    if (seen.has(key)) errors.push(invalid(at, keys, "must not contain duplicate entries"));
    seen.add(key);
  }
}

/** Items of sets and maps are never null, and the keys of a map are always there. */
function checkListItems(errors: FieldError[], schema: JsonSchema, path: string): void {
  const listType = schema["x-kubernetes-list-type"];
  const { items } = schema;
  if (items === undefined || Array.isArray(items) || (listType !== "set" && listType !== "map")) return;
  if (items.nullable === true) {
    const detail = `cannot be nullable when x-kubernetes-list-type is ${listType}`;
    errors.push(forbidden(`${path}.items.nullable`, detail));
  }
  if (listType !== "map") return;
  for (const key of schema["x-kubernetes-list-map-keys"] ?? []) {
    const property = getOwn(items.properties, key);
    if (property === undefined) continue;
    const at = `${path}.items.properties[${key}]`;
    const because = "this property is in x-kubernetes-list-map-keys, so it";
    if (items.required?.includes(key) !== true && !hasDefault(property)) {
      errors.push(required(`${at}.default`, `${because} must have a default or be a required property`));
    }
    if (property.nullable === true) errors.push(forbidden(`${at}.nullable`, `${because} cannot be nullable`));
  }
}

function checkRule(errors: FieldError[], rule: ValidationRule, schema: JsonSchema, path: string): void {
  const { message = "", messageExpression = "", fieldPath = "" } = rule;
  const expression = (rule.rule ?? "").trim();
  const text = message.trim();
  if (expression === "") errors.push(required(`${path}.rule`, "rule is not specified"));
  else if (message !== "" && text === "") {
    errors.push(invalid(`${path}.message`, message, "must be non-empty if specified"));
  } else if (hasLineBreak(text)) errors.push(invalid(`${path}.message`, message, "must not contain line breaks"));
  else if (hasLineBreak(expression) && text === "") {
    errors.push(required(`${path}.message`, "message must be specified if rule contains line breaks"));
  }
  if (messageExpression !== "" && messageExpression.trim() === "") {
    errors.push(required(`${path}.messageExpression`, "messageExpression must be non-empty if specified"));
  }
  if (rule.reason !== undefined && !REASONS.includes(rule.reason)) {
    errors.push(notSupported(`${path}.reason`, rule.reason, REASONS));
  }
  if (fieldPath === "") return;
  const at = `${path}.fieldPath`;
  if (fieldPath.trim() === "") errors.push(invalid(at, fieldPath, "must be non-empty if specified"));
  if (hasLineBreak(fieldPath)) errors.push(invalid(at, fieldPath, "must not contain line breaks"));
  if ("error" in resolveFieldPath(fieldPath, schema, true)) {
    errors.push(invalid(at, fieldPath, "must be a valid path"));
  }
}

function hasLineBreak(text: string): boolean {
  return text.includes("\n") || text.includes("\r");
}
