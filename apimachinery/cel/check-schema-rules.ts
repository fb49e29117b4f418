// What is refused when a definition with validation rules is created: rules that do not compile, rules that may cost too
// much, oldSelf where no old value can be found. https://kubernetes.io/docs/reference/using-api/cel/#cel-cost-limits

import { type FieldError, forbidden, invalid } from "../meta/field-error.ts";
import { showRule } from "../schema/crd/crd-hoisting.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { UNBOUNDED } from "./language/estimates.ts";
import { type CompiledRule, compileRules } from "./rule-compiler.ts";
import { type SchemaNode, schemaNode } from "./schema/schema-node.ts";

/** What one rule may cost by estimate, all values of a request together. */
const RULE_COST_LIMIT = 10_000_000;
/** What all rules of a schema may cost by estimate. */
const SCHEMA_COST_LIMIT = 100_000_000;
const MAX_NAMED = 4;

interface Expensive {
  readonly path: string;
  readonly cost: number;
}

/** What holds for a part of a schema because of where it stands. */
interface Context {
  readonly path: string;
  /** How many values there may be at most; undefined where that is not bounded. */
  readonly cardinality: number | undefined;
  /** The list or map above this part whose items have no old values; undefined if there is none. */
  readonly uncorrelatable: string | undefined;
}

/**
 * Complaints about the rules in a schema that is structural and otherwise valid.
 *
 * @param path - of the schema, as complaints name it
 */
export function checkSchemaRules(schema: JsonSchema, path: string): FieldError[] {
  if (!hasRules(schema, 0)) return [];
  const check = new RuleCheck();
  check.visit(schema, true, { path, cardinality: 1, uncorrelatable: undefined });
  return [...check.errors, ...check.totalErrors(path)];
}

const MAX_DEPTH = 1_000;

/** Whether a rule stands anywhere in the schema, outside of junctors. */
export function hasRules(schema: JsonSchema, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  if ((schema["x-kubernetes-validations"]?.length ?? 0) > 0) return true;
  const { properties, items, additionalProperties } = schema;
  if (items !== undefined && hasRules(items, depth + 1)) return true;
  if (typeof additionalProperties === "object" && hasRules(additionalProperties, depth + 1)) return true;
  return Object.values(properties ?? {}).some((property) => hasRules(property, depth + 1));
}

class RuleCheck {
  readonly errors: FieldError[] = [];
  #total = 0;
  #expensive: Expensive[] = [];

  /** What stands below is checked before, properties in the order of their names. */
  visit(schema: JsonSchema, isResource: boolean, context: Context, depth = 0): void {
    if (depth > MAX_DEPTH) return;
    const { properties, items, additionalProperties } = schema;
    if (typeof additionalProperties === "object") {
      const below = this.#inside(schema.maxProperties, context, `${context.path}.additionalProperties`);
      this.visit(additionalProperties, isEmbedded(additionalProperties), below, depth + 1);
    }
    for (const name of Object.keys(properties ?? {}).sort()) {
      const property = (properties as Record<string, JsonSchema>)[name] as JsonSchema;
      const uncorrelatable =
        context.uncorrelatable ?? (schema["x-kubernetes-map-type"] === "atomic" ? context.path : undefined);
      const below = { ...context, uncorrelatable, path: `${context.path}.properties[${name}]` };
      this.visit(property, isEmbedded(property), below, depth + 1);
    }
    if (items !== undefined) {
      const below = this.#inside(schema.maxItems, context, `${context.path}.items`);
      const uncorrelatable =
        context.uncorrelatable ?? (schema["x-kubernetes-list-type"] === "map" ? undefined : context.path);
      this.visit(items, isEmbedded(items), { ...below, uncorrelatable }, depth + 1);
    }
    if ((schema["x-kubernetes-validations"]?.length ?? 0) === 0) return;
    const node = schemaNode(schema, isResource);
    if (node !== undefined) this.#rules(schema, node, context);
  }

  #inside(bound: number | undefined, context: Context, path: string): Context {
    const { cardinality } = context;
    return {
      ...context,
      path,
      cardinality: cardinality === undefined || bound === undefined ? undefined : cardinality * bound,
    };
  }

  #rules(schema: JsonSchema, node: SchemaNode, context: Context): void {
    for (const [index, compiled] of compileRules(schema, node).entries()) {
      this.#rule(compiled, `${context.path}.x-kubernetes-validations[${index}]`, context);
    }
  }

  #rule(compiled: CompiledRule, path: string, context: Context): void {
    const { rule } = compiled;
    const cost = Math.min(compiled.maxCost * (context.cardinality ?? compiled.maxCardinality), UNBOUNDED);
    if (cost > RULE_COST_LIMIT) {
      this.errors.push(forbidden(`${path}.rule`, costText("estimated rule cost", cost, RULE_COST_LIMIT)));
    }
    this.#observe(`${path}.rule`, cost);
    if (compiled.error !== undefined) this.errors.push(invalid(`${path}.rule`, showRule(rule), compiled.error));
    if (compiled.messageError !== undefined) {
      this.errors.push(invalid(`${path}.messageExpression`, showRule(rule), compiled.messageError));
    } else if (compiled.message !== undefined) this.#messageCost(compiled.maxMessageCost, `${path}.messageExpression`);
    if (compiled.usesOldSelf) {
      if (context.uncorrelatable !== undefined) {
        const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${context.uncorrelatable}`;
        this.errors.push(invalid(`${path}.rule`, rule.rule, detail));
      }
    } else if (rule.optionalOldSelf !== undefined) {
      const detail = "may not be set if oldSelf is not used in rule";
      this.errors.push(invalid(`${path}.optionalOldSelf`, rule.optionalOldSelf, detail));
    }
  }

  #messageCost(cost: number, path: string): void {
    if (cost > RULE_COST_LIMIT) {
      this.errors.push(forbidden(path, costText("estimated messageExpression cost", cost, RULE_COST_LIMIT)));
    }
    this.#observe(path, cost);
  }

  /** Keeps the four most expensive of those that matter. */
  #observe(path: string, cost: number): void {
    this.#total = Math.min(this.#total + cost, UNBOUNDED);
    if (cost < SCHEMA_COST_LIMIT / 100) return;
    this.#expensive.push({ path, cost });
    this.#expensive.sort((a, b) => b.cost - a.cost);
    this.#expensive = this.#expensive.slice(0, MAX_NAMED);
  }

  totalErrors(path: string): FieldError[] {
    if (this.#total <= SCHEMA_COST_LIMIT) return [];
    const detail = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
    const name = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
    return [
      ...this.#expensive.map((expensive) => forbidden(expensive.path, detail)),
      forbidden(path, costText(name, this.#total, SCHEMA_COST_LIMIT)),
    ];
  }
}

function isEmbedded(schema: JsonSchema): boolean {
  return schema["x-kubernetes-embedded-resource"] === true;
}

function costText(name: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown = factor > 100 ? "more than 100x" : `${factor < 1.5 ? factor.toFixed(6) : factor.toFixed(1)}x`;
  return `${name} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
