// Lists in a strategic merge patch: which items stay, go and change is decided by the merge key, their order by
// $setElementOrder, then the patch, then the live list.

import { getOwn, isObject } from "../meta/own-members.ts";
import type { Json, JsonObject } from "../meta/types.ts";
import {
  badArgumentType,
  missingMergeKey,
  nestedLists,
  orderMismatch,
  plain,
  unknownPatchType,
  unlikeItems,
} from "./strategic-errors.ts";

export const DIRECTIVE = "$patch";

/** Merges the patch's item into the live one of the same key. */
export type MergeItem = (live: JsonObject, patch: JsonObject) => Json;

/** True for objects, false for primitives, undefined for lists without items. */
function itemsAreObjects(...lists: readonly Json[][]): boolean | undefined {
  let kind: string | undefined;
  for (const list of lists) {
    for (const item of list) {
      const own = Array.isArray(item) ? "list" : item === null ? "null" : typeof item;
      if (own === "list") throw nestedLists();
      if (kind !== undefined && kind !== own) throw unlikeItems(lists);
      kind = own;
    }
  }
  return kind === undefined ? undefined : kind === "object";
}

/** The live list without the items named in a $deleteFromPrimitiveList. */
export function deleteFromList(live: Json[], gone: Json[]): Json[] {
  if (live.length === 0 && gone.length === 0) return live;
  if (itemsAreObjects(live, gone) === true) throw plain("cannot merge lists without merge key");
  const names = new Set(gone);
  return live.filter((item) => !names.has(item));
}

/**
 * A list with the strategy `merge`.
 *
 * @param mergeKey - `""` for primitives
 * @throws {StatusError} 500 and 422 as kube-apiserver answers
 */
export function mergeLists(live: Json[], patch: Json[], mergeKey: string, mergeItem: MergeItem): Json[] {
  if (live.length === 0 && patch.length === 0) return live;
  if (itemsAreObjects(live, patch) !== true) {
    const merged = [...new Set([...live, ...patch])];
    return orderItems(merged, { first: patch, live, keyOf: (item) => item });
  }
  if (mergeKey === "") throw plain("cannot merge lists without merge key");
  const plan = readDirectives(live as JsonObject[], patch as JsonObject[], mergeKey);
  const merged = mergeByKey(plan, mergeKey, mergeItem);
  const keyOf = keyReader(mergeKey);
  merged.forEach(keyOf);
  return orderItems(merged, { first: plan.patch, live: plan.live, keyOf });
}

function keyReader(mergeKey: string): (item: Json) => Json {
  return (item) => {
    if (!isObject(item)) throw badArgumentType({}, item);
    const key = getOwn(item, mergeKey);
    if (key === undefined) throw missingMergeKey(item, mergeKey);
    return key;
  };
}

interface ListPlan {
  readonly live: JsonObject[];
  /** Without the items that were directives. */
  readonly patch: JsonObject[];
}

function readDirectives(live: JsonObject[], patch: JsonObject[], mergeKey: string): ListPlan {
  const kept: JsonObject[] = [];
  const gone = new Set<Json>();
  let replace = false;
  for (const item of patch) {
    const directive = getOwn(item, DIRECTIVE);
    if (directive === undefined) {
      kept.push(item);
    } else if (directive === "delete") {
      const key = getOwn(item, mergeKey);
      if (key === undefined) throw missingMergeKey(item, mergeKey);
      gone.add(key);
    } else if (directive === "replace") {
      replace = true;
    } else if (directive === "merge") {
      throw plain("merging lists cannot yet be specified in the patch");
    } else {
      throw unknownPatchType(directive, item);
    }
  }
  if (replace) return { live: kept, patch: [] };
  const left = gone.size === 0 ? live : live.filter((item) => !gone.has(getOwn(item, mergeKey) ?? NO_KEY));
  return { live: left, patch: kept };
}
/** Equal to no key of a patch. */
const NO_KEY: Json = [];

function mergeByKey({ live, patch }: ListPlan, mergeKey: string, mergeItem: MergeItem): Json[] {
  const merged: Json[] = [...live];
  const places = new Map<Json, number>();
  live.forEach((item, i) => {
    const key = getOwn(item, mergeKey);
    if (key !== undefined && !places.has(key)) places.set(key, i);
  });
  for (const item of patch) {
    const key = getOwn(item, mergeKey);
    if (key === undefined) throw missingMergeKey(item, mergeKey);
    const place = places.get(key);
    if (place === undefined) {
      places.set(key, merged.length);
      merged.push(item);
    } else {
      merged[place] = mergeItem(merged[place] as JsonObject, item);
    }
  }
  return merged;
}

