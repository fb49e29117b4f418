// Calls as closures: the operators that need not evaluate all their operands, comparisons, and functions by overload.

import { type CelType, isOptional } from "./cel-types.ts";
import {
  CelError,
  CelList,
  CelMap,
  celError,
  Duration,
  Opaque,
  Optional,
  Timestamp,
  TypeValue,
  typeOf,
  Uint,
} from "./cel-values.ts";
import { compare, equals } from "./equality.ts";
import type { Evaluate } from "./evaluation.ts";
import type { Call, Expr } from "./expression.ts";
import type { Overload } from "./function-table.ts";
import { compileExpr, readOptionalField, type Slots } from "./interpreter.ts";
import { indexValue } from "./operators.ts";
import { type CallCost, callCost, comparisonCost } from "./runtime-cost.ts";

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  "_<_": (order) => order < 0,
  "_<=_": (order) => order <= 0,
  "_>_": (order) => order > 0,
  "_>=_": (order) => order >= 0,
};

export function compileCall(expr: Call, slots: Slots): Evaluate {
  const operands = expr.target === undefined ? expr.args : [expr.target, ...expr.args];
  const args = operands.map((arg) => compileExpr(arg, slots));
  const [a, b, c] = args as [Evaluate, Evaluate, Evaluate];
  switch (expr.fn) {
    case "_&&_":
      return compileLogical(a, b, false);
    case "_||_":
      return compileLogical(a, b, true);
    case "_?_:_":
      return (run) => {
        const condition = a(run);
        if (condition === true) return b(run);
        if (condition === false) return c(run);
        return condition instanceof CelError ? condition : celError("no such overload");
      };
    case "@not_strictly_false":
      return (run) => {
        const value = a(run);
        run.charge(1);
        return value !== false;
      };
    case "_==_":
      return compileEquality(a, b, true);
    case "_!=_":
      return compileEquality(a, b, false);
    case "_?._":
    case "_[?_]":
      return (run) => {
        const value = a(run);
        const key = b(run);
        run.charge(1);
        return key instanceof CelError ? key : readOptionalField(value, key);
      };
    case "_[_]":
      return (run) => {
        const container = a(run);
        if (container instanceof CelError) return container;
        const key = b(run);
        run.charge(1);
        return key instanceof CelError ? key : indexValue(container, key);
      };
    case "or":
    case "orValue":
      if (expr.target !== undefined && expr.args.length === 1) return compileOr(a, b, expr.fn === "or");
      break;
    default:
  }
  const test = Object.hasOwn(COMPARISONS, expr.fn) ? COMPARISONS[expr.fn] : undefined;
  if (test !== undefined) return compileComparison(a, b, test);
  return compileFunction(expr, operands, args);
}

/** An error on one side does not matter if the other side decides. */
function compileLogical(a: Evaluate, b: Evaluate, decisive: boolean): Evaluate {
  return (run) => {
    const left = a(run);
    if (left === decisive) return decisive;
    const right = b(run);
    if (right === decisive) return decisive;
    if (left === !decisive && right === !decisive) return !decisive;
    if (left instanceof CelError) return left;
    return right instanceof CelError ? right : celError("no such overload");
  };
}

function compileEquality(a: Evaluate, b: Evaluate, wanted: boolean): Evaluate {
  return (run) => {
    const left = a(run);
    if (left instanceof CelError) return left;
    const right = b(run);
    if (right instanceof CelError) return right;
    run.charge(comparisonCost(left, right));
    const equal = equals(left, right, run);
    return typeof equal === "boolean" ? equal === wanted : equal;
  };
}

function compileComparison(a: Evaluate, b: Evaluate, test: (order: number) => boolean): Evaluate {
  return (run) => {
    const left = a(run);
    if (left instanceof CelError) return left;
    const right = b(run);
    if (right instanceof CelError) return right;
    run.charge(typeof left === "bigint" ? 1 : comparisonCost(left, right));
    const order = compare(left, right);
    return typeof order === "number" ? test(order) : order;
  };
}

