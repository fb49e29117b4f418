// The most an expression can cost, from its syntax and the bounds of what it reads. Definitions of custom resources are
// refused by this estimate, so its numbers are those of cel-go's checker and of Kubernetes' libraries.

import { type CallParts, callEstimate, type EstimatedNode } from "./call-estimates.ts";
import { add, fixed, multiply, ONE, type Range, UNBOUNDED, UNKNOWN, union, ZERO } from "./estimates.ts";
import {
  type Call,
  type Comprehension,
  type Expr,
  type ListExpr,
  type MapExpr,
  OPTIONAL_TARGET,
  type Select,
  UNUSED,
} from "./expression.ts";

/** The size of what a path of fields leads to; the first part is a variable, others may be `@items`, `@keys`, `@values`. */
export type SizeOfPath = (path: readonly string[]) => Range | undefined;

/** Sizes of the keys and values of a container. */
interface EntrySize {
  readonly container: "list" | "map";
  readonly key: Range;
  readonly value: Range;
}

interface Local {
  readonly path: readonly string[];
  readonly size: Range | undefined;
  readonly entry: EntrySize | undefined;
}

const LIST_COST = fixed(10);
const MAP_COST = fixed(30);
const NOTHING_YET: Range = { min: UNBOUNDED, max: 0 };
const SCALARS: ReadonlySet<string> = new Set("bool int uint double null timestamp duration type".split(" "));

/** The range of what a checked expression costs; `max` is what limits are held against. */
export function estimateCost(expr: Expr, sizeOfPath: SizeOfPath): Range {
  return new Estimator(sizeOfPath).cost(expr);
}

class Estimator {
  readonly #sizeOfPath: SizeOfPath;
  readonly #paths = new Map<Expr, readonly string[]>();
  readonly #sizes = new Map<Expr, Range>();
  readonly #entries = new Map<Expr, EntrySize>();
  readonly #locals: [string, Local][] = [];

  constructor(sizeOfPath: SizeOfPath) {
    this.#sizeOfPath = sizeOfPath;
  }

  cost(expr: Expr): Range {
    switch (expr.kind) {
      case "literal":
      case "struct":
        return ZERO;
      case "ident":
        this.#paths.set(expr, this.#local(expr.name)?.path ?? [expr.name]);
        return expr.name === OPTIONAL_TARGET ? ZERO : ONE;
      case "select":
        return this.#select(expr);
      case "call":
        return this.#call(expr);
      case "list":
        return this.#list(expr);
      case "map":
        return this.#map(expr);
      case "comprehension":
        return expr.iterVar === UNUSED ? this.#binding(expr) : this.#comprehension(expr);
    }
  }

