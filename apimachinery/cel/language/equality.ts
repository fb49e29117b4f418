// Equality and order of values (https://github.com/google/cel-spec/blob/master/doc/langdef.md#equality).

import { sameType } from "./cel-types.ts";
import {
  CelError,
  CelList,
  CelMap,
  celError,
  Duration,
  Opaque,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from "./cel-values.ts";
import type { Meter } from "./function-table.ts";

/** Whether two values are equal; values of different types are not, except for numbers. */
export function equals(a: unknown, b: unknown, meter: Meter): boolean | CelError {
  if (typeof a === "string" || typeof a === "boolean" || a === null) return a === b;
  if (isNumeric(a)) return isNumeric(b) && compareNumbers(a, b) === 0;
  meter.work(1);
  if (a instanceof CelList) return b instanceof CelList && listEquals(a, b, meter);
  if (a instanceof CelMap) return b instanceof CelMap && mapEquals(a, b, meter);
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0;
  if (a instanceof TypeValue) return b instanceof TypeValue && typeEquals(a, b);
  if (a instanceof Opaque) return a.equals(b);
  if (a instanceof Optional) {
    if (!(b instanceof Optional) || a.hasValue !== b.hasValue) return false;
    return !a.hasValue || equals(a.value, b.value, meter);
  }
  if (a instanceof CelError) return a;
  return a === b;
}

/** `type([1]) == list`: containers are compared by kind. */
function typeEquals(a: TypeValue, b: TypeValue): boolean {
  if (a.type.kind !== b.type.kind || a.type.name !== b.type.name) return false;
  return a.type.kind !== "object" || sameType(a.type, b.type);
}

function listEquals(a: CelList, b: CelList, meter: Meter): boolean | CelError {
  if (a.size !== b.size) return false;
  const unordered = a.equalsUnordered(b) ?? b.equalsUnordered(a);
  if (unordered !== undefined) {
    meter.work(a.size);
    return unordered;
  }
  for (let i = 0; i < a.size; i++) {
    const left = a.at(i);
    const right = b.at(i);
    if (left instanceof CelError) return left;
    if (right instanceof CelError) return right;
    const equal = equals(left, right, meter);
    meter.work(1);
    if (equal !== true) return equal;
  }
  return true;
}

function mapEquals(a: CelMap, b: CelMap, meter: Meter): boolean | CelError {
  if (a.size !== b.size) return false;
  for (const key of a.keys()) {
    meter.work(1);
    const left = a.get(key);
    const right = b.get(key);
    if (right === undefined) return false;
    if (left instanceof CelError) return left;
    if (right instanceof CelError) return right;
    const equal = equals(left, right, meter);
    if (equal !== true) return equal;
  }
  return true;
}

function isNumeric(value: unknown): value is bigint | number | Uint {
  return typeof value === "bigint" || typeof value === "number" || value instanceof Uint;
}

/** -1, 0, 1; undefined if one is NaN. */
function compareNumbers(a: bigint | number | Uint, b: bigint | number | Uint): number | undefined {
  const left = a instanceof Uint ? a.value : a;
  const right = b instanceof Uint ? b.value : b;
  return left < right ? -1 : left > right ? 1 : left <= right ? 0 : undefined;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return Math.sign(difference);
  }
  return Math.sign(a.length - b.length);
}

/** Strings by code points, which is the order of their UTF-8. */
function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const isSurrogateX = x >= 0xd800 && x < 0xe000;
    const isSurrogateY = y >= 0xd800 && y < 0xe000;
    if (isSurrogateX !== isSurrogateY) return isSurrogateX ? 1 : -1;
    return x < y ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

/** The order of two values: -1, 0, 1, NaN if they have none (NaN itself), an error if their types have none. */
export function compare(a: unknown, b: unknown): number | CelError {
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b) ?? Number.NaN;
  if (typeof a === "string" && typeof b === "string") return compareStrings(a, b);
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (a instanceof Timestamp && b instanceof Timestamp) return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  if (a instanceof Duration && b instanceof Duration) return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  return celError("no such overload");
}
