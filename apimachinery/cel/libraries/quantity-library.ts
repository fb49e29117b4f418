// Quantities: https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-quantity-library
// They are kept in nano units, what is smaller rounded up, as k8s.io/apimachinery/pkg/api/resource does.

import { BOOL, DOUBLE, INT, opaqueType, STRING } from "../language/cel-types.ts";
import { type CelError, celError, Opaque } from "../language/cel-values.ts";
import { global, member, type Overload } from "../language/function-table.ts";

const QUANTITY = opaqueType("kubernetes.Quantity");
const NANO = 1_000_000_000n;
const MAX = (2n ** 63n - 1n) * NANO;
const WRONG_FORM = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_SUFFIX = "unable to parse quantity's suffix";

class Quantity extends Opaque {
  readonly celType = QUANTITY;
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }
  equals(other: unknown): boolean {
    return other instanceof Quantity && other.nanos === this.nanos;
  }
}

/** Powers of ten that the decimal suffixes stand for. */
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
/** Powers of 1024 that the binary suffixes stand for. */
const BINARY: Readonly<Record<string, bigint>> = { Ki: 1n, Mi: 2n, Gi: 3n, Ti: 4n, Pi: 5n, Ei: 6n };

/** Exponents beyond this are beyond any value that is kept. */
const MAX_EXPONENT = 40;
const MAX_LENGTH = 1_000;

/** A quantity in nano units, or why the text is none. */
function parse(text: string): Quantity | CelError {
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[+-]?[0-9]*)$/.exec(text.slice(0, MAX_LENGTH + 1));
  if (match === null || text.length > MAX_LENGTH) return celError(WRONG_FORM);
  const [, sign, whole = "", fraction = "", suffix = ""] = match;
  if (whole === "" && fraction === "") return celError(WRONG_FORM);
  const scale = scaleOf(suffix);
  if (scale === undefined) return celError(WRONG_SUFFIX);
  const digits = BigInt(whole + fraction) * scale.factor;
  const power = scale.exponent - fraction.length + 9;
  const nanos = power >= 0 ? digits * 10n ** BigInt(power) : divideUp(digits, 10n ** BigInt(-power));
  const capped = nanos > MAX ? MAX : nanos;
  return new Quantity(sign === "-" ? -capped : capped);
}

function scaleOf(suffix: string): { factor: bigint; exponent: number } | undefined {
  if (Object.hasOwn(DECIMAL, suffix)) return { factor: 1n, exponent: DECIMAL[suffix] as number };
  if (Object.hasOwn(BINARY, suffix)) return { factor: 1024n ** (BINARY[suffix] as bigint), exponent: 0 };
  const exponent = /^[eE]([+-]?[0-9]+)$/.exec(suffix)?.[1];
  if (exponent === undefined) return undefined;
  const value = Number(exponent);
  return { factor: 1n, exponent: Math.max(-MAX_LENGTH, Math.min(value, MAX_EXPONENT)) };
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

function compareTo(a: Quantity, b: Quantity): bigint {
  return a.nanos < b.nanos ? -1n : a.nanos > b.nanos ? 1n : 0n;
}

const isWhole = ({ nanos }: Quantity): boolean => nanos % NANO === 0n;
const asQuantity = (value: Quantity | bigint): bigint => (value instanceof Quantity ? value.nanos : value * NANO);

function arithmetic(name: "add" | "sub", sign: bigint): readonly Overload[] {
  const run = (a: Quantity, b: Quantity | bigint): Quantity => new Quantity(a.nanos + sign * asQuantity(b));
  return [
    member(`quantity_${name}`, [QUANTITY, QUANTITY], QUANTITY, run),
    member(`quantity_${name}_int`, [QUANTITY, INT], QUANTITY, run),
  ];
}

function comparison(id: string, test: (order: bigint) => boolean): readonly Overload[] {
  return [member(id, [QUANTITY, QUANTITY], BOOL, (a: Quantity, b: Quantity) => test(compareTo(a, b)))];
}

export const QUANTITY_LIBRARY: Readonly<Record<string, readonly Overload[]>> = {
  quantity: [global("string_to_quantity", [STRING], QUANTITY, parse)],
  isQuantity: [global("is_quantity_string", [STRING], BOOL, (text: string) => parse(text) instanceof Quantity)],
  sign: [global("quantity_sign", [QUANTITY], INT, ({ nanos }: Quantity) => (nanos < 0n ? -1n : nanos > 0n ? 1n : 0n))],
  isGreaterThan: comparison("quantity_is_greater_than", (order) => order > 0n),
  isLessThan: comparison("quantity_is_less_than", (order) => order < 0n),
  compareTo: [member("quantity_compare_to", [QUANTITY, QUANTITY], INT, compareTo)],
  asApproximateFloat: [member("quantity_get_float", [QUANTITY], DOUBLE, ({ nanos }: Quantity) => Number(nanos) / 1e9)],
  asInteger: [
    member("quantity_get_int", [QUANTITY], INT, (quantity: Quantity) =>
      isWhole(quantity) ? BigInt.asIntN(64, quantity.nanos / NANO) : celError("cannot convert value to integer"),
    ),
  ],
  isInteger: [member("quantity_is_integer", [QUANTITY], BOOL, isWhole)],
  add: arithmetic("add", 1n),
  sub: arithmetic("sub", -1n),
};
