// JSON values as values of expressions, by their schema. Containers convert what they hold when it is asked for.

import { canonicalText } from "../../schema/json-value.ts";
import type { CelType } from "../language/cel-types.ts";
import { ArrayList, type CelError, CelList, CelMap, celError } from "../language/cel-values.ts";
import { equals } from "../language/equality.ts";
import { parseDuration, parseTimestamp } from "../language/time-values.ts";
import type { SchemaNode } from "./schema-node.ts";

/** Converts a JSON value; what does not fit the schema becomes an error. */
export function toCelValue(node: SchemaNode, value: unknown): unknown {
  if (value === null || value === undefined) {
    return node.nullable ? null : celError("invalid data, got null for schema with nullable=false");
  }
  switch (node.kind) {
    case "string":
      return typeof value === "string" ? value : mismatch("string", value);
    case "int":
      return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : toInt(value);
    case "double":
      return toDouble(value);
    case "bool":
      return typeof value === "boolean" ? value : mismatch("bool", value);
    case "object":
      return isObject(value) ? new SchemaObject(node, value) : notContainer("object", "a map");
    case "map":
      return isObject(value) ? new SchemaMap(node, value) : notContainer("object", "a map");
    case "list":
      return Array.isArray(value) ? new SchemaList(node, value) : notContainer("array", "an array");
    case "dyn":
      return toIntOrString(value);
    default:
      return toFormatted(node, value);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mismatch(expected: string, value: unknown): CelError {
  return celError(`invalid data, expected ${expected}, got ${goType(value)}`);
}

function notContainer(type: string, what: string): CelError {
  return celError(`invalid data, expected ${what} for the provided schema with type=${type}`);
}

/** The type a value of JSON has in Go. */
function goType(value: unknown): string {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  if (typeof value === "bigint") return "int64";
  return Array.isArray(value) ? "[]interface {}" : "map[string]interface {}";
}

function toInt(value: unknown): bigint | CelError {
  return typeof value === "bigint" ? value : mismatch("int", value);
}

function toDouble(value: unknown): number | CelError {
  if (typeof value === "number") return value;
  return typeof value === "bigint" ? Number(value) : mismatch("double", value);
}

function toIntOrString(value: unknown): unknown {
  if (typeof value === "string" || typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  return celError("invalid data, expected XIntOrString value to be either a string or integer");
}

function toFormatted(node: SchemaNode, value: unknown): unknown {
  if (typeof value !== "string") return mismatch("string", value);
  switch (node.kind) {
    case "bytes":
      return decodeBase64(value) ?? celError("invalid data, expected byte value to be base64 encoded");
    case "duration":
      return parseDuration(value) ?? celError(`invalid data, expected a duration, got ${value}`);
    case "date":
      return parseTimestamp(`${value}T00:00:00Z`) ?? celError(`invalid data, expected a date, got ${value}`);
    default:
      return parseTimestamp(value) ?? celError(`invalid data, expected a date-time, got ${value}`);
  }
}

function decodeBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** An object with declared properties, by their names in expressions. */
class SchemaObject extends CelMap {
  readonly #node: SchemaNode;
  readonly #value: Readonly<Record<string, unknown>>;
  constructor(node: SchemaNode, value: Readonly<Record<string, unknown>>) {
    super();
    this.#node = node;
    this.#value = value;
  }
  get size(): number {
    return this.keys().length;
  }
  override get celType(): CelType {
    return this.#node.type;
  }
  get(key: unknown): unknown {
    const fields = this.#node.fields;
    const field = typeof key === "string" ? (fields?.get(key) ?? fields?.get(`__${key}__`)) : undefined;
    if (field === undefined || !Object.hasOwn(this.#value, field.name)) return undefined;
    const value = this.#value[field.name];
    return value === undefined ? undefined : toCelValue(field.node, value);
  }
  /** A nullable field that is null counts as absent. */
  has(key: unknown): boolean {
    const value = this.get(key);
    return value !== undefined && value !== null;
  }
  keys(): unknown[] {
    const keys: string[] = [];
    for (const [name, { name: raw }] of this.#node.fields ?? []) {
      if (Object.hasOwn(this.#value, raw) && this.#value[raw] !== undefined) keys.push(name);
    }
    return keys;
  }
}

/** A map with keys of any name. */
class SchemaMap extends CelMap {
  readonly #element: SchemaNode;
  readonly #value: Readonly<Record<string, unknown>>;
  constructor(node: SchemaNode, value: Readonly<Record<string, unknown>>) {
    super();
    this.#element = node.element as SchemaNode;
    this.#value = value;
  }
  get size(): number {
    return Object.keys(this.#value).length;
  }
  get(key: unknown): unknown {
    if (typeof key !== "string" || !Object.hasOwn(this.#value, key)) return undefined;
    return toCelValue(this.#element, this.#value[key]);
  }
  has(key: unknown): boolean {
    return typeof key === "string" && Object.hasOwn(this.#value, key);
  }
  keys(): unknown[] {
    return Object.keys(this.#value);
  }
}

const NO_METER = { work: (): void => {} };

/** A list; a set or a list of type map has an equality and a sum of its own. */
class SchemaList extends CelList {
  readonly #node: SchemaNode;
  readonly #value: readonly unknown[];
  constructor(node: SchemaNode, value: readonly unknown[]) {
    super();
    this.#node = node;
    this.#value = value;
  }
  get size(): number {
    return this.#value.length;
  }
  at(index: number): unknown {
    return toCelValue(this.#node.element as SchemaNode, this.#value[index]);
  }

  override equalsUnordered(other: CelList): boolean | undefined {
    switch (this.#node.list?.kind) {
      case "set":
        return this.#sameItems(other);
      case "map":
        return other instanceof SchemaList ? this.#sameEntries(other) : undefined;
      default:
        return undefined;
    }
  }

  #sameItems(other: CelList): boolean {
    if (other instanceof SchemaList) {
      const known = new Set(this.#value.map((item) => canonicalText(item)));
      return other.#value.every((item) => known.has(canonicalText(item)));
    }
    const plain = new Map<unknown, true>();
    for (let i = 0; i < this.size; i++) plain.set(this.at(i), true);
    for (let i = 0; i < other.size; i++) {
      const item = other.at(i);
      if (!plain.has(item) && !this.#contains(item)) return false;
    }
    return true;
  }

  #contains(item: unknown): boolean {
    if (typeof item !== "object") return false;
    for (let i = 0; i < this.size; i++) if (equals(this.at(i), item, NO_METER) === true) return true;
    return false;
  }

  #sameEntries(other: SchemaList): boolean {
    const known = new Map(this.#value.map((item) => [this.keyOf(item), canonicalText(item)]));
    return other.#value.every((item) => known.get(this.keyOf(item)) === canonicalText(item));
  }

  /** Sets are joined; entries of the other list replace those with the same keys. */
  override concat(other: CelList): CelList | CelError | undefined {
    switch (this.#node.list?.kind) {
      case "set":
        return this.#union(other);
      case "map":
        return other instanceof SchemaList ? this.#merge(other) : undefined;
      default:
        return undefined;
    }
  }

  #union(other: CelList): CelList {
    const items: unknown[] = [];
    const known = new Set<unknown>();
    for (const list of [this, other]) {
      for (let i = 0; i < list.size; i++) {
        const item = list.at(i);
        if (known.has(item)) continue;
        known.add(item);
        items.push(item);
      }
    }
    return new UnorderedList(items);
  }

  #merge(other: SchemaList): CelList {
    const merged = new Map(this.#value.map((item) => [this.keyOf(item), item]));
    for (const item of other.#value) merged.set(this.keyOf(item), item);
    return new SchemaList(this.#node, [...merged.values()]);
  }

  keyOf(item: unknown): string {
    const keys = this.#node.list?.keys ?? [];
    const holder = isObject(item) ? item : {};
    return canonicalText(keys.map((key) => (Object.hasOwn(holder, key) ? holder[key] : null)));
  }
}

/** The union of a set with something: still without an order. */
class UnorderedList extends ArrayList {
  override equalsUnordered(other: CelList): boolean {
    const known = new Set(this.elements);
    for (let i = 0; i < other.size; i++) {
      const item = other.at(i);
      if (known.has(item)) continue;
      if (!this.elements.some((element) => equals(element, item, NO_METER) === true)) return false;
    }
    return true;
  }
}
