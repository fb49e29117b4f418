// One run of the rules at one place of an object, and the causes that come of it.

import { type FieldError, forbidden, goQuote, invalid, required } from "../meta/field-error.ts";
import type { ValidationRule } from "../schema/json-schema.ts";
import { PER_CALL_LIMIT, type Program } from "./environment.ts";
import { CelError, Optional } from "./language/cel-values.ts";
import { CostLimitExceeded, type WorkBudget } from "./language/evaluation.ts";
import type { CompiledRule } from "./rule-compiler.ts";
import type { SchemaNode } from "./schema/schema-node.ts";
import { toCelValue } from "./schema/schema-values.ts";

/** Longer results of messageExpression are not shown. Bytes. */
const MAX_MESSAGE_BYTES = 5 * 1024;

/** A place in a schema with the rules that stand there. */
export interface RuleSite {
  readonly schema: { readonly type?: string };
  readonly node: SchemaNode | undefined;
  readonly rules: readonly CompiledRule[];
  /** The normal forms of the rules' `fieldPath`, `""` where there is none. */
  readonly fieldPaths: readonly string[];
}

/** What the rules of an object may still cost; negative once they have cost too much. */
export interface Budget {
  remaining: number;
  readonly work: WorkBudget;
}

/** Ends the evaluation of an object whose budget is spent. */
export class OutOfBudget extends Error {}

export interface Subject {
  readonly value: unknown;
  /** undefined where there is no old value, or none that can be found. */
  readonly old: unknown;
  /** `""` at the root. */
  readonly path: string;
  /** Whether the value is as it was, so that failing rules are tolerated. */
  readonly unchanged: () => boolean;
  readonly budget: Budget;
}

/** Evaluates the rules of a site in their order. A spent budget shows in `subject.budget`. */
export function evaluateRule(site: RuleSite, subject: Subject): FieldError[] {
  const errors: FieldError[] = [];
  const node = site.node as SchemaNode;
  const self = toCelValue(node, subject.value);
  const oldSelf = subject.old === undefined ? undefined : toCelValue(node, subject.old);
  for (const [index, compiled] of site.rules.entries()) {
    const { rule, program } = compiled;
    const type = site.schema.type ?? "";
    const field = subject.path === "" ? "<nil>" : subject.path;
    if (compiled.error !== undefined) {
      errors.push(invalid(field, type, `rule compile error: ${compiled.error}`));
      continue;
    }
    const isOptional = rule.optionalOldSelf === true;
    if (program === undefined || (compiled.usesOldSelf && oldSelf === undefined && !isOptional)) continue;
    const old = isOptional ? (oldSelf === undefined ? Optional.NONE : Optional.of(oldSelf)) : oldSelf;
    const outcome = runWithin(program, [self, old], subject.budget);
    if (outcome.kind === "budget") {
      const detail = "validation failed due to running out of cost budget, no further validation rules will be run";
      errors.push(invalid(field, type, detail));
      return errors;
    }
    if (outcome.kind === "limit") {
      const detail = `'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(rule)}`;
      errors.push(invalid(field, type, detail));
      subject.budget.remaining = -1;
      return errors;
    }
    const { value } = outcome;
    if (value instanceof CelError) {
      errors.push(invalid(field, type, evaluationText(value, rule)));
      continue;
    }
    if (value === true) continue;
    const failed = failure(site, index, subject, [self, old]);
    if (compiled.usesOldSelf || !subject.unchanged()) errors.push(failed);
    if (subject.budget.remaining < 0) return errors;
  }
  return errors;
}

type Outcome =
  | { readonly kind: "budget" }
  | { readonly kind: "limit" }
  | { readonly kind: "value"; readonly value: unknown };

function runWithin(program: Program, values: readonly unknown[], budget: Budget): Outcome {
  try {
    const { value, cost } = program.run(values, budget.work);
    if (cost > budget.remaining) {
      budget.remaining = -1;
      return { kind: "budget" };
    }
    budget.remaining -= cost;
    return { kind: "value", value };
  } catch (problem) {
    if (!(problem instanceof CostLimitExceeded)) throw problem;
    if (budget.remaining < PER_CALL_LIMIT) {
      budget.remaining = -1;
      return { kind: "budget" };
    }
    return { kind: "limit" };
  }
}

function evaluationText(error: CelError, rule: ValidationRule): string {
  if (error.message.startsWith("no such overload")) {
    return `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`;
  }
  return `${error.message} evaluating rule: ${ruleText(rule)}`;
}

/** How a rule is named where its evaluation fails. */
function ruleText(rule: ValidationRule): string {
  return (rule.message ?? "") === "" ? rule.rule.trim() : (rule.message as string).trim();
}

function failure(site: RuleSite, index: number, subject: Subject, values: readonly unknown[]): FieldError {
  const compiled = site.rules[index] as CompiledRule;
  const { rule } = compiled;
  const below = site.fieldPaths[index] ?? "";
  const type = site.schema.type ?? "";
  const field = joinPath(subject.path, below);
  const message = compiled.message === undefined ? undefined : evaluateMessage(compiled, values, subject.budget);
  if (message !== undefined && "problem" in message) return invalid(field, type, message.problem);
  const fallback = (rule.message ?? "") === "" ? `failed rule: ${ruleText(rule)}` : (rule.message as string).trim();
  const detail = message?.text ?? fallback;
  const isContainer = type === "object" || type === "array";
  const shown = isContainer ? undefined : subject.value;
  switch (rule.reason) {
    case "FieldValueForbidden":
      return forbidden(field, detail);
    case "FieldValueRequired":
      return required(field, detail);
    case "FieldValueDuplicate":
      return { type: "FieldValueDuplicate", field, value: shown, detail: "" };
    default:
      return invalid(field, shown, detail);
  }
}

function joinPath(path: string, below: string): string {
  if (below === "") return path === "" ? "<nil>" : path;
  return path === "" ? below : `${path}.${below}`;
}

/** The text; undefined to fall back on `message`; or why nothing more can be evaluated. */
function evaluateMessage(
  compiled: CompiledRule,
  values: readonly unknown[],
  budget: Budget,
): { text: string } | { problem: string } | undefined {
  const outcome = runWithin(compiled.message as Program, values, budget);
  if (outcome.kind === "budget") {
    return {
      problem:
        "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run",
    };
  }
  if (outcome.kind === "limit") {
    budget.remaining = -1;
    return {
      problem: `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${goQuote(compiled.rule.messageExpression ?? "")}`,
    };
  }
  if (typeof outcome.value !== "string") return undefined;
  const text = outcome.value.trim();
  const isUsable = text !== "" && !text.includes("\n") && new TextEncoder().encode(text).length <= MAX_MESSAGE_BYTES;
  return isUsable ? { text } : undefined;
}
