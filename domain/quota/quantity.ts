// Kubernetes quantities, exactly: parsing, sums, and the canonical text clients know.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/

/** How a quantity is printed: `16Gi`, `16G` or `16e9`. */
export type QuantityFormat = "BinarySI" | "DecimalSI" | "DecimalExponent";

/** An exact amount. */
export interface Quantity {
  /** Billionths of the unit; what is finer is rounded up when it is read. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

const NANO = 1_000_000_000n;
/** The greatest amount Kubernetes keeps; greater ones are cut to it. */
const MAX_NANO = (2n ** 63n - 1n) * NANO;
/** Longer texts are nobody's quantity. Keeps the arithmetic on hostile input small. */
const MAX_TEXT = 128;

const BINARY: Readonly<Record<string, bigint>> = {
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
  Ei: 2n ** 60n,
};
const BINARY_DOWN = ["Ei", "Pi", "Ti", "Gi", "Mi", "Ki"] as const;
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const DECIMAL_SUFFIX = new Map(Object.entries(DECIMAL).map(([suffix, exponent]) => [exponent, suffix]));

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/;

/** Nothing, printed as `0`. */
export const ZERO: Quantity = { nano: 0n, format: "DecimalSI" };

/** The greatest amount; stands for what cannot be read where a wrong guess must not be too small. */
export const LARGEST: Quantity = { nano: MAX_NANO, format: "BinarySI" };

/** A whole number of units. */
export function wholeQuantity(units: number | bigint, format: QuantityFormat = "DecimalSI"): Quantity {
  return { nano: BigInt(units) * NANO, format };
}

/** Reads a quantity; undefined for what is none. Numbers are taken as their shortest text, as JSON has them. */
export function parseQuantity(value: unknown): Quantity | undefined {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || text.length === 0 || text.length > MAX_TEXT) return undefined;
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", suffix = ""] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = BigInt(whole + fraction);
  const { multiplier, exponent, format } = readSuffix(suffix);
  const nano = scale(digits * multiplier, exponent - fraction.length + 9);
  const capped = nano > MAX_NANO ? MAX_NANO : nano;
  return { nano: sign === "-" ? -capped : capped, format };
}

function readSuffix(suffix: string): { multiplier: bigint; exponent: number; format: QuantityFormat } {
  const binary = BINARY[suffix];
  if (binary !== undefined) return { multiplier: binary, exponent: 0, format: "BinarySI" };
  const decimal = DECIMAL[suffix];
  if (decimal !== undefined) return { multiplier: 1n, exponent: decimal, format: "DecimalSI" };
  // Beyond these exponents every amount is capped or rounds up to one billionth; 10 ** 999999999 must not be computed.
  const exponent = Math.max(-400, Math.min(400, Number(suffix.slice(1))));
  return { multiplier: 1n, exponent, format: "DecimalExponent" };
}

/** `amount * 10 ** exponent`, rounded away from zero. */
function scale(amount: bigint, exponent: number): bigint {
  if (exponent >= 0) return amount * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  return (amount + divisor - 1n) / divisor;
}

/** The sum. Nothing plus something is printed as the something is. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format };
}

/** `a` taken `times` times. */
export function multiplyQuantity(a: Quantity, times: number | bigint): Quantity {
  return { nano: a.nano * BigInt(times), format: a.format };
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  if (a.nano === b.nano) return 0;
  return a.nano < b.nano ? -1 : 1;
}

/** Whether a value is a quantity and zero. */
export function isZeroQuantity(value: unknown): boolean {
  return parseQuantity(value)?.nano === 0n;
}

/** Whole units, rounded up. */
export function ceilUnits(quantity: Quantity): bigint {
  return ceilDivide(quantity.nano, NANO);
}

/** Thousandths of a unit, rounded up. */
export function ceilMilli(quantity: Quantity): bigint {
  return ceilDivide(quantity.nano, 1_000_000n);
}

function ceilDivide(amount: bigint, divisor: bigint): bigint {
  const quotient = amount / divisor;
  return amount > 0n && amount % divisor !== 0n ? quotient + 1n : quotient;
}

/**
 * The canonical text: no fraction, no trailing zeros a suffix can say. `1.5Gi` is `1536Mi`, `0.5` is `500m`, `12000` is `12k`.
 * Binary amounts below 1024 or with a fraction are printed decimal.
 */
export function quantityText(quantity: Quantity): string {
  const { nano, format } = quantity;
  if (nano === 0n) return "0";
  const magnitude = nano < 0n ? -nano : nano;
  const sign = nano < 0n ? "-" : "";
  if (format === "BinarySI" && magnitude % NANO === 0n && magnitude >= 1024n * NANO) {
    return sign + binaryText(magnitude / NANO);
  }
  return sign + decimalText(magnitude, format === "DecimalExponent");
}

function binaryText(units: bigint): string {
  for (const suffix of BINARY_DOWN) {
    const size = BINARY[suffix] as bigint;
    if (units % size === 0n) return `${units / size}${suffix}`;
  }
  return String(units);
}

function decimalText(nano: bigint, withExponent: boolean): string {
  let amount = nano;
  let exponent = -9;
  while (exponent < 18 && amount % 1000n === 0n) {
    amount /= 1000n;
    exponent += 3;
  }
  if (!withExponent) return `${amount}${DECIMAL_SUFFIX.get(exponent) ?? ""}`;
  return exponent === 0 ? String(amount) : `${amount}e${exponent}`;
}
