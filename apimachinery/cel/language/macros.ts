// The macros of CEL and of its extensions that Kubernetes enables: optional types and two-variable comprehensions.
// https://github.com/google/cel-spec/blob/master/doc/langdef.md#macros

import {
  ACCUMULATOR,
  call,
  comprehension,
  type Expr,
  ident,
  list,
  literal,
  map,
  OPTIONAL_TARGET,
  select,
  UNUSED,
} from "./expression.ts";
import { SyntaxProblem } from "./source-error.ts";

type MemberMacro = (at: number, target: Expr, args: readonly Expr[]) => Expr | undefined;

const MEMBER_MACROS: Readonly<Record<string, MemberMacro>> = {
  all: (at, target, args) => quantifier(at, target, args, "all"),
  exists: (at, target, args) => quantifier(at, target, args, "exists"),
  exists_one: (at, target, args) => (args.length === 2 ? existsOne(at, target, args) : undefined),
  existsOne: existsOne,
  map: mapMacro,
  filter: (at, target, args) => (args.length === 2 ? filterMacro(at, target, args) : undefined),
  transformList,
  transformMap: (at, target, args) => transformMap(at, target, args, "cel.@mapInsert"),
  transformMapEntry: (at, target, args) => transformMap(at, target, args, "cel.@mapInsertAll"),
  optMap: (at, target, args) => optMap(at, target, args, true),
  optFlatMap: (at, target, args) => optMap(at, target, args, false),
};

/** What `target.name(args)` stands for if it is a macro. */
export function expandMemberMacro(at: number, target: Expr, name: string, args: readonly Expr[]): Expr | undefined {
  return Object.hasOwn(MEMBER_MACROS, name) ? MEMBER_MACROS[name]?.(at, target, args) : undefined;
}

/** What `name(args)` stands for if it is a macro. */
export function expandGlobalMacro(at: number, name: string, args: readonly Expr[]): Expr | undefined {
  if (name !== "has" || args.length !== 1) return undefined;
  const arg = args[0] as Expr;
  if (arg.kind !== "select" || arg.testOnly) {
    throw new SyntaxProblem(arg.offset, "invalid argument to has() macro");
  }
  return select(at, arg.operand, arg.field, true);
}

function variable(arg: Expr | undefined): string {
  if (arg?.kind !== "ident") throw new SyntaxProblem(arg?.offset, "argument must be a simple name");
  if (arg.name === ACCUMULATOR)
    throw new SyntaxProblem(arg.offset, "iteration variable overwrites accumulator variable");
  return arg.name;
}

function variables(args: readonly Expr[], isPair: boolean): { iterVar: string; iterVar2: string | undefined } {
  const iterVar = variable(args[0]);
  if (!isPair) return { iterVar, iterVar2: undefined };
  const iterVar2 = variable(args[1]);
  if (iterVar === iterVar2) {
    throw new SyntaxProblem(args[1]?.offset, `duplicate variable name: ${iterVar}`);
  }
  return { iterVar, iterVar2 };
}

function quantifier(at: number, target: Expr, args: readonly Expr[], kind: "all" | "exists"): Expr | undefined {
  if (args.length !== 2 && args.length !== 3) return undefined;
  const predicate = args[args.length - 1] as Expr;
  const isAll = kind === "all";
  const accu = (): Expr => ident(at, ACCUMULATOR);
  const goOn = isAll ? accu() : call(at, "!_", [accu()]);
  return comprehension(at, {
    ...variables(args, args.length === 3),
    range: target,
    accuVar: ACCUMULATOR,
    init: literal(at, isAll),
    condition: call(at, "@not_strictly_false", [goOn]),
    step: call(at, isAll ? "_&&_" : "_||_", [accu(), predicate]),
    result: accu(),
  });
}

