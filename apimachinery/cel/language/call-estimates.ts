// What calls can cost at most, by function: the numbers of cel-go and of k8s.io/apiserver/pkg/cel/library/cost.go.

import { isOptional } from "./cel-types.ts";
import { add, fixed, multiply, ONE, type Range, scale, UNBOUNDED, UNKNOWN, union, ZERO } from "./estimates.ts";
import type { Expr } from "./expression.ts";
import { PER_CHARACTER, PER_PATTERN_CHARACTER } from "./runtime-cost.ts";

export interface EstimatedNode {
  readonly expr: Expr;
  /** Empty where the value is not read from a variable. */
  readonly path: readonly string[];
  readonly size: Range | undefined;
}

export interface CallParts {
  readonly fn: string;
  readonly target: EstimatedNode | undefined;
  readonly args: readonly EstimatedNode[];
  readonly argCosts: readonly Range[];
  sizeOfElement(node: EstimatedNode): Range | undefined;
}

export interface CallEstimate {
  readonly cost: Range;
  /** Of the result, where it has one. */
  readonly size?: Range;
}

function sizeOf(node: EstimatedNode | undefined): Range {
  return node?.size ?? UNKNOWN;
}

/** The estimate of one overload, the cost of its arguments included. */
export function callEstimate(id: string, parts: CallParts): CallEstimate {
  const special = libraryEstimate(id, parts);
  const args = add(...parts.argCosts);
  if (special !== undefined) return { ...special, cost: add(special.cost, args) };
  return standardEstimate(id, parts, args);
}

const COMPARISONS: ReadonlySet<string> = new Set([
  "equals",
  "not_equals",
  ...["string", "bytes"].flatMap((type) =>
    ["less", "less_equals", "greater", "greater_equals"].map((word) => `${word}_${type}`),
  ),
]);

function standardEstimate(id: string, { target, args, argCosts }: CallParts, argCost: Range): CallEstimate {
  const [a, b] = [sizeOf(args[0]), sizeOf(args[1])];
  if (COMPARISONS.has(id)) {
    const max = Math.min(a.max, b.max);
    return { cost: add(scale({ min: max > 0 ? 1 : 0, max }, PER_CHARACTER), argCost) };
  }
  switch (id) {
    case "string_format":
      return { cost: add(scale(sizeOf(target), PER_CHARACTER), argCost) };
    case "string_to_bytes":
      return { cost: add(scale(a, PER_CHARACTER), argCost), size: { min: a.min, max: Math.min(a.max * 4, UNBOUNDED) } };
    case "bytes_to_string":
      return { cost: add(scale(a, PER_CHARACTER), argCost), size: { min: Math.trunc(a.min / 4), max: a.max } };
    case "strings_quote":
      return {
        cost: add(scale(a, PER_CHARACTER), argCost),
        size: add(a, { min: 2, max: Math.min(a.max + 2, UNBOUNDED) }),
      };
    case "starts_with_string":
    case "ends_with_string":
      return { cost: add(scale(a, PER_CHARACTER), argCost) };
    case "in_list":
      return { cost: add(b, argCost) };
    case "matches_string":
    case "matches": {
      const [text, pattern] = target === undefined ? [a, b] : [sizeOf(target), a];
      return { cost: add(matchCost(text, pattern), argCost) };
    }
    case "contains_string":
      return { cost: add(multiply(scale(sizeOf(target), PER_CHARACTER), scale(a, PER_CHARACTER)), argCost) };
    case "logical_or":
    case "logical_and":
      return { cost: { min: argCosts[0]?.min ?? 0, max: argCost.max } };
    case "conditional": {
      const [condition = ZERO, yes = ZERO, no = ZERO] = argCosts;
      return { cost: add(condition, union(yes, no)), size: union(b, sizeOf(args[2])) };
    }
    case "add_list":
      return { cost: add(ONE, argCost), size: add(a, b) };
    case "add_string":
    case "add_bytes":
      return { cost: add(scale(add(a, b), PER_CHARACTER), argCost), size: add(a, b) };
    default:
      return { cost: add(ONE, argCost) };
  }
}

function matchCost(text: Range, pattern: Range): Range {
  return multiply(scale(add(text, ONE), PER_CHARACTER), scale(pattern, PER_PATTERN_CHARACTER));
}

const NOMINAL: ReadonlySet<string> = new Set(
  (
    "serviceAccount path group resource subresource namespace name allowed reason error errored masked prefixLength " +
    "family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast sign asInteger isInteger " +
    "asApproximateFloat isGreaterThan isLessThan compareTo add sub"
  ).split(" "),
);

