// Objects within objects (`x-kubernetes-embedded-resource`): their apiVersion, kind and metadata obey the rules of
// whole objects. Typing of their metadata comes first and is an error of its own.

import { type FieldError, invalid, required } from "../meta/field-error.ts";
import { getOwn, setOwn } from "../meta/own-members.ts";
import { type Json, type JsonObject, type ObjectMeta, parseApiVersion } from "../meta/types.ts";
import { assertDepth } from "./depth-limit.ts";
import type { JsonSchema } from "./json-schema.ts";
import { sortKeys } from "./json-value.ts";
import { dns1035Label, pathSegment } from "./name-rules.ts";
import { validateObjectMeta } from "./object-meta.ts";
import { readObjectMeta } from "./object-meta-coercion.ts";
import { traitsOf } from "./validation/schema-traits.ts";

type Visit = (object: JsonObject, path: string) => void;

/** What is wrong with the objects embedded in a value. The value itself is one only if its schema says so. */
export function embeddedResourceErrors(value: unknown, schema: JsonSchema, path = ""): FieldError[] {
  const errors: FieldError[] = [];
  visitEmbedded(value, schema, { path, depth: 0 }, (object, at) => validateEmbedded(errors, object, at));
  return errors;
}

/**
 * Types the metadata of embedded objects, in place: unknown fields go, absent values are normalized.
 *
 * @param unknown - receives the paths of dropped fields, sorted.
 * @returns the first error of typing, if there is one; the value may then be half done.
 */
export function coerceEmbeddedResources(
  value: unknown,
  schema: JsonSchema,
  unknown?: string[],
): FieldError | undefined {
  let failure: FieldError | undefined;
  const found: string[] = [];
  visitEmbedded(value, schema, { path: "", depth: 0 }, (object, at) => {
    failure ??= coerceEmbedded(object, at, found);
  });
  unknown?.push(...found.sort());
  return failure;
}

interface Place {
  readonly path: string;
  readonly depth: number;
}

function child(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function visitEmbedded(value: unknown, schema: JsonSchema, place: Place, visit: Visit): void {
  if (typeof value !== "object" || value === null || !traitsOf(schema).embedded) return;
  assertDepth(place.depth);
  const depth = place.depth + 1;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return;
    for (const [index, item] of value.entries()) {
      visitEmbedded(item, items, { path: `${place.path}[${index}]`, depth }, visit);
    }
    return;
  }
  const object = value as JsonObject;
  if (schema["x-kubernetes-embedded-resource"] === true) visit(object, place.path);
  const { properties, additionalProperties } = schema;
  for (const key of Object.keys(object)) {
    const property = getOwn(properties, key);
    if (property !== undefined) visitEmbedded(object[key], property, { path: child(place.path, key), depth }, visit);
    else if (typeof additionalProperties === "object") {
      visitEmbedded(object[key], additionalProperties, { path: `${place.path}[${key}]`, depth }, visit);
    }
  }
}

/** apiVersion and kind are required; metadata, if given, is checked as for creation, except that a name may be absent. */
function validateEmbedded(errors: FieldError[], object: JsonObject, path: string): void {
  for (const key of ["apiVersion", "kind"]) {
    if (!Object.hasOwn(object, key)) errors.push(required(child(path, key)));
  }
  validateApiVersion(errors, getOwn(object, "apiVersion"), child(path, "apiVersion"));
  validateKind(errors, getOwn(object, "kind"), child(path, "kind"));
  const metadata = getOwn(object, "metadata");
  if (metadata === undefined) return;
  const at = child(path, "metadata");
  const read = readObjectMeta(metadata);
  if ("error" in read) {
    errors.push(invalid(at, sortKeys(metadata), read.error));
    return;
  }
  const meta: ObjectMeta = read.meta as ObjectMeta;
  // An embedded object need not have a name yet, but all other rules hold.
  const named = meta.name === undefined ? { ...meta, name: "unnamed" } : meta;
  errors.push(
    ...validateObjectMeta(named, { namespaced: meta.namespace !== undefined, nameRule: pathSegment, path: at }),
  );
}

function validateApiVersion(errors: FieldError[], value: Json | undefined, path: string): void {
  if (value === undefined) return;
  if (typeof value !== "string") errors.push(invalid(path, sortKeys(value), "must be a string"));
  else if (value === "") errors.push(invalid(path, value, "must not be empty"));
  else if (parseApiVersion(value) === undefined) {
    errors.push(invalid(path, value, `unexpected GroupVersion string: ${value}`));
  }
}

function validateKind(errors: FieldError[], value: Json | undefined, path: string): void {
  if (value === undefined) return;
  if (typeof value !== "string") errors.push(invalid(path, sortKeys(value), "must be a string"));
  else if (value === "") errors.push(invalid(path, value, "must not be empty"));
  else {
    const complaints = dns1035Label(value.toLowerCase());
    if (complaints.length > 0) {
      const detail = `may have mixed case, but should otherwise match: ${complaints.join(",")}`;
      errors.push(invalid(path, value, detail));
    }
  }
}

/** Types apiVersion, kind and metadata of one embedded object, in place; returns the first error. */
function coerceEmbedded(object: JsonObject, path: string, unknown: string[]): FieldError | undefined {
  for (const key of ["apiVersion", "kind"]) {
    const value = getOwn(object, key);
    if (value !== undefined && typeof value !== "string")
      return invalid(child(path, key), sortKeys(value), "must be a string");
  }
  const metadata = getOwn(object, "metadata");
  if (metadata === undefined) return undefined;
  const at = child(path, "metadata");
  const read = readObjectMeta(metadata);
  if ("error" in read) return invalid(at, sortKeys(metadata), read.error);
  for (const field of read.unknown) unknown.push(`${at}.${field}`);
  setOwn(object, "metadata", read.meta);
  return undefined;
}
