// Strategic merge patch: a merge patch whose schema says how lists merge, with directives ($patch, $retainKeys,
// $setElementOrder/x, $deleteFromPrimitiveList/x).
// https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md

import { copyObject, getOwn, isObject, setOwn } from "../meta/own-members.ts";
import type { Json, JsonObject } from "../meta/types.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { badArgumentType, badList, plain, tooDeep, unknownField, unknownPatchType } from "./strategic-errors.ts";
import {
  checkOrder,
  DIRECTIVE,
  deleteFromList,
  liveOrderAfterMerge,
  mergeLists,
  orderByDirective,
} from "./strategic-lists.ts";
import { type FieldStrategy, fieldStrategy } from "./strategic-schema.ts";

const RETAIN_KEYS = "$retainKeys";
const ORDER_PREFIX = "$setElementOrder";
const DELETE_PREFIX = "$deleteFromPrimitiveList";
/** Built-in types are some 15 levels deep; JSONSchemaProps nests as far as its author likes. */
const MAX_LEVELS = 500;

/**
 * Applies a strategic merge patch. Neither `document` nor `patch` is changed; the result shares what stayed the same.
 *
 * New list items go to the front, unless their neighbours in the patch say otherwise; nulls delete.
 *
 * @param schema - of the kind, with `x-kubernetes-patch-strategy` and `x-kubernetes-patch-merge-key`
 * @throws {StatusError} as kube-apiserver answers a wrong patch: 500 (a missing merge key, an unknown `$patch`, an order that
 *   does not fit), 400 (malformed directives), 422 (lists of lists), 413 (too deep)
 */
export function applyStrategicMergePatch(document: JsonObject, patch: JsonObject, schema: JsonSchema): JsonObject {
  return mergeMap(document, patch, schema, 0);
}

function mergeMap(live: JsonObject, patch: JsonObject, schema: JsonSchema, level: number): JsonObject {
  if (level > MAX_LEVELS) throw tooDeep();
  const directive = getOwn(patch, DIRECTIVE);
  if (directive !== undefined) return wholeByDirective(directive, patch);
  const merged = copyObject(live);
  const keys = Object.keys(patch).filter((key) => key !== RETAIN_KEYS);
  retainKeys(merged, patch, keys);
  const done = new Set<string>();
  for (const key of keys) {
    if (key.startsWith(ORDER_PREFIX)) mergeOrdered(merged, patch, { key, schema, level, done });
  }
  for (const key of keys) {
    if (key.startsWith(ORDER_PREFIX) || done.has(key)) continue;
    if (key.startsWith(DELETE_PREFIX)) deleteItems(merged, patch[key] as Json, fieldOf(key, DELETE_PREFIX));
    else mergeField(merged, patch[key] as Json, { key, schema, level });
  }
  return merged;
}

function wholeByDirective(directive: Json, patch: JsonObject): JsonObject {
  if (directive === "delete") return {};
  if (directive !== "replace") throw unknownPatchType(directive, patch);
  const whole = copyObject(patch);
  delete whole[DIRECTIVE];
  return whole;
}

/** `$setElementOrder/containers` -> `containers` */
function fieldOf(key: string, prefix: string): string {
  if (key[prefix.length] !== "/") {
    throw badList(prefix === ORDER_PREFIX ? "setElementOrder list" : "primitive list");
  }
  return key.slice(prefix.length + 1);
}

function retainKeys(merged: JsonObject, patch: JsonObject, keys: readonly string[]): void {
  const retained = getOwn(patch, RETAIN_KEYS);
  if (retained === undefined) return;
  if (!Array.isArray(retained)) throw badList("retainKeys");
  const names = new Set(retained);
  for (const key of keys) {
    if (patch[key] === null || key.startsWith(DELETE_PREFIX) || key.startsWith(ORDER_PREFIX)) continue;
    if (!names.has(key)) throw badList("retainKeys");
  }
  for (const key of Object.keys(merged)) if (!names.has(key)) delete merged[key];
}

interface Place {
  readonly key: string;
  readonly schema: JsonSchema;
  readonly level: number;
}