/** The functions that Kubernetes counts itself; without the cost of arguments. */
function libraryEstimate(id: string, parts: CallParts): CallEstimate | undefined {
  const { fn, target, args } = parts;
  if (NOMINAL.has(fn)) return { cost: ONE };
  switch (fn) {
    case "check":
      return { cost: fixed(350_000) };
    case "_==_":
    case "_!=_":
      return args.some(({ expr }) => expr.type.kind === "opaque" && !isOptional(expr.type)) ? { cost: ONE } : undefined;
    case "isSorted":
    case "sum":
    case "max":
    case "min":
    case "indexOf":
    case "lastIndexOf":
      return target === undefined ? undefined : { cost: traversal(target, parts) };
    case "url":
      return args.length === 1 ? { cost: scale(sizeOf(args[0]), PER_CHARACTER) } : undefined;
    case "lowerAscii":
    case "upperAscii":
    case "substring":
    case "trim":
      if (target === undefined) return undefined;
      return { cost: scale(sizeOf(target), PER_CHARACTER), size: sizeOf(target) };
    case "replace":
      return target === undefined || args.length < 2 ? undefined : replaceEstimate(target, args);
    case "split":
      return target === undefined ? undefined : splitEstimate(target, args);
    case "join":
      return target === undefined ? undefined : joinEstimate(target, parts);
    case "find":
    case "findAll": {
      if (target === undefined || args.length === 0) return undefined;
      const text = sizeOf(target);
      return { cost: matchCost(text, sizeOf(args[0])), size: { min: 0, max: text.max } };
    }
    case "ip":
      return target === undefined ? undefined : { cost: ONE };
    case "containsIP":
      return target === undefined ? undefined : { cost: containsCost(id === "cidr_contains_ip_string", args, ZERO) };
    case "containsCIDR": {
      const masking = add(scale(ADDRESS, PER_CHARACTER), ONE);
      return target === undefined
        ? undefined
        : { cost: containsCost(id === "cidr_contains_cidr_string", args, masking) };
    }
    default:
      return undefined;
  }
}

/** Bytes of an address. */
const ADDRESS: Range = { min: 4, max: 16 };

function containsCost(isText: boolean, args: readonly EstimatedNode[], more: Range): Range {
  const text = isText ? scale(sizeOf(args[0]), PER_CHARACTER) : ZERO;
  return add(scale(add(ADDRESS, ADDRESS), PER_CHARACTER), more, text);
}

function traversal(target: EstimatedNode, parts: CallParts): Range {
  const element = target.expr.type.params[0];
  if (element === undefined) return scale(sizeOf(target), PER_CHARACTER);
  const isText = element.kind === "string" || element.kind === "bytes";
  const each = isText ? add(ONE, scale(parts.sizeOfElement(target) ?? UNKNOWN, PER_CHARACTER)) : ONE;
  return multiply(sizeOf(target), each);
}

/** Sizes of the result: the fewest and the most replacements that fit. */
function replaceEstimate(target: EstimatedNode, args: readonly EstimatedNode[]): CallEstimate {
  const text = sizeOf(target);
  const from = sizeOf(args[0]);
  const to = sizeOf(args[1]);
  const most =
    from.min === 0
      ? { count: text.max < UNBOUNDED ? text.max + 1 : text.max, kept: text.max }
      : to.max <= from.min
        ? { count: 0, kept: text.max }
        : { count: Math.ceil(text.max / from.min), kept: 0 };
  const fewest =
    from.max === 0
      ? { count: text.min + 1, kept: text.min }
      : from.max <= to.min
        ? { count: 0, kept: text.min }
        : { count: Math.ceil(text.min / from.max), kept: 0 };
  const size = add(multiply({ min: fewest.count, max: most.count }, to), { min: fewest.kept, max: most.kept });
  return { cost: scale(text, 2 * PER_CHARACTER), size };
}

function splitEstimate(target: EstimatedNode, args: readonly EstimatedNode[]): CallEstimate {
  const text = sizeOf(target);
  const limit = args[1]?.expr;
  const isFixed = limit?.kind === "literal" && typeof limit.value === "bigint" && limit.value >= 0n;
  const max = isFixed ? Number(limit.value) : text.max;
  return { cost: scale(text, 2 * PER_CHARACTER), size: { min: 0, max } };
}

function joinEstimate(target: EstimatedNode, parts: CallParts): CallEstimate {
  const list = sizeOf(target);
  let size = multiply(list, parts.sizeOfElement(target) ?? UNKNOWN);
  if (parts.args.length > 0) {
    const separators = { min: Math.max(list.min - 1, 0), max: Math.max(list.max - 1, 0) };
    size = add(size, multiply(sizeOf(parts.args[0]), separators));
  }
  return { cost: scale(size, PER_CHARACTER), size };
}
