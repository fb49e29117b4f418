// The environment of expressions in Kubernetes: the language with its libraries, without variables.
// https://kubernetes.io/docs/reference/using-api/cel/#cel-options-language-features-and-libraries

import { AUTHORIZER_LIBRARY } from "./authorizer-library.ts";
import { CIDR_LIBRARY } from "./cidr-library.ts";
import { FORMAT_LIBRARY } from "./format-library.ts";
import { IP_LIBRARY } from "./ip-library.ts";
import { CIDR, IP } from "./ip-address.ts";
import { type CelType, opaqueType } from "./language/cel-types.ts";
import { childrenOf } from "./language/children.ts";
import { checkExpression } from "./language/checker.ts";
import { type Evaluate, Run } from "./language/evaluation.ts";
import type { Expr } from "./language/expression.ts";
import { joinTables } from "./language/function-table.ts";
import { compileExpr, Slots } from "./language/interpreter.ts";
import { literalErrors } from "./language/literal-checks.ts";
import { OPERATORS } from "./language/operators.ts";
import { parseExpression } from "./language/parser.ts";
import { showSourceErrors } from "./language/source-error.ts";
import { STANDARD_LIBRARY, STANDARD_TYPES } from "./language/standard-library.ts";
import { LISTS_LIBRARY } from "./lists-library.ts";
import { MATH_LIBRARY } from "./math-library.ts";
import { QUANTITY_LIBRARY } from "./quantity-library.ts";
import { REGEX_LIBRARY } from "./regex-library.ts";
import { SEMVER_LIBRARY } from "./semver-library.ts";
import { SETS_LIBRARY } from "./sets-library.ts";
import { STRINGS_LIBRARY } from "./strings-library.ts";
import { URL_LIBRARY } from "./url-library.ts";

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
   */
  run(values: readonly unknown[]): { readonly value: unknown; readonly cost: number };
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

  run(values: readonly unknown[]): { value: unknown; cost: number } {
    const run = new Run(this.#slotCount, PER_CALL_LIMIT);
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
