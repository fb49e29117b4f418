// Numbers: https://pkg.go.dev/github.com/google/cel-go/ext#Math. Not part of the environment of Kubernetes rules.

import { BOOL, type CelType, DOUBLE, DYN, INT, LIST_OF_DYN, UINT } from "../language/cel-types.ts";
import { CelError, type CelList, celError, elementsOf, Uint } from "../language/cel-values.ts";
import { compare } from "../language/equality.ts";
import { global, type Meter, type Overload } from "../language/function-table.ts";

type None = never;
type Pick = (values: readonly unknown[]) => unknown;

function pick(sign: number, name: string): Pick {
  return (values) => {
    if (values.length === 0) return celError(`math.@${name}(list) argument must not be empty`);
    let best = values[0];
    for (const value of values) {
      if (value instanceof CelError) return value;
      const order = compare(value, best);
      if (typeof order !== "number") return order;
      if (order * sign > 0) best = value;
    }
    return best;
  };
}

const NUMBERS: readonly CelType[] = [INT, UINT, DOUBLE];

/** One to four numbers of any types, or a list of them. */
function extremes(name: "greatest" | "least", sign: number): Overload[] {
  const choose = pick(sign, name === "greatest" ? "max" : "min");
  const overloads: Overload[] = [];
  for (const a of NUMBERS) {
    overloads.push(global(`math_${name}_${a.name}`, [a], a, (value: unknown) => value));
    for (const b of NUMBERS) {
      const result = a === b ? a : DYN;
      overloads.push(
        global(`math_${name}_${a.name}_${b.name}`, [a, b], result, (x: unknown, y: unknown) => choose([x, y])),
      );
    }
  }
  overloads.push(
    global(`math_${name}_3`, [DYN, DYN, DYN], DYN, (a: unknown, b: unknown, c: unknown) => choose([a, b, c])),
    global(`math_${name}_4`, [DYN, DYN, DYN, DYN], DYN, (a: unknown, b: unknown, c: unknown, d: unknown) =>
      choose([a, b, c, d]),
    ),
    global(`math_${name}_list`, [LIST_OF_DYN], DYN, (list: CelList, _b: None, _c: None, _d: None, meter: Meter) =>
      choose(elementsOf(list, meter)),
    ),
  );
  return overloads;
}

function onDouble(name: string, run: (value: number) => number): readonly Overload[] {
  return [global(`math_${name}_double`, [DOUBLE], DOUBLE, run)];
}

function test(name: string, run: (value: number) => boolean): readonly Overload[] {
  return [global(`math_${name}_double`, [DOUBLE], BOOL, run)];
}

/** Halves away from zero. */
function round(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

function bits(name: string, run: (a: bigint, b: bigint) => bigint): readonly Overload[] {
  return [
    global(`math_${name}_int_int`, [INT, INT], INT, (a: bigint, b: bigint) => BigInt.asIntN(64, run(a, b))),
    global(
      `math_${name}_uint_uint`,
      [UINT, UINT],
      UINT,
      (a: Uint, b: Uint) => new Uint(BigInt.asUintN(64, run(a.value, b.value))),
    ),
  ];
}

export const MATH_LIBRARY: Readonly<Record<string, readonly Overload[]>> = {
  "math.greatest": extremes("greatest", 1),
  "math.least": extremes("least", -1),
  "math.ceil": onDouble("ceil", Math.ceil),
  "math.floor": onDouble("floor", Math.floor),
  "math.round": onDouble("round", round),
  "math.trunc": onDouble("trunc", Math.trunc),
  "math.isNaN": test("is_nan", Number.isNaN),
  "math.isInf": test("is_inf", (value) => !Number.isFinite(value) && !Number.isNaN(value)),
  "math.isFinite": test("is_finite", Number.isFinite),
  "math.abs": [
    global("math_abs_double", [DOUBLE], DOUBLE, (value: number) => Math.abs(value)),
    global("math_abs_int", [INT], INT, (value: bigint) =>
      value === -(2n ** 63n) ? celError("integer overflow") : value < 0n ? -value : value,
    ),
    global("math_abs_uint", [UINT], UINT, (value: Uint) => value),
  ],
  "math.sign": [
    global("math_sign_double", [DOUBLE], DOUBLE, (value: number) => Math.sign(value)),
    global("math_sign_int", [INT], INT, (value: bigint) => (value > 0n ? 1n : value < 0n ? -1n : 0n)),
    global("math_sign_uint", [UINT], UINT, (value: Uint) => new Uint(value.value > 0n ? 1n : 0n)),
  ],
  "math.sqrt": [
    global("math_sqrt_double", [DOUBLE], DOUBLE, Math.sqrt),
    global("math_sqrt_int", [INT], DOUBLE, (value: bigint) => Math.sqrt(Number(value))),
    global("math_sqrt_uint", [UINT], DOUBLE, (value: Uint) => Math.sqrt(Number(value.value))),
  ],
  "math.bitAnd": bits("bitAnd", (a, b) => a & b),
  "math.bitOr": bits("bitOr", (a, b) => a | b),
  "math.bitXor": bits("bitXor", (a, b) => a ^ b),
  "math.bitNot": [
    global("math_bitNot_int_int", [INT], INT, (value: bigint) => ~value),
    global("math_bitNot_uint_uint", [UINT], UINT, (value: Uint) => new Uint(BigInt.asUintN(64, ~value.value))),
  ],
};
