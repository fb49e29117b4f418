// Plain scalars of YAML 1.1 as go-yaml v2 resolves them, which is what every Kubernetes client and server agrees on.
// No base 60 numbers; timestamps stay text.

/** A resolved scalar; `undefined` is a number that JSON cannot hold. */
export type Scalar = string | number | boolean | null | undefined;

const WORDS: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word) => [word, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...[".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"].map(
    (word) => [word, undefined] as const,
  ),
]);

const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const TIMESTAMP = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ]|$)/;
/** Longer texts are no numbers. */
const MAX_NUMBER_LENGTH = 400;

/** The value of a plain scalar. */
export function resolvePlain(text: string): Scalar {
  if (WORDS.has(text)) return WORDS.get(text);
  const first = text.charCodeAt(0);
  const isNumeric = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d;
  if (text.length > MAX_NUMBER_LENGTH || !(isNumeric || first === 0x2e)) return text;
  if (!isNumeric) return FLOAT.test(text) ? Number(text) : text;
  if (TIMESTAMP.test(text)) return text;
  const plain = text.replaceAll("_", "");
  return resolveInteger(plain) ?? (FLOAT.test(plain) ? Number(plain) : text);
}

/** Integers of 64 bits, with or without a sign; larger ones are read as floats. */
function resolveInteger(text: string): number | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const [, sign, hex, binary, octal, decimal] = match;
  const digits =
    hex !== undefined
      ? `0x${hex}`
      : binary !== undefined
        ? `0b${binary}`
        : octal !== undefined
          ? `0o${octal}`
          : decimal;
  const magnitude = BigInt(digits as string);
  if (magnitude >= 2n ** 64n || (sign === "-" && magnitude > 2n ** 63n)) return undefined;
  return Number(sign === "-" ? -magnitude : magnitude);
}
