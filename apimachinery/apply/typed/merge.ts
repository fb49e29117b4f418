// The merge of an applied configuration into the live object. Nothing is removed here; giving up fields is pruning's work.

import { getOwn, isObject, setOwn } from "../../meta/own-members.ts";
import type { Json, JsonObject } from "../../meta/types.ts";
import { itemElement } from "./list-items.ts";
import { type ListType, MAP, MAX_LEVELS, type MapType, type MergeType, SCALAR, shapeOf } from "./merge-type.ts";

/**
 * The live value with what the configuration says. Shares the parts that come from one side only.
 *
 * Both values must fit the type, and the configuration must not repeat keys.
 */
export function mergeValues(live: Json, config: Json, type: MergeType): Json {
  return merge(live, config, type, 0);
}

function merge(live: Json | undefined, config: Json | undefined, type: MergeType, level: number): Json {
  if (config === undefined) return live as Json;
  if (live === undefined || live === config || level > MAX_LEVELS) return config;
  const shape = shapeOf(type, config);
  if (shape & MAP) return mergeMaps(live, config, type.map as MapType, level);
  return shape & SCALAR ? config : mergeLists(live, config, type.list as ListType, level);
}

function mergeMaps(live: Json, config: Json, type: MapType, level: number): Json {
  if (type.atomic || !isObject(live) || Object.keys(live).length === 0) return config;
  // A null in the configuration takes nothing away from a map that merges.
  if (!isObject(config)) return live;
  const merged: JsonObject = { ...live };
  for (const key of Object.keys(config)) {
    const member = type.field(key) ?? type.element;
    const change = config[key] as Json;
    setOwn(merged, key, member === undefined ? change : merge(getOwn(live, key), change, member, level + 1));
  }
  return merged;
}

function mergeLists(live: Json, config: Json, type: ListType, level: number): Json {
  if (type.relation === "atomic" || !Array.isArray(live) || live.length === 0) return config;
  if (!Array.isArray(config) || config.length === 0) return live;
  return mergeItems(live, config, (item, change) => merge(item, change, type.item, level + 1), type);
}

interface Side {
  readonly items: Json[];
  readonly elements: string[];
  readonly byElement: Map<string, Json>;
}

/** A repeated item of the live list does not merge with the configuration's: it counts as null. */
function readSide(items: Json[], type: ListType): Side {
  const elements: string[] = [];
  const byElement = new Map<string, Json>();
  for (let i = 0; i < items.length; i++) {
    const element = itemElement(type, items[i] as Json);
    // Items without keys were refused before; if one got through, it stays apart from all others.
    const name = typeof element === "string" ? element : `i:${i}`;
    byElement.set(name, byElement.has(name) ? null : (items[i] as Json));
    elements.push(name);
  }
  return { items, elements, byElement };
}

/**
 * Walks both lists side by side. Items of both come in the order of the configuration; an item of one side only keeps its
 * place before the next item that both have.
 */
function mergeItems(live: Json[], config: Json[], mergeItem: (l: Json, c: Json) => Json, type: ListType): Json[] {
  const left = readSide(live, type);
  const right = readSide(config, type);
  const shared = right.elements.filter((element) => left.byElement.has(element));
  const merged: Json[] = [];
  const placed = new Set<string>();
  let [l, r, s] = [0, 0, 0];
  const place = (element: string) => {
    const change = right.byElement.get(element) as Json;
    merged.push(left.byElement.has(element) ? mergeItem(left.byElement.get(element) as Json, change) : change);
    placed.add(element);
    if (shared[s] === element) s++;
    r++;
  };
  while (l < left.elements.length || r < right.elements.length) {
    const ours = left.elements[l];
    const theirs = right.elements[r];
    if (ours !== undefined && !right.byElement.has(ours)) {
      merged.push(left.items[l] as Json);
      l++;
    } else if (ours !== undefined && theirs !== undefined && ours === theirs) {
      place(ours);
      l++;
    } else if (ours !== undefined && theirs !== undefined && s < shared.length && shared[s] !== ours) {
      l++; // A shared item that is not the next one: its turn comes with the configuration's order.
    } else {
      if (ours !== undefined && placed.has(ours)) l++;
      if (theirs !== undefined) place(theirs);
    }
  }
  return merged;
}
