import type { JsonObject } from "./types.ts";

/**
 * True when two JSON values are equal; the order of members does not matter, and an undefined member counts as absent. Walks with a
 * stack of its own, so that depth costs memory and never the call stack.
 *
 * @param countMembers - how to count the members of an object; a caller that compares with the same large object again and
 *   again passes one that remembers
 */
export function jsonEqual(
  left: unknown,
  right: unknown,
  countMembers: (object: JsonObject) => number = memberCount,
): boolean {
  const pending: Container[] = [];
  if (!settle(left, right, pending)) return false;
  while (pending.length > 0) {
    const b = pending.pop() as Container;
    const a = pending.pop() as Container;
    if (!settleMembers(a, b, { pending, countMembers })) return false;
  }
  return true;
}

type Container = unknown[] | JsonObject;

interface Walk {
  readonly pending: Container[];
  readonly countMembers: (object: JsonObject) => number;
}

/** False for values that differ at first sight; two containers are put off. */
function settle(a: unknown, b: unknown, pending: Container[]): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  pending.push(a as Container, b as Container);
  return true;
}

function settleMembers(a: Container, b: Container, { pending, countMembers }: Walk): boolean {
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!settle(a[i], b[i], pending)) return false;
    return true;
  }
  if (countMembers(a) !== countMembers(b)) return false;
  for (const key of Object.keys(b)) {
    const value = b[key];
    if (value === undefined) continue;
    if (!Object.hasOwn(a, key) || !settle(a[key], value, pending)) return false;
  }
  return true;
}

function memberCount(object: JsonObject): number {
  let count = 0;
  for (const key of Object.keys(object)) if (object[key] !== undefined) count++;
  return count;
}
