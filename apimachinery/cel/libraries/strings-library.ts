// The string functions of cel-go's extension in the version Kubernetes enables (2):
// https://pkg.go.dev/github.com/google/cel-go/ext#Strings

import { INT, LIST_OF_DYN, LIST_OF_STRING, STRING } from "../language/cel-types.ts";
import { ArrayList, CelError, type CelList, celError, codePointLength, elementsOf } from "../language/cel-values.ts";
import { global, type Meter, member, type Overload } from "../language/function-table.ts";
import { formatText } from "./string-format.ts";

/** Texts without surrogate pairs have one code unit for each character, and need not be split. */
function characters(text: string): string | readonly string[] {
  return codePointLength(text) === text.length ? text : [...text];
}

function joinCharacters(part: string | readonly string[]): string {
  return typeof part === "string" ? part : part.join("");
}

function outOfRange(index: bigint): CelError {
  return celError(`index out of range: ${index}`);
}

function charAt(text: string, index: bigint): string | CelError {
  const all = characters(text);
  if (index < 0n || index > BigInt(all.length)) return outOfRange(index);
  return all[Number(index)] ?? "";
}

function substring(text: string, start: bigint, end?: bigint): string | CelError {
  const all = characters(text);
  const length = BigInt(all.length);
  const to = end ?? length;
  if (end !== undefined && start > end) return celError(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0n || start > length) return outOfRange(start);
  if (to < 0n || to > length) return outOfRange(to);
  return joinCharacters(all.slice(Number(start), Number(to)));
}

/** Positions count characters; the search itself is the engine's. */
function indexOf(text: string, sought: string, from = 0n): bigint | CelError {
  if (sought === "") return from;
  const length = codePointLength(text);
  if (from < 0n || from >= BigInt(length)) return from === 0n ? -1n : outOfRange(from);
  const found = text.indexOf(sought, unitOffset(text, Number(from)));
  return found < 0 ? -1n : BigInt(codePointLength(text.slice(0, found)));
}

function lastIndexOf(text: string, sought: string, from?: bigint): bigint | CelError {
  const length = codePointLength(text);
  if (sought === "") return from ?? BigInt(length);
  const at = from ?? BigInt(Math.max(length - 1, 0));
  if (at < 0n || at >= BigInt(length)) return from === undefined ? -1n : outOfRange(at);
  const found = text.lastIndexOf(sought, unitOffset(text, Number(at)));
  return found < 0 ? -1n : BigInt(codePointLength(text.slice(0, found)));
}

function unitOffset(text: string, character: number): number {
  if (codePointLength(text) === text.length) return character;
  return [...text].slice(0, character).join("").length;
}

function replace(text: string, from: string, to: string, limit: bigint, meter: Meter): string {
  if (from === to || limit === 0n) return text;
  const count = limit < 0n ? Number.POSITIVE_INFINITY : Number(limit);
  if (from === "") return surround([...text], to, count, meter);
  const parts = text.split(from);
  const times = Math.min(parts.length - 1, count);
  meter.work(times * (to.length + 1));
  if (times === parts.length - 1) return parts.join(to);
  return parts.slice(0, times + 1).join(to) + from + parts.slice(times + 1).join(from);
}

/** An empty text stands before each character and at the end. */
function surround(all: readonly string[], to: string, count: number, meter: Meter): string {
  meter.work(Math.min(all.length + 1, count) * (to.length + 1));
  let result = "";
  for (let i = 0; i <= all.length; i++) result += (i < count ? to : "") + (all[i] ?? "");
  return result;
}

function split(text: string, separator: string, limit: bigint, meter: Meter): ArrayList {
  if (limit === 0n) return new ArrayList([]);
  const all = separator === "" ? [...text] : text.split(separator);
  meter.work(all.length);
  const count = Number(limit);
  if (count < 0 || all.length <= count) return new ArrayList(all);
  return new ArrayList([...all.slice(0, count - 1), all.slice(count - 1).join(separator)]);
}

