// Validation of values against structural schemas, with the findings and texts of a current API server. Rules in
// `x-kubernetes-validations` are another part's work.

import type { FieldError } from "../meta/field-error.ts";
import { getOwn, isObject } from "../meta/own-members.ts";
import { embeddedResourceErrors } from "./embedded-resources.ts";
import type { JsonSchema } from "./json-schema.ts";
import { listTypeErrors } from "./list-types.ts";
import { oldMember, UNCORRELATED } from "./validation/ratchet.ts";
import { compileNode, type SchemaNode } from "./validation/schema-node.ts";
import { traitsOf } from "./validation/schema-traits.ts";
import { StopValidation, ValidationRun, withoutRepetition } from "./validation/validation-run.ts";

export interface Validator {
  readonly schema: JsonSchema;
  /**
   * Findings about a new value: its schema's, then those of embedded objects, then repetitions in sets and maps.
   *
   * @param path - where the value stands; default: it is the whole object.
   */
  validate(value: unknown, path?: string): FieldError[];
  /**
   * Findings about a value that replaces another. What an unchanged part of it violates is tolerated, part by part; items
   * correlate in lists of type map only. Repetitions are tolerated if the old value has some too.
   */
  validateUpdate(value: unknown, old: unknown, path?: string): FieldError[];
  /**
   * Findings about an object of which only the status is written: the schema's for `status`, then repetitions anywhere.
   */
  validateStatusUpdate(value: unknown, old: unknown): FieldError[];
}

/** Compiles a schema. Do it once for each schema and keep the result: validation itself then is fast. */
export function compileValidator(schema: JsonSchema): Validator {
  return new SchemaValidator(schema);
}

class SchemaValidator implements Validator {
  readonly schema: JsonSchema;
  readonly #node: SchemaNode;

  constructor(schema: JsonSchema) {
    this.schema = schema;
    this.#node = compileNode(schema);
  }

  validate(value: unknown, path = ""): FieldError[] {
    const errors = findings(this.#node, value, UNCORRELATED, path);
    this.#addEmbedded(errors, value, path);
    if (traitsOf(this.schema).uniqueLists) errors.push(...listTypeErrors(value, this.schema, path));
    return errors;
  }

  validateUpdate(value: unknown, old: unknown, path = ""): FieldError[] {
    const errors = findings(this.#node, value, old, path);
    this.#addEmbedded(errors, value, path);
    this.#addNewRepetitions(errors, value, old, path);
    return errors;
  }

  validateStatusUpdate(value: unknown, old: unknown): FieldError[] {
    const errors: FieldError[] = [];
    const status = getOwn(this.schema.properties, "status");
    if (isObject(value) && Object.hasOwn(value, "status") && status !== undefined) {
      errors.push(...findings(compileStatus(status), value["status"], oldMember(old, "status"), "status"));
    }
    this.#addNewRepetitions(errors, value, old, "");
    return errors;
  }

  #addEmbedded(errors: FieldError[], value: unknown, path: string): void {
    if (traitsOf(this.schema).embedded) errors.push(...embeddedResourceErrors(value, this.schema, path));
  }

  #addNewRepetitions(errors: FieldError[], value: unknown, old: unknown, path: string): void {
    if (!traitsOf(this.schema).uniqueLists) return;
    const repetitions = listTypeErrors(value, this.schema, path);
    if (repetitions.length > 0 && listTypeErrors(old, this.schema, path).length === 0) errors.push(...repetitions);
  }
}

const statusNodes = new WeakMap<JsonSchema, SchemaNode>();

function compileStatus(schema: JsonSchema): SchemaNode {
  let node = statusNodes.get(schema);
  if (node === undefined) {
    node = compileNode(schema);
    statusNodes.set(schema, node);
  }
  return node;
}

/** Only what the schema itself says of a new value: neither embedded objects nor repetitions in sets and maps. */
export function schemaFindings(schema: JsonSchema, value: unknown, path: string): FieldError[] {
  return findings(compileNode(schema), value, UNCORRELATED, path);
}

function findings(node: SchemaNode, value: unknown, old: unknown, path: string): FieldError[] {
  const { schema } = node;
  const rootIsMap = typeof schema.additionalProperties === "object" && schema.properties === undefined;
  const run = new ValidationRun(path, rootIsMap);
  try {
    node.run(value, run, old);
  } catch (error) {
    if (!(error instanceof StopValidation)) throw error;
  }
  return withoutRepetition(run.errors);
}
