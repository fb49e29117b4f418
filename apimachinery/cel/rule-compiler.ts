// The rules of one schema, compiled: what they evaluate to, what they use, what they can cost.

import type { JsonSchema, ValidationRule } from "../schema/json-schema.ts";
import { compileProgram, type Program } from "./environment.ts";
import { type CelType, optionalOf } from "./language/cel-types.ts";
import { estimateCost } from "./language/cost-estimate.ts";
import type { Range } from "./language/estimates.ts";
import { MAX_REQUEST_BYTES, type SchemaNode } from "./schema/schema-node.ts";

/** One rule: what was wrong with it, or how to run it. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program: Program | undefined;
  readonly error: string | undefined;
  readonly usesOldSelf: boolean;
  /** At most, for one value. */
  readonly maxCost: number;
  /** How many values of this schema a request can hold at most. */
  readonly maxCardinality: number;
  readonly message: Program | undefined;
  readonly messageError: string | undefined;
  readonly maxMessageCost: number;
}

/** Compiles the rules directly at a schema. */
export function compileRules(schema: JsonSchema, node: SchemaNode): CompiledRule[] {
  const sizeOfPath = (path: readonly string[]): Range | undefined => sizeAt(node, path);
  const maxCardinality = Math.trunc(MAX_REQUEST_BYTES / (node.minBytes + 1));
  return (schema["x-kubernetes-validations"] ?? []).map((rule) => {
    const variables = ruleVariables(node.type, rule);
    const empty = { rule, program: undefined, usesOldSelf: false, maxCost: 0, maxCardinality };
    const noMessage = { message: undefined, messageError: undefined, maxMessageCost: 0 };
    if (rule.rule.trim() === "") return { ...empty, ...noMessage, error: undefined };
    const compiled = compileProgram(rule.rule, variables);
    if ("error" in compiled) return { ...empty, ...noMessage, error: `compilation failed: ${compiled.error}` };
    const { program } = compiled;
    if (program.expr.type.kind !== "bool") {
      return { ...empty, ...noMessage, error: "cel expression must evaluate to a bool" };
    }
    return {
      rule,
      program,
      error: undefined,
      usesOldSelf: program.uses("oldSelf"),
      maxCost: estimateCost(program.expr, sizeOfPath).max,
      maxCardinality,
      ...compileMessage(rule, variables, sizeOfPath),
    };
  });
}

function ruleVariables(type: CelType, rule: ValidationRule): ReadonlyMap<string, CelType> {
  return new Map([
    ["self", type],
    ["oldSelf", rule.optionalOldSelf === true ? optionalOf(type) : type],
  ]);
}

type Message = Pick<CompiledRule, "message" | "messageError" | "maxMessageCost">;

function compileMessage(
  rule: ValidationRule,
  variables: ReadonlyMap<string, CelType>,
  sizeOfPath: (path: readonly string[]) => Range | undefined,
): Message {
  const none: Message = { message: undefined, messageError: undefined, maxMessageCost: 0 };
  const source = rule.messageExpression ?? "";
  if (source === "") return none;
  const compiled = compileProgram(source, variables);
  if ("error" in compiled) return { ...none, messageError: `messageExpression compilation failed: ${compiled.error}` };
  const { program } = compiled;
  if (program.expr.type.kind !== "string") {
    return { ...none, messageError: "messageExpression must evaluate to a string" };
  }
  return { message: program, messageError: undefined, maxMessageCost: estimateCost(program.expr, sizeOfPath).max };
}

/** What a path from the value of the rule leads to has at most so many characters, items or entries. */
function sizeAt(root: SchemaNode, path: readonly string[]): Range | undefined {
  let node: SchemaNode | undefined = root;
  for (const name of path.slice(1)) {
    if (name === "@items" || name === "@values") node = node?.element;
    else if (name === "@keys" || name === "@indices") return undefined;
    else node = node?.fields?.get(name)?.node ?? node?.fields?.get(`__${name}__`)?.node;
    if (node === undefined) return undefined;
  }
  return { min: 0, max: node?.maxElements ?? 0 };
}
