// A schema as the type of values in expressions: what fields there are, and how large they may get. Sizes bound the
// estimated cost of rules (k8s.io/apiserver/pkg/cel/common/schemas.go and k8s.io/apiserver/pkg/cel/limits.go).

import type { JsonSchema } from "../../schema/json-schema.ts";
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  objectType,
  STRING,
  TIMESTAMP,
} from "../language/cel-types.ts";
import { escapeFieldName } from "./field-names.ts";

/** The largest request in bytes; nothing in a value can be larger. */
export const MAX_REQUEST_BYTES = 3 * 1024 * 1024;
const MAX_DURATION_BYTES = 32;
const MIN_DURATION_BYTES = 5;
const DATE_BYTES = 12;
const MIN_DATE_TIME_BYTES = 21;
const MAX_DATE_TIME_BYTES = 29;
/** Deeper schemas are cut off: nothing below can be named in a rule. */
const MAX_DEPTH = 200;

export type NodeKind =
  | "dyn"
  | "list"
  | "map"
  | "object"
  | "string"
  | "bytes"
  | "duration"
  | "date"
  | "date-time"
  | "bool"
  | "double"
  | "int";

/** A schema that values can be converted by. */
export interface SchemaNode {
  readonly kind: NodeKind;
  readonly type: CelType;
  readonly nullable: boolean;
  /** Bytes that a value takes at least as JSON. */
  readonly minBytes: number;
  /** Characters, items or properties that a value has at most; 0 where there is no such thing. */
  readonly maxElements: number;
  /** Lists and maps only. */
  readonly element?: SchemaNode;
  readonly list?: { readonly kind: "atomic" | "set" | "map"; readonly keys: readonly string[] };
  /** Objects only: by the name in expressions. */
  readonly fields?: ReadonlyMap<string, { readonly name: string; readonly node: SchemaNode }>;
}

/**
 * The node of a schema.
 *
 * @param isResource - whether apiVersion, kind and metadata.name are there without being declared
 * @returns undefined for a schema that says nothing of its type; it cannot be named in rules
 */
export function schemaNode(
  schema: JsonSchema,
  isResource: boolean,
  name = "object",
  depth = 0,
): SchemaNode | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const nullable = schema.nullable === true;
  if (schema["x-kubernetes-int-or-string"] === true) {
    return { kind: "dyn", type: DYN, nullable, minBytes: 1, maxElements: MAX_REQUEST_BYTES - 2 };
  }
  switch (schema.type) {
    case "array":
      return listNode(schema, nullable, name, depth);
    case "object":
      return objectNode(isResource ? withResourceFields(schema) : schema, nullable, name, depth);
    case "string":
      return { ...stringNode(schema), nullable };
    case "boolean":
      return { kind: "bool", type: BOOL, nullable, minBytes: 4, maxElements: 0 };
    case "number":
      return { kind: "double", type: DOUBLE, nullable, minBytes: 1, maxElements: 0 };
    case "integer":
      return { kind: "int", type: INT, nullable, minBytes: 1, maxElements: 0 };
    default:
      return undefined;
  }
}

function isEmbedded(schema: JsonSchema): boolean {
  return schema["x-kubernetes-embedded-resource"] === true;
}

function listNode(schema: JsonSchema, nullable: boolean, name: string, depth: number): SchemaNode | undefined {
  if (schema.items === undefined) return undefined;
  const element = schemaNode(schema.items, isEmbedded(schema.items), `${name}.@idx`, depth + 1);
  if (element === undefined) return undefined;
  const kind = schema["x-kubernetes-list-type"] ?? "atomic";
  return {
    kind: "list",
    type: listOf(element.type),
    nullable,
    minBytes: 2,
    maxElements:
      schema.maxItems === undefined
        ? Math.trunc((MAX_REQUEST_BYTES - 2) / (element.minBytes + 1))
        : Math.max(schema.maxItems, 0),
    element,
    list: { kind, keys: schema["x-kubernetes-list-map-keys"] ?? [] },
  };
}

function objectNode(schema: JsonSchema, nullable: boolean, name: string, depth: number): SchemaNode | undefined {
  const others = schema.additionalProperties;
  if (typeof others === "object") {
    const element = schemaNode(others, isEmbedded(others), `${name}.@elem`, depth + 1);
    if (element === undefined) return undefined;
    const bound = schema.maxProperties;
    return {
      kind: "map",
      type: mapOf(STRING, element.type),
      nullable,
      minBytes: 2,
      maxElements:
        bound === undefined ? Math.trunc((MAX_REQUEST_BYTES - 2) / (element.minBytes + 6)) : Math.max(bound, 0),
      element,
    };
  }
  const fields = new Map<string, { name: string; node: SchemaNode }>();
  const types = new Map<string, CelType>();
  const required = new Set(schema.required ?? []);
  let minBytes = 2;
  for (const [property, below] of Object.entries(schema.properties ?? {})) {
    const node = schemaNode(below, isEmbedded(below), `${name}.${property}`, depth + 1);
    if (node === undefined) continue;
    const escaped = escapeFieldName(property);
    if (escaped !== undefined) {
      fields.set(escaped, { name: property, node });
      types.set(escaped, node.type);
    }
    if (required.has(property) && below.default === undefined) minBytes += property.length + node.minBytes + 4;
  }
  return { kind: "object", type: objectType(name, types), nullable, minBytes, maxElements: 0, fields };
}

function stringNode(schema: JsonSchema): Omit<SchemaNode, "nullable"> {
  const { maxLength } = schema;
  switch (schema.format) {
    case "byte": {
      const maxElements = maxLength === undefined ? MAX_REQUEST_BYTES - 2 : Math.max(maxLength, 0);
      return { kind: "bytes", type: BYTES, minBytes: 2, maxElements };
    }
    case "duration":
      return { kind: "duration", type: DURATION, minBytes: MIN_DURATION_BYTES, maxElements: MAX_DURATION_BYTES };
    case "date":
      return { kind: "date", type: TIMESTAMP, minBytes: DATE_BYTES, maxElements: DATE_BYTES };
    case "date-time":
      return { kind: "date-time", type: TIMESTAMP, minBytes: MIN_DATE_TIME_BYTES, maxElements: MAX_DATE_TIME_BYTES };
    default:
      return { kind: "string", type: STRING, minBytes: 2, maxElements: maxCharacters(schema) };
  }
}

/** A character may take four bytes, which is what is counted. */
function maxCharacters(schema: JsonSchema): number {
  if (schema.maxLength !== undefined) return Math.max(schema.maxLength, 0) * 4;
  const longest = (schema.enum ?? []).map((value) => (typeof value === "string" ? value.length : 0));
  return longest.length > 0 ? Math.max(...longest) : MAX_REQUEST_BYTES - 2;
}

const TEXT: JsonSchema = { type: "string" };

/** The schema of a resource, with the fields every resource has; of metadata only the names can be seen. */
function withResourceFields(schema: JsonSchema): JsonSchema {
  return {
    ...schema,
    properties: {
      ...schema.properties,
      kind: TEXT,
      apiVersion: TEXT,
      metadata: { type: "object", properties: { name: TEXT, generateName: TEXT } },
    },
  };
}
