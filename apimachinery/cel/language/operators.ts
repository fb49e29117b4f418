// Arithmetic, comparison, membership and indexing (https://github.com/google/cel-spec/blob/master/doc/langdef.md).

import {
  A,
  B,
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  INT,
  listOf,
  mapOf,
  optionalOf,
  STRING,
  TIMESTAMP,
  UINT,
} from "./cel-types.ts";
import {
  CelError,
  CelList,
  CelMap,
  ConcatList,
  celError,
  type Duration,
  HashMap,
  Optional,
  type Timestamp,
  Uint,
} from "./cel-values.ts";
import { compare, equals } from "./equality.ts";
import { global, type Meter, type Overload } from "./function-table.ts";
import { listIndex } from "./list-index.ts";
import { durationOf, timestampOf } from "./time-values.ts";

function int(value: bigint): bigint | CelError {
  return BigInt.asIntN(64, value) === value ? value : celError("integer overflow");
}
function uint(value: bigint): Uint | CelError {
  return BigInt.asUintN(64, value) === value ? new Uint(value) : celError("unsigned integer overflow");
}

function addLists(a: CelList, b: CelList): CelList | CelError {
  return a.concat(b) ?? (a.size === 0 ? b : b.size === 0 ? a : new ConcatList(a, b));
}

function addBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  const sum = new Uint8Array(a.length + b.length);
  sum.set(a);
  sum.set(b, a.length);
  return sum;
}

const sums: readonly Overload[] = [
  global("add_int64", [INT, INT], INT, (a: bigint, b: bigint) => int(a + b)),
  global("add_uint64", [UINT, UINT], UINT, (a: Uint, b: Uint) => uint(a.value + b.value)),
  global("add_double", [DOUBLE, DOUBLE], DOUBLE, (a: number, b: number) => a + b),
  global("add_string", [STRING, STRING], STRING, (a: string, b: string) => a + b),
  global("add_bytes", [BYTES, BYTES], BYTES, addBytes),
  global("add_list", [listOf(A), listOf(A)], listOf(A), addLists),
  global("add_duration_duration", [DURATION, DURATION], DURATION, (a: Duration, b: Duration) =>
    durationOf(a.nanos + b.nanos),
  ),
  global("add_timestamp_duration", [TIMESTAMP, DURATION], TIMESTAMP, (a: Timestamp, b: Duration) =>
    timestampOf(a.nanos + b.nanos),
  ),
  global("add_duration_timestamp", [DURATION, TIMESTAMP], TIMESTAMP, (a: Duration, b: Timestamp) =>
    timestampOf(a.nanos + b.nanos),
  ),
];

const differences: readonly Overload[] = [
  global("subtract_int64", [INT, INT], INT, (a: bigint, b: bigint) => int(a - b)),
  global("subtract_uint64", [UINT, UINT], UINT, (a: Uint, b: Uint) => uint(a.value - b.value)),
  global("subtract_double", [DOUBLE, DOUBLE], DOUBLE, (a: number, b: number) => a - b),
  global("subtract_duration_duration", [DURATION, DURATION], DURATION, (a: Duration, b: Duration) =>
    durationOf(a.nanos - b.nanos),
  ),
  global("subtract_timestamp_duration", [TIMESTAMP, DURATION], TIMESTAMP, (a: Timestamp, b: Duration) =>
    timestampOf(a.nanos - b.nanos),
  ),
  global("subtract_timestamp_timestamp", [TIMESTAMP, TIMESTAMP], DURATION, (a: Timestamp, b: Timestamp) =>
    durationOf(a.nanos - b.nanos),
  ),
];

const products: readonly Overload[] = [
  global("multiply_int64", [INT, INT], INT, (a: bigint, b: bigint) => int(a * b)),
  global("multiply_uint64", [UINT, UINT], UINT, (a: Uint, b: Uint) => uint(a.value * b.value)),
  global("multiply_double", [DOUBLE, DOUBLE], DOUBLE, (a: number, b: number) => a * b),
];

const quotients: readonly Overload[] = [
  global("divide_int64", [INT, INT], INT, (a: bigint, b: bigint) =>
    b === 0n ? celError("division by zero") : int(a / b),
  ),
  global("divide_uint64", [UINT, UINT], UINT, (a: Uint, b: Uint) =>
    b.value === 0n ? celError("division by zero") : new Uint(a.value / b.value),
  ),
  global("divide_double", [DOUBLE, DOUBLE], DOUBLE, (a: number, b: number) => a / b),
];

const remainders: readonly Overload[] = [
  global("modulo_int64", [INT, INT], INT, (a: bigint, b: bigint) =>
    b === 0n ? celError("modulus by zero") : int(a % b),
  ),
  global("modulo_uint64", [UINT, UINT], UINT, (a: Uint, b: Uint) =>
    b.value === 0n ? celError("modulus by zero") : new Uint(a.value % b.value),
  ),
];

/** Types that have an order, as overload ids name them. */
const ORDERED: readonly (readonly [string, CelType])[] = [
  ["bool", BOOL],
  ["int64", INT],
  ["uint64", UINT],
  ["double", DOUBLE],
  ["string", STRING],
  ["bytes", BYTES],
  ["timestamp", TIMESTAMP],
  ["duration", DURATION],
];
const NUMBERS: readonly (readonly [string, CelType])[] = ORDERED.slice(1, 4);

