// A schema compiled for validation: one node for each schema object, its checks chosen once. The order of checks and what
// counts as a match follow k8s.io/kube-openapi/pkg/validation, because the findings of `anyOf` and `oneOf` depend on them.

import type { FieldError } from "../../meta/field-error.ts";
import { goQuote } from "../../meta/field-error.ts";
import { isObject } from "../../meta/own-members.ts";
import { type FormatCheck, isKnownFormat, stringFormat } from "../formats/string-formats.ts";
import type { JsonSchema } from "../json-schema.ts";
import { canonicalText } from "../json-value.ts";
import { EnumCheck } from "./enum-check.ts";
import { compileNumberCheck, isInt64, type NumberCheck, passesForInteger } from "./number-checks.ts";
import { isUnchanged, oldItems, oldMember, UNCORRELATED } from "./ratchet.ts";
import { compileStringCheck, type StringCheck, tooMany } from "./string-checks.ts";
import type { ValidationRun } from "./validation-run.ts";

type TypeName = "string" | "integer" | "number" | "boolean" | "array" | "object";

/** Compiles a schema. Cycles are allowed: a schema object met again is the same node. */
export function compileNode(schema: JsonSchema, known = new Map<JsonSchema, SchemaNode>()): SchemaNode {
  let node = known.get(schema);
  if (node === undefined) {
    node = new SchemaNode(schema);
    known.set(schema, node);
    node.link(known);
  }
  return node;
}

/** Validates values against one schema. Its result, the number of satisfied checks, ranks failing alternatives. */
export class SchemaNode {
  readonly schema: JsonSchema;
  readonly #types: readonly string[];
  readonly #format: string;
  readonly #formatCheck: FormatCheck | undefined;
  readonly #stringCheck: StringCheck | undefined;
  readonly #numberCheck: NumberCheck | undefined;
  readonly #enum: EnumCheck | undefined;
  readonly #closed: boolean;
  #properties: ReadonlyMap<string, SchemaNode> | undefined;
  #others: SchemaNode | undefined;
  #items: SchemaNode | undefined;
  #combinators: Combinators | undefined;

  constructor(schema: JsonSchema) {
    const intOrString = schema["x-kubernetes-int-or-string"] === true;
    const type = schema.type ?? "";
    const format = schema.format ?? "";
    this.schema = schema;
    this.#types = intOrString ? ["integer", "string"] : type === "" ? [] : [type];
    this.#format = format !== "" && isKnownFormat(intOrString ? "" : type, format) ? format : "";
    this.#formatCheck = this.#format === "" ? undefined : stringFormat(this.#format);
    this.#stringCheck = compileStringCheck(schema);
    const numeric = !intOrString && (type === "integer" || type === "number");
    this.#numberCheck = compileNumberCheck(schema, numeric ? type : "", numeric ? this.#format : "");
    this.#enum = schema.enum !== undefined && schema.enum.length > 0 ? new EnumCheck(schema.enum) : undefined;
    this.#closed = schema.additionalProperties === false;
  }

  /** Compiles what is below. Apart from the constructor because of cycles. */
  link(known: Map<JsonSchema, SchemaNode>): void {
    const { properties, additionalProperties, items } = this.schema;
    if (properties !== undefined) {
      this.#properties = new Map(Object.entries(properties).map(([name, below]) => [name, compileNode(below, known)]));
    }
    if (typeof additionalProperties === "object") this.#others = compileNode(additionalProperties, known);
    if (items !== undefined) this.#items = compileNode(items, known);
    this.#combinators = Combinators.of(this.schema, known);
  }

  /**
   * @param old - the value before an update; unless {@link UNCORRELATED}, findings about an unchanged value are dropped.
   */
  run(value: unknown, run: ValidationRun, old: unknown = UNCORRELATED): number {
    const mark = run.errors.length;
    const matches = value === null || value === undefined ? this.#checkNull(run) : this.#check(value, run, old);
    if (old !== UNCORRELATED && run.errors.length > mark && isUnchanged(value, old, this.schema)) {
      run.errors.length = mark;
    }
    return matches;
  }

  #checkNull(run: ValidationRun): number {
    const allowed = this.#types.length === 0 || this.schema.nullable === true || this.#types.includes("null");
    if (!allowed) run.wrongType(this.#types.join(","), "null");
    this.#enum?.check(null, run);
    return allowed ? 1 : 0;
  }

