// Readers compiled from the type table: one for each type, made at its first use, walking only what a body holds.

import { isObject, setOwn } from "../../../meta/own-members.ts";
import type { Json, JsonObject } from "../../../meta/types.ts";
import { emptyStruct } from "../../empty-object.ts";
import { fieldKind, isAlwaysEncoded, zeroJson } from "../../encoded-fields.ts";
import { type Field, fieldsOf } from "../../type-table.ts";
import type { DecodeContext } from "./decode-context.ts";
import { goStringType } from "./go-type-names.ts";
import { type Place, type Reader, SCALAR_READERS, wrongType } from "./scalar-readers.ts";

interface Member {
  readonly name: string;
  readonly read: Reader;
  readonly place: Place;
  /** True when the value disappears from the encoding. */
  readonly omits: (value: Json) => boolean;
  /** What stands there when the value is missing or empty; undefined when nothing does. */
  readonly zero: (() => Json) | undefined;
}

interface StructReader {
  readonly members: Map<string, Member>;
  readonly always: readonly Member[];
}

const structs = new Map<string, StructReader>();

/** Reads a struct in place: drops what its type does not know, completes what its encoding always has. */
export function readStruct(object: JsonObject, typeKey: string, context: DecodeContext): void {
  readMembers(object, structReader(typeKey), context, false);
}

/** {@link readStruct} for a whole object: apiVersion and kind stay as they are. */
export function readRoot(object: JsonObject, typeKey: string, context: DecodeContext): void {
  readMembers(object, structReader(typeKey), context, true);
}

function readMembers(
  object: JsonObject,
  { members, always }: StructReader,
  context: DecodeContext,
  root: boolean,
): void {
  for (const key in object) {
    if (!Object.hasOwn(object, key)) continue;
    const member = members.get(key);
    if (member === undefined) {
      if (root && (key === "apiVersion" || key === "kind")) continue;
      context.foundUnknown(key);
      delete object[key];
      continue;
    }
    const value = object[key] as Json;
    if (value === null) {
      if (member.zero === undefined) delete object[key];
      else object[key] = member.zero();
      continue;
    }
    context.enterField(key);
    const read = member.read(value, context, member.place);
    context.leave();
    if (!member.omits(read)) object[key] = read;
    else if (member.zero === undefined) delete object[key];
    else object[key] = member.zero();
  }
  for (const member of always) {
    if (!Object.hasOwn(object, member.name)) object[member.name] = (member.zero as () => Json)();
  }
}

function structReader(typeKey: string): StructReader {
  const known = structs.get(typeKey);
  if (known !== undefined) return known;
  const members = new Map<string, Member>();
  const made = { members, always: [] as Member[] };
  structs.set(typeKey, made);
  addMembers(members, typeKey, structName(typeKey));
  for (const member of members.values()) if (member.zero !== undefined) made.always.push(member);
  return made;
}

function structName(typeKey: string): string {
  return typeKey.slice(typeKey.indexOf(".", typeKey.indexOf("/")) + 1);
}

function addMembers(members: Map<string, Member>, typeKey: string, struct: string): void {
  const fields = fieldsOf(typeKey);
  if (fields === undefined) throw new TypeError(`Cannot read: unknown type "${typeKey}"`);
  for (const field of fields) {
    if (field.options.inline) addMembers(members, field.type, struct);
    else members.set(field.name, memberOf(field, typeKey, struct));
  }
}

function memberOf(field: Field, typeKey: string, struct: string): Member {
  return {
    name: field.name,
    read: readerOf(field.type),
    place: { struct, goType: goType(field, typeKey) },
    omits: keepsEmpty(field, typeKey) ? () => false : omission(field),
    zero: isAlwaysEncoded(typeKey, field) ? zeroMaker(field) : undefined,
  };
}

/**
 * Lists that are different when they are empty and when they are missing: an empty one is owned by whoever sent it, or refused.
 * Storage forgets the difference later.
 */
const KEEPS_EMPTY: ReadonlySet<string> = new Set([
  "rbac/v1.Role rules",
  "rbac/v1.ClusterRole rules",
  "autoscaling/v2.HPAScalingRules policies",
]);

/** Definitions are stored as JSON, which forgets nothing. */
function keepsEmpty(field: Field, typeKey: string): boolean {
  if (KEEPS_EMPTY.has(`${typeKey} ${field.name}`)) return true;
  return typeKey.startsWith("apiextensions/") && fieldKind(field.type) === "list" && isAlwaysEncoded(typeKey, field);
}

