// Objects whose member names come from outside: `__proto__` is a member like any other and never reaches a prototype.

import type { Json, JsonObject } from "./types.ts";

/** The member `key` of `object` itself; undefined when it has none. */
export function getOwn<T>(object: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets an own member, whatever its name. */
export function setOwn(object: JsonObject, key: string, value: Json): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

/** A shallow copy. */
export function copyObject(object: JsonObject): JsonObject {
  return { ...object };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
