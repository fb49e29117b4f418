// Quantities of resources: `100m`, `1.5Gi`, `12e6`. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
// A quantity is a whole number of billionths; its format decides how it is written.

/** How a quantity is written: by powers of 1000, by powers of 1024, or with an exponent of ten. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

export interface Quantity {
  /** Billionths of one. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

const BAD_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const BAD_SUFFIX = "unable to parse quantity's suffix";
const BAD_NUMBER = "unable to parse numeric part of quantity";

const NANO = 1_000_000_000n;
const MAX_NANO = (2n ** 63n - 1n) * NANO;
/** Longer numbers are refused: no amount needs them. */
const MAX_DIGITS = 512;

const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Readonly<Record<string, bigint>> = {
  Ki: 1024n,
  Mi: 1024n ** 2n,
  Gi: 1024n ** 3n,
  Ti: 1024n ** 4n,
  Pi: 1024n ** 5n,
  Ei: 1024n ** 6n,
};

/** Reads a quantity; a text that is none gives the original's complaint. */
export function parseQuantity(text: string): Quantity | { readonly error: string } {
  if (text.length > MAX_DIGITS) return { error: BAD_NUMBER };
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([a-zA-Z]*)([-+]?[0-9]*)$/.exec(text);
  if (match === null) return { error: BAD_FORMAT };
  const [, sign = "", whole = "", fraction = "", letters = "", exponent = ""] = match;
  if (whole === "" && fraction === "") return { error: BAD_FORMAT };
  const scale = scaleOf(letters, exponent);
  if (scale === undefined) return { error: /^[eEinumkKMGTP]*$/.test(letters) ? BAD_SUFFIX : BAD_FORMAT };
  const digits = BigInt(`${whole}${fraction}`);
  const power = scale.exponent - fraction.length + 9;
  const nano = capped(scaled(digits * scale.factor, power));
  const format = scale.format === "BinarySI" && nano > 0n && nano < NANO ? "DecimalSI" : scale.format;
  return { nano: sign === "-" ? -nano : nano, format };
}

interface Scale {
  readonly factor: bigint;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function scaleOf(letters: string, exponent: string): Scale | undefined {
  if (exponent === "") {
    if (Object.hasOwn(DECIMAL, letters)) {
      return { factor: 1n, exponent: DECIMAL[letters] as number, format: "DecimalSI" };
    }
    return Object.hasOwn(BINARY, letters)
      ? { factor: BINARY[letters] as bigint, exponent: 0, format: "BinarySI" }
      : undefined;
  }
  if ((letters !== "e" && letters !== "E") || !/^[-+]?[0-9]{1,19}$/.test(exponent)) return undefined;
  return { factor: 1n, exponent: Number(exponent), format: "DecimalExponent" };
}

/** value x 10^power, what is lost rounded away from zero. */
function scaled(value: bigint, power: number): bigint {
  if (value === 0n) return 0n;
  if (power >= 0) return power > 64 ? MAX_NANO : value * 10n ** BigInt(power);
  if (-power > MAX_DIGITS + 64) return 1n;
  const divisor = 10n ** BigInt(-power);
  return (value + divisor - 1n) / divisor;
}

function capped(nano: bigint): bigint {
  return nano > MAX_NANO ? MAX_NANO : nano;
}

/** The one spelling of a quantity: `1000m` is `1`, `1024Mi` is `1Gi`, `0.5` is `500m`. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return "0";
  const negative = nano < 0n;
  const amount = negative ? -nano : nano;
  const sign = negative ? "-" : "";
  if (format === "BinarySI" && amount >= 1024n * NANO && amount % NANO === 0n) return sign + binaryText(amount / NANO);
  let exponent = -9;
  let mantissa = amount;
  while (mantissa % 1000n === 0n && exponent < 18) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (format === "DecimalExponent") return `${sign}${mantissa}${exponent === 0 ? "" : `e${exponent}`}`;
  const suffix = Object.keys(DECIMAL).find((key) => DECIMAL[key] === exponent) ?? "";
  return `${sign}${mantissa}${suffix}`;
}

function binaryText(amount: bigint): string {
  let mantissa = amount;
  let power = 0;
  while (mantissa % 1024n === 0n && power < 6) {
    mantissa /= 1024n;
    power++;
  }
  return `${mantissa}${power === 0 ? "" : Object.keys(BINARY)[power - 1]}`;
}

/** The billionths of a text that is known to be a quantity; 0 for one that is none. */
export function quantityNano(text: unknown): bigint {
  const parsed = parseQuantity(String(text ?? "0"));
  return "error" in parsed ? 0n : parsed.nano;
}
