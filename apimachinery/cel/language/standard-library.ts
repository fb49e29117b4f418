// The functions of CEL's standard library and of its optional types: conversions, sizes, texts, times.

import { goFloat } from "../../meta/field-error.ts";
import {
  A,
  B,
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  TIMESTAMP,
  typeOfType,
  UINT,
} from "./cel-types.ts";
import {
  ArrayList,
  CelError,
  type CelList,
  CelMap,
  celError,
  codePointLength,
  type Duration,
  elementsOf,
  Optional,
  type Timestamp,
  TypeValue,
  typeOf,
  Uint,
} from "./cel-values.ts";
import { global, type Meter, member, type Overload } from "./function-table.ts";
import { matchesPattern } from "./regular-expressions.ts";
import {
  durationOf,
  inZone,
  parseDuration,
  parseTimestamp,
  showDuration,
  showTimestamp,
  timestampOf,
} from "./time-values.ts";

const INT_MAX = 2n ** 63n;
const UINT_MAX = 2n ** 64n;

function conversionError(from: string, to: string): CelError {
  return celError(`type conversion error from '${from}' to '${to}'`);
}

function parseInteger(text: string, to: "int" | "uint"): bigint | CelError {
  const pattern = to === "int" ? /^[+-]?[0-9]{1,40}$/ : /^[0-9]{1,40}$/;
  if (!pattern.test(text)) return conversionError("string", to);
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  const fits = to === "int" ? value >= -INT_MAX && value < INT_MAX : value < UINT_MAX;
  return fits ? value : conversionError("string", to);
}

function parseUint(text: string): Uint | CelError {
  const value = parseInteger(text, "uint");
  return value instanceof CelError ? value : new Uint(value);
}

function doubleToInt(value: number): bigint | CelError {
  if (!(value > -(2 ** 63) && value < 2 ** 63)) return celError("integer overflow");
  return BigInt(Math.trunc(value));
}

function doubleToUint(value: number): Uint | CelError {
  if (!(value >= 0 && value < 2 ** 64)) return celError("unsigned integer overflow");
  return new Uint(BigInt(Math.trunc(value)));
}

function parseDouble(text: string): number | CelError {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null) {
    if (special[2]?.toLowerCase() === "nan")
      return special[1] === "" ? Number.NaN : conversionError("string", "double");
    return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (text.length > 400 || !/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text)) {
    return conversionError("string", "double");
  }
  const value = Number(text);
  return Number.isFinite(value) ? value : conversionError("string", "double");
}

/** `string(1e6)` is `1e+06`. */
export function showDouble(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return Object.is(value, -0) ? "-0" : goFloat(value);
}

function bytesToString(bytes: Uint8Array): string | CelError {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return celError("invalid UTF-8 in bytes, cannot convert to string");
  }
}

const TRUE_TEXTS: readonly string[] = ["1", "t", "T", "true", "TRUE", "True"];
const FALSE_TEXTS: readonly string[] = ["0", "f", "F", "false", "FALSE", "False"];

function parseBool(text: string): boolean | CelError {
  if (TRUE_TEXTS.includes(text)) return true;
  return FALSE_TEXTS.includes(text) ? false : conversionError("string", "bool");
}

const same = (value: unknown): unknown => value;
const encoder = new TextEncoder();

