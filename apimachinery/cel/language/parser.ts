// The grammar of CEL (https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax) by recursive descent.
// Texts of complaints are those of the ANTLR parser of cel-go, for what a person is likely to mistype.

import { call, type Expr, ident, list, literal, type MapEntry, map, qualifiedName, select } from "./expression.ts";
import { type Token, tokenize } from "./lexer.ts";
import { expandGlobalMacro, expandMemberMacro } from "./macros.ts";
import { type SourceError, SyntaxProblem } from "./source-error.ts";

/** Longest expression, in code points. */
const MAX_EXPRESSION_LENGTH = 100_000;
/** Deepest nesting, in levels. */
const MAX_EXPRESSION_DEPTH = 250;

const PRIMARY =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
const RESERVED: ReadonlySet<string> = new Set(
  "as break const continue else for function if import let loop package namespace return var void while".split(" "),
);
const RELATIONS: Readonly<Record<string, string>> = {
  "<": "_<_",
  "<=": "_<=_",
  ">": "_>_",
  ">=": "_>=_",
  "==": "_==_",
  "!=": "_!=_",
  in: "@in",
};
const SUMS: Readonly<Record<string, string>> = { "+": "_+_", "-": "_-_" };
const PRODUCTS: Readonly<Record<string, string>> = { "*": "_*_", "/": "_/_", "%": "_%_" };

export type Parsed = { readonly expr: Expr } | { readonly errors: readonly SourceError[] };

