// The syntax tree of CEL expressions. Macros are expanded while parsing, into comprehensions for the most part.

import { type CelType, DYN } from "./cel-types.ts";
import type { Overload } from "./function-table.ts";

interface Node {
  /** Where the text of the node begins to be wrong if it is: the operator, parenthesis, bracket or dot; UTF-16 units. */
  readonly offset: number;
  /** Set by the checker; dyn before. */
  type: CelType;
}

export type Constant = null | boolean | bigint | number | string | Uint8Array | { readonly uint: bigint };

export interface Literal extends Node {
  readonly kind: "literal";
  readonly value: Constant;
}

export interface Ident extends Node {
  readonly kind: "ident";
  readonly name: string;
}

export interface Select extends Node {
  readonly kind: "select";
  readonly operand: Expr;
  readonly field: string;
  /** `has(operand.field)` */
  readonly testOnly: boolean;
  /** Set by the checker where a dotted path is one name: a type such as `google.protobuf.Timestamp`. */
  qualified?: string;
}

export interface Call extends Node {
  readonly kind: "call";
  /** Becomes the qualified name where the checker finds one: `format.named`. */
  fn: string;
  target: Expr | undefined;
  readonly args: readonly Expr[];
  /** What may be meant; set by the checker. */
  overloads: readonly Overload[];
}

export interface ListExpr extends Node {
  readonly kind: "list";
  readonly elements: readonly Expr[];
  /** Positions written `?x`, left out if the optional is empty. */
  readonly optional: ReadonlySet<number>;
}

export interface MapEntry {
  readonly key: Expr;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface MapExpr extends Node {
  readonly kind: "map";
  readonly entries: readonly MapEntry[];
}

/** `Name{field: value}`; no such types can be declared, so it never passes the checker. */
export interface StructExpr extends Node {
  readonly kind: "struct";
  readonly name: string;
}

/** A loop over a list or the keys of a map with an accumulator; the one thing all looping macros become. */
export interface Comprehension extends Node {
  readonly kind: "comprehension";
  readonly iterVar: string;
  /** With two variables the first is index or key, the second the value. */
  readonly iterVar2: string | undefined;
  readonly range: Expr;
  readonly accuVar: string;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

export type Expr = Literal | Ident | Select | Call | ListExpr | MapExpr | StructExpr | Comprehension;

export function literal(offset: number, value: Constant): Literal {
  return { kind: "literal", offset, type: DYN, value };
}
export function ident(offset: number, name: string): Ident {
  return { kind: "ident", offset, type: DYN, name };
}
export function select(offset: number, operand: Expr, field: string, testOnly = false): Select {
  return { kind: "select", offset, type: DYN, operand, field, testOnly };
}
export function call(offset: number, fn: string, args: readonly Expr[], target?: Expr): Call {
  return { kind: "call", offset, type: DYN, fn, target, args, overloads: [] };
}
export function list(offset: number, elements: readonly Expr[], optional: ReadonlySet<number> = new Set()): ListExpr {
  return { kind: "list", offset, type: DYN, elements, optional };
}
export function map(offset: number, entries: readonly MapEntry[]): MapExpr {
  return { kind: "map", offset, type: DYN, entries };
}
export function comprehension(offset: number, parts: Omit<Comprehension, "kind" | "offset" | "type">): Comprehension {
  return { kind: "comprehension", offset, type: DYN, ...parts };
}

/** The accumulator of macros; not a name that can be written. */
export const ACCUMULATOR = "@result";
/** The iteration variable of a comprehension that only names a value. */
export const UNUSED = "#unused";
/** What `optMap` and `optFlatMap` look into; costs what it takes to evaluate it each time it is read. */
export const OPTIONAL_TARGET = "@optional";

/** `a.b.c` if the expression is such a path of names. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === "ident") return expr.name;
  if (expr.kind !== "select" || expr.testOnly) return undefined;
  const operand = qualifiedName(expr.operand);
  return operand === undefined ? undefined : `${operand}.${expr.field}`;
}
