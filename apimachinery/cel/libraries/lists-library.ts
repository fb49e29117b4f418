// List functions: those of Kubernetes (https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-list-library) and
// those of cel-go's extension (https://pkg.go.dev/github.com/google/cel-go/ext#Lists).

import {
  A,
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  optionalOf,
  STRING,
  TIMESTAMP,
  UINT,
} from "../language/cel-types.ts";
import {
  ArrayList,
  CelError,
  CelList,
  celError,
  Duration,
  elementsOf,
  Optional,
  Uint,
} from "../language/cel-values.ts";
import { compare, equals } from "../language/equality.ts";
import { global, type Meter, member, type Overload } from "../language/function-table.ts";
import { OPERATORS } from "../language/operators.ts";

type None = never;

const COMPARABLE: readonly (readonly [string, CelType])[] = [
  ["int", INT],
  ["uint", UINT],
  ["double", DOUBLE],
  ["bool", BOOL],
  ["duration", DURATION],
  ["timestamp", TIMESTAMP],
  ["string", STRING],
  ["bytes", BYTES],
];
const SUMMABLE: readonly (readonly [string, CelType, unknown])[] = [
  ["int", INT, 0n],
  ["uint", UINT, new Uint(0n)],
  ["double", DOUBLE, 0],
  ["duration", DURATION, new Duration(0n)],
];

/** The first element that is an error. */
function failureIn(elements: readonly unknown[]): CelError | undefined {
  return elements.find((element) => element instanceof CelError) as CelError | undefined;
}

function isSorted(list: CelList, _b: None, _c: None, _d: None, meter: Meter): boolean | CelError {
  const elements = elementsOf(list, meter);
  for (let i = 1; i < elements.length; i++) {
    const order = compare(elements[i - 1], elements[i]);
    if (typeof order !== "number") return failureIn(elements) ?? order;
    if (order > 0) return false;
  }
  return failureIn(elements) ?? true;
}

function extreme(name: string, sign: number) {
  return (list: CelList, _b: None, _c: None, _d: None, meter: Meter): unknown => {
    const elements = elementsOf(list, meter);
    if (elements.length === 0) return celError(`${name} called on empty list`);
    let best = elements[0];
    for (const element of elements) {
      if (element instanceof CelError) return element;
      const order = compare(element, best);
      if (typeof order !== "number") return order;
      if (order * sign > 0) best = element;
    }
    return best;
  };
}

function sum(type: CelType, zero: unknown): Overload["run"] {
  const add = OPERATORS["_+_"]?.find(({ params }) => params[0] === type && params[1] === type) as Overload;
  return (list, b, c, d, meter) => {
    let total = zero;
    for (const element of elementsOf(list as CelList, meter)) {
      if (element instanceof CelError) return element;
      total = add.run(total, element, c, d, meter);
      if (total instanceof CelError) return total;
    }
    void b;
    return total;
  };
}

function indexOf(list: CelList, sought: unknown, _c: None, _d: None, meter: Meter): bigint {
  return BigInt(elementsOf(list, meter).findIndex((element) => equals(element, sought, meter) === true));
}

function lastIndexOf(list: CelList, sought: unknown, _c: None, _d: None, meter: Meter): bigint {
  return BigInt(elementsOf(list, meter).findLastIndex((element) => equals(element, sought, meter) === true));
}

