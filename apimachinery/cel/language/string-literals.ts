// String and bytes literals of CEL: four kinds of quotes, raw forms, escapes.

import type { Token } from "./lexer.ts";
import type { SourceError } from "./source-error.ts";

const START = /(?:[rR][bB]?|[bB][rR]?)?(?:"""|'''|"|')/y;
const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "`": "`",
  "?": "?",
};

/** Reads the literal that begins at `offset`; undefined if none does or it does not end. */
export function readStringLiteral(source: string, offset: number, errors: SourceError[]): Token | undefined {
  START.lastIndex = offset;
  const start = START.exec(source)?.[0];
  if (start === undefined) return undefined;
  const prefix = /^[a-zA-Z]*/.exec(start)?.[0].toLowerCase() ?? "";
  const quote = start.slice(prefix.length);
  const isRaw = prefix.includes("r");
  const from = offset + start.length;
  const end = literalEnd(source, from, quote, isRaw);
  if (end === undefined) return undefined;
  const body = source.slice(from, end).replaceAll("\r\n", "\n");
  const text = source.slice(offset, end + quote.length);
  const kind = prefix.includes("b") ? "bytes" : "string";
  const value = isRaw ? literalValue(body, kind) : resolveEscapes(body, kind);
  if (value === undefined) {
    errors.push({ offset, message: `Syntax error: token recognition error at: '${text.slice(0, -quote.length)}'` });
    return { kind, text, offset, value: kind === "bytes" ? new Uint8Array() : "" };
  }
  return { kind, text, offset, value };
}

function literalEnd(source: string, from: number, quote: string, isRaw: boolean): number | undefined {
  for (let i = from; i < source.length; i++) {
    if (source.startsWith(quote, i)) return i;
    if (!isRaw && source[i] === "\\") i++;
    else if (quote.length === 1 && (source[i] === "\n" || source[i] === "\r")) return undefined;
  }
  return undefined;
}

function literalValue(body: string, kind: "string" | "bytes"): string | Uint8Array {
  return kind === "bytes" ? new TextEncoder().encode(body) : body;
}

/** undefined if an escape is none. In bytes `\x41` and `\101` are one byte, in strings one character. */
function resolveEscapes(body: string, kind: "string" | "bytes"): string | Uint8Array | undefined {
  if (!body.includes("\\")) return literalValue(body, kind);
  const parts: (string | number)[] = [];
  for (let i = 0; i < body.length; ) {
    if (body[i] !== "\\") {
      const next = body.indexOf("\\", i);
      parts.push(body.slice(i, next < 0 ? body.length : next));
      i = next < 0 ? body.length : next;
      continue;
    }
    const found = readEscape(body, i + 1);
    if (found === undefined) return undefined;
    if (typeof found.value === "string") parts.push(found.value);
    else if (kind === "bytes" && found.isByte) parts.push(found.value);
    else if (kind === "bytes" || !isCodePoint(found.value)) return undefined;
    else parts.push(String.fromCodePoint(found.value));
    i = found.end;
  }
  if (kind === "string") return parts.join("");
  const encoder = new TextEncoder();
  const chunks = parts.map((part) => (typeof part === "number" ? Uint8Array.of(part) : encoder.encode(part)));
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function isCodePoint(value: number): boolean {
  return value <= 0x10ffff && !(value >= 0xd800 && value < 0xe000);
}

interface Escape {
  readonly value: string | number;
  readonly isByte: boolean;
  readonly end: number;
}

function readEscape(body: string, at: number): Escape | undefined {
  const letter = body[at] ?? "";
  const simple = Object.hasOwn(SIMPLE, letter) ? SIMPLE[letter] : undefined;
  if (simple !== undefined) return { value: simple, isByte: true, end: at + 1 };
  const digits = letter === "u" ? 4 : letter === "U" ? 8 : letter === "x" || letter === "X" ? 2 : 0;
  if (digits > 0) {
    const hex = body.slice(at + 1, at + 1 + digits);
    if (hex.length < digits || !/^[0-9a-fA-F]+$/.test(hex)) return undefined;
    return { value: Number.parseInt(hex, 16), isByte: digits === 2, end: at + 1 + digits };
  }
  const octal = body.slice(at, at + 3);
  if (!/^[0-3][0-7]{2}$/.test(octal)) return undefined;
  return { value: Number.parseInt(octal, 8), isByte: true, end: at + 3 };
}
