import type { Json, JsonObject } from "../meta/types.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import {
  differenceOfNodes,
  EMPTY,
  equalNodes,
  type FieldNode,
  GrowingNode,
  graft,
  hasPath,
  intersectNodes,
  isEmptyNode,
  LEAF,
  leavesOfNode,
  recursiveDifferenceOfNodes,
  unionNodes,
} from "./sets/field-node.ts";
import { decodeFieldsV1, encodeFieldsV1, sortedElements } from "./sets/fields-v1.ts";
import { fieldElement } from "./sets/path-element.ts";
import { mergeTypeOf } from "./typed/merge-type.ts";
import { setOfValue } from "./typed/to-field-set.ts";

/**
 * A set of paths into an object, as `metadata.managedFields` keeps them: an immutable trie. Operations give new sets that
 * share what stayed the same; one that changes nothing gives the very same set.
 *
 * A path is a row of path elements in the text form of fieldsV1, as `["f:spec", 'k:{"name":"a"}']`.
 */
export class FieldSet {
  static readonly empty: FieldSet = new FieldSet(EMPTY);

  /** The trie; for code of this folder. @internal */
  readonly node: FieldNode;

  /** Use the static functions. @internal */
  constructor(node: FieldNode) {
    this.node = node;
  }

  /** Paths in the form of the class comment. */
  static of(...paths: readonly (readonly string[])[]): FieldSet {
    const root = new GrowingNode();
    for (const path of paths) graft(root, path, LEAF);
    return new FieldSet(root);
  }

  /** Paths of member names: `ofFields(["spec"], ["metadata", "labels"])`. */
  static ofFields(...paths: readonly (readonly string[])[]): FieldSet {
    return FieldSet.of(...paths.map((path) => path.map(fieldElement)));
  }

  /** Reads the JSON of fieldsV1; undefined when it is malformed. The object must not be changed afterwards. */
  static fromFieldsV1(fields: unknown): FieldSet | undefined {
    const node = decodeFieldsV1(fields);
    return "malformed" in node ? undefined : new FieldSet(node);
  }

  /**
   * The set a manager owns who applies `value`: its leaves, the items of its sets and keyed lists, and the members of maps
   * that are no declared fields.
   *
   * @param schema - of the whole object; what it leaves open counts as the value looks: maps by member, lists as one
   */
  static ofValue(value: Json, schema: JsonSchema): FieldSet {
    return new FieldSet(setOfValue(value, mergeTypeOf(schema)));
  }

  /** The JSON of fieldsV1, shared: it must not be changed. */
  toFieldsV1(): JsonObject {
    return encodeFieldsV1(this.node);
  }

  get isEmpty(): boolean {
    return isEmptyNode(this.node);
  }

  has(path: readonly string[]): boolean {
    return hasPath(this.node, path);
  }

  equals(other: FieldSet): boolean {
    return equalNodes(this.node, other.node);
  }

  union(other: FieldSet): FieldSet {
    return this.#with(unionNodes(this.node, other.node));
  }

  intersection(other: FieldSet): FieldSet {
    return this.#with(intersectNodes(this.node, other.node));
  }

  /** The paths that `other` does not have. */
  difference(other: FieldSet): FieldSet {
    return this.#with(differenceOfNodes(this.node, other.node));
  }

  /** The paths that `other` does not have and that do not go on from one of its paths. */
  recursiveDifference(other: FieldSet): FieldSet {
    return this.#with(recursiveDifferenceOfNodes(this.node, other.node));
  }

  /** The paths that no other path goes on from. */
  leaves(): FieldSet {
    return this.#with(leavesOfNode(this.node));
  }

  /** Every path; at each level first those that end there, both in order. */
  paths(): string[][] {
    return [...pathsOf(this.node)];
  }

  #with(node: FieldNode): FieldSet {
    return node === this.node ? this : new FieldSet(node);
  }
}

/** See {@link FieldSet.paths}. */
export function* pathsOf(node: FieldNode, prefix: readonly string[] = []): Generator<string[]> {
  if (node.children === undefined) return;
  const keys = sortedElements(node.children);
  for (const key of keys) if (node.children.get(key)?.member) yield [...prefix, key];
  for (const key of keys) {
    const child = node.children.get(key);
    if (child?.children !== undefined) yield* pathsOf(child, [...prefix, key]);
  }
}
