// How Go's fmt package prints decoded JSON: the API server's patch errors quote values in these forms.
// https://pkg.go.dev/fmt (%v, %#v, %T)

import type { Json } from "../meta/types.ts";

/** Beyond this length a quoted value is cut: an error text must not be as large as the request was. */
const MAX_TEXT = 8192;
const MAX_LEVELS = 64;

/** `%v`: `map[a:1 b:[x y]]`, `<nil>`, strings bare. Cut at 8,192 characters. */
export function goPlain(value: Json | undefined): string {
  return cut(plain(value, 0));
}

/** `%#v`: `map[string]interface {}{"a":1}`, `[]interface {}{"x"}`. Cut at 8,192 characters. */
export function goSyntax(value: Json | undefined): string {
  return cut(syntax(value, 0));
}

/** `%T` of a decoded value; undefined and null are `<nil>`. Whole numbers are int64, as the server's decoder makes them. */
export function goTypeName(value: Json | undefined): string {
  if (value === undefined || value === null) return "<nil>";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return Array.isArray(value) ? "[]interface {}" : "map[string]interface {}";
}

/** The name encoding/json gives a JSON value in its decoding errors: `object`, `array`, `number`, … */
export function jsonKindName(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return "bool";
  if (typeof value !== "object") return typeof value;
  return Array.isArray(value) ? "array" : "object";
}

/** JSON text as Go's encoder writes it: `<`, `>`, `&` and the line separators are escaped. */
export function goJson(value: Json): string {
  const text = JSON.stringify(value);
  return HTML.test(text) ? text.replace(HTML_ALL, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`) : text;
}
const HTML = /[<>&\u2028\u2029]/;
const HTML_ALL = /[<>&\u2028\u2029]/g;

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}...`;
}

function plain(value: Json | undefined, level: number): string {
  if (value === undefined || value === null) return "<nil>";
  if (typeof value === "string") return value;
  if (typeof value !== "object") return goNumber(value);
  if (level >= MAX_LEVELS) return "...";
  if (Array.isArray(value)) return `[${value.map((v) => plain(v, level + 1)).join(" ")}]`;
  const members = Object.keys(value).sort();
  return `map[${members.map((k) => `${k}:${plain(value[k], level + 1)}`).join(" ")}]`;
}

function syntax(value: Json | undefined, level: number): string {
  if (value === undefined || value === null) return "interface {}(nil)";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return goNumber(value);
  if (level >= MAX_LEVELS) return "...";
  if (Array.isArray(value)) return `[]interface {}{${value.map((v) => syntax(v, level + 1)).join(", ")}}`;
  const members = Object.keys(value).sort();
  return `map[string]interface {}{${members.map((k) => `${JSON.stringify(k)}:${syntax(value[k], level + 1)}`).join(", ")}}`;
}

/** `%v` of a number or boolean: an exponent has two digits at least, as in `1e-05`. */
function goNumber(value: number | boolean): string {
  const text = String(value);
  if (typeof value === "boolean" || value === 0 || Number.isInteger(value)) return text;
  const small = Math.abs(value) < 1e-4 && !text.includes("e") ? value.toExponential() : text;
  return small.replace(/e([+-])(\d)$/, "e$10$2");
}
