// The trie under a FieldSet and its algebra. A path is a row of path elements in the text form of fieldsV1 (`f:spec`,
// `k:{"name":"a"}`, `v:"x"`, `i:0`); see path-element.ts. Nodes are immutable, so results share what stayed the same: a set
// that an operation does not change comes back as the very same object.

export interface FieldNode {
  /** The path that ends here is in the set. The root's is false. */
  readonly member: boolean;
  /** Never empty; undefined when no path goes on from here. */
  readonly children: ReadonlyMap<string, FieldNode> | undefined;
}

/** A set under construction: filled in place by {@link graft}, never changed once it is handed on. */
export class GrowingNode implements FieldNode {
  member = false;
  children: Map<string, FieldNode> | undefined;
}

/** A path that ends here and goes nowhere else. */
export const LEAF: FieldNode = Object.freeze({ member: true, children: undefined });
/** The set without paths. */
export const EMPTY: FieldNode = Object.freeze({ member: false, children: undefined });

export function isEmptyNode(node: FieldNode): boolean {
  return !node.member && node.children === undefined;
}

/** A node of these parts; without children and membership it is {@link EMPTY}. */
export function makeNode(member: boolean, children: ReadonlyMap<string, FieldNode> | undefined): FieldNode {
  if (children === undefined || children.size === 0) return member ? LEAF : EMPTY;
  return { member, children };
}

/** Adds the subtree `node` at `path`, over what is there. For sets under construction only. */
export function graft(root: GrowingNode, path: readonly string[], node: FieldNode): void {
  let at = root;
  for (let i = 0; i < path.length - 1; i++) at = step(at, path[i] as string);
  const key = path[path.length - 1];
  if (key === undefined) return;
  at.children ??= new Map();
  const present = at.children.get(key);
  at.children.set(key, present === undefined ? node : unionNodes(present, node));
}

function step(at: GrowingNode, key: string): GrowingNode {
  at.children ??= new Map();
  const present = at.children.get(key);
  if (present instanceof GrowingNode) return present;
  const next = new GrowingNode();
  next.member = present?.member ?? false;
  next.children = present?.children && new Map(present.children);
  at.children.set(key, next);
  return next;
}

export function unionNodes(a: FieldNode, b: FieldNode): FieldNode {
  if (a === b || isEmptyNode(b)) return a;
  if (isEmptyNode(a)) return b;
  let children: Map<string, FieldNode> | undefined;
  if (b.children !== undefined) {
    for (const [key, theirs] of b.children) {
      const ours = a.children?.get(key);
      const both = ours === undefined ? theirs : unionNodes(ours, theirs);
      if (both === ours) continue;
      children ??= new Map(a.children);
      children.set(key, both);
    }
  }
  if (children === undefined && a.member === (a.member || b.member)) return a;
  return makeNode(a.member || b.member, children ?? a.children);
}

/** The paths of `a` that are not in `b`. */
export function differenceOfNodes(a: FieldNode, b: FieldNode): FieldNode {
  return subtract(a, b, false);
}

/** The paths of `a` that are not in `b` and do not go on from a path of `b`. */
export function recursiveDifferenceOfNodes(a: FieldNode, b: FieldNode): FieldNode {
  return subtract(a, b, true);
}

function subtract(a: FieldNode, b: FieldNode, recursive: boolean): FieldNode {
  if (isEmptyNode(b) || isEmptyNode(a)) return a;
  let children: Map<string, FieldNode> | undefined;
  if (a.children !== undefined && b.children !== undefined) {
    const [walked, other] = a.children.size <= b.children.size ? [a.children, b.children] : [b.children, a.children];
    for (const key of walked.keys()) {
      const ours = a.children.get(key);
      if (ours === undefined || !other.has(key)) continue;
      const theirs = b.children.get(key) as FieldNode;
      const left = recursive && theirs.member ? EMPTY : subtract(ours, theirs, recursive);
      if (left === ours) continue;
      children ??= new Map(a.children);
      if (isEmptyNode(left)) children.delete(key);
      else children.set(key, left);
    }
  }
  const member = a.member && !b.member;
  return children === undefined && member === a.member ? a : makeNode(member, children ?? a.children);
}

/** The paths in both. */
export function intersectNodes(a: FieldNode, b: FieldNode): FieldNode {
  if (a === b) return a;
  const children = new Map<string, FieldNode>();
  if (a.children !== undefined && b.children !== undefined) {
    for (const [key, ours] of a.children) {
      const theirs = b.children.get(key);
      if (theirs === undefined) continue;
      const both = intersectNodes(ours, theirs);
      if (!isEmptyNode(both)) children.set(key, both);
    }
  }
  return makeNode(a.member && b.member, children);
}

export function equalNodes(a: FieldNode, b: FieldNode): boolean {
  if (a === b) return true;
  if (a.member !== b.member || a.children?.size !== b.children?.size) return false;
  if (a.children === undefined || b.children === undefined) return true;
  for (const [key, ours] of a.children) {
    const theirs = b.children.get(key);
    if (theirs === undefined || !equalNodes(ours, theirs)) return false;
  }
  return true;
}

/** True when every path of `a` is in `b`. */
export function isSubsetNode(a: FieldNode, b: FieldNode): boolean {
  return isEmptyNode(differenceOfNodes(a, b));
}

export function childNode(node: FieldNode, key: string): FieldNode {
  return node.children?.get(key) ?? EMPTY;
}

export function hasPath(node: FieldNode, path: readonly string[]): boolean {
  if (path.length === 0) return false;
  let at: FieldNode | undefined = node;
  for (const key of path) {
    at = at.children?.get(key);
    if (at === undefined) return false;
  }
  return at.member;
}

/** The set without the paths that others go on from. */
export function leavesOfNode(node: FieldNode): FieldNode {
  if (node.children === undefined) return node;
  const children = new Map<string, FieldNode>();
  for (const [key, child] of node.children) children.set(key, leavesOfNode(child));
  return makeNode(false, children);
}