/** `x.or(y)` and `x.orValue(y)` do not look at y if x holds something. */
function compileOr(a: Evaluate, b: Evaluate, keepsOptional: boolean): Evaluate {
  return (run) => {
    const left = a(run);
    if (left instanceof CelError) return left;
    run.charge(1);
    if (!(left instanceof Optional)) return celError("no such overload");
    if (left.hasValue) return keepsOptional ? left : left.value;
    return b(run);
  };
}

function compileFunction(expr: Call, operands: readonly Expr[], args: readonly Evaluate[]): Evaluate {
  const { overloads, fn } = expr;
  const only = overloads.length === 1 ? (overloads[0] as Overload) : undefined;
  const isCertain =
    only !== undefined && operands.every(({ type }, i) => isCertainType(type, only.params[i] as CelType));
  const costs = overloads.map((overload) => callCost(fn, overload.id));
  const values = (run: Parameters<Evaluate>[0]): unknown[] | CelError => {
    const result: unknown[] = new Array(args.length);
    for (let i = 0; i < args.length; i++) {
      const value = (args[i] as Evaluate)(run);
      if (value instanceof CelError) return value;
      result[i] = value;
    }
    return result;
  };
  return (run) => {
    const given = values(run);
    if (given instanceof CelError) return given;
    // A nullable field may hold null, whatever its type says.
    const index = isCertain && !given.includes(null) ? 0 : overloads.findIndex((overload) => accepts(overload, given));
    const overload = overloads[index];
    if (overload === undefined) return noSuchOverload(fn, given, expr.target !== undefined);
    const cost: CallCost | undefined = costs[index];
    run.charge(cost === undefined ? 1 : cost(given));
    return overload.run(given[0], given[1], given[2], given[3], run);
  };
}

function noSuchOverload(fn: string, args: readonly unknown[], isMember: boolean): CelError {
  if (fn.startsWith("_")) return celError("no such overload");
  const names = args.map((arg) => typeOf(arg).name);
  return celError(
    isMember
      ? `no such overload: ${names[0]}.${fn}(${names.slice(1).join(", ")})`
      : `no such overload: ${fn}(${names.join(", ")})`,
  );
}

/** Whether a value of this type surely fits the parameter, so that nothing needs to be looked at when running. */
function isCertainType(type: CelType, parameter: CelType): boolean {
  if (parameter.kind === "dyn" || parameter.kind === "parameter") return true;
  return type.kind === parameter.kind && type.kind !== "error";
}

function accepts(overload: Overload, args: readonly unknown[]): boolean {
  return overload.params.every((param, i) => acceptsValue(param, args[i]));
}

function acceptsValue(param: CelType, value: unknown): boolean {
  switch (param.kind) {
    case "dyn":
    case "parameter":
    case "error":
      return true;
    case "bool":
      return typeof value === "boolean";
    case "int":
      return typeof value === "bigint";
    case "double":
      return typeof value === "number";
    case "string":
      return typeof value === "string";
    case "uint":
      return value instanceof Uint;
    case "bytes":
      return value instanceof Uint8Array;
    case "null":
      return value === null;
    case "timestamp":
      return value instanceof Timestamp;
    case "duration":
      return value instanceof Duration;
    case "type":
      return value instanceof TypeValue;
    case "list":
      return value instanceof CelList && acceptsElements(param.params[0] as CelType, value);
    case "map":
    case "object":
      return value instanceof CelMap;
    case "opaque":
      return isOptional(param)
        ? value instanceof Optional
        : value instanceof Opaque && value.celType.name === param.name;
  }
}

/** Lists are told apart by their first element. */
function acceptsElements(element: CelType, value: CelList): boolean {
  return value.size === 0 || acceptsValue(element, value.at(0));
}
