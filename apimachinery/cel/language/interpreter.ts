// Turns a checked expression into closures. Names become slots of the run and fields are read directly, so that an
// expression compiled once is cheap to run many times.

import { compileCall } from "./call-compiler.ts";
import type { CelType } from "./cel-types.ts";
import { ArrayList, CelError, CelList, CelMap, celError, HashMap, Optional, TypeValue, Uint } from "./cel-values.ts";
import { compileComprehension } from "./comprehension-compiler.ts";
import type { Evaluate } from "./evaluation.ts";
import { type Constant, type Expr, type ListExpr, type MapExpr, OPTIONAL_TARGET, type Select } from "./expression.ts";
import { listIndex } from "./list-index.ts";

const LIST_COST = 10;
const MAP_COST = 30;

/** Names and the slots their values are in. */
export class Slots {
  readonly #names: [string, number][] = [];
  readonly #types: ReadonlyMap<string, CelType>;
  #next = 0;
  /** Slots needed at most. */
  count = 0;

  constructor(variables: Iterable<string>, types: ReadonlyMap<string, CelType>) {
    this.#types = types;
    for (const name of variables) this.push(name);
  }

  push(name: string): number {
    const slot = this.#next++;
    this.#names.push([name, slot]);
    this.count = Math.max(this.count, this.#next);
    return slot;
  }

  /** Forgets the latest name; its slot is not used again, since values may be read later. */
  pop(): void {
    this.#names.pop();
  }

  find(name: string): number | undefined {
    for (let i = this.#names.length - 1; i >= 0; i--) {
      const known = this.#names[i] as [string, number];
      if (known[0] === name) return known[1];
    }
    return undefined;
  }

  type(name: string): CelType | undefined {
    return this.#types.get(name);
  }
}

/** Compiles an expression that has passed the checker. */
export function compileExpr(expr: Expr, slots: Slots): Evaluate {
  switch (expr.kind) {
    case "literal": {
      const value = constantValue(expr.value);
      return () => value;
    }
    case "ident":
      return compileIdent(expr.name, slots);
    case "select":
      return compileSelect(expr, slots);
    case "call":
      return compileCall(expr, slots);
    case "list":
      return compileList(expr, slots);
    case "map":
      return compileMap(expr, slots);
    case "comprehension":
      return compileComprehension(expr, slots);
    case "struct":
      return () => celError(`unknown type: ${expr.name}`);
  }
}

function constantValue(constant: Constant): unknown {
  if (constant === null || typeof constant !== "object") return constant;
  if (constant instanceof Uint8Array) return constant;
  return new Uint(constant.uint);
}

function compileIdent(name: string, slots: Slots): Evaluate {
  const slot = slots.find(name);
  if (slot === undefined) {
    const type = slots.type(name);
    const value = type === undefined ? celError(`no such attribute(s): ${name}`) : new TypeValue(type);
    return (run) => {
      run.charge(1);
      return value;
    };
  }
  const cost = name === OPTIONAL_TARGET ? 0 : 1;
  return (run) => {
    run.charge(cost);
    const value = run.slots[slot];
    return value === undefined ? celError(`no such attribute(s): ${name}`) : value;
  };
}

function compileSelect(expr: Select, slots: Slots): Evaluate {
  if (expr.qualified !== undefined) return compileIdent(expr.qualified, slots);
  const operand = compileExpr(expr.operand, slots);
  const { field } = expr;
  if (expr.testOnly) {
    return (run) => {
      const value = operand(run);
      return hasField(value, field);
    };
  }
  return (run) => {
    const value = operand(run);
    run.charge(1);
    return readField(value, field);
  };
}

function hasField(value: unknown, field: string): unknown {
  if (value instanceof CelMap) {
    const found = value.get(field);
    if (found instanceof CelError) return found;
    return found === null ? value.has(field) : found !== undefined;
  }
  if (value instanceof CelError) return value;
  if (value instanceof Optional) return value.hasValue ? hasField(value.value, field) : false;
  return celError("no such overload");
}

/** `value.field`; of an optional, an optional. */
function readField(value: unknown, field: string): unknown {
  if (value instanceof CelMap) {
    const found = value.get(field);
    return found === undefined ? celError(`no such key: ${field}`) : found;
  }
  if (value instanceof CelError) return value;
  if (value instanceof Optional) return readOptionalField(value, field);
  return celError("no such overload");
}

/** `value.?field` */
export function readOptionalField(value: unknown, field: unknown): unknown {
  if (value instanceof CelError) return value;
  if (value instanceof Optional) return value.hasValue ? readOptionalField(value.value, field) : value;
  if (value instanceof CelMap) {
    const found = value.get(field);
    if (found === undefined) return Optional.NONE;
    return found instanceof CelError ? found : Optional.of(found);
  }
  if (value instanceof CelList) {
    const index = listIndex(field);
    if (index === undefined) return celError("no such overload");
    return index >= 0 && index < value.size ? Optional.of(value.at(index)) : Optional.NONE;
  }
  return celError("no such overload");
}

function compileList(expr: ListExpr, slots: Slots): Evaluate {
  const elements = expr.elements.map((element) => compileExpr(element, slots));
  const { optional } = expr;
  if (expr.elements.every((element) => element.kind === "literal") && optional.size === 0) {
    const list = new ArrayList(expr.elements.map((e) => (e.kind === "literal" ? constantValue(e.value) : undefined)));
    return () => list;
  }
  return (run) => {
    const values: unknown[] = [];
    for (let i = 0; i < elements.length; i++) {
      const value = (elements[i] as Evaluate)(run);
      if (value instanceof CelError) return value;
      if (!optional.has(i)) values.push(value);
      else if (!(value instanceof Optional))
        return celError("cannot initialize optional list element from non-optional value");
      else if (value.hasValue) values.push(value.value);
    }
    run.charge(LIST_COST);
    return new ArrayList(values);
  };
}

function compileMap(expr: MapExpr, slots: Slots): Evaluate {
  const entries = expr.entries.map(({ key, value, optional }) => ({
    key: compileExpr(key, slots),
    value: compileExpr(value, slots),
    optional,
  }));
  return (run) => {
    const map = new HashMap();
    for (const entry of entries) {
      const key = entry.key(run);
      if (key instanceof CelError) return key;
      let value = entry.value(run);
      if (value instanceof CelError) return value;
      if (entry.optional) {
        if (!(value instanceof Optional)) return celError("cannot initialize optional entry from non-optional value");
        if (!value.hasValue) continue;
        value = value.value;
      }
      if (map.has(key)) return celError(`Failed with repeated key`);
      if (!map.set(key, value)) return celError("unsupported key type");
    }
    run.charge(MAP_COST);
    return map;
  };
}
