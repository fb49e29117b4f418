// Sets seen together with their types.

import {
  type FieldNode,
  GrowingNode,
  graft,
  isEmptyNode,
  LEAF,
  makeNode,
  recursiveDifferenceOfNodes,
  unionNodes,
} from "../sets/field-node.ts";
import { fieldName } from "../sets/path-element.ts";
import { MAP, type MergeType, SCALAR } from "./merge-type.ts";

/** The type below a path element; undefined for what the type does not know. */
function typeBelow(type: MergeType | undefined, element: string): MergeType | undefined {
  if (type === undefined) return undefined;
  const name = fieldName(element);
  if (name !== undefined) return type.map?.field(name) ?? type.map?.element;
  return type.list?.item;
}

/** The set with every declared member on the way to its paths: owning `.spec.a` then includes owning `.spec`. */
export function withNamedFields(node: FieldNode, type: MergeType | undefined): FieldNode {
  if (node.children === undefined) return node;
  let children: Map<string, FieldNode> | undefined;
  for (const [element, child] of node.children) {
    const name = fieldName(element);
    const named = name !== undefined && type?.map?.field(name) !== undefined && child.children !== undefined;
    const below = element.startsWith("v:") || element.startsWith("i:") ? undefined : typeBelow(type, element);
    const inner = withNamedFields(child, below);
    const next = named && !inner.member ? makeNode(true, inner.children) : inner;
    if (next === child) continue;
    children ??= new Map(node.children);
    children.set(element, next);
  }
  return children === undefined ? node : makeNode(node.member, children);
}

/**
 * A set that was made under an older schema: where a list or map has become atomic since, its owner owns it as a whole. The
 * same set when nothing is to be done.
 */
export function reconcileWithType(node: FieldNode, type: MergeType): FieldNode {
  const whole = new GrowingNode();
  findAtomics(node, type, { path: [], whole });
  if (isEmptyNode(whole)) return node;
  return unionNodes(recursiveDifferenceOfNodes(node, whole), whole);
}

interface Found {
  readonly path: string[];
  readonly whole: GrowingNode;
}

function findAtomics(node: FieldNode, type: MergeType, found: Found): void {
  if (node.children === undefined) return;
  const { map, list } = type;
  const asMap = (type.shapes & MAP) !== 0;
  if (asMap && map?.isOpen) return;
  if (!asMap && (type.shapes & SCALAR || list === undefined)) return;
  const atomic = asMap ? map?.atomic : list?.relation === "atomic";
  if (atomic && found.path.length > 0) {
    graft(found.whole, found.path, LEAF);
    return;
  }
  for (const [element, child] of node.children) {
    const name = fieldName(element);
    const below = asMap ? name !== undefined && (map?.field(name) ?? map?.element) : list?.item;
    if (!below || child.children === undefined) continue;
    found.path.push(element);
    findAtomics(child, below, found);
    found.path.pop();
  }
}
