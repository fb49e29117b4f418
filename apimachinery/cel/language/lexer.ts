// The tokens of CEL (https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax).

import type { SourceError } from "./source-error.ts";
import { readStringLiteral } from "./string-literals.ts";

export type TokenKind = "ident" | "quoted" | "int" | "uint" | "float" | "string" | "bytes" | "operator" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** As written; `<EOF>` at the end. */
  readonly text: string;
  readonly offset: number;
  /** Strings and bytes only: what the literal stands for. */
  readonly value?: string | Uint8Array;
}

const BLANK = /[\t\n\f\r ]+|\/\/[^\n]*/y;
const IDENT = /[A-Za-z_][A-Za-z0-9_]*/y;
const QUOTED = /`[A-Za-z0-9_.\-/ ]+`/y;
const NUMBER =
  /(?:0[xX][0-9a-fA-F]+[uU]?|[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[uU]?)/y;
const OPERATOR = /==|!=|<=|>=|&&|\|\||[[\]{}(),.:?\-!+*/%<>]/y;

/** Splits a text; characters that begin no token are reported and left out. */
export function tokenize(source: string): { tokens: Token[]; errors: SourceError[] } {
  const tokens: Token[] = [];
  const errors: SourceError[] = [];
  let offset = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    return pattern.exec(source)?.[0];
  };
  while (offset < source.length) {
    const blank = take(BLANK);
    if (blank !== undefined) {
      offset += blank.length;
      continue;
    }
    const token = readStringLiteral(source, offset, errors) ?? readToken(take, offset);
    if (token === undefined) {
      const length = unknownLength(source, offset);
      const text = source.slice(offset, offset + length);
      errors.push({ offset, message: `Syntax error: token recognition error at: '${text}'` });
      offset += length;
      continue;
    }
    tokens.push(token);
    offset += token.text.length;
  }
  tokens.push({ kind: "end", text: "<EOF>", offset: source.length });
  return { tokens, errors };
}

function readToken(take: (pattern: RegExp) => string | undefined, offset: number): Token | undefined {
  const ident = take(IDENT);
  if (ident !== undefined) return { kind: "ident", text: ident, offset };
  const number = take(NUMBER);
  if (number !== undefined) return { kind: numberKind(number), text: number, offset };
  const operator = take(OPERATOR);
  if (operator !== undefined) return { kind: "operator", text: operator, offset };
  const quoted = take(QUOTED);
  return quoted === undefined ? undefined : { kind: "quoted", text: quoted, offset };
}

function numberKind(text: string): TokenKind {
  if (/[uU]$/.test(text)) return "uint";
  return /^0[xX]/.test(text) || !/[.eE]/.test(text) ? "int" : "float";
}

/** `=`, `&` and `|` alone take the character after them along, an open quote takes its line, all else stands alone. */
function unknownLength(source: string, offset: number): number {
  const first = source[offset] as string;
  if (first === "'" || first === '"') {
    const end = source.indexOf("\n", offset);
    return (end < 0 ? source.length : end) - offset;
  }
  if ("=&|".includes(first)) return Math.min(2, source.length - offset);
  return (source.codePointAt(offset) as number) > 0xffff ? 2 : 1;
}