/** Parses an expression and expands its macros. */
export function parseExpression(source: string): Parsed {
  const length = source.length > MAX_EXPRESSION_LENGTH ? [...source].length : source.length;
  if (length > MAX_EXPRESSION_LENGTH) {
    const message = `expression code point size exceeds limit: size: ${length}, limit ${MAX_EXPRESSION_LENGTH}`;
    return { errors: [{ offset: undefined, message }] };
  }
  const { tokens, errors } = tokenize(source);
  const parser = new Parser(tokens, errors);
  try {
    const expr = parser.parse();
    return errors.length > 0 ? { errors } : { expr };
  } catch (problem) {
    if (!(problem instanceof SyntaxProblem)) throw problem;
    return { errors: [...errors, { offset: problem.offset, message: problem.message }] };
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #errors: SourceError[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], errors: SourceError[]) {
    this.#tokens = tokens;
    this.#errors = errors;
  }

  parse(): Expr {
    const expr = this.#expression();
    const token = this.#peek();
    if (token.kind === "end") return expr;
    const words = this.#peek(1).kind === "end" ? "extraneous input" : "mismatched input";
    throw new SyntaxProblem(token.offset, `Syntax error: ${words} '${token.text}' expecting <EOF>`);
  }

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as Token;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #isAt(text: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token.text === text && (token.kind === "operator" || token.kind === "ident");
  }

  #take(text: string): Token | undefined {
    return this.#isAt(text) ? this.#next() : undefined;
  }

  #expect(text: string): Token {
    const token = this.#take(text);
    if (token !== undefined) return token;
    const found = this.#peek();
    if (this.#isAt(text, 1)) {
      this.#errors.push({
        offset: found.offset,
        message: `Syntax error: extraneous input '${found.text}' expecting '${text}'`,
      });
      this.#at++;
      return this.#next();
    }
    const message =
      found.kind === "end" || ")]}:,".includes(found.text)
        ? `missing '${text}' at '${found.text}'`
        : `mismatched input '${found.text}' expecting '${text}'`;
    throw new SyntaxProblem(found.offset, `Syntax error: ${message}`);
  }

  #nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_EXPRESSION_DEPTH) throw tooDeep();
    const result = parse();
    this.#depth--;
    return result;
  }

  #expression(): Expr {
    return this.#nested(() => {
      const condition = this.#balanced("||", "_||_", () => this.#balanced("&&", "_&&_", () => this.#relation()));
      const question = this.#take("?");
      if (question === undefined) return condition;
      const yes = this.#balanced("||", "_||_", () => this.#balanced("&&", "_&&_", () => this.#relation()));
      this.#expect(":");
      const no = this.#expression();
      return call(question.offset, "_?_:_", [condition, yes, no]);
    });
  }

  /** Long chains of `&&` and `||` become balanced trees, so that their depth stays small. */
  #balanced(operator: string, fn: string, operand: () => Expr): Expr {
    const terms = [operand()];
    const offsets: number[] = [];
    for (let token = this.#take(operator); token !== undefined; token = this.#take(operator)) {
      offsets.push(token.offset);
      terms.push(operand());
    }
    const build = (from: number, to: number): Expr => {
      if (from === to) return terms[from] as Expr;
      const middle = (from + to) >> 1;
      return call(offsets[middle] as number, fn, [build(from, middle), build(middle + 1, to)]);
    };
    return build(0, terms.length - 1);
  }

  #binary(operators: Readonly<Record<string, string>>, operand: () => Expr): Expr {
    let left = operand();
    for (let count = 1; ; count++) {
      const token = this.#peek();
      const isOperator = token.kind === "operator" || token.text === "in";
      const fn = isOperator && Object.hasOwn(operators, token.text) ? operators[token.text] : undefined;
      if (fn === undefined) return left;
      if (count > MAX_EXPRESSION_DEPTH) throw tooDeep();
      this.#at++;
      left = call(token.offset, fn, [left, operand()]);
    }
  }

  #relation(): Expr {
    return this.#binary(RELATIONS, () => this.#binary(SUMS, () => this.#binary(PRODUCTS, () => this.#unary())));
  }

  #unary(): Expr {
    const first = this.#peek();
    if (first.kind !== "operator" || (first.text !== "!" && first.text !== "-")) return this.#member();
    let count = 0;
    while (this.#isAt(first.text)) {
      if (first.text === "-" && isNumber(this.#peek(1)) && this.#peek(1).offset === this.#peek().offset + 1) break;
      this.#at++;
      count++;
    }
    const operand = this.#member();
    return count % 2 === 0 ? operand : call(first.offset, first.text === "!" ? "!_" : "-_", [operand]);
  }

  #member(): Expr {
    let expr = this.#primary();
    for (let count = 0; ; count++) {
      if (count > MAX_EXPRESSION_DEPTH) throw tooDeep();
      const dot = this.#take(".");
      if (dot !== undefined) {
        expr = this.#afterDot(expr, dot);
        continue;
      }
      const bracket = this.#take("[");
      if (bracket === undefined) return expr;
      const isOptional = this.#take("?") !== undefined;
      const index = this.#expression();
      this.#expect("]");
      expr = call(bracket.offset, isOptional ? "_[?_]" : "_[_]", [expr, index]);
    }
  }

  #afterDot(operand: Expr, dot: Token): Expr {
    const isOptional = this.#take("?") !== undefined;
    const token = this.#next();
    if (token.kind !== "ident" && token.kind !== "quoted") {
      throw new SyntaxProblem(token.offset, `Syntax error: no viable alternative at input '.${token.text}'`);
    }
    if (token.text === "in" || token.text === "true" || token.text === "false" || token.text === "null") {
      throw new SyntaxProblem(token.offset, `Syntax error: no viable alternative at input '.${token.text}'`);
    }
    const name = token.kind === "quoted" ? token.text.slice(1, -1) : token.text;
    if (isOptional) return call(dot.offset, "_?._", [operand, literal(token.offset, name)]);
    if (token.kind === "quoted") return select(dot.offset, operand, name);
    const open = this.#take("(");
    if (open === undefined) {
      const brace = this.#isAt("{") ? qualifiedName(select(dot.offset, operand, name)) : undefined;
      return brace === undefined ? select(dot.offset, operand, name) : this.#struct(brace);
    }
    const args = this.#arguments();
    return expandMemberMacro(open.offset, operand, name, args) ?? call(open.offset, name, args, operand);
  }

  #arguments(): Expr[] {
    const args: Expr[] = [];
    if (!this.#isAt(")")) {
      do args.push(this.#expression());
      while (this.#take(",") !== undefined);
    }
    this.#expect(")");
    return args;
  }

  #primary(): Expr {
    const token = this.#next();
    switch (token.kind) {
      case "string":
      case "bytes":
        return literal(token.offset, token.value as string | Uint8Array);
      case "int":
      case "uint":
      case "float":
        return this.#number(token, "");
      case "ident":
        return this.#identOrCall(token);
      case "operator":
        return this.#bracketed(token);
      default:
        throw this.#unexpected(token);
    }
  }

  #unexpected(token: Token): SyntaxProblem {
    const skip = token.kind !== "end" && this.#peek().kind !== "end" && startsPrimary(this.#peek());
    const words = skip ? "extraneous input" : "mismatched input";
    return new SyntaxProblem(token.offset, `Syntax error: ${words} '${token.text}' expecting ${PRIMARY}`);
  }

  #number(token: Token, sign: string): Expr {
    const text = token.text;
    if (token.kind === "float") {
      const value = Number(sign + text);
      if (!Number.isFinite(value)) throw new SyntaxProblem(token.offset, "invalid double literal");
      return literal(token.offset, value);
    }
    const value = BigInt(token.kind === "uint" ? text.slice(0, -1) : text) * (sign === "" ? 1n : -1n);
    if (token.kind === "uint") {
      if (value >= 1n << 64n) throw new SyntaxProblem(token.offset, "invalid uint literal");
      return literal(token.offset, { uint: value });
    }
    if (BigInt.asIntN(64, value) !== value) throw new SyntaxProblem(token.offset, "invalid int literal");
    return literal(token.offset, value);
  }

  #identOrCall(token: Token): Expr {
    if (token.text === "true" || token.text === "false") return literal(token.offset, token.text === "true");
    if (token.text === "null") return literal(token.offset, null);
    if (token.text === "in") throw this.#unexpected(token);
    if (RESERVED.has(token.text)) {
      throw new SyntaxProblem(token.offset, `reserved identifier: ${token.text}`);
    }
    const open = this.#take("(");
    if (open === undefined) return this.#isAt("{") ? this.#struct(token.text) : ident(token.offset, token.text);
    const args = this.#arguments();
    return expandGlobalMacro(open.offset, token.text, args) ?? call(open.offset, token.text, args);
  }

  #bracketed(token: Token): Expr {
    switch (token.text) {
      case "(": {
        const expr = this.#expression();
        this.#expect(")");
        return expr;
      }
      case "[":
        return this.#list(token);
      case "{":
        return this.#map(token);
      case "-":
        if (isNumber(this.#peek())) return this.#number(this.#next(), "-");
        throw this.#unexpected(token);
      case ".": {
        const name = this.#next();
        if (name.kind !== "ident") throw this.#unexpected(name);
        return this.#identOrCall(name);
      }
      default:
        throw this.#unexpected(token);
    }
  }

  #list(open: Token): Expr {
    const elements: Expr[] = [];
    const optional = new Set<number>();
    while (!this.#isAt("]")) {
      if (this.#take("?") !== undefined) optional.add(elements.length);
      elements.push(this.#expression());
      if (this.#take(",") === undefined) break;
    }
    this.#expect("]");
    return list(open.offset, elements, optional);
  }

  #map(open: Token): Expr {
    const entries: MapEntry[] = [];
    while (!this.#isAt("}")) {
      const optional = this.#take("?") !== undefined;
      const key = this.#expression();
      this.#expect(":");
      entries.push({ key, value: this.#expression(), optional });
      if (this.#take(",") === undefined) break;
    }
    this.#expect("}");
    return map(open.offset, entries);
  }

  #struct(name: string): Expr {
    const open = this.#expect("{");
    while (!this.#isAt("}")) {
      this.#take("?");
      this.#next();
      this.#expect(":");
      this.#expression();
      if (this.#take(",") === undefined) break;
    }
    this.#expect("}");
    return { kind: "struct", offset: open.offset, type: ident(0, name).type, name };
  }
}

function tooDeep(): SyntaxProblem {
  return new SyntaxProblem(undefined, `expression recursion limit exceeded: ${MAX_EXPRESSION_DEPTH}`);
}

function isNumber(token: Token): boolean {
  return token.kind === "int" || token.kind === "float";
}

function startsPrimary(token: Token): boolean {
  return token.kind !== "operator" || "[{(.-!".includes(token.text);
}
