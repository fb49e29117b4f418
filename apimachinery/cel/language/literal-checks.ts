// What is wrong with an expression although its types fit: literals that no function can read, lists of mixed types.

import { RE2JS } from "re2js";
import { type CelType, DYN, firstParameter, showType } from "./cel-types.ts";
import { childrenOf } from "./children.ts";
import type { Call, Expr } from "./expression.ts";
import { compileRegex } from "./regular-expressions.ts";
import type { SourceError } from "./source-error.ts";
import { parseDuration, parseTimestamp } from "./time-values.ts";
import { unify } from "./type-unification.ts";

/** Complaints about literals in a checked expression. */
export function literalErrors(expr: Expr): SourceError[] {
  const errors: SourceError[] = [];
  visit(expr, false, errors);
  return errors;
}

function visit(expr: Expr, inFormat: boolean, errors: SourceError[]): void {
  if (expr.kind === "call") checkCall(expr, errors);
  if (!inFormat) checkAggregate(expr, errors);
  const isFormat = inFormat || (expr.kind === "call" && expr.fn === "format");
  for (const child of childrenOf(expr)) visit(child, isFormat, errors);
}

function checkCall(expr: Call, errors: SourceError[]): void {
  const arg = expr.fn === "matches" ? expr.args[expr.args.length - 1] : expr.args[0];
  if (arg?.kind !== "literal" || typeof arg.value !== "string") return;
  const text = arg.value;
  const isWrong =
    (expr.fn === "timestamp" && parseTimestamp(text) === undefined) ||
    (expr.fn === "duration" && parseDuration(text) === undefined) ||
    (expr.fn === "matches" && !(compileRegex(text) instanceof RE2JS));
  if (isWrong) errors.push({ offset: arg.offset, message: `invalid ${expr.fn} argument` });
}

/** Elements of a list or a map are of one type, except in the arguments of `format`. */
function checkAggregate(expr: Expr, errors: SourceError[]): void {
  if (expr.kind === "list") {
    checkTypes(
      expr.elements.map((element, i) => [element, expr.optional.has(i)]),
      errors,
    );
  } else if (expr.kind === "map") {
    checkTypes(
      expr.entries.map(({ key }) => [key, false]),
      errors,
    );
    checkTypes(
      expr.entries.map(({ value, optional }) => [value, optional]),
      errors,
    );
  }
}

function checkTypes(elements: readonly (readonly [Expr, boolean])[], errors: SourceError[]): void {
  let expected: CelType | undefined;
  for (const [element, isOptional] of elements) {
    const type = isOptional ? firstParameter(element.type) : element.type;
    expected ??= type;
    if (isEquivalent(expected, type)) continue;
    const message = `expected type '${showType(expected)}' but found '${showType(type)}'`;
    errors.push({ offset: element.offset, message });
    return;
  }
}

function isEquivalent(a: CelType, b: CelType): boolean {
  if (a.kind === "dyn" || b.kind === "dyn") return a.kind === b.kind || a === DYN || b === DYN;
  return a.kind === b.kind && unify(new Map(), a, b) !== undefined;
}
