// Validation rules of custom resources: https://kubernetes.io/docs/reference/using-api/cel/ and
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules

import type { FieldError } from "../meta/field-error.ts";
import { invalid } from "../meta/field-error.ts";
import { getOwn, isObject } from "../meta/own-members.ts";
import { resolveFieldPath } from "../schema/field-path.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { isUnchanged, oldItems, oldMember, UNCORRELATED } from "../schema/validation/ratchet.ts";
import { hasRules } from "./check-schema-rules.ts";
import { newWorkBudget } from "./language/evaluation.ts";
import { compileRules } from "./rule-compiler.ts";
import { type Budget, evaluateRule, OutOfBudget, type RuleSite } from "./rule-evaluation.ts";
import { schemaNode } from "./schema/schema-node.ts";

/** What all rules may cost for one object: `celconfig.RuntimeCELCostBudget` of Kubernetes. */
const OBJECT_COST_BUDGET = 10_000_000;
const MAX_DEPTH = 1_000;
/** After so many findings evaluation ends; nobody reads more. */
const MAX_FINDINGS = 10_000;

/** The rules of a schema, compiled. */
export interface SchemaRules {
  /**
   * Evaluates all rules. Run it only for what fits the schema, see {@link uncheckedRules}.
   *
   * @param value - the whole object, with defaults
   * @param old - what it replaces; undefined when it is created
   */
  validate(value: unknown, old: unknown | undefined): FieldError[];
}

/** Compiles all rules in a schema once; undefined if there are none. */
export function compileSchemaRules(schema: JsonSchema): SchemaRules | undefined {
  if (!hasRules(schema, 0)) return undefined;
  const root = compileSite(schema, true, 0) as Site;
  return {
    validate(value, old) {
      const run: ValidationRun = { errors: [], budget: { remaining: OBJECT_COST_BUDGET, work: newWorkBudget() } };
      const before: Before = old === undefined ? NO_OLD : { old, parentUnchanged: () => false };
      try {
        visit(root, value, before, "", run);
      } catch (stop) {
        if (!(stop instanceof OutOfBudget)) throw stop;
      }
      return run.errors;
    },
  };
}

const BLOCKING: ReadonlySet<string> = new Set([
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);

/** The cause that stands in place of rules when an object is so wrong that they cannot be run; undefined if it is not. */
export function uncheckedRules(errors: readonly FieldError[]): FieldError | undefined {
  if (!errors.some(({ type }) => BLOCKING.has(type))) return undefined;
  const detail =
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
  return invalid("<nil>", null, detail);
}

/** A part of the schema with rules at it or below. */
interface Site extends RuleSite {
  readonly schema: JsonSchema;
  readonly items: Site | undefined;
  readonly values: Site | undefined;
  readonly properties: ReadonlyMap<string, Site>;
}

function compileSite(schema: JsonSchema, isResource: boolean, depth: number): Site | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const below = (part: JsonSchema | undefined): Site | undefined =>
    part === undefined ? undefined : compileSite(part, part["x-kubernetes-embedded-resource"] === true, depth + 1);
  const items = below(schema.items);
  const others = schema.additionalProperties;
  const values = below(typeof others === "object" ? others : undefined);
  const properties = new Map<string, Site>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const site = below(property);
    if (site !== undefined) properties.set(name, site);
  }
  const hasOwnRules = (schema["x-kubernetes-validations"]?.length ?? 0) > 0;
  const node = hasOwnRules ? schemaNode(schema, isResource) : undefined;
  if (node === undefined && items === undefined && values === undefined && properties.size === 0) return undefined;
  const rules = node === undefined ? [] : compileRules(schema, node);
  const fieldPaths = rules.map(({ rule }) => normalPath(rule.fieldPath, schema));
  return { schema, node, rules, fieldPaths, items, values, properties };
}

function normalPath(fieldPath: string | undefined, schema: JsonSchema): string {
  if (fieldPath === undefined || fieldPath === "") return "";
  const resolved = resolveFieldPath(fieldPath, schema, true);
  return "path" in resolved ? resolved.path : "";
}

/** The old value of a part, and whether it counts as unchanged where it cannot be found. */
interface Before {
  readonly old: unknown;
  readonly parentUnchanged: () => boolean;
}

const NO_OLD: Before = { old: UNCORRELATED, parentUnchanged: () => false };

interface ValidationRun {
  readonly errors: FieldError[];
  readonly budget: Budget;
}

function visit(site: Site, value: unknown, before: Before, path: string, run: ValidationRun): void {
  if (value === null || value === undefined) return;
  const { old } = before;
  let known: boolean | undefined;
  const unchanged = (): boolean => {
    known ??= old === UNCORRELATED ? before.parentUnchanged() : isUnchanged(value, old, site.schema);
    return known;
  };
  if (site.rules.length > 0) {
    const oldValue = old === UNCORRELATED || old === null ? undefined : old;
    run.errors.push(...evaluateRule(site, { value, old: oldValue, path, unchanged, budget: run.budget }));
    if (run.budget.remaining < 0 || run.errors.length > MAX_FINDINGS) throw new OutOfBudget();
  }
  if (Array.isArray(value)) visitItems(site, value, { old, unchanged }, path, run);
  else if (isObject(value)) visitMembers(site, value, { old, unchanged }, path, run);
}

interface Here {
  readonly old: unknown;
  readonly unchanged: () => boolean;
}

function visitItems(site: Site, value: readonly unknown[], here: Here, path: string, run: ValidationRun): void {
  if (site.items === undefined) return;
  const find = oldItems(here.old, site.schema);
  for (const [index, item] of value.entries()) {
    visit(site.items, item, { old: find(item), parentUnchanged: here.unchanged }, `${path}[${index}]`, run);
  }
}

function visitMembers(
  site: Site,
  value: Readonly<Record<string, unknown>>,
  here: Here,
  path: string,
  run: ValidationRun,
): void {
  const isAtomic = site.schema["x-kubernetes-map-type"] === "atomic";
  const before = (key: string): Before => ({
    old: isAtomic ? UNCORRELATED : oldMember(here.old, key),
    parentUnchanged: here.unchanged,
  });
  if (site.values !== undefined) {
    for (const [key, member] of Object.entries(value)) visit(site.values, member, before(key), `${path}[${key}]`, run);
    return;
  }
  for (const [name, property] of site.properties) {
    const member = getOwn(value, name);
    if (member !== undefined) visit(property, member, before(name), path === "" ? name : `${path}.${name}`, run);
  }
}
