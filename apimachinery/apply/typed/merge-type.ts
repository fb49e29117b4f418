// How values merge, made from a schema once and kept: what server-side apply needs to know of a type and nothing else.
// The rules are those by which the API server reads OpenAPI for structured-merge-diff:
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy

import type { Json } from "../../meta/types.ts";
import type { JsonSchema } from "../../schema/json-schema.ts";
import { OBJECT_META_SCHEMA } from "./object-meta-schema.ts";

/** Values may have these shapes; a type that leaves it open has several. */
export const SCALAR = 1;
export const LIST = 2;
export const MAP = 4;

/** Below so many levels a value counts as one: its owner owns it as a whole. Keeps hostile nesting off the call stack. */
export const MAX_LEVELS = 1000;

export interface MergeType {
  /** {@link SCALAR} | {@link LIST} | {@link MAP} */
  readonly shapes: number;
  readonly scalar: "numeric" | "string" | "boolean" | "untyped" | undefined;
  readonly list: ListType | undefined;
  readonly map: MapType | undefined;
}

export interface ListKey {
  readonly name: string;
  /** What an item without this key has; undefined for none. */
  readonly fallback: Json | undefined;
}

export interface ListType {
  readonly relation: "atomic" | "set" | "map";
  /** In the order of the schema. */
  readonly keyNames: readonly string[];
  /** In order of their names. */
  readonly keys: readonly ListKey[];
  readonly item: MergeType;
}

export interface MapType {
  readonly atomic: boolean;
  /** True when no member is declared: the type is as the value looks. */
  readonly isOpen: boolean;
  /** The type of a declared member. */
  field(name: string): MergeType | undefined;
  /** The type of every other member; undefined when there may be none. */
  readonly element: MergeType | undefined;
}

/** A value of an undeclared type: maps merge by member, lists are one. */
const DEDUCED: MergeType = {
  shapes: SCALAR | LIST | MAP,
  scalar: "untyped",
  list: undefined,
  map: undefined,
};
/** An item of a list of an undeclared type: everything is one. */
const UNTYPED: MergeType = { shapes: SCALAR | LIST | MAP, scalar: "untyped", list: undefined, map: undefined };
const openMap = (element: MergeType, atomic: boolean): MapType => ({
  atomic,
  isOpen: true,
  field: () => undefined,
  element,
});
const openList: ListType = { relation: "atomic", keyNames: [], keys: [], item: UNTYPED };
Object.assign(UNTYPED, { list: openList, map: openMap(UNTYPED, true) });
Object.assign(DEDUCED, { list: openList, map: openMap(DEDUCED, false) });

const roots = new WeakMap<JsonSchema, MergeType>();
const types: readonly [WeakMap<JsonSchema, MergeType>, WeakMap<JsonSchema, MergeType>] = [new WeakMap(), new WeakMap()];
const TEXT: JsonSchema = { type: "string" };
const ROOT_MEMBERS: Readonly<Record<string, JsonSchema>> = {
  apiVersion: TEXT,
  kind: TEXT,
  metadata: OBJECT_META_SCHEMA,
};

/** The merge type of whole objects of `schema`: apiVersion, kind and metadata are those of every kind. */
export function mergeTypeOf(schema: JsonSchema): MergeType {
  let type = roots.get(schema);
  if (type === undefined) {
    type = compile(withObjectMembers(schema), false);
    roots.set(schema, type);
  }
  return type;
}

function withObjectMembers(schema: JsonSchema): JsonSchema {
  return { ...schema, type: "object", properties: { ...schema.properties, ...ROOT_MEMBERS } };
}

function compile(schema: JsonSchema, keepsUnknown: boolean): MergeType {
  const cache = types[keepsUnknown ? 1 : 0];
  let type = cache.get(schema);
  if (type === undefined) {
    type = new CompiledType(schema, keepsUnknown);
    cache.set(schema, type);
  }
  return type;
}

/** Compiles its parts when they are first asked for: schemas of built-in kinds may be cyclic. */
class CompiledType implements MergeType {
  readonly shapes: number;
  readonly scalar: MergeType["scalar"];
  readonly list: ListType | undefined;
  readonly map: MapType | undefined;

