import { isObject, setOwn } from "../../meta/own-members.ts";
import type { Json, JsonObject } from "../../meta/types.ts";
import { childNode, type FieldNode, isEmptyNode } from "../sets/field-node.ts";
import { itemElement } from "./list-items.ts";
import { type ListType, MAP, MAX_LEVELS, type MapType, type MergeType, SCALAR, shapeOf } from "./merge-type.ts";

/**
 * A value without the members and items of a set. Where everything below a path goes, null is left of it, as the original
 * leaves it: the API server's next step drops or refuses that null.
 */
export function removeItems(value: Json, gone: FieldNode, type: MergeType): Json {
  return isEmptyNode(gone) ? value : remove(value, gone, type, 0);
}

function remove(value: Json, gone: FieldNode, type: MergeType, level: number): Json {
  if (level > MAX_LEVELS) return value;
  const shape = shapeOf(type, value);
  if (shape & MAP) return removeMembers(value, gone, type.map as MapType, level);
  return shape & SCALAR ? value : removeFromList(value, gone, type.list as ListType, level);
}

function removeMembers(value: Json, gone: FieldNode, type: MapType, level: number): Json {
  if (!isObject(value) || type.atomic) return null;
  const kept: JsonObject = {};
  let any = false;
  for (const key of Object.keys(value)) {
    const node = childNode(gone, `f:${key}`);
    if (node.member) continue;
    const member = value[key] as Json;
    const memberType = type.field(key) ?? type.element;
    const descends = node.children !== undefined && memberType !== undefined;
    setOwn(kept, key, descends ? remove(member, node, memberType, level + 1) : member);
    any = true;
  }
  return any ? kept : null;
}

function removeFromList(value: Json, gone: FieldNode, type: ListType, level: number): Json {
  if (!Array.isArray(value) || type.relation === "atomic") return null;
  const kept: Json[] = [];
  for (const item of value) {
    const element = itemElement(type, item);
    const node = typeof element === "string" ? childNode(gone, element) : NOTHING;
    if (node.member) continue;
    kept.push(node.children === undefined ? item : remove(item, node, type.item, level + 1));
  }
  return kept.length === 0 ? null : kept;
}
const NOTHING: FieldNode = { member: false, children: undefined };