const CONVERSIONS: Readonly<Record<string, readonly Overload[]>> = {
  int: [
    global("int64_to_int64", [INT], INT, same),
    global("double_to_int64", [DOUBLE], INT, doubleToInt),
    global("string_to_int64", [STRING], INT, (text: string) => parseInteger(text, "int")),
    global("timestamp_to_int64", [TIMESTAMP], INT, (time: Timestamp) => time.nanos / 1_000_000_000n),
    global("duration_to_int64", [DURATION], INT, (duration: Duration) => duration.nanos),
    global("uint64_to_int64", [UINT], INT, ({ value }: Uint) =>
      value < INT_MAX ? value : celError("integer overflow"),
    ),
  ],
  uint: [
    global("uint64_to_uint64", [UINT], UINT, same),
    global("double_to_uint64", [DOUBLE], UINT, doubleToUint),
    global("string_to_uint64", [STRING], UINT, parseUint),
    global("int64_to_uint64", [INT], UINT, (value: bigint) =>
      value < 0n ? celError("unsigned integer overflow") : new Uint(value),
    ),
  ],
  double: [
    global("double_to_double", [DOUBLE], DOUBLE, same),
    global("int64_to_double", [INT], DOUBLE, (value: bigint) => Number(value)),
    global("string_to_double", [STRING], DOUBLE, parseDouble),
    global("uint64_to_double", [UINT], DOUBLE, ({ value }: Uint) => Number(value)),
  ],
  bool: [global("bool_to_bool", [BOOL], BOOL, same), global("string_to_bool", [STRING], BOOL, parseBool)],
  string: [
    global("string_to_string", [STRING], STRING, same),
    global("bool_to_string", [BOOL], STRING, (value: boolean) => String(value)),
    global("bytes_to_string", [BYTES], STRING, bytesToString),
    global("double_to_string", [DOUBLE], STRING, showDouble),
    global("duration_to_string", [DURATION], STRING, showDuration),
    global("int64_to_string", [INT], STRING, (value: bigint) => String(value)),
    global("timestamp_to_string", [TIMESTAMP], STRING, showTimestamp),
    global("uint64_to_string", [UINT], STRING, ({ value }: Uint) => String(value)),
  ],
  bytes: [
    global("bytes_to_bytes", [BYTES], BYTES, same),
    global("string_to_bytes", [STRING], BYTES, (text: string) => encoder.encode(text)),
  ],
  timestamp: [
    global("timestamp_to_timestamp", [TIMESTAMP], TIMESTAMP, same),
    global("int64_to_timestamp", [INT], TIMESTAMP, (seconds: bigint) => timestampOf(seconds * 1_000_000_000n)),
    global("string_to_timestamp", [STRING], TIMESTAMP, (text: string) => {
      const time = parseTimestamp(text);
      return time ?? conversionError("string", "google.protobuf.Timestamp");
    }),
  ],
  duration: [
    global("duration_to_duration", [DURATION], DURATION, same),
    global("int64_to_duration", [INT], DURATION, (nanos: bigint) => durationOf(nanos)),
    global("string_to_duration", [STRING], DURATION, (text: string) => {
      const duration = parseDuration(text);
      return duration ?? conversionError("string", "google.protobuf.Duration");
    }),
  ],
  dyn: [global("to_dyn", [A], DYN, same)],
  type: [global("type", [A], typeOfType(A), (value: unknown) => new TypeValue(typeOf(value)))],
};

const bigSize = (size: number): bigint => BigInt(size);
const SIZES: readonly (readonly [string, CelType, (value: never) => bigint])[] = [
  ["string", STRING, (text: string) => bigSize(codePointLength(text))],
  ["bytes", BYTES, (bytes: Uint8Array) => bigSize(bytes.length)],
  ["list", listOf(A), (list: CelList) => bigSize(list.size)],
  ["map", mapOf(A, B), (map: CelMap) => bigSize(map.size)],
];

type TimePart = (date: Date) => number;

function dayOfYear(date: Date): number {
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start.getTime()) / 86_400_000);
}

function timePart(name: string, part: TimePart): Overload[] {
  const read = (time: Timestamp, zone: string): unknown => {
    const date = inZone(time, zone);
    return date instanceof CelError ? date : BigInt(part(date));
  };
  return [
    member(`timestamp_to_${name}`, [TIMESTAMP], INT, (time: Timestamp) => read(time, "")),
    member(`timestamp_to_${name}_with_tz`, [TIMESTAMP, STRING], INT, read),
  ];
}

function clockPart(name: string, part: TimePart, nanos: bigint): Overload[] {
  const total = member(`duration_to_${name}`, [DURATION], INT, (duration: Duration) => duration.nanos / nanos);
  return [...timePart(name, part), total];
}

const TIMES: Readonly<Record<string, readonly Overload[]>> = {
  getFullYear: timePart("year", (date) => date.getUTCFullYear()),
  getMonth: timePart("month", (date) => date.getUTCMonth()),
  getDayOfYear: timePart("day_of_year", dayOfYear),
  getDayOfMonth: timePart("day_of_month", (date) => date.getUTCDate() - 1),
  getDate: timePart("day_of_month_1_based", (date) => date.getUTCDate()),
  getDayOfWeek: timePart("day_of_week", (date) => date.getUTCDay()),
  getHours: clockPart("hours", (date) => date.getUTCHours(), 3_600_000_000_000n),
  getMinutes: clockPart("minutes", (date) => date.getUTCMinutes(), 60_000_000_000n),
  getSeconds: clockPart("seconds", (date) => date.getUTCSeconds(), 1_000_000_000n),
  getMilliseconds: clockPart("milliseconds", (date) => date.getUTCMilliseconds(), 1_000_000n),
};