  #local(name: string): Local | undefined {
    for (let i = this.#locals.length - 1; i >= 0; i--) {
      const known = this.#locals[i] as [string, Local];
      if (known[0] === name) return known[1];
    }
    return undefined;
  }

  #path(expr: Expr): readonly string[] {
    const local = expr.kind === "ident" ? this.#local(expr.name) : undefined;
    return local?.path ?? this.#paths.get(expr) ?? [];
  }

  #select(expr: Select): Range {
    if (expr.qualified !== undefined) return ONE;
    const operand = this.cost(expr.operand);
    if (expr.testOnly) return operand;
    const path = this.#path(expr.operand);
    this.#paths.set(expr, path.length === 0 ? [] : [...path, expr.field]);
    const { kind } = expr.operand.type;
    return kind === "map" || kind === "object" || kind === "parameter" ? add(operand, ONE) : operand;
  }

  #call(expr: Call): Range {
    const argCosts = expr.args.map((arg) => this.cost(arg));
    if (expr.fn === "dyn" && expr.args.length === 1) {
      this.#copySizes(expr, expr.args[0] as Expr);
      return add(ONE, argCosts[0] as Range);
    }
    const targetCost = expr.target === undefined ? ZERO : this.cost(expr.target);
    const parts: CallParts = {
      fn: expr.fn,
      target: expr.target === undefined ? undefined : this.#node(expr.target),
      args: expr.args.map((arg) => this.#node(arg)),
      argCosts,
      sizeOfElement: (node) => (node.path.length === 0 ? undefined : this.#sizeOfPath([...node.path, "@items"])),
    };
    let cost = NOTHING_YET;
    let size: Range | undefined;
    for (const { id } of expr.overloads) {
      const estimate = callEstimate(id, parts);
      cost = union(cost, estimate.cost);
      if (estimate.size !== undefined) size = size === undefined ? estimate.size : union(size, estimate.size);
      if (id === "index_list" || id === "index_map") size = this.#index(expr, id) ?? size;
      size ??= this.#size(expr);
    }
    this.#joinEntries(expr);
    if (size !== undefined) this.#sizes.set(expr, size);
    return expr.overloads.length === 0 ? add(...argCosts, ONE) : add(targetCost, cost);
  }

  #index(expr: Call, id: string): Range | undefined {
    const container = expr.args[0] as Expr;
    const path = this.#path(container);
    if (path.length > 0) this.#paths.set(expr, [...path, id === "index_list" ? "@items" : "@values"]);
    return this.#entry(container)?.value;
  }

  /** What a sum or a choice of containers holds. */
  #joinEntries(expr: Call): void {
    const parts = expr.fn === "_?_:_" ? expr.args.slice(1) : expr.fn === "_+_" ? expr.args : [];
    if (parts.length !== 2) return;
    const [a, b] = parts.map((part) => this.#entry(part));
    if (a === undefined || b === undefined) return;
    this.#entries.set(expr, { container: a.container, key: union(a.key, b.key), value: union(a.value, b.value) });
  }

  #node(expr: Expr): EstimatedNode {
    const path = this.#path(expr);
    return { expr, path: path[0]?.startsWith("@") === true ? [] : path, size: this.#size(expr) };
  }

  #list(expr: ListExpr): Range {
    let cost = LIST_COST;
    let value = expr.elements.length === 0 ? ZERO : NOTHING_YET;
    for (const element of expr.elements) {
      cost = add(cost, this.cost(element));
      value = union(value, this.#sizeOrUnknown(element));
    }
    this.#entries.set(expr, { container: "list", key: ONE, value });
    return cost;
  }

  #map(expr: MapExpr): Range {
    let cost = MAP_COST;
    let key = expr.entries.length === 0 ? ZERO : NOTHING_YET;
    let value = key;
    for (const entry of expr.entries) {
      cost = add(cost, this.cost(entry.key), this.cost(entry.value));
      key = union(key, this.#sizeOrUnknown(entry.key));
      value = union(value, this.#sizeOrUnknown(entry.value));
    }
    this.#entries.set(expr, { container: "map", key, value });
    return cost;
  }

  #comprehension(expr: Comprehension): Range {
    const before = add(this.cost(expr.range), this.cost(expr.init));
    this.#locals.push([
      expr.accuVar,
      { path: this.#path(expr.init), size: this.#size(expr.init), entry: this.#entry(expr.init) },
    ]);
    const accuAt = this.#locals.length;
    this.#pushIteration(expr);
    const loop = add(this.cost(expr.condition), this.cost(expr.step));
    this.#locals.length = accuAt;
    const result = this.cost(expr.result);
    this.#locals.pop();
    const count = this.#sizeOrUnknown(expr.range);
    if (expr.init.kind === "literal") {
      this.#setSize(expr, this.#size(expr.init));
    } else if (expr.init.kind === "list" || expr.init.kind === "map") {
      this.#sizes.set(expr, count);
      const entry = this.#entry(expr.step);
      if (entry !== undefined) this.#entries.set(expr, entry);
    }
    return add(before, result, multiply(count, loop));
  }

  #pushIteration(expr: Comprehension): void {
    const entry = this.#entry(expr.range);
    const isList = (entry?.container ?? expr.range.type.kind) === "list";
    const path = this.#path(expr.range);
    const below = (part: string): readonly string[] => (path.length === 0 ? [] : [...path, part]);
    const key: Local = { path: below(isList ? "@indices" : "@keys"), size: entry?.key, entry: undefined };
    const value: Local = { path: below(isList ? "@items" : "@values"), size: entry?.value, entry: undefined };
    if (expr.iterVar2 !== undefined) {
      this.#locals.push([expr.iterVar, key], [expr.iterVar2, value]);
    } else this.#locals.push([expr.iterVar, isList ? value : key]);
  }

  #binding(expr: Comprehension): Range {
    const value = this.cost(expr.init);
    const before = expr.accuVar === OPTIONAL_TARGET ? add(value, value) : add(this.cost(expr.range), value);
    this.#locals.push([
      expr.accuVar,
      { path: this.#path(expr.init), size: this.#size(expr.init), entry: this.#entry(expr.init) },
    ]);
    const result = this.cost(expr.result);
    this.#locals.pop();
    this.#copySizes(expr, expr.result);
    return add(before, result);
  }

  #copySizes(to: Expr, from: Expr): void {
    this.#setSize(to, this.#size(from));
    const entry = this.#entry(from);
    if (entry !== undefined) this.#entries.set(to, entry);
  }

  #setSize(expr: Expr, size: Range | undefined): void {
    if (size !== undefined) this.#sizes.set(expr, size);
  }

  #sizeOrUnknown(expr: Expr): Range {
    return this.#size(expr) ?? UNKNOWN;
  }

  #size(expr: Expr): Range | undefined {
    const known = this.#sizes.get(expr) ?? literalSize(expr);
    if (known !== undefined) return known;
    const path = this.#path(expr);
    const bound = path.length === 0 || path[0]?.startsWith("@") === true ? undefined : this.#sizeOfPath(path);
    if (bound !== undefined) {
      this.#sizes.set(expr, bound);
      return bound;
    }
    if (SCALARS.has(expr.type.kind)) return ONE;
    return expr.kind === "ident" ? this.#local(expr.name)?.size : undefined;
  }

  #entry(expr: Expr): EntrySize | undefined {
    const known = this.#entries.get(expr);
    if (known !== undefined || expr.kind !== "ident") return known;
    return this.#local(expr.name)?.entry;
  }
}

const encoder = new TextEncoder();

/** The size of what is written out in the expression. */
function literalSize(expr: Expr): Range | undefined {
  switch (expr.kind) {
    case "literal": {
      const { value } = expr;
      if (typeof value === "string") return fixed(encoder.encode(value).length);
      return value instanceof Uint8Array ? fixed(value.length) : ONE;
    }
    case "list":
      return fixed(expr.elements.length);
    case "map":
      return fixed(expr.entries.length);
    default:
      return undefined;
  }
}
