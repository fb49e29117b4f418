// What evaluating a function costs, in the units of cel-go and of Kubernetes' libraries: one for most, more for what
// walks strings and lists. Budgets are counted in these units.

import { CelList, CelMap, codePointLength, Opaque } from "./cel-values.ts";

/** Cost of one character of a string that is walked. */
export const PER_CHARACTER = 0.1;
/** Cost of one character of a regular expression, for each character it is applied to. */
export const PER_PATTERN_CHARACTER = 0.25;

/** Cost of a call by its arguments, the receiver first; known before the call is made. */
export type CallCost = (args: readonly unknown[]) => number;

/** Characters, bytes, elements or entries; 1 for what has no size. */
export function sizeOf(value: unknown): number {
  if (typeof value === "string") return codePointLength(value);
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof CelList || value instanceof CelMap || value instanceof Opaque) return value.size;
  return 1;
}

function characters(times: number): CallCost {
  return (args) => Math.ceil(sizeOf(args[0]) * times * PER_CHARACTER);
}

/** Both operands, of which the shorter decides how long a comparison takes. */
export function comparisonCost(a: unknown, b: unknown): number {
  return Math.ceil(Math.min(sizeOf(a), sizeOf(b)) * PER_CHARACTER);
}

const match: CallCost = (args) => {
  const text = Math.ceil((1 + sizeOf(args[0])) * PER_CHARACTER);
  return text * Math.ceil(sizeOf(args[1]) * PER_PATTERN_CHARACTER);
};
const prefix: CallCost = (args) => Math.ceil(sizeOf(args[0]) * PER_CHARACTER);
const comparison: CallCost = (args) => comparisonCost(args[0], args[1]);
const concat: CallCost = (args) => Math.ceil((sizeOf(args[0]) + sizeOf(args[1])) * PER_CHARACTER);
const traverse: CallCost = (args) => traversalCost(args[0], 0);

/** Cost of touching everything in a value. */
function traversalCost(value: unknown, depth: number): number {
  if (typeof value === "string" || value instanceof Uint8Array) return Math.trunc(sizeOf(value) * PER_CHARACTER);
  if (depth > 100) return 1;
  let cost = 0;
  if (value instanceof CelList) {
    // A list that is longer than any budget need not be counted to its end.
    for (let i = 0; i < value.size && cost < 1e7; i++) cost += Math.max(traversalCost(value.at(i), depth + 1), 0.01);
    return Math.trunc(cost);
  }
  if (value instanceof CelMap) {
    for (const key of value.keys()) cost += traversalCost(key, depth + 1) + traversalCost(value.get(key), depth + 1);
    return cost;
  }
  return 1;
}

const containsIp =
  (isText: boolean): CallCost =>
  (args) => {
    const text = isText ? Math.ceil(sizeOf(args[1]) * PER_CHARACTER) : 0;
    return Math.ceil(2 * sizeOf(args[0]) * PER_CHARACTER) + text;
  };
const containsCidr =
  (isText: boolean): CallCost =>
  (args) =>
    containsIp(isText)(args) + Math.ceil(sizeOf(args[0]) * PER_CHARACTER) + 1;

const BY_FUNCTION: Readonly<Record<string, CallCost>> = {
  check: () => 350_000,
  isSorted: traverse,
  sum: traverse,
  max: traverse,
  min: traverse,
  indexOf: traverse,
  lastIndexOf: traverse,
  url: characters(1),
  lowerAscii: characters(1),
  upperAscii: characters(1),
  substring: characters(1),
  trim: characters(1),
  replace: characters(2),
  split: characters(2),
  find: match,
  findAll: match,
  cidr: characters(1),
  isIP: characters(1),
  isCIDR: characters(1),
  "ip.isCanonical": characters(2),
  quantity: characters(1),
  isQuantity: characters(1),
  validate: (args) => Math.ceil((1 + sizeOf(args[1])) * PER_CHARACTER) * 15,
};

const BY_OVERLOAD: Readonly<Record<string, CallCost>> = {
  ip: characters(1),
  cidr_contains_ip_string: containsIp(true),
  cidr_contains_ip_ip: containsIp(false),
  cidr_contains_cidr_string: containsCidr(true),
  cidr_contains_cidr: containsCidr(false),
  starts_with_string: prefix,
  ends_with_string: prefix,
  string_to_bytes: prefix,
  bytes_to_string: prefix,
  strings_quote: prefix,
  string_format: prefix,
  in_list: (args) => sizeOf(args[1]),
  less_string: comparison,
  less_equals_string: comparison,
  greater_string: comparison,
  greater_equals_string: comparison,
  less_bytes: comparison,
  less_equals_bytes: comparison,
  greater_bytes: comparison,
  greater_equals_bytes: comparison,
  add_string: concat,
  add_bytes: concat,
  matches: match,
  matches_string: match,
  contains_string: (args) => Math.ceil(sizeOf(args[0]) * PER_CHARACTER) * Math.ceil(sizeOf(args[1]) * PER_CHARACTER),
};

/** The cost of calling an overload; undefined where it is always 1. */
export function callCost(fn: string, overload: string): CallCost | undefined {
  if (Object.hasOwn(BY_OVERLOAD, overload)) return BY_OVERLOAD[overload];
  return Object.hasOwn(BY_FUNCTION, fn) ? BY_FUNCTION[fn] : undefined;
}
