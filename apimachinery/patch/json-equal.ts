import type { Json, JsonObject } from "../meta/types.ts";

/**
 * True when two JSON values are equal; the order of members does not matter. Walks with a stack of its own, so that depth
 * costs memory and never the call stack.
 *
 * @param countMembers - how to count the members of an object; a caller that compares with the same large object again and
 *   again passes one that remembers
 */
export function jsonEqual(
  left: Json,
  right: Json,
  countMembers: (object: JsonObject) => number = memberCount,
): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object") return false;
  const pending: Json[] = [left, right];
  while (pending.length > 0) {
    const b = pending.pop() as Json;
    const a = pending.pop() as Json;
    if (a === b) continue;
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
    if (!pushChildren(a, b, { pending, countMembers })) return false;
  }
  return true;
}

type Container = Json[] | JsonObject;

interface Walk {
  readonly pending: Json[];
  readonly countMembers: (object: JsonObject) => number;
}

function memberCount(object: JsonObject): number {
  return Object.keys(object).length;
}

function pushChildren(a: Container, b: Container, { pending, countMembers }: Walk): boolean {
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) pending.push(a[i] as Json, b[i] as Json);
    return true;
  }
  if (countMembers(a) !== countMembers(b)) return false;
  for (const key of Object.keys(b)) {
    if (!Object.hasOwn(a, key)) return false;
    pending.push(a[key] as Json, b[key] as Json);
  }
  return true;
}