interface Order {
  /** Items of these keys come in this order. */
  readonly first: Json[];
  /** The order before: all others keep it and stand, where they can, between the same neighbours. */
  readonly live: Json[];
  readonly keyOf: (item: Json) => Json;
}

/** Puts merged items in order: those of `first` as there, the others interleaved by their places in the live list. */
function orderItems(merged: Json[], { first, live, keyOf }: Order): Json[] {
  const firstPlaces = placesOf(first, keyOf);
  const livePlaces = placesOf(live, keyOf);
  const inPatch: Json[] = [];
  const others: Json[] = [];
  for (const item of merged) (firstPlaces.has(keyOf(item)) ? inPatch : others).push(item);
  const place = (places: Map<Json, number>) => (a: Json, b: Json) =>
    (places.get(keyOf(a)) ?? 0) - (places.get(keyOf(b)) ?? 0);
  inPatch.sort(place(firstPlaces));
  others.sort(place(livePlaces));

  const ordered: Json[] = [];
  let next = 0;
  for (const item of inPatch) {
    const here = livePlaces.get(keyOf(item));
    for (; next < others.length && here !== undefined; next++) {
      const other = livePlaces.get(keyOf(others[next] as Json));
      if (other === undefined || other >= here) break;
      ordered.push(others[next] as Json);
    }
    ordered.push(item);
  }
  return ordered.concat(others.slice(next));
}

function placesOf(list: Json[], keyOf: (item: Json) => Json): Map<Json, number> {
  const places = new Map<Json, number>();
  list.forEach((item, i) => {
    const key = keyOf(item);
    if (!places.has(key)) places.set(key, i);
  });
  return places;
}

/** Puts a merged list in the order of a $setElementOrder list. `live` says where the items that it does not name stand. */
export function orderByDirective(merged: Json[], order: Json[], live: Json[], mergeKey: string): Json[] {
  itemsAreObjects(merged);
  const keyOf = mergeKey === "" ? (item: Json) => item : keyReader(mergeKey);
  return orderItems(merged, { first: order, live, keyOf });
}

/**
 * The live order as the original sees it once it has merged the patch in place: items after a deleted one move up, and new
 * items take the places that became free. Where clients delete one item and add another, the order they see depends on it.
 */
export function liveOrderAfterMerge(live: Json[], patch: Json[], mergeKey: string): Json[] {
  if (mergeKey === "") return live;
  const places = [...live];
  let length = places.length;
  const find = (key: Json | undefined) => {
    for (let i = 0; i < length; i++) if (isKeyed(places[i] as Json, mergeKey, key)) return i;
    return -1;
  };
  const fresh: JsonObject[] = [];
  let replace = false;
  for (const item of patch as JsonObject[]) {
    const directive = getOwn(item, DIRECTIVE);
    replace ||= directive === "replace";
    if (directive === undefined) fresh.push(item);
    if (directive !== "delete") continue;
    for (let at = find(getOwn(item, mergeKey)); at >= 0; at = find(getOwn(item, mergeKey))) {
      places.copyWithin(at, at + 1, length);
      length--;
    }
  }
  if (replace || length === places.length) return places;
  for (const item of fresh) {
    if (find(getOwn(item, mergeKey)) >= 0) continue;
    if (length < places.length) places[length] = item;
    length++;
    if (length >= places.length) break;
  }
  return places;
}

function isKeyed(item: Json, mergeKey: string, key: Json | undefined): boolean {
  return key !== undefined && isObject(item) && getOwn(item, mergeKey) === key;
}

/**
 * A $setElementOrder list must name every item of the patch's list, in the same order; deletions need not be named. Other
 * directives are overlooked as long as names are left.
 *
 * @throws {StatusError} 500 `The order in patch list: …`
 */
export function checkOrder(patch: Json[], order: Json[], mergeKey: string): void {
  if (patch.length === 0 || order.length === 0) return;
  const keyOf = mergeKey === "" ? (item: Json) => item : keyReader(mergeKey);
  const items = mergeKey === "" ? patch : patch.filter((item) => !isDeletion(item));
  let [at, named] = [0, 0];
  while (at < items.length && named < order.length) {
    const item = items[at] as Json;
    if (isObject(item) && Object.hasOwn(item, DIRECTIVE)) {
      at++;
      continue;
    }
    if (keyOf(item) === keyOf(order[named] as Json)) at++;
    named++;
  }
  if (at < items.length) throw orderMismatch(patch, order);
}

function isDeletion(item: Json): boolean {
  if (!isObject(item)) throw badArgumentType({}, item);
  return getOwn(item, DIRECTIVE) === "delete";
}