  #check(value: unknown, run: ValidationRun, old: unknown): number {
    let matches = 2;
    if (this.#types.length > 0 || this.#format !== "") matches += this.#checkType(value, run) ? 2 : 1;
    matches += this.#combinators === undefined ? 2 : this.#combinators.run(value, run) + 2;
    if (typeof value === "string") matches += this.#checkString(value, run);
    else if (typeof value === "number") {
      this.#numberCheck?.(value, run);
      matches += 2;
    } else if (Array.isArray(value)) matches += this.#checkItems(value, run, old);
    this.#enum?.check(value, run);
    if (isObject(value)) matches += this.#checkMembers(value, run, old);
    return matches;
  }

  #checkType(value: unknown, run: ValidationRun): boolean {
    const types = this.#types;
    const found = typeNameOf(value);
    const accepted =
      types.includes(found) ||
      (found === "integer" && types.includes("number")) ||
      (found === "number" && types.includes("integer") && passesForInteger(value as number));
    if (accepted) return true;
    if (this.#format !== "") {
      if (found !== "string" && found !== "array") {
        run.wrongType(this.#format, found === "integer" ? "int64" : found === "number" ? "float64" : "");
        return false;
      }
      // A list passes for a formatted string: the original leaves both to the format's own check.
      if (!types.includes("number") && !types.includes("integer")) return true;
    }
    run.wrongType(types.join(","), found);
    return false;
  }

  #checkString(value: string, run: ValidationRun): number {
    this.#stringCheck?.(value, run);
    if (this.#formatCheck === undefined) return 1;
    if (!this.#formatCheck(value)) run.wrongType(this.#format, value);
    return 2;
  }

  #checkItems(values: readonly unknown[], run: ValidationRun, old: unknown): number {
    const { minItems, maxItems, uniqueItems } = this.schema;
    let matches = 2;
    const items = this.#items;
    if (items !== undefined) {
      const before = old === UNCORRELATED ? undefined : oldItems(old, this.schema);
      for (let i = 0; i < values.length; i++) {
        run.enter(i);
        matches += items.run(values[i], run, before === undefined ? UNCORRELATED : before(values[i]));
        run.leave();
      }
    }
    const size = values.length;
    if (minItems !== undefined && size < minItems) run.complain(size, `should have at least ${minItems} items`);
    if (maxItems !== undefined && size > maxItems) run.refuse("FieldValueTooMany", tooMany(maxItems), size);
    if (uniqueItems === true && new Set(values.map((item) => canonicalText(item))).size < size) {
      run.complain("", "shouldn't contain duplicates");
    }
    return matches;
  }

  #checkMembers(value: Readonly<Record<string, unknown>>, run: ValidationRun, old: unknown): number {
    const { minProperties, maxProperties, required } = this.schema;
    let matches = 1;
    if (minProperties !== undefined || maxProperties !== undefined) {
      const size = Object.keys(value).length;
      if (minProperties !== undefined && size < minProperties) {
        run.complain(size, `should have at least ${minProperties} properties`);
      }
      if (maxProperties !== undefined && size > maxProperties) {
        run.refuse("FieldValueTooMany", tooMany(maxProperties), size);
      }
    }
    for (const key in value) {
      const node = this.#properties?.get(key);
      const below = node ?? this.#others;
      if (below === undefined) {
        if (this.#closed) this.#refuseMember(key, run);
        continue;
      }
      run.enter(key);
      matches += below.run(
        value[key],
        run,
        old === UNCORRELATED || run.isTypeMeta(key) ? UNCORRELATED : oldMember(old, key),
      );
      run.leave();
    }
    if (required !== undefined) {
      for (const key of required) if (!Object.hasOwn(value, key)) this.#requireMember(key, run);
    }
    return matches;
  }

  #refuseMember(key: string, run: ValidationRun): void {
    run.refuse("FieldValueInvalid", `${run.name()}.${key} in body is a forbidden property`, key);
  }

  #requireMember(key: string, run: ValidationRun): void {
    run.add({ type: "FieldValueRequired", field: run.field(`${run.name()}.${key}`), detail: "" });
  }
}

