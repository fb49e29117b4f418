// JSON merge patch. https://www.rfc-editor.org/rfc/rfc7386#section-2

import { copyObject, getOwn, isObject, setOwn } from "../meta/own-members.ts";
import type { Json, JsonObject } from "../meta/types.ts";

/**
 * Applies a merge patch. `document` stays as it is; what the patch does not touch is the same value in the result.
 *
 * Nulls inside of objects delete, also where the patch brings a new subtree and inside of the objects of its lists
 * (there the API server drops them too, which the RFC does not ask for, except in a list that replaces an object); nulls as
 * list items stay.
 */
export function applyMergePatch(document: Json, patch: Json): Json {
  if (!isObject(patch)) return Array.isArray(patch) ? withoutNulls(patch) : patch;
  const root = isObject(document) ? copyObject(document) : {};
  const pending: [JsonObject, JsonObject][] = [[root, patch]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [target, changes] = next;
    for (const key of Object.keys(changes)) {
      const change = changes[key] as Json;
      if (change === null) {
        delete target[key];
      } else if (isObject(change)) {
        const present = getOwn(target, key);
        const copy = isObject(present) ? copyObject(present) : {};
        setOwn(target, key, copy);
        pending.push([copy, change]);
      } else {
        const keep = !Array.isArray(change) || isObject(getOwn(target, key));
        setOwn(target, key, keep ? change : withoutNulls(change));
      }
    }
  }
  return root;
}

/** A list of the patch with the null members of the objects in it left out; null items stay. */
function withoutNulls(list: Json[]): Json[] {
  const root: Json[] = new Array(list.length);
  const pending: [Json[] | JsonObject, Json[] | JsonObject][] = [[list, root]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [from, to] = next;
    if (Array.isArray(from)) {
      for (let i = 0; i < from.length; i++) (to as Json[])[i] = begin(from[i] as Json, pending);
    } else {
      for (const key of Object.keys(from)) {
        if (from[key] !== null) setOwn(to as JsonObject, key, begin(from[key] as Json, pending));
      }
    }
  }
  return root;
}

function begin(value: Json, pending: [Json[] | JsonObject, Json[] | JsonObject][]): Json {
  if (typeof value !== "object" || value === null) return value;
  const copy: Json[] | JsonObject = Array.isArray(value) ? new Array(value.length) : {};
  pending.push([value, copy]);
  return copy;
}
