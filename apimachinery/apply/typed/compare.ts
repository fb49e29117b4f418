// What changed between two objects, as sets of paths. The finer points follow structured-merge-diff, because the sets become
// managedFields that clients read: a list that was null and now has items gives its items and not itself; an atomic value
// gives itself only.

import { jsonEqual } from "../../meta/json-equal.ts";
import { getOwn, isObject } from "../../meta/own-members.ts";
import type { Json, JsonObject } from "../../meta/types.ts";
import { EMPTY, type FieldNode, GrowingNode, graft, LEAF, makeNode } from "../sets/field-node.ts";
import { itemElement } from "./list-items.ts";
import { type ListType, MAP, MAX_LEVELS, type MapType, type MergeType, SCALAR, shapeOf } from "./merge-type.ts";

export interface Comparison {
  readonly added: FieldNode;
  readonly modified: FieldNode;
  readonly removed: FieldNode;
}

interface Walk {
  readonly added: GrowingNode;
  readonly modified: GrowingNode;
  readonly removed: GrowingNode;
  readonly path: string[];
}

/** An item of a keyed list has no key: the lists cannot be compared. */
export class IncomparableItem extends Error {}

/**
 * Compares two values of a type.
 *
 * @throws {IncomparableItem}
 */
export function compareValues(before: Json, after: Json, type: MergeType): Comparison {
  const walk: Walk = {
    added: new GrowingNode(),
    modified: new GrowingNode(),
    removed: new GrowingNode(),
    path: [],
  };
  compare(before, after, type, walk);
  return { added: settled(walk.added), modified: settled(walk.modified), removed: settled(walk.removed) };
}

function settled(node: GrowingNode): FieldNode {
  return node.children === undefined ? EMPTY : node;
}

function compare(before: Json | undefined, after: Json | undefined, type: MergeType, walk: Walk): void {
  if (before === after) return;
  if (before === undefined) {
    graft(walk.added, walk.path, wholeOf(after as Json, type, walk.path.length));
  } else if (after === undefined) {
    graft(walk.removed, walk.path, wholeOf(before, type, walk.path.length));
  } else {
    const shape = shapeOf(type, after);
    const shapeBefore = shapeOf(type, before);
    if (shape !== shapeBefore) compareAs(shapeBefore, [before, after], type, walk);
    compareAs(shape, [before, after], type, walk);
  }
}

type Pair = readonly [before: Json, after: Json];

function compareAs(shape: number, pair: Pair, type: MergeType, walk: Walk): void {
  if (walk.path.length > MAX_LEVELS) compareLeaves(pair, walk);
  else if (shape & MAP) compareMaps(pair, type.map as MapType, walk);
  else if (shape & SCALAR) compareLeaves(pair, walk);
  else compareLists(pair, type.list as ListType, walk);
}

function compareLeaves([before, after]: Pair, walk: Walk): void {
  if (!jsonEqual(before, after)) graft(walk.modified, walk.path, LEAF);
}

function compareMaps(pair: Pair, type: MapType, walk: Walk): void {
  const before = isObject(pair[0]) ? pair[0] : NO_MEMBERS;
  const after = isObject(pair[1]) ? pair[1] : NO_MEMBERS;
  const keys = Object.keys(before);
  const newKeys = Object.keys(after);
  if (type.atomic || (keys.length === 0 && newKeys.length === 0)) {
    compareLeaves(pair, walk);
    return;
  }
  for (const key of keys) compareMember(before[key], getOwn(after, key), { key, type, walk });
  for (const key of newKeys) {
    if (!Object.hasOwn(before, key)) compareMember(undefined, after[key], { key, type, walk });
  }
}
const NO_MEMBERS: JsonObject = {};

interface Member {
  readonly key: string;
  readonly type: MapType;
  readonly walk: Walk;
}

function compareMember(before: Json | undefined, after: Json | undefined, { key, type, walk }: Member): void {
  if (before === after) return;
  const member = type.field(key) ?? type.element;
  if (member === undefined) return;
  walk.path.push(`f:${key}`);
  compare(before, after, member, walk);
  walk.path.pop();
}

function compareLists(pair: Pair, type: ListType, walk: Walk): void {
  const before = Array.isArray(pair[0]) ? pair[0] : NO_ITEMS;
  const after = Array.isArray(pair[1]) ? pair[1] : NO_ITEMS;
  if (type.relation === "atomic" || (before.length === 0 && after.length === 0)) {
    compareLeaves(pair, walk);
    return;
  }
  const old = indexItems(before, type);
  const next = indexItems(after, type);
  for (const [element, items] of old) compareItems(items, next.get(element) ?? NO_ITEMS, { element, type, walk });
  for (const [element, items] of next) {
    if (!old.has(element)) compareItems(NO_ITEMS, items, { element, type, walk });
  }
}
const NO_ITEMS: Json[] = [];

/** The items of each key; more than one where the list repeats a key. */
function indexItems(list: Json[], type: ListType): Map<string, Json[]> {
  const index = new Map<string, Json[]>();
  for (const item of list) {
    const element = itemElement(type, item);
    if (typeof element !== "string") throw new IncomparableItem(element.problem);
    const twins = index.get(element);
    if (twins === undefined) index.set(element, [item]);
    else twins.push(item);
  }
  return index;
}

interface Item {
  readonly element: string;
  readonly type: ListType;
  readonly walk: Walk;
}

/** Repeated items are one unit: they have no paths below their key. */
function compareItems(before: Json[], after: Json[], { element, type, walk }: Item): void {
  walk.path.push(element);
  if (before.length <= 1 && after.length <= 1) {
    compare(before[0], after[0], type.item, walk);
  } else if (before.length > 1 && after.length > 1) {
    if (!jsonEqual(before, after)) graft(walk.modified, walk.path, LEAF);
  } else if (before.length > 1) {
    if (after.length === 1) compare(undefined, after[0], type.item, walk);
    graft(walk.removed, walk.path, LEAF);
  } else {
    if (before.length === 1) compare(before[0], undefined, type.item, walk);
    graft(walk.added, walk.path, LEAF);
  }
  walk.path.pop();
}

/** Every path of a value that is only on one side, its own included. */
function wholeOf(value: Json, type: MergeType, level: number): FieldNode {
  if (level > MAX_LEVELS) return LEAF;
  const shape = shapeOf(type, value);
  if (shape & MAP) return wholeMap(value, type.map as MapType, level);
  return shape & SCALAR ? LEAF : wholeList(value, type.list as ListType, level);
}

function wholeMap(value: Json, type: MapType, level: number): FieldNode {
  if (type.atomic || !isObject(value)) return LEAF;
  const children = new Map<string, FieldNode>();
  for (const key of Object.keys(value)) {
    const member = type.field(key) ?? type.element;
    if (member !== undefined) children.set(`f:${key}`, wholeOf(value[key] as Json, member, level + 1));
  }
  return makeNode(true, children);
}

function wholeList(value: Json, type: ListType, level: number): FieldNode {
  if (type.relation === "atomic" || !Array.isArray(value)) return LEAF;
  const children = new Map<string, FieldNode>();
  for (const item of value) {
    const element = itemElement(type, item);
    if (typeof element !== "string") throw new IncomparableItem(element.problem);
    children.set(element, children.has(element) ? LEAF : wholeOf(item, type.item, level + 1));
  }
  return makeNode(true, children);
}
