// Path elements of fieldsV1 as text: what they mean, their one canonical spelling and their order.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
//
//   f:<name>            a member of a map
//   k:{"<key>":<value>} an item of a list whose items have keys; keys in order
//   v:<value>           an item of a set
//   i:<number>          an item of any other list

import { isObject } from "../../meta/own-members.ts";
import type { Json, JsonObject } from "../../meta/types.ts";
import { goJson } from "../../patch/go-format.ts";

export function fieldElement(name: string): string {
  return `f:${name}`;
}
export function valueElement(value: Json): string {
  return `v:${goJson(value)}`;
}
export function indexElement(index: number): string {
  return `i:${index}`;
}

/** The element of an item with these keys; `keys` must be in order of their names. */
export function keyElement(keys: readonly (readonly [name: string, value: Json])[]): string {
  return `k:{${keys.map(([name, value]) => `${goJson(name)}:${goJson(value)}`).join(",")}}`;
}

/** The name of a member; undefined for elements of lists. */
export function fieldName(element: string): string | undefined {
  return element.startsWith("f:") ? element.slice(2) : undefined;
}

export type ReadElement =
  | { readonly kind: "element"; readonly element: string }
  /** Of a kind that a later release may know: to be left out. */
  | { readonly kind: "unknown" }
  | { readonly kind: "malformed"; readonly reason: string };

/** Reads an element that a client wrote and gives its canonical spelling. */
export function readElement(text: string): ReadElement {
  if (text.length < 2) return { kind: "malformed", reason: "key must be 2 characters long:" };
  if (text[1] !== ":") return { kind: "malformed", reason: `missing colon: ${text}` };
  switch (text[0]) {
    case "f":
      return { kind: "element", element: text };
    case "v":
      return readJsonElement(text, (value) => valueElement(value));
    case "k":
      return readJsonElement(text, (value) => (isObject(value) ? keyElement(sortedMembers(value)) : undefined));
    case "i":
      return /^i:[+-]?[0-9]{1,15}$/.test(text)
        ? { kind: "element", element: indexElement(Number(text.slice(2))) }
        : { kind: "malformed", reason: `parsing ${JSON.stringify(text.slice(2))}: invalid syntax` };
    default:
      return { kind: "unknown" };
  }
}

function readJsonElement(text: string, spell: (value: Json) => string | undefined): ReadElement {
  try {
    const value = JSON.parse(text.slice(2)) as Json;
    const element = isNestedBeyond(value, MAX_VALUE_LEVELS) ? undefined : spell(value);
    if (element !== undefined) return { kind: "element", element };
  } catch {
    // Not JSON, or nested too deeply for the parser: malformed either way.
  }
  return { kind: "malformed", reason: `invalid value in ${text.slice(0, 200)}` };
}

/** Keys and set values are scalars; what a client sends instead must not nest without end. */
export const MAX_VALUE_LEVELS = 50;

export function isNestedBeyond(value: Json, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  const children = Array.isArray(value) ? value : Object.values(value);
  return children.some((child) => isNestedBeyond(child, levels - 1));
}

function sortedMembers(object: JsonObject): [string, Json][] {
  return Object.entries(object).sort(([a], [b]) => compareText(a, b));
}

/** The order of a set: members by name, then keyed items, values, indices. */
export function compareElements(a: string, b: string): number {
  const kind = a.charCodeAt(0);
  if (kind !== b.charCodeAt(0)) return KIND_ORDER.indexOf(a[0] as string) - KIND_ORDER.indexOf(b[0] as string);
  if (a === b) return 0;
  if (kind === FIELD) return compareText(a, b);
  if (a.startsWith("i:")) return Number(a.slice(2)) - Number(b.slice(2));
  const [left, right] = [JSON.parse(a.slice(2)) as Json, JSON.parse(b.slice(2)) as Json];
  return isObject(left) && isObject(right) && a.startsWith("k:")
    ? compareMembers(Object.entries(left), Object.entries(right))
    : compareValues(left, right);
}
const KIND_ORDER = "fkvi";
const FIELD = "f".charCodeAt(0);

/** As Go compares strings: by bytes of UTF-8, which is by code point. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    // Surrogates stand for code points above all others of the plane.
    const [xHigh, yHigh] = [x >= 0xd800 && x < 0xe000, y >= 0xd800 && y < 0xe000];
    return xHigh === yHigh ? x - y : xHigh ? 1 : -1;
  }
  return a.length - b.length;
}

function rank(value: Json): number {
  if (typeof value === "number") return 0;
  if (typeof value === "string") return 1;
  if (typeof value === "boolean") return 2;
  if (Array.isArray(value)) return 3;
  return value === null ? 5 : 4;
}

function compareValues(a: Json, b: Json): number {
  const byKind = rank(a) - rank(b);
  if (byKind !== 0) return byKind;
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const order = compareValues(a[i] as Json, b[i] as Json);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  return isObject(a) && isObject(b) ? compareMembers(sortedMembers(a), sortedMembers(b)) : 0;
}

function compareMembers(a: [string, Json][], b: [string, Json][]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [[nameA, valueA], [nameB, valueB]] = [a[i] as [string, Json], b[i] as [string, Json]];
    const order = compareText(nameA, nameB) || compareValues(valueA, valueB);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** As texts for people show it: `.spec`, `[name="main"]`, `[="x"]`, `[0]`. */
export function elementText(element: string): string {
  const rest = element.slice(2);
  switch (element[0]) {
    case "f":
      return `.${rest}`;
    case "k": {
      const keys = Object.entries(JSON.parse(rest) as JsonObject);
      return `[${keys.map(([name, value]) => `${name}=${valueText(value)}`).join(",")}]`;
    }
    case "v":
      return `[=${valueText(JSON.parse(rest) as Json)}]`;
    default:
      return `[${rest}]`;
  }
}

function valueText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return Object.entries(value)
    .map(([name, member]) => `${name}=${valueText(member)}`)
    .join("");
}

/** `.spec.ports[port=80,protocol="TCP"].name` */
export function pathText(path: readonly string[]): string {
  return path.map(elementText).join("");
}
