// `"%s has %d".format([a, b])`: https://pkg.go.dev/github.com/google/cel-go/ext#hdr-Format

import { goQuote } from "../../meta/field-error.ts";
import {
  CelError,
  CelList,
  CelMap,
  celError,
  Duration,
  Optional,
  Timestamp,
  TypeValue,
  typeOf,
  Uint,
} from "../language/cel-values.ts";
import type { Meter } from "../language/function-table.ts";
import { showDouble } from "../language/standard-library.ts";
import { showDuration, showTimestamp } from "../language/time-values.ts";

const DEFAULT_PRECISION = 6;
const MAX_PRECISION = 100;
const MAX_DEPTH = 100;

type Clause = string | CelError;

/** Fills the clauses of a text: `%s %d %f %e %b %x %X %o %%`, `%.2f`. */
export function formatText(text: string, args: CelList, meter: Meter): string | CelError {
  const clause = /%(?:\.(\d*))?([a-zA-Z%])?/g;
  let result = "";
  let used = 0;
  let from = 0;
  for (let match = clause.exec(text); match !== null; match = clause.exec(text)) {
    result += text.slice(from, match.index);
    from = clause.lastIndex;
    const [, precision, letter] = match;
    if (letter === undefined) return celError("could not parse formatting clause: unexpected end of string");
    if (letter === "%") {
      result += "%";
      continue;
    }
    if (used >= args.size) return celError(`index ${used} out of range`);
    const value = args.at(used++);
    if (value instanceof CelError) return value;
    const digits = precision === undefined || precision === "" ? DEFAULT_PRECISION : Number(precision);
    if (digits > MAX_PRECISION) return celError(`could not parse formatting clause: precision is too large: ${digits}`);
    const part = formatClause(letter, value, digits, meter);
    if (part instanceof CelError) return part;
    meter.work(Math.ceil(part.length / 10));
    result += part;
  }
  meter.work(Math.ceil(text.length / 10));
  return result + text.slice(from);
}

function formatClause(letter: string, value: unknown, digits: number, meter: Meter): Clause {
  switch (letter) {
    case "s":
      return showValue(value, meter, 0);
    case "d":
      return wholeNumber(value) ?? wrongType("decimal clause can only be used on integers", value);
    case "f":
      return decimal(value, digits, "fixed-point");
    case "e":
      return decimal(value, digits, "scientific");
    case "b":
      return binary(value);
    case "o": {
      const number = wholeBigint(value);
      return number === undefined ? wrongType("octal clause can only be used on integers", value) : number.toString(8);
    }
    case "x":
    case "X": {
      const hex = hexadecimal(value);
      return hex instanceof CelError || letter === "x" ? hex : hex.toUpperCase();
    }
    default:
      return celError(`could not parse formatting clause: unrecognized formatting clause "${letter}"`);
  }
}

function wrongType(what: string, value: unknown): CelError {
  return celError(`${what}, was given ${typeOf(value).name}`);
}

function wholeBigint(value: unknown): bigint | undefined {
  return typeof value === "bigint" ? value : value instanceof Uint ? value.value : undefined;
}

function wholeNumber(value: unknown): string | undefined {
  return wholeBigint(value)?.toString();
}

function binary(value: unknown): Clause {
  if (typeof value === "boolean") return value ? "1" : "0";
  const number = wholeBigint(value);
  return number === undefined
    ? wrongType("only integers and bools can be formatted as binary", value)
    : number.toString(2);
}

function hexadecimal(value: unknown): Clause {
  const number = wholeBigint(value);
  if (number !== undefined) return number.toString(16);
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  if (!(bytes instanceof Uint8Array)) {
    return wrongType("only integers, byte buffers, and strings can be formatted as hex", value);
  }
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function decimal(value: unknown, digits: number, kind: "fixed-point" | "scientific"): Clause {
  const number = typeof value === "string" ? specialNumber(value) : value;
  if (typeof number !== "number") return wrongType(`${kind} clause can only be used on doubles`, value);
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number > 0 ? "Infinity" : "-Infinity";
  if (kind === "fixed-point")
    return number.toFixed(digits).includes("e") ? bigFixed(number, digits) : number.toFixed(digits);
  const [mantissa, exponent = "+0"] = number.toExponential(digits).split("e") as [string, string];
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

function bigFixed(number: number, digits: number): string {
  return digits === 0 ? String(BigInt(number)) : `${BigInt(number)}.${"0".repeat(digits)}`;
}

function specialNumber(text: string): number | string {
  if (text === "NaN") return Number.NaN;
  if (text === "Infinity") return Number.POSITIVE_INFINITY;
  return text === "-Infinity" ? Number.NEGATIVE_INFINITY : text;
}

function showValue(value: unknown, meter: Meter, depth: number): Clause {
  meter.work(1);
  if (depth > MAX_DEPTH) return celError("could not format: nested too deep");
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || value === null) return String(value);
  if (typeof value === "number") return showDouble(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Timestamp) return showTimestamp(value);
  if (value instanceof Duration) return showDuration(value);
  if (value instanceof TypeValue) return value.type.name;
  if (value instanceof CelList) return showList(value, meter, depth);
  if (value instanceof CelMap) return showMap(value, meter, depth);
  return (
    wholeNumber(value) ??
    wrongType(
      "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
      value instanceof Optional ? value : value,
    )
  );
}

function showList(list: CelList, meter: Meter, depth: number): Clause {
  const parts: string[] = [];
  for (let i = 0; i < list.size; i++) {
    const part = showNested(list.at(i), meter, depth + 1);
    if (part instanceof CelError) return part;
    parts.push(part);
  }
  return `[${parts.join(", ")}]`;
}

function showMap(map: CelMap, meter: Meter, depth: number): Clause {
  const entries: [string, string][] = [];
  for (const key of map.keys()) {
    const shownKey = showNested(key, meter, depth + 1);
    const shown = showNested(map.get(key), meter, depth + 1);
    if (shownKey instanceof CelError) return shownKey;
    if (shown instanceof CelError) return shown;
    entries.push([shownKey, shown]);
  }
  entries.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  return `{${entries.map(([key, shown]) => `${key}:${shown}`).join(", ")}}`;
}

/** Within containers values are written as literals. */
function showNested(value: unknown, meter: Meter, depth: number): Clause {
  if (value instanceof CelError) return value;
  if (typeof value === "number" && Number.isFinite(value)) return value.toFixed(DEFAULT_PRECISION);
  const shown = showValue(value, meter, depth);
  if (shown instanceof CelError) return shown;
  if (typeof value === "string") return goQuote(shown);
  if (value instanceof Uint8Array) return `b${goQuote(shown)}`;
  if (value instanceof Timestamp) return `timestamp(${goQuote(shown)})`;
  return value instanceof Duration ? `duration(${goQuote(shown)})` : shown;
}