  constructor(source: JsonSchema, keepsUnknown: boolean) {
    const schema = source["x-kubernetes-embedded-resource"] === true ? withObjectMembers(source) : source;
    const keeps = keepsUnknown || schema["x-kubernetes-preserve-unknown-fields"] === true;
    const anything = schema["x-kubernetes-int-or-string"] === true || schema.type === undefined || schema.type === "";
    this.scalar = anything ? "untyped" : scalarOf(schema);
    this.list = anything || schema.type === "array" ? new CompiledList(schema, keeps) : undefined;
    this.map = anything || schema.type === "object" ? new CompiledMap(schema, keeps) : undefined;
    this.shapes = (this.scalar ? SCALAR : 0) | (this.list ? LIST : 0) | (this.map ? MAP : 0);
  }
}

function scalarOf(schema: JsonSchema): MergeType["scalar"] {
  switch (schema.type) {
    case "integer":
    case "number":
      return "numeric";
    case "boolean":
      return "boolean";
    case "string":
      return schema.format === undefined || schema.format === "" || schema.format === "byte" ? "string" : "untyped";
    case "object":
    case "array":
      return undefined;
    default:
      return "untyped";
  }
}

class CompiledList implements ListType {
  readonly relation: ListType["relation"];
  readonly keyNames: readonly string[];
  readonly keys: readonly ListKey[];
  readonly #items: JsonSchema | undefined;
  readonly #keepsUnknown: boolean;
  #item: MergeType | undefined;

  constructor(schema: JsonSchema, keepsUnknown: boolean) {
    const { relation, keyNames } = relationOf(schema);
    this.relation = relation;
    this.keyNames = keyNames;
    this.#items = schema.items;
    this.#keepsUnknown = keepsUnknown;
    const properties = schema.items?.properties ?? {};
    this.keys = [...keyNames]
      .sort()
      .map((name) => ({ name, fallback: Object.hasOwn(properties, name) ? properties[name]?.default : undefined }));
  }

  get item(): MergeType {
    this.#item ??= this.#items === undefined ? UNTYPED : compile(this.#items, this.#keepsUnknown);
    return this.#item;
  }
}

function relationOf(schema: JsonSchema): { relation: ListType["relation"]; keyNames: readonly string[] } {
  const type = schema["x-kubernetes-list-type"];
  if (type === "map") {
    const keyNames = schema["x-kubernetes-list-map-keys"] ?? [];
    return keyNames.length === 0 ? { relation: "set", keyNames } : { relation: "map", keyNames };
  }
  if (type !== undefined) return { relation: type, keyNames: [] };
  const strategy = schema["x-kubernetes-patch-strategy"];
  if (strategy !== "merge" && strategy !== "merge,retainKeys") return { relation: "atomic", keyNames: [] };
  const key = schema["x-kubernetes-patch-merge-key"];
  return key === undefined ? { relation: "set", keyNames: [] } : { relation: "map", keyNames: [key] };
}

class CompiledMap implements MapType {
  readonly atomic: boolean;
  readonly isOpen: boolean;
  readonly element: MergeType | undefined;
  readonly #schemas: Readonly<Record<string, JsonSchema>>;
  readonly #keepsUnknown: boolean;
  readonly #fields = new Map<string, MergeType>();

  constructor(schema: JsonSchema, keepsUnknown: boolean) {
    const { properties = {}, additionalProperties } = schema;
    const noneDeclared = Object.keys(properties).length === 0;
    this.#schemas = properties;
    this.#keepsUnknown = keepsUnknown;
    this.atomic = schema["x-kubernetes-map-type"] === "atomic";
    if (additionalProperties === undefined) this.element = keepsUnknown || noneDeclared ? DEDUCED : undefined;
    else if (typeof additionalProperties === "object") this.element = compile(additionalProperties, keepsUnknown);
    else this.element = additionalProperties ? DEDUCED : undefined;
    this.isOpen = noneDeclared && this.element === DEDUCED;
  }

  field(name: string): MergeType | undefined {
    const known = this.#fields.get(name);
    if (known !== undefined) return known;
    const schema = Object.hasOwn(this.#schemas, name) ? this.#schemas[name] : undefined;
    if (schema === undefined) return undefined;
    const type = compile(schema, this.#keepsUnknown);
    this.#fields.set(name, type);
    return type;
  }
}

/** The shape of a value under a type: one of the type's shapes when the value has it, else all that the type allows. */
export function shapeOf(type: MergeType, value: Json | undefined): number {
  if (value === null || value === undefined) return type.shapes;
  const own = typeof value !== "object" ? SCALAR : Array.isArray(value) ? LIST : MAP;
  return type.shapes & own ? own : type.shapes;
}
