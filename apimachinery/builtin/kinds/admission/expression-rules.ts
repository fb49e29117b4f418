import { compileAdmissionExpression } from "../../../cel/admission-expressions.ts";
import { type FieldError, invalid } from "../../../meta/field-error.ts";

interface Expected {
  /** Names of variables the expression may use. */
  readonly variables?: readonly string[];
  /** The type its result must have; any if not given. */
  readonly result?: "bool" | "string";
}

/** An expression about requests has to compile and to give what it is used for. */
export function expressionRule(errors: FieldError[], expression: string, path: string, expected: Expected): void {
  const { variables, result } = expected;
  const compiled = compileAdmissionExpression(expression, variables === undefined ? {} : { variables });
  if ("error" in compiled) {
    errors.push(invalid(path, expression, `compilation failed: ${compiled.error}`));
    return;
  }
  const { resultType } = compiled.program;
  if (result === undefined || resultType === result || resultType === "dyn" || resultType === "any") return;
  errors.push(invalid(path, expression, `must evaluate to ${result}`));
}
