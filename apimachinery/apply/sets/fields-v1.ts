// fieldsV1: a field set as the JSON that travels in metadata.managedFields.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/#System

import { isObject } from "../../meta/own-members.ts";
import type { Json, JsonObject } from "../../meta/types.ts";
import { type FieldNode, LEAF, makeNode, unionNodes } from "./field-node.ts";
import { compareElements, readElement } from "./path-element.ts";

/** Deeper paths cannot come from this server, see {@link ../typed/merge-type.ts}. */
const MAX_LEVELS = 1100;

/** Decoded and encoded once: the objects in the caches are never changed in place by anybody. */
const decoded = new WeakMap<JsonObject, FieldNode>();
const encoded = new WeakMap<FieldNode, JsonObject>();

/** Reads fieldsV1. Elements of unknown kinds are left out; anything else that is wrong gives `{ malformed }`. */
export function decodeFieldsV1(fields: unknown): FieldNode | { readonly malformed: string } {
  if (!isObject(fields)) return { malformed: "fieldsV1 is no object" };
  const known = decoded.get(fields);
  if (known !== undefined) return known;
  const problem: { reason?: string } = {};
  const { children } = readNode(fields, problem, 0);
  if (problem.reason !== undefined) return { malformed: problem.reason };
  const node = makeNode(false, children);
  decoded.set(fields, node);
  return node;
}

interface Read {
  readonly member: boolean;
  readonly children: Map<string, FieldNode> | undefined;
}

function readNode(value: Json | undefined, problem: { reason?: string }, level: number): Read {
  if (value === null) return NO_CHILDREN;
  if (!isObject(value) || level > MAX_LEVELS) {
    problem.reason ??= level > MAX_LEVELS ? "nested too deeply" : "a value is no object";
    return NO_CHILDREN;
  }
  let member = false;
  let children: Map<string, FieldNode> | undefined;
  for (const key of Object.keys(value)) {
    if (key === ".") {
      member = true;
      continue;
    }
    const read = readElement(key);
    if (read.kind === "unknown") continue;
    if (read.kind === "malformed") {
      problem.reason ??= read.reason;
      continue;
    }
    const below = readNode(value[key], problem, level + 1);
    const node = below.children === undefined ? LEAF : makeNode(below.member, below.children);
    children ??= new Map();
    const twin = children.get(read.element);
    children.set(read.element, twin === undefined ? node : unionNodes(twin, node));
  }
  return children === undefined ? NO_CHILDREN : { member, children };
}
const NO_CHILDREN: Read = { member: true, children: undefined };

/**
 * Writes fieldsV1: `"."` stands for a path that others go on from, elements come in their order. The result is shared and
 * must not be changed.
 */
export function encodeFieldsV1(node: FieldNode): JsonObject {
  const known = encoded.get(node);
  if (known !== undefined) return known;
  const fields = writeNode(node, false);
  encoded.set(node, fields);
  decoded.set(fields, node);
  return fields;
}

function writeNode(node: FieldNode, includeSelf: boolean): JsonObject {
  const fields: JsonObject = {};
  if (node.children === undefined) return fields;
  if (includeSelf && node.member) fields["."] = {};
  for (const key of sortedElements(node.children)) {
    // Every element has a prefix, so no name can be `__proto__`.
    fields[key] = writeNode(node.children.get(key) as FieldNode, true);
  }
  return fields;
}

/** The elements below a node in the order of a set. */
export function sortedElements(children: ReadonlyMap<string, FieldNode>): string[] {
  const keys = [...children.keys()];
  for (let i = 1; i < keys.length; i++) {
    if (compareElements(keys[i - 1] as string, keys[i] as string) > 0) return keys.sort(compareElements);
  }
  return keys;
}
