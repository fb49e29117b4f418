import type { JsonSchema } from "../schema/json-schema.ts";
import { zeroJson } from "./encoded-fields.ts";
import { type Field, fieldsOf, isAtomicType } from "./type-table.ts";

const cache = new Map<string, JsonSchema>();

const SCALARS: Readonly<Record<string, JsonSchema>> = {
  string: { type: "string" },
  bool: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  float64: { type: "number", format: "double" },
  bytes: { type: "string", format: "byte" },
  quantity: { "x-kubernetes-int-or-string": true },
  time: { type: "string", format: "date-time", nullable: true },
  microtime: { type: "string", format: "date-time", nullable: true },
  duration: { type: "string" },
  intorstring: { "x-kubernetes-int-or-string": true },
  raw: { type: "object", "x-kubernetes-map-type": "atomic", "x-kubernetes-preserve-unknown-fields": true },
  fieldsv1: { type: "object", "x-kubernetes-map-type": "atomic", "x-kubernetes-preserve-unknown-fields": true },
  json: { "x-kubernetes-preserve-unknown-fields": true },
};

/**
 * The schema of a built-in type, made once and shared. It is cyclic where the type is (JSONSchemaProps), so it must not be
 * printed or walked without a value to lead.
 *
 * @param key - as in the type table: `apps/v1.Deployment`
 * @returns undefined for an unknown key
 */
export function builtinSchema(key: string): JsonSchema | undefined {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const fields = fieldsOf(key);
  if (fields === undefined) return undefined;
  const schema: JsonSchema = { type: "object", properties: {} };
  cache.set(key, schema);
  addFields(schema, fields);
  if (isAtomicType(key)) schema["x-kubernetes-map-type"] = "atomic";
  return schema;
}

function addFields(schema: JsonSchema, fields: readonly Field[]): void {
  const properties = schema.properties as Record<string, JsonSchema>;
  for (const field of fields) {
    if (field.options.inline) {
      addFields(schema, fieldsOf(field.type) ?? []);
      continue;
    }
    properties[field.name] = fieldSchema(field);
    if (field.options.required) schema.required = [...(schema.required ?? []), field.name];
  }
}

function fieldSchema(field: Field): JsonSchema {
  const { options } = field;
  const base = typeSchema(field.type);
  const extra: JsonSchema = {};
  if (options.listType !== undefined) extra["x-kubernetes-list-type"] = options.listType;
  if (options.listMapKeys !== undefined) {
    extra["x-kubernetes-list-map-keys"] = [...options.listMapKeys];
    addKeyDefaults(field.type.slice(2), options.listMapKeys);
  }
  if (options.mapType !== undefined) extra["x-kubernetes-map-type"] = options.mapType;
  if (options.patchStrategy !== undefined) extra["x-kubernetes-patch-strategy"] = options.patchStrategy;
  if (options.patchMergeKey !== undefined) extra["x-kubernetes-patch-merge-key"] = options.patchMergeKey;
  return Object.keys(extra).length === 0 ? base : Object.assign(Object.create(null) as JsonSchema, base, extra);
}

/** Keys that may be left out of a list item, beside the required ones, whose default is their zero. */
const KEY_DEFAULTS: Readonly<Record<string, string>> = {
  "core/v1.ContainerPort protocol": "TCP",
  "core/v1.ServicePort protocol": "TCP",
  "core/v1.LocalObjectReference name": "",
};

/** Items are told apart by their keys after defaulting: server-side apply needs the defaults of the keys. */
function addKeyDefaults(itemType: string, keys: readonly string[]): void {
  const properties = builtinSchema(itemType)?.properties as Record<string, JsonSchema> | undefined;
  if (properties === undefined) return;
  for (const field of fieldsOf(itemType) ?? []) {
    if (!keys.includes(field.name)) continue;
    const zero = field.options.required && !field.options.pointer ? zeroJson(field) : undefined;
    const value = KEY_DEFAULTS[`${itemType} ${field.name}`] ?? zero;
    if (value !== undefined) properties[field.name] = { ...properties[field.name], default: value };
  }
}

function typeSchema(type: string): JsonSchema {
  if (type.startsWith("[]")) return { type: "array", items: typeSchema(type.slice(2)) };
  if (type.startsWith("{}")) return { type: "object", additionalProperties: typeSchema(type.slice(2)) };
  const scalar = SCALARS[type];
  if (scalar !== undefined) return scalar;
  if (type === "propsorbool" || type === "propsorarray" || type === "propsorstrings") {
    return { "x-kubernetes-preserve-unknown-fields": true };
  }
  const schema = builtinSchema(type);
  if (schema === undefined) throw new TypeError(`Cannot make a schema: unknown type "${type}"`);
  return schema;
}
