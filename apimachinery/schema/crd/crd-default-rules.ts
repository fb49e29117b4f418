// Defaults in a definition's schema: each must be valid and without fields that its own schema would prune. A default
// within the metadata of an embedded object must make valid metadata.

import { aggregateText, type FieldError, fieldErrorText, invalid } from "../../meta/field-error.ts";
import { jsonEqual } from "../../meta/json-equal.ts";
import { isObject, setOwn } from "../../meta/own-members.ts";
import type { Json, JsonObject } from "../../meta/types.ts";
import { hasDefault } from "../defaults.ts";
import { assertDepth } from "../depth-limit.ts";
import { coerceEmbeddedResources, embeddedResourceErrors } from "../embedded-resources.ts";
import type { JsonSchema } from "../json-schema.ts";
import { cloneJson, sortKeys } from "../json-value.ts";
import { pruneObject } from "../prune.ts";
import { schemaFindings } from "../validate.ts";

/** Checks the rules of `x-kubernetes-validations` on a default; supplied by whoever runs them. */
export type DefaultCheck = (schema: JsonSchema, value: Json, path: string) => FieldError[];

/** Builds the object that holds a value at a place within a resource. */
type Surround = (value: Json) => JsonObject;

interface Context {
  readonly path: string;
  readonly depth: number;
  /** The schema of the resource around. */
  readonly resource: JsonSchema;
  readonly surround: Surround;
  readonly insideMeta: boolean;
}

/** Complaints about the defaults in a structural schema of a whole resource. */
export function defaultErrors(schema: JsonSchema, path: string, check?: DefaultCheck): FieldError[] {
  const errors: FieldError[] = [];
  const root = { ...schema, "x-kubernetes-embedded-resource": true };
  walk(errors, root, { path, depth: 0, resource: root, surround: aroundResource, insideMeta: false }, check);
  return errors;
}

/** A resource with type fields, which may be all that a default lacks. */
function aroundResource(value: Json): JsonObject {
  return { apiVersion: "validation/v1", kind: "Validation", ...(isObject(value) ? value : {}) };
}

function walk(errors: FieldError[], schema: JsonSchema, outer: Context, check: DefaultCheck | undefined): void {
  assertDepth(outer.depth);
  const isResource = schema["x-kubernetes-embedded-resource"] === true;
  const context: Context = isResource
    ? { ...outer, resource: schema, surround: aroundResource, insideMeta: false }
    : outer;
  if (hasDefault(schema)) errors.push(...checkDefault(schema, context, check));
  const { path, surround, insideMeta } = context;
  const depth = context.depth + 1;
  if (schema.items !== undefined) {
    const around: Surround = (value) => surround([value]);
    walk(errors, schema.items, { ...context, path: `${path}.items`, depth, surround: around }, check);
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isMeta = isResource && (name === "metadata" || name === "apiVersion" || name === "kind");
    const around: Surround = (value) => {
      const holder: JsonObject = {};
      setOwn(holder, name, value);
      return surround(holder);
    };
    const below = { ...context, path: `${path}.properties[${name}]`, depth, surround: around };
    walk(errors, property, { ...below, insideMeta: insideMeta || isMeta }, check);
  }
}

function checkDefault(schema: JsonSchema, context: Context, check: DefaultCheck | undefined): FieldError[] {
  const path = `${context.path}.default`;
  const value = schema.default as Json;
  const errors: FieldError[] = [];
  if (context.insideMeta) {
    const complaint = metadataComplaint(context, value);
    if (complaint !== undefined) {
      return [invalid(path, sortKeys(value), `must result in valid metadata: ${complaint}`)];
    }
  } else {
    if (!isPruned(schema, value)) errors.push(invalid(path, sortKeys(value), "must not have unknown fields"));
    const copy = cloneJson(value);
    const mistyped = coerceEmbeddedResources(copy, schema);
    if (mistyped !== undefined) {
      const field = mistyped.field === "" ? path : `${path}.${mistyped.field}`;
      return [...errors, { ...mistyped, field }];
    }
    const embedded = embeddedResourceErrors(copy, schema, path);
    if (embedded.length > 0) return [...errors, ...embedded];
  }
  const findings = schemaFindings(schema, value, path);
  if (findings.length > 0) return [...errors, ...findings];
  return [...errors, ...(check?.(schema, value, path) ?? [])];
}

function isPruned(schema: JsonSchema, value: Json): boolean {
  if (typeof value !== "object") return true;
  const pruned: JsonObject = { value: cloneJson(value) };
  pruneObject(pruned, { type: "object", properties: { value: schema } });
  return jsonEqual(pruned["value"], value);
}

function metadataComplaint({ resource, surround }: Context, value: Json): string | undefined {
  const object = surround(cloneJson(value));
  const whole = { ...resource, "x-kubernetes-embedded-resource": true };
  const mistyped = coerceEmbeddedResources(object, whole);
  if (mistyped !== undefined) return fieldErrorText(mistyped);
  const errors = embeddedResourceErrors(object, whole);
  return errors.length === 0 ? undefined : aggregateText(errors);
}