function typeNameOf(value: unknown): TypeName {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "boolean";
    case "number":
      return isInt64(value) ? "integer" : "number";
    default:
      return Array.isArray(value) ? "array" : "object";
  }
}

/** `anyOf`, `oneOf`, `allOf` and `not`. Nothing below them is compared with an old value. */
class Combinators {
  readonly #anyOf: readonly SchemaNode[];
  readonly #oneOf: readonly SchemaNode[];
  readonly #allOf: readonly SchemaNode[];
  readonly #not: SchemaNode | undefined;

  static of(schema: JsonSchema, known: Map<JsonSchema, SchemaNode>): Combinators | undefined {
    const { anyOf = [], oneOf = [], allOf = [], not } = schema;
    if (anyOf.length === 0 && oneOf.length === 0 && allOf.length === 0 && not === undefined) return undefined;
    return new Combinators({ anyOf, oneOf, allOf, not: not === undefined ? [] : [not] }, known);
  }

  private constructor(
    schemas: Record<"anyOf" | "oneOf" | "allOf" | "not", readonly JsonSchema[]>,
    known: Map<JsonSchema, SchemaNode>,
  ) {
    this.#anyOf = schemas.anyOf.map((below) => compileNode(below, known));
    this.#oneOf = schemas.oneOf.map((below) => compileNode(below, known));
    this.#allOf = schemas.allOf.map((below) => compileNode(below, known));
    this.#not = schemas.not.map((below) => compileNode(below, known))[0];
  }

  run(value: unknown, run: ValidationRun): number {
    let matches = 0;
    if (this.#anyOf.length > 0) matches += this.#checkAnyOf(value, run);
    if (this.#oneOf.length > 0) matches += this.#checkOneOf(value, run);
    if (this.#allOf.length > 0) matches += this.#checkAllOf(value, run);
    if (this.#not !== undefined && attempt(this.#not, value, run).errors.length === 0) {
      run.pathless(`${goQuote(run.name())} must not validate the schema (not)`);
    }
    return matches;
  }

  #checkAnyOf(value: unknown, run: ValidationRun): number {
    let best: Attempt | undefined;
    for (const node of this.#anyOf) {
      const result = attempt(node, value, run);
      if (result.errors.length === 0) return result.matches;
      if (best === undefined || result.matches > best.matches) best = result;
    }
    run.pathless(`${goQuote(run.name())} must validate at least one schema (anyOf)`);
    return merge(best, run);
  }

  #checkOneOf(value: unknown, run: ValidationRun): number {
    let best: Attempt | undefined;
    let first: Attempt | undefined;
    let valid = 0;
    for (const node of this.#oneOf) {
      const result = attempt(node, value, run);
      if (result.errors.length === 0) {
        valid++;
        first ??= result;
      } else if (valid === 0 && (best === undefined || result.matches > best.matches)) best = result;
    }
    if (valid === 1) return merge(first, run);
    const found = valid === 0 ? "Found none valid" : `Found ${valid} valid alternatives`;
    run.pathless(`${goQuote(run.name())} must validate one and only one schema (oneOf). ${found}`);
    return valid === 0 ? merge(best, run) : 0;
  }

  #checkAllOf(value: unknown, run: ValidationRun): number {
    let matches = 0;
    let valid = 0;
    for (const node of this.#allOf) {
      const mark = run.errors.length;
      matches += node.run(value, run);
      if (run.errors.length === mark) valid++;
    }
    if (valid < this.#allOf.length) {
      run.pathless(
        `${goQuote(run.name())} must validate all the schemas (allOf)${valid === 0 ? ". None validated" : ""}`,
      );
    }
    return matches;
  }
}

interface Attempt {
  readonly matches: number;
  readonly errors: readonly FieldError[];
}

/** Runs a branch and takes its findings out of the run again. */
function attempt(node: SchemaNode, value: unknown, run: ValidationRun): Attempt {
  const mark = run.errors.length;
  const matches = node.run(value, run);
  return { matches, errors: run.errors.length === mark ? NONE : run.errors.splice(mark) };
}

const NONE: readonly FieldError[] = [];

function merge(result: Attempt | undefined, run: ValidationRun): number {
  if (result === undefined) return 0;
  for (const error of result.errors) run.add(error);
  return result.matches;
}
