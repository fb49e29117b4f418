// The environment of expressions in Kubernetes: the language with its libraries, without variables.
// https://kubernetes.io/docs/reference/using-api/cel/#cel-options-language-features-and-libraries

import { type CelType, opaqueType } from "./language/cel-types.ts";
import { checkExpression } from "./language/checker.ts";
import { childrenOf } from "./language/children.ts";
import { type Evaluate, newWorkBudget, Run, type WorkBudget } from "./language/evaluation.ts";
import type { Expr } from "./language/expression.ts";
import { joinTables } from "./language/function-table.ts";
import { compileExpr, Slots } from "./language/interpreter.ts";
import { literalErrors } from "./language/literal-checks.ts";
import { OPERATORS } from "./language/operators.ts";
import { parseExpression } from "./language/parser.ts";
import { showSourceErrors } from "./language/source-error.ts";
import { STANDARD_LIBRARY, STANDARD_TYPES } from "./language/standard-library.ts";
import { AUTHORIZER_LIBRARY } from "./libraries/authorizer-library.ts";
import { CIDR_LIBRARY } from "./libraries/cidr-library.ts";
import { FORMAT_LIBRARY } from "./libraries/format-library.ts";
import { CIDR, IP } from "./libraries/ip-address.ts";
import { IP_LIBRARY } from "./libraries/ip-library.ts";
import { LISTS_LIBRARY } from "./libraries/lists-library.ts";
import { MATH_LIBRARY } from "./libraries/math-library.ts";
import { QUANTITY_LIBRARY } from "./libraries/quantity-library.ts";
import { REGEX_LIBRARY } from "./libraries/regex-library.ts";
import { SEMVER_LIBRARY } from "./libraries/semver-library.ts";
import { SETS_LIBRARY } from "./libraries/sets-library.ts";
import { STRINGS_LIBRARY } from "./libraries/strings-library.ts";
import { URL_LIBRARY } from "./libraries/url-library.ts";

const FUNCTIONS = joinTables([
  OPERATORS,
  STANDARD_LIBRARY,
  STRINGS_LIBRARY,
  LISTS_LIBRARY,
  REGEX_LIBRARY,
  SETS_LIBRARY,
  MATH_LIBRARY,
  URL_LIBRARY,
  QUANTITY_LIBRARY,
  IP_LIBRARY,
  CIDR_LIBRARY,
  SEMVER_LIBRARY,
  FORMAT_LIBRARY,
  AUTHORIZER_LIBRARY,
]);

const TYPES: ReadonlyMap<string, CelType> = new Map([
  ...STANDARD_TYPES,
  ["net.IP", IP],
  ["net.CIDR", CIDR],
  ["kubernetes.URL", opaqueType("kubernetes.URL")],
  ["kubernetes.Quantity", opaqueType("kubernetes.Quantity")],
  ["kubernetes.Semver", opaqueType("kubernetes.Semver")],
]);

/** What one run may cost: `celconfig.PerCallLimit` of Kubernetes. */
export const PER_CALL_LIMIT = 1_000_000;

/** An expression ready to run. */
export interface Program {
  readonly expr: Expr;
  /** The names of the variables it was compiled with, in the order {@link Program.run} takes their values. */
  readonly variables: readonly string[];
  /**
   * Evaluates the expression. Errors are values; throws CostLimitExceeded only.
   *
   * @param values - by the order of `variables`; undefined for one that has no value
   * @param work - what is left of the budget that all runs on an object share; a fresh one if not given
   */
  run(values: readonly unknown[], work?: WorkBudget): { readonly value: unknown; readonly cost: number };
  /** Whether the name stands anywhere in the expression. */
  uses(variable: string): boolean;
}

/** Compiles an expression with these variables; `error` has the text a client sees after `compilation failed: `. */
export function compileProgram(
  source: string,
  variables: ReadonlyMap<string, CelType>,
): { readonly program: Program } | { readonly error: string } {
  const parsed = parseExpression(source);
  if ("errors" in parsed) return { error: showSourceErrors(source, parsed.errors) };
  const { expr } = parsed;
  const errors = checkExpression(expr, { variables, functions: FUNCTIONS, types: TYPES });
  if (errors.length === 0) errors.push(...literalErrors(expr));
  if (errors.length > 0) return { error: showSourceErrors(source, errors) };
  const names = [...variables.keys()];
  const slots = new Slots(names, TYPES);
  const evaluate = compileExpr(expr, slots);
  return { program: new CompiledProgram(expr, names, evaluate, slots.count) };
}

class CompiledProgram implements Program {
  readonly expr: Expr;
  readonly variables: readonly string[];
  readonly #evaluate: Evaluate;
  readonly #slotCount: number;

  constructor(expr: Expr, variables: readonly string[], evaluate: Evaluate, slotCount: number) {
    this.expr = expr;
    this.variables = variables;
    this.#evaluate = evaluate;
    this.#slotCount = slotCount;
  }

  run(values: readonly unknown[], work: WorkBudget = newWorkBudget()): { value: unknown; cost: number } {
    const run = new Run(this.#slotCount, PER_CALL_LIMIT, work);
    for (let i = 0; i < values.length; i++) run.slots[i] = values[i];
    const value = this.#evaluate(run);
    return { value, cost: run.cost };
  }

  uses(variable: string): boolean {
    return mentions(this.expr, variable);
  }
}

function mentions(expr: Expr, name: string): boolean {
  return childrenOf(expr).some((child) => mentions(child, name)) || (expr.kind === "ident" && expr.name === name);
}
