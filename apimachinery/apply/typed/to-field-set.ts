import { isObject } from "../../meta/own-members.ts";
import type { Json } from "../../meta/types.ts";
import { EMPTY, type FieldNode, LEAF, makeNode } from "../sets/field-node.ts";
import { itemElement } from "./list-items.ts";
import { type ListType, MAP, MAX_LEVELS, type MapType, type MergeType, SCALAR, shapeOf } from "./merge-type.ts";

/**
 * The set of an applied value: leaves, items of sets and keyed lists, null and empty maps, and members that no field
 * declares. Of items with the same key only the key counts.
 */
export function setOfValue(value: Json, type: MergeType): FieldNode {
  const { children } = nodeOf(value, type, 0);
  return makeNode(false, children);
}

function nodeOf(value: Json, type: MergeType, level: number): FieldNode {
  if (level > MAX_LEVELS) return LEAF;
  const shape = shapeOf(type, value);
  if (shape & MAP) return nodeOfMap(value, type.map as MapType, level);
  return shape & SCALAR ? LEAF : nodeOfList(value, type.list as ListType, level);
}

function nodeOfMap(value: Json, type: MapType, level: number): FieldNode {
  if (type.atomic) return LEAF;
  if (!isObject(value)) return EMPTY;
  let children: Map<string, FieldNode> | undefined;
  for (const key of Object.keys(value)) {
    const member = value[key] as Json;
    const declared = type.field(key);
    const fieldType = declared ?? type.element;
    if (fieldType === undefined) continue;
    const below = nodeOf(member, fieldType, level + 1);
    const owned = below.member || declared === undefined || member === null || isEmptyMap(member);
    if (!owned && below.children === undefined) continue;
    children ??= new Map();
    children.set(`f:${key}`, owned === below.member ? below : makeNode(owned, below.children));
  }
  return makeNode(false, children);
}

function isEmptyMap(value: Json): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

function nodeOfList(value: Json, type: ListType, level: number): FieldNode {
  if (type.relation === "atomic") return LEAF;
  if (!Array.isArray(value)) return EMPTY;
  const children = new Map<string, FieldNode>();
  for (const item of value) {
    const element = itemElement(type, item);
    if (typeof element !== "string") continue;
    if (children.has(element)) children.set(element, LEAF);
    else children.set(element, makeNode(true, nodeOf(item, type.item, level + 1).children));
  }
  return makeNode(false, children);
}
