import { getOwn, isObject } from "../../meta/own-members.ts";
import type { Json } from "../../meta/types.ts";
import { goJson } from "../../patch/go-format.ts";
import { isNestedBeyond, MAX_VALUE_LEVELS, valueElement } from "../sets/path-element.ts";
import type { ListType } from "./merge-type.ts";

/** Why an item cannot be told apart from others. */
export interface BadItem {
  readonly problem: string;
}

/** The path element of an item of a set or keyed list. */
export function itemElement(list: ListType, item: Json): string | BadItem {
  if (list.relation === "map") return keyedElement(list, item);
  if (item === null) return NULL_VALUE;
  if (typeof item !== "object")
    return typeof item === "string" && !SPECIAL.test(item) ? `v:"${item}"` : valueElement(item);
  return Array.isArray(item) ? LIST_VALUE : MAP_VALUE;
}

const NULL_VALUE: BadItem = { problem: "associative list without keys has an element that's an explicit null" };
const LIST_VALUE: BadItem = { problem: "not supported: associative list with lists as elements" };
const MAP_VALUE: BadItem = { problem: "associative list without keys has an element that's a map type" };
const NULL_ITEM: BadItem = { problem: "associative list with keys may not have a null element" };
const NO_MAP_ITEM: BadItem = { problem: "associative list with keys may not have non-map elements" };
const DEEP_KEY: BadItem = { problem: "associative list with keys has an element whose key is nested too deeply" };
/** What JSON text escapes. */
const SPECIAL = /[^ !#-%'-;=?-[\]-~]/;

function keyedElement(list: ListType, item: Json): string | BadItem {
  if (item === null) return NULL_ITEM;
  if (!isObject(item)) return NO_MAP_ITEM;
  let text = "";
  for (const { name, fallback } of list.keys) {
    const value = getOwn(item, name) ?? (Object.hasOwn(item, name) ? null : fallback);
    if (value === undefined) continue;
    if (isNestedBeyond(value, MAX_VALUE_LEVELS)) return DEEP_KEY;
    const shown = typeof value === "string" && !SPECIAL.test(value) ? `"${value}"` : goJson(value);
    text += `${text === "" ? "" : ","}${goJson(name)}:${shown}`;
  }
  if (text !== "") return `k:{${text}}`;
  const names = `[${list.keyNames.map((name) => JSON.stringify(name)).join(" ")}]`;
  return {
    problem: `associative list with keys has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`,
  };
}