const TEXTS: Readonly<Record<string, readonly Overload[]>> = {
  contains: [member("contains_string", [STRING, STRING], BOOL, (a: string, b: string) => a.includes(b))],
  startsWith: [member("starts_with_string", [STRING, STRING], BOOL, (a: string, b: string) => a.startsWith(b))],
  endsWith: [member("ends_with_string", [STRING, STRING], BOOL, (a: string, b: string) => a.endsWith(b))],
  matches: [
    member("matches_string", [STRING, STRING], BOOL, matchesPattern),
    global("matches", [STRING, STRING], BOOL, matchesPattern),
  ],
};

/** Whether an optional made with `ofNonZeroValue` stays empty. */
function isZero(value: unknown): boolean {
  if (value === null || value === false || value === "" || value === 0n || value === 0) return true;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelMap) return value.size === 0;
  const { size, nanos } = value as { size?: number; nanos?: bigint };
  return size === 0 || nanos === 0n;
}

const OPTIONAL_A = optionalOf(A);

/** What the optionals of a list hold, the empty ones left out. */
function unwrap(list: CelList, _b: never, _c: never, _d: never, meter: Meter): CelList {
  const held = elementsOf(list, meter).filter((item) => item instanceof Optional && item.hasValue);
  return new ArrayList(held.map((item) => (item as Optional).value));
}

const OPTIONALS: Readonly<Record<string, readonly Overload[]>> = {
  "optional.of": [global("optional_of", [A], OPTIONAL_A, (value: unknown) => Optional.of(value))],
  "optional.ofNonZeroValue": [
    global("optional_ofNonZeroValue", [A], OPTIONAL_A, (value: unknown) =>
      isZero(value) ? Optional.NONE : Optional.of(value),
    ),
  ],
  "optional.none": [global("optional_none", [], OPTIONAL_A, () => Optional.NONE)],
  "optional.unwrap": [global("optional_unwrap", [listOf(OPTIONAL_A)], listOf(A), unwrap)],
  unwrapOpt: [member("optional_unwrapOpt", [listOf(OPTIONAL_A)], listOf(A), unwrap)],
  hasValue: [member("optional_hasValue", [OPTIONAL_A], BOOL, (optional: Optional) => optional.hasValue)],
  value: [
    member("optional_value", [OPTIONAL_A], A, (optional: Optional) =>
      optional.hasValue ? optional.value : celError("optional.none() dereference"),
    ),
  ],
  or: [
    member("optional_or_optional", [OPTIONAL_A, OPTIONAL_A], OPTIONAL_A, (a: Optional, b: Optional) =>
      a.hasValue ? a : b,
    ),
  ],
  orValue: [
    member("optional_orValue_value", [OPTIONAL_A, A], A, (a: Optional, b: unknown) => (a.hasValue ? a.value : b)),
  ],
};

/** What CEL itself has, before any extension. */
export const STANDARD_LIBRARY: Readonly<Record<string, readonly Overload[]>> = {
  ...CONVERSIONS,
  ...TIMES,
  ...TEXTS,
  ...OPTIONALS,
  size: SIZES.flatMap(([name, type, run]) => [
    global(`size_${name}`, [type], INT, run),
    member(`${name}_size`, [type], INT, run),
  ]),
};

/** The names of types that may stand in an expression. */
export const STANDARD_TYPES: ReadonlyMap<string, CelType> = new Map([
  ["bool", BOOL],
  ["int", INT],
  ["uint", UINT],
  ["double", DOUBLE],
  ["string", STRING],
  ["bytes", BYTES],
  ["list", listOf(DYN)],
  ["map", mapOf(DYN, DYN)],
  ["null_type", NULL],
  ["type", typeOfType(DYN)],
  ["optional_type", optionalOf(DYN)],
  ["google.protobuf.Timestamp", TIMESTAMP],
  ["google.protobuf.Duration", DURATION],
]);
