// Managers own fields of the version they wrote in: sets of another version are judged against the object in that version.

import type { Json, JsonObject, KubeObject } from "../meta/types.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { type FieldNode, isEmptyNode, recursiveDifferenceOfNodes } from "./sets/field-node.ts";
import { type Comparison, compareValues } from "./typed/compare.ts";
import { type MergeType, mergeTypeOf } from "./typed/merge-type.ts";
import { typeProblem } from "./typed/typed-validation.ts";

/** How objects look in another version of their kind. */
export interface OtherVersion {
  readonly schema: JsonSchema;
  /** The object in this version. May throw: the write is then refused with 500 and the error's message. */
  convert(object: KubeObject): KubeObject;
}

/** Knows the other versions; undefined for a version that is not served any more, whose managers are dropped. */
export type VersionLookup = (apiVersion: string) => OtherVersion | undefined;

/** An object in one version, with the type it has there. */
export interface Versioned {
  readonly apiVersion: string;
  readonly value: JsonObject;
  readonly type: MergeType;
}

/** The object cannot be had in a version in which somebody owns fields of it. */
export class ConversionFailure extends Error {}

export interface VersionInput {
  readonly apiVersion: string;
  readonly schema: JsonSchema;
  readonly resetFields: FieldNode;
  readonly versions: VersionLookup | undefined;
}

/** The versions of one write: what they convert and compare is kept for the write. */
export class WriteVersions {
  readonly input: VersionInput;
  readonly type: MergeType;
  readonly #types = new Map<string, MergeType | undefined>();

  constructor(input: VersionInput) {
    this.input = input;
    this.type = mergeTypeOf(input.schema);
  }

  current(value: JsonObject): Versioned {
    return { apiVersion: this.input.apiVersion, value, type: this.type };
  }

  /** Without a lookup every version is taken for the current one. */
  typeOf(apiVersion: string): MergeType | undefined {
    if (apiVersion === this.input.apiVersion || this.input.versions === undefined) return this.type;
    if (!this.#types.has(apiVersion)) {
      const other = this.input.versions(apiVersion);
      this.#types.set(apiVersion, other === undefined ? undefined : mergeTypeOf(other.schema));
    }
    return this.#types.get(apiVersion);
  }

  /**
   * The object in another version; undefined when there is no such version.
   *
   * @throws {ConversionFailure} also when the converted object does not fit the other version's schema
   */
  convert(object: Versioned, apiVersion: string): Versioned | undefined {
    if (apiVersion === object.apiVersion || this.input.versions === undefined) return object;
    const type = this.typeOf(apiVersion);
    if (type === undefined) return undefined;
    const value = this.#converted(object.value, apiVersion);
    const problem = typeProblem(value, type, false);
    if (problem !== undefined) throw new ConversionFailure(problem);
    return { apiVersion, value, type };
  }

  #converted(value: JsonObject, apiVersion: string): JsonObject {
    const object = value as unknown as KubeObject;
    if (apiVersion === this.input.apiVersion) return { ...value, apiVersion };
    const other = this.input.versions?.(apiVersion) as OtherVersion;
    try {
      return other.convert(object) as unknown as JsonObject;
    } catch (error) {
      throw new ConversionFailure(error instanceof Error ? error.message : String(error));
    }
  }

  /** Fields this write does not decide about are left out. */
  compare(before: Versioned, after: Versioned): Comparison {
    const found = compareValues(before.value as Json, after.value as Json, before.type);
    const { resetFields } = this.input;
    if (isEmptyNode(resetFields)) return found;
    return {
      added: recursiveDifferenceOfNodes(found.added, resetFields),
      modified: recursiveDifferenceOfNodes(found.modified, resetFields),
      removed: recursiveDifferenceOfNodes(found.removed, resetFields),
    };
  }
}