function existsOne(at: number, target: Expr, args: readonly Expr[]): Expr | undefined {
  if (args.length !== 2 && args.length !== 3) return undefined;
  const predicate = args[args.length - 1] as Expr;
  const accu = (): Expr => ident(at, ACCUMULATOR);
  return comprehension(at, {
    ...variables(args, args.length === 3),
    range: target,
    accuVar: ACCUMULATOR,
    init: literal(at, 0n),
    condition: literal(at, true),
    step: call(at, "_?_:_", [predicate, call(at, "_+_", [accu(), literal(at, 1n)]), accu()]),
    result: call(at, "_==_", [accu(), literal(at, 1n)]),
  });
}

/** A loop that appends `item` to a list for each element, of those that pass `filter` if there is one. */
function appendLoop(
  at: number,
  target: Expr,
  names: { iterVar: string; iterVar2: string | undefined },
  { item, filter }: { item: Expr; filter: Expr | undefined },
): Expr {
  const accu = (): Expr => ident(at, ACCUMULATOR);
  const append = call(at, "_+_", [accu(), list(at, [item])]);
  return comprehension(at, {
    ...names,
    range: target,
    accuVar: ACCUMULATOR,
    init: list(at, []),
    condition: literal(at, true),
    step: filter === undefined ? append : call(at, "_?_:_", [filter, append, accu()]),
    result: accu(),
  });
}

function mapMacro(at: number, target: Expr, args: readonly Expr[]): Expr | undefined {
  if (args.length !== 2 && args.length !== 3) return undefined;
  const filter = args.length === 3 ? (args[1] as Expr) : undefined;
  return appendLoop(at, target, variables(args, false), { item: args[args.length - 1] as Expr, filter });
}

function filterMacro(at: number, target: Expr, args: readonly Expr[]): Expr {
  const names = variables(args, false);
  return appendLoop(at, target, names, { item: ident(at, names.iterVar), filter: args[1] as Expr });
}

function transformList(at: number, target: Expr, args: readonly Expr[]): Expr | undefined {
  if (args.length !== 3 && args.length !== 4) return undefined;
  const filter = args.length === 4 ? (args[2] as Expr) : undefined;
  return appendLoop(at, target, variables(args, true), { item: args[args.length - 1] as Expr, filter });
}

function transformMap(at: number, target: Expr, args: readonly Expr[], insert: string): Expr | undefined {
  if (args.length !== 3 && args.length !== 4) return undefined;
  const names = variables(args, true);
  const filter = args.length === 4 ? (args[2] as Expr) : undefined;
  const item = args[args.length - 1] as Expr;
  const accu = (): Expr => ident(at, ACCUMULATOR);
  const added = insert === "cel.@mapInsert" ? [accu(), ident(at, names.iterVar), item] : [accu(), item];
  const step = call(at, "cel.@mapInsert", added);
  return comprehension(at, {
    ...names,
    range: target,
    accuVar: ACCUMULATOR,
    init: map(at, []),
    condition: literal(at, true),
    step: filter === undefined ? step : call(at, "_?_:_", [filter, step, accu()]),
    result: accu(),
  });
}

/**
 * `x.optMap(v, f)`: f of what x holds, as an optional; optFlatMap takes f's own optional as it is.
 *
 * x is named rather than written twice: a chain of these would else double with each link.
 */
function optMap(at: number, target: Expr, args: readonly Expr[], wraps: boolean): Expr | undefined {
  if (args.length !== 2) return undefined;
  const name = variable(args[0]);
  const optional = (): Expr => ident(at, OPTIONAL_TARGET);
  const bound = binding(at, name, call(at, "value", [], optional()), args[1] as Expr);
  const some = wraps ? call(at, "optional.of", [bound]) : bound;
  const choice = call(at, "_?_:_", [call(at, "hasValue", [], optional()), some, call(at, "optional.none", [])]);
  return binding(at, OPTIONAL_TARGET, target, choice);
}

/** A loop that never turns, but names a value for its result. */
function binding(at: number, name: string, value: Expr, result: Expr): Expr {
  return comprehension(at, {
    iterVar: UNUSED,
    iterVar2: undefined,
    range: list(at, []),
    accuVar: name,
    init: value,
    condition: literal(at, false),
    step: ident(at, name),
    result,
  });
}