function join(list: CelList, separator: string, meter: Meter): string | CelError {
  const parts = elementsOf(list, meter);
  let length = 0;
  for (const part of parts) {
    if (part instanceof CelError) return part;
    if (typeof part !== "string") return celError("no such overload");
    length += part.length + separator.length;
    meter.work(Math.ceil((part.length + separator.length) / 10));
  }
  meter.work(length / 10);
  return parts.join(separator);
}

/** White space as Unicode and Go know it; the byte order mark, which JavaScript trims too, is none. */
function isBlank(unit: number): boolean {
  if (unit <= 0x20) return (unit >= 0x09 && unit <= 0x0d) || unit === 0x20;
  if (unit < 0x2000) return unit === 0x85 || unit === 0xa0 || unit === 0x1680;
  return unit <= 0x200a || [0x2028, 0x2029, 0x202f, 0x205f, 0x3000].includes(unit);
}

function trim(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function mapAscii(text: string, range: RegExp, map: (part: string) => string): string {
  return text.replace(range, map);
}

const QUOTED: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

function quote(text: string): string {
  return `"${text.toWellFormed().replace(/[\x07\b\f\n\r\t\v\\"]/g, (c) => QUOTED[c] as string)}"`;
}

type None = never;

export const STRINGS_LIBRARY: Readonly<Record<string, readonly Overload[]>> = {
  charAt: [member("string_char_at_int", [STRING, INT], STRING, charAt)],
  indexOf: [
    member("string_index_of_string", [STRING, STRING], INT, (a: string, b: string) => indexOf(a, b)),
    member("string_index_of_string_int", [STRING, STRING, INT], INT, indexOf),
  ],
  lastIndexOf: [
    member("string_last_index_of_string", [STRING, STRING], INT, (a: string, b: string) => lastIndexOf(a, b)),
    member("string_last_index_of_string_int", [STRING, STRING, INT], INT, lastIndexOf),
  ],
  lowerAscii: [
    member("string_lower_ascii", [STRING], STRING, (a: string) => mapAscii(a, /[A-Z]+/g, (p) => p.toLowerCase())),
  ],
  upperAscii: [
    member("string_upper_ascii", [STRING], STRING, (a: string) => mapAscii(a, /[a-z]+/g, (p) => p.toUpperCase())),
  ],
  replace: [
    member("string_replace_string_string", [STRING, STRING, STRING], STRING, (a: string, b: string, c: string, _d, m) =>
      replace(a, b, c, -1n, m),
    ),
    member("string_replace_string_string_int", [STRING, STRING, STRING, INT], STRING, replace),
  ],
  split: [
    member("string_split_string", [STRING, STRING], LIST_OF_STRING, (a: string, b: string, _c, _d, m) =>
      split(a, b, -1n, m),
    ),
    member("string_split_string_int", [STRING, STRING, INT], LIST_OF_STRING, (a: string, b: string, c: bigint, _d, m) =>
      split(a, b, c, m),
    ),
  ],
  substring: [
    member("string_substring_int", [STRING, INT], STRING, (a: string, b: bigint) => substring(a, b)),
    member("string_substring_int_int", [STRING, INT, INT], STRING, substring),
  ],
  trim: [member("string_trim", [STRING], STRING, trim)],
  join: [
    member("list_join", [LIST_OF_STRING], STRING, (a: CelList, _b: None, _c: None, _d: None, m: Meter) =>
      join(a, "", m),
    ),
    member(
      "list_join_string",
      [LIST_OF_STRING, STRING],
      STRING,
      (a: CelList, b: string, _c: None, _d: None, m: Meter) => join(a, b, m),
    ),
  ],
  format: [
    member("string_format", [STRING, LIST_OF_DYN], STRING, (a: string, b: CelList, _c: None, _d: None, m: Meter) =>
      formatText(a, b, m),
    ),
  ],
  "strings.quote": [global("strings_quote", [STRING], STRING, quote)],
};