function zeroMaker(field: Field): () => Json {
  const zero = zeroJson(field);
  return zero === undefined ? () => emptyStruct(field.type) : () => zero;
}

/** Storage does not tell an empty list or map from a missing one, nor a zero from a missing value that is no pointer. */
function omission({ type, options }: Field): (value: Json) => boolean {
  switch (fieldKind(type)) {
    case "list":
      return (value) => (value as string | Json[]).length === 0;
    case "map":
      return (value) => isEmptyMap(value as JsonObject);
    case "scalar":
      return options.pointer ? () => false : (value) => value === "" || value === 0 || value === false;
    case "struct":
    case "time":
    case "value":
      return () => false;
  }
}

function isEmptyMap(value: JsonObject): boolean {
  for (const key in value) if (Object.hasOwn(value, key)) return false;
  return true;
}

function readerOf(type: string): Reader {
  if (type.startsWith("[]")) return listReader(type.slice(2));
  if (type.startsWith("{}")) return mapReader(type.slice(2));
  if (type === "propsorbool" || type === "propsorarray" || type === "propsorstrings") return readSchemaOr;
  const scalar = Object.hasOwn(SCALAR_READERS, type) ? SCALAR_READERS[type] : undefined;
  if (scalar !== undefined) return scalar;
  const read = CARRIES_KIND.has(type) ? readRoot : readStruct;
  return (value, context, place) => {
    if (!isObject(value)) throw wrongType(value, context, place);
    read(value, type, context);
    return value;
  };
}

/** Whole objects that stand in others, apiVersion and kind included. */
const CARRIES_KIND: ReadonlySet<string> = new Set(["core/v1.PersistentVolumeClaim"]);

/** A schema, several, or something else. Decoders of their own do not report unknown fields, they only drop them. */
const readSchemaOr: Reader = (value, context) => {
  if (isObject(value)) context.silently(() => readStruct(value, "apiextensions/v1.JSONSchemaProps", context));
  else if (Array.isArray(value)) for (const item of value) readSchemaOr(item, context, { struct: "", goType: "" });
  return value;
};

function listReader(itemType: string): Reader {
  const read = readerOf(itemType);
  const zero = zeroItem(itemType);
  const plain = SCALAR_READERS[itemType] !== undefined;
  return (value, context, place) => {
    if (!Array.isArray(value)) throw wrongType(value, context, place);
    const itemPlace = { struct: place.struct, goType: place.goType.replace(/^\[\]/, "") };
    for (let i = 0; i < value.length; i++) {
      const item = value[i] as Json;
      if (item === null) value[i] = zero();
      else if (plain) value[i] = read(item, context, itemPlace);
      else {
        context.enterIndex(i);
        value[i] = read(item, context, itemPlace);
        context.leave();
      }
    }
    return value;
  };
}

function mapReader(itemType: string): Reader {
  const read = readerOf(itemType);
  const zero = zeroItem(itemType);
  const itemGoType = goTypeOf(itemType, "string");
  return (value, context, place) => {
    if (!isObject(value)) throw wrongType(value, context, place);
    const itemPlace = { struct: place.struct, goType: itemGoType };
    for (const key of Object.keys(value)) {
      const item = value[key] as Json;
      context.enterKey(key);
      const next = item === null ? zero() : read(item, context, itemPlace);
      context.leave();
      if (next !== item) setOwn(value, key, next);
    }
    return value;
  };
}

/** What a null in a list or map stands for. */
function zeroItem(type: string): () => Json {
  if (type.startsWith("[]") || type.startsWith("{}")) return () => null;
  switch (type) {
    case "string":
    case "bytes":
      return () => "";
    case "bool":
      return () => false;
    case "int32":
    case "int64":
    case "float64":
    case "intorstring":
      return () => 0;
    case "quantity":
      return () => "0";
    default:
      return type.includes("/") ? () => emptyStruct(type) : () => null;
  }
}

function goType(field: Field, typeKey: string): string {
  const named = goStringType(typeKey, field.name, field.options.enum);
  if (field.type === "{}quantity") return "v1.ResourceList";
  return goTypeOf(field.type, named);
}

function goTypeOf(type: string, stringType: string): string {
  if (type.startsWith("[]")) return `[]${goTypeOf(type.slice(2), stringType)}`;
  if (type.startsWith("{}")) return `map[string]${goTypeOf(type.slice(2), "string")}`;
  if (type.includes("/")) return type.slice(type.indexOf("/") + 1);
  if (type === "string") return stringType;
  return type === "bytes" ? "[]uint8" : type;
}
