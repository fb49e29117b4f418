// Who owns what after a write: the part that updates and applies have in common.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts

import type { JsonObject } from "../meta/types.ts";
import { dropEmpty, type Managers, withFields } from "./managers.ts";
import {
  differenceOfNodes,
  type FieldNode,
  GrowingNode,
  graft,
  intersectNodes,
  isEmptyNode,
  LEAF,
  unionNodes,
} from "./sets/field-node.ts";
import { fieldElement } from "./sets/path-element.ts";
import type { Comparison } from "./typed/compare.ts";
import { reconcileWithType } from "./typed/schema-reconciling.ts";
import { ConversionFailure, type Versioned, type WriteVersions } from "./versions.ts";

/** What a manager owns and the write changes. By manager id. */
export type Conflicts = Map<string, FieldNode>;

export interface Transition {
  readonly before: Versioned;
  readonly after: Versioned;
  readonly managers: Managers;
  /** The manager whose write it is: it has no conflicts with itself. */
  readonly self: string | undefined;
}

export interface Transferred {
  /** In the version of the write. */
  readonly comparison: Comparison;
  readonly conflicts: Conflicts;
}

/**
 * Finds what the other managers lose, and takes it from them when `force` is set or nothing is in conflict. Changes
 * `managers` in place.
 *
 * @throws {ConversionFailure}
 */
export function transferFields(versions: WriteVersions, transition: Transition, force: boolean): Transferred {
  const { before, after, managers, self } = transition;
  const comparison = versions.compare(before, after);
  const comparisons = new Map([[before.apiVersion, comparison]]);
  const conflicts: Conflicts = new Map();
  const losses = new Map<string, FieldNode>();
  for (const [id, state] of managers) {
    if (id === self) continue;
    const found = comparisonIn(state.apiVersion, { versions, transition, comparisons });
    if (found === undefined) {
      managers.delete(id);
      continue;
    }
    const changed = unionNodes(found.modified, found.added);
    const conflict = intersectNodes(state.fields, changed);
    if (!isEmptyNode(conflict)) conflicts.set(id, conflict);
    losses.set(id, unionNodes(changed, found.removed));
  }
  if (force || conflicts.size === 0) {
    for (const [id, lost] of losses) {
      const state = managers.get(id);
      if (state !== undefined) managers.set(id, withFields(state, differenceOfNodes(state.fields, lost)));
    }
    dropEmpty(managers);
  }
  return { comparison, conflicts };
}

interface Known {
  readonly versions: WriteVersions;
  readonly transition: Transition;
  readonly comparisons: Map<string, Comparison>;
}

/** The comparison in a manager's version; undefined when that is gone. */
function comparisonIn(apiVersion: string, { versions, transition, comparisons }: Known): Comparison | undefined {
  if (versions.input.versions === undefined) return comparisons.get(transition.before.apiVersion);
  const known = comparisons.get(apiVersion);
  if (known !== undefined) return known;
  const before = naming("failed to convert old object", () => versions.convert(transition.before, apiVersion));
  const after = naming("failed to convert new object", () => versions.convert(transition.after, apiVersion));
  if (before === undefined || after === undefined) return undefined;
  const comparison = versions.compare(before, after);
  comparisons.set(apiVersion, comparison);
  return comparison;
}

function naming<T>(what: string, convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    if (error instanceof ConversionFailure) throw new ConversionFailure(`${what}: ${error.message}`);
    throw error;
  }
}

/** Brings sets that were made under an older schema up to date. Changes `managers` in place. */
export function reconcileManagers(versions: WriteVersions, managers: Managers): void {
  for (const [id, state] of managers) {
    const type = versions.typeOf(state.apiVersion);
    if (type === undefined) managers.delete(id);
    else managers.set(id, withFields(state, reconcileWithType(state.fields, type)));
  }
}

const neverOwned = new GrowingNode();
for (const path of [
  ["apiVersion"],
  ["kind"],
  ["metadata"],
  ...["name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation"].map((n) => [
    "metadata",
    n,
  ]),
  ["metadata", "managedFields"],
  ["metadata", "resourceVersion"],
]) {
  graft(neverOwned, path.map(fieldElement), LEAF);
}
/** What identifies an object or is the system's: nobody's to own. */
export const NEVER_OWNED: FieldNode = neverOwned;

/** The object without managedFields, which describe it and are no part of it. */
export function withoutManagedFields(object: JsonObject): JsonObject {
  const metadata = object["metadata"];
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) return object;
  if (!Object.hasOwn(metadata, "managedFields")) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}