function strategyOf({ schema }: Place, key: string): FieldStrategy {
  const strategy = fieldStrategy(schema, key);
  if (strategy === undefined) throw unknownField(key);
  return strategy;
}

function mergeOrdered(merged: JsonObject, patch: JsonObject, place: Place & { readonly done: Set<string> }): void {
  const order = patch[place.key] as Json;
  if (!Array.isArray(order)) throw badArgumentType([], order);
  const field = fieldOf(place.key, ORDER_PREFIX);
  const live = listOrMissing(getOwn(merged, field));
  const change = listOrMissing(getOwn(patch, field));
  const strategy = strategyOf(place, field);
  checkOrder(change ?? [], order, strategy.mergeKey);
  if (live === undefined && change === undefined) return;
  const list = orderedContents(live, change, strategy, place.level);
  if ((live ?? []).length === 0 && (change ?? []).length === 0) throw plain("no elements in any of the given slices");
  const merges = live !== undefined && change !== undefined && strategy.strategy === "merge";
  const before = merges ? liveOrderAfterMerge(live, change, strategy.mergeKey) : (live ?? []);
  setOwn(merged, field, orderByDirective(list, order, before, strategy.mergeKey));
  place.done.add(field);
}

function listOrMissing(value: Json | undefined): Json[] | undefined {
  if (value === undefined || Array.isArray(value)) return value;
  throw badArgumentType([], value);
}

function orderedContents(
  live: Json[] | undefined,
  change: Json[] | undefined,
  strategy: FieldStrategy,
  level: number,
): Json[] {
  if (change === undefined) return live as Json[];
  if (live === undefined) return withoutDirectives(change, level) as Json[];
  return mergeListField(live, change, strategy, level);
}

function mergeListField(live: Json[], change: Json[], strategy: FieldStrategy, level: number): Json[] {
  if (strategy.strategy !== "merge") return change;
  return mergeLists(live, change, strategy.mergeKey, (a, b) => mergeMap(a, b, strategy.schema, level + 1));
}

function deleteItems(merged: JsonObject, gone: Json, field: string): void {
  const live = getOwn(merged, field);
  if (gone === null) delete merged[field];
  else if (Array.isArray(live) && Array.isArray(gone)) setOwn(merged, field, deleteFromList(live, gone));
}

function mergeField(merged: JsonObject, change: Json, place: Place): void {
  const { key, level } = place;
  if (change === null) {
    delete merged[key];
    return;
  }
  const live = getOwn(merged, key);
  if (isObject(live) && isObject(change)) {
    const { strategy, schema } = strategyOf(place, key);
    setOwn(merged, key, strategy === "replace" ? change : mergeMap(live, change, schema, level + 1));
  } else if (Array.isArray(live) && Array.isArray(change)) {
    setOwn(merged, key, mergeListField(live, change, strategyOf(place, key), level));
  } else {
    const added = withoutDirectives(withoutNulls(change, level), level);
    if (added === undefined) delete merged[key];
    else setOwn(merged, key, added);
  }
}

/** A new subtree of the patch without its null members; null list items stay. */
function withoutNulls(value: Json, level: number): Json {
  if (typeof value !== "object" || value === null) return value;
  if (level > MAX_LEVELS) throw tooDeep();
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, level + 1));
  const kept: JsonObject = {};
  for (const key of Object.keys(value)) {
    if (value[key] !== null) setOwn(kept, key, withoutNulls(value[key] as Json, level + 1));
  }
  return kept;
}

/** A new subtree without the objects that are directives; undefined when it is one itself. */
function withoutDirectives(value: Json, level: number): Json | undefined {
  if (typeof value !== "object" || value === null) return value;
  if (level > MAX_LEVELS) throw tooDeep();
  if (Array.isArray(value)) {
    return value.map((item) => withoutDirectives(item, level + 1)).filter((item): item is Json => item !== undefined);
  }
  if (Object.hasOwn(value, DIRECTIVE)) return undefined;
  const kept: JsonObject = {};
  for (const key of Object.keys(value)) {
    const child = withoutDirectives(value[key] as Json, level + 1);
    if (child !== undefined) setOwn(kept, key, child);
  }
  return kept;
}