function slice(list: CelList, start: bigint, end: bigint, _d: None, meter: Meter): CelList | CelError {
  const size = BigInt(list.size);
  if (start < 0n || end < 0n) return celError(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end)
    return celError(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (size < end) return celError(`cannot slice(${start}, ${end}), list is length ${size}`);
  meter.work(Number(end - start));
  const elements: unknown[] = [];
  for (let i = Number(start); i < Number(end); i++) elements.push(list.at(i));
  return new ArrayList(elements);
}

function flatten(list: CelList, depth: bigint, meter: Meter): CelList | CelError {
  if (depth < 0n) return celError("level must be non-negative");
  const result: unknown[] = [];
  const visit = (from: CelList, left: number): void => {
    for (const element of elementsOf(from, meter)) {
      meter.work(1);
      if (left > 0 && element instanceof CelList) visit(element, left - 1);
      else result.push(element);
    }
  };
  visit(list, Math.min(Number(depth), 1_000));
  return new ArrayList(result);
}

function sort(list: CelList, _b: None, _c: None, _d: None, meter: Meter): CelList | CelError {
  const elements = [...elementsOf(list, meter)];
  const failed = failureIn(elements);
  if (failed !== undefined) return failed;
  if (elements.some((element) => typeof element !== typeof elements[0])) {
    return celError("list elements must have the same type");
  }
  meter.work(elements.length * Math.ceil(Math.log2(elements.length + 1)));
  let wrong: CelError | undefined;
  elements.sort((a, b) => {
    const order = compare(a, b);
    if (typeof order === "number") return order;
    wrong ??= order;
    return 0;
  });
  return wrong ?? new ArrayList(elements);
}

/** Equal elements are found by hash where they are plain, one by one where they are not. */
function distinct(list: CelList, _b: None, _c: None, _d: None, meter: Meter): CelList {
  const plain = new Set<unknown>();
  const others: unknown[] = [];
  const result: unknown[] = [];
  for (const element of elementsOf(list, meter)) {
    if (typeof element === "string" || typeof element === "bigint" || typeof element === "boolean") {
      if (plain.has(element)) continue;
      plain.add(element);
    } else {
      if (others.some((other) => equals(other, element, meter) === true)) continue;
      others.push(element);
    }
    result.push(element);
  }
  return new ArrayList(result);
}

function reverse(list: CelList, _b: None, _c: None, _d: None, meter: Meter): CelList {
  return new ArrayList([...elementsOf(list, meter)].reverse());
}

function range(count: bigint, _b: None, _c: None, _d: None, meter: Meter): CelList {
  meter.work(Number(count));
  return new ArrayList(Array.from({ length: Math.max(Number(count), 0) }, (_, i) => BigInt(i)));
}

function end(position: "first" | "last"): Overload["run"] {
  return (given) => {
    const list = given as CelList;
    if (list.size === 0) return Optional.NONE;
    return Optional.of(list.at(position === "first" ? 0 : list.size - 1));
  };
}

const LIST = listOf(A);

function perType(word: string, result: CelType | undefined, run: Overload["run"]): Overload[] {
  return COMPARABLE.map(([name, type]) => member(`list_${name}_${word}`, [listOf(type)], result ?? type, run));
}

export const LISTS_LIBRARY: Readonly<Record<string, readonly Overload[]>> = {
  isSorted: perType("is_sorted_bool", BOOL, isSorted as Overload["run"]),
  sum: SUMMABLE.map(([name, type, zero]) => member(`list_${name}_sum_${name}`, [listOf(type)], type, sum(type, zero))),
  max: perType("max", undefined, extreme("max", 1) as Overload["run"]),
  min: perType("min", undefined, extreme("min", -1) as Overload["run"]),
  indexOf: [member("list_a_index_of_int", [LIST, A], INT, indexOf)],
  lastIndexOf: [member("list_a_last_index_of_int", [LIST, A], INT, lastIndexOf)],
  slice: [member("list_slice", [LIST, INT, INT], LIST, slice)],
  flatten: [
    member("list_flatten", [listOf(LIST)], LIST, (list: CelList, _b: None, _c: None, _d: None, meter: Meter) =>
      flatten(list, 1n, meter),
    ),
    member(
      "list_flatten_int",
      [listOf(DYN), INT],
      listOf(DYN),
      (list: CelList, depth: bigint, _c: None, _d: None, meter: Meter) => flatten(list, depth, meter),
    ),
  ],
  sort: COMPARABLE.map(([name, type]) => member(`list_${name}_sort`, [listOf(type)], listOf(type), sort)),
  distinct: [member("list_distinct", [LIST], LIST, distinct)],
  reverse: [member("list_reverse", [LIST], LIST, reverse)],
  "lists.range": [global("lists_range", [INT], listOf(INT), range)],
  first: [member("list_first", [LIST], optionalOf(A), end("first"))],
  last: [member("list_last", [LIST], optionalOf(A), end("last"))],
};