function comparisons(word: string, test: (order: number) => boolean): Overload[] {
  const run = (a: unknown, b: unknown): unknown => {
    const order = compare(a, b);
    return typeof order === "number" ? test(order) : order;
  };
  const overloads = ORDERED.map(([name, type]) => global(`${word}_${name}`, [type, type], BOOL, run));
  for (const [left, leftType] of NUMBERS) {
    for (const [right, rightType] of NUMBERS) {
      if (left !== right) overloads.push(global(`${word}_${left}_${right}`, [leftType, rightType], BOOL, run));
    }
  }
  return overloads;
}

function inList(item: unknown, list: CelList, _c: never, _d: never, meter: Meter): unknown {
  let failure: CelError | undefined;
  for (let i = 0; i < list.size; i++) {
    meter.work(1);
    const element = list.at(i);
    const equal = element instanceof CelError ? element : equals(item, element, meter);
    if (equal === true) return true;
    if (equal instanceof CelError) failure ??= equal;
  }
  return failure ?? false;
}

function indexList(list: CelList, index: unknown): unknown {
  const at = listIndex(index);
  if (at === undefined) return celError("no such overload");
  return at >= 0 && at < list.size ? list.at(at) : celError(`index out of bounds: ${at}`);
}

function indexMap(map: CelMap, key: unknown): unknown {
  const found = map.get(key);
  return found === undefined ? celError(`no such key: ${showKey(key)}`) : found;
}

/** `container[key]`, whatever the container turns out to be; an index may be a number of any type. */
export function indexValue(container: unknown, key: unknown): unknown {
  if (container instanceof CelList) return indexList(container, key);
  if (container instanceof CelMap) return indexMap(container, key);
  if (!(container instanceof Optional)) return celError("no such overload");
  if (!container.hasValue) return container;
  const found = indexValue(container.value, key);
  return found instanceof CelError ? found : Optional.of(found);
}

function showKey(key: unknown): string {
  return key instanceof Uint ? String(key.value) : String(key);
}

const listOfA = listOf(A);
const mapOfAB = mapOf(A, B);

/** The operators by their names in the syntax tree; those that need not evaluate both sides are the interpreter's. */
export const OPERATORS: Readonly<Record<string, readonly Overload[]>> = {
  "_+_": sums,
  "_-_": differences,
  "_*_": products,
  "_/_": quotients,
  "_%_": remainders,
  "-_": [
    global("negate_int64", [INT], INT, (a: bigint) => int(-a)),
    global("negate_double", [DOUBLE], DOUBLE, (a: number) => -a),
  ],
  "!_": [global("logical_not", [BOOL], BOOL, (a: boolean) => !a)],
  "_&&_": [global("logical_and", [BOOL, BOOL], BOOL, (a: boolean, b: boolean) => a && b)],
  "_||_": [global("logical_or", [BOOL, BOOL], BOOL, (a: boolean, b: boolean) => a || b)],
  "_?_:_": [global("conditional", [BOOL, A, A], A, (a: boolean, b: unknown, c: unknown) => (a ? b : c))],
  "@not_strictly_false": [global("not_strictly_false", [BOOL], BOOL, (a: boolean) => a)],
  "_==_": [global("equals", [A, A], BOOL, (a: unknown, b: unknown, _c, _d, meter) => equals(a, b, meter))],
  "_!=_": [
    global("not_equals", [A, A], BOOL, (a: unknown, b: unknown, _c, _d, meter) => {
      const equal = equals(a, b, meter);
      return typeof equal === "boolean" ? !equal : equal;
    }),
  ],
  "_<_": comparisons("less", (order) => order < 0),
  "_<=_": comparisons("less_equals", (order) => order <= 0),
  "_>_": comparisons("greater", (order) => order > 0),
  "_>=_": comparisons("greater_equals", (order) => order >= 0),
  "@in": [
    global("in_list", [A, listOfA], BOOL, inList),
    global("in_map", [A, mapOfAB], BOOL, (key: unknown, map: CelMap) => map.has(key)),
  ],
  "_[_]": [
    global("index_list", [listOfA, INT], A, indexValue),
    global("index_map", [mapOfAB, A], B, indexValue),
    global("optional_list_index_int", [optionalOf(listOfA), INT], optionalOf(A), indexValue),
    global("optional_map_index_value", [optionalOf(mapOfAB), A], optionalOf(B), indexValue),
  ],
  "_[?_]": [
    global("list_optindex_optional_int", [listOfA, INT], optionalOf(A), indexValue),
    global("optional_list_optindex_optional_int", [optionalOf(listOfA), INT], optionalOf(A), indexValue),
    global("map_optindex_optional_value", [mapOfAB, A], optionalOf(B), indexValue),
    global("optional_map_optindex_optional_value", [optionalOf(mapOfAB), A], optionalOf(B), indexValue),
  ],
  "cel.@mapInsert": [
    global("@mapInsert_map_map", [mapOfAB, mapOfAB], mapOfAB, insertAll),
    global("@mapInsert_map_key_value", [mapOfAB, A, B], mapOfAB, insert),
  ],
};

/** The map is the loop's own, so it is changed in place. */
function insert(map: CelMap, key: unknown, value: unknown): unknown {
  if (!(map instanceof HashMap)) return celError("no such overload");
  if (map.has(key)) return celError(`insert failed: key ${showKey(key)} already exists`);
  return map.set(key, value) ? map : celError("unsupported key type");
}

function insertAll(map: CelMap, added: CelMap): unknown {
  for (const key of added.keys()) {
    const result = insert(map, key, added.get(key));
    if (result instanceof CelError) return result;
  }
  return map;
}
