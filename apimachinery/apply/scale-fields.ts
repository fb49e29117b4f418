// Ownership through the scale subresource: a Scale has one field, and it is the parent's replicas under another name.

import type { ManagedFieldsEntry } from "../meta/types.ts";
import { FieldSet } from "./field-set.ts";
import { type Managers, readManagers, withFields, writeManagers } from "./managers.ts";
import { differenceOfNodes, type FieldNode, hasPath, isEmptyNode } from "./sets/field-node.ts";

const SCALE_VERSION = "autoscaling/v1";
const REPLICAS_IN_SCALE = FieldSet.ofFields(["spec", "replicas"]).node;
const SCALE_PATH = ["f:spec", "f:replicas"];

/**
 * Where each served version of the parent keeps its replicas, by apiVersion, as member names (`["spec", "replicas"]`);
 * undefined for a version without scale. Entries of versions that are not in the map are dropped.
 */
export type ReplicasPaths = ReadonlyMap<string, readonly string[] | undefined>;

function managersOf(entries: readonly ManagedFieldsEntry[]): Managers {
  const read = readManagers(entries);
  return "malformed" in read ? new Map() : read;
}

/** The managedFields of the Scale that shows a parent: who owns its replicas. */
export function scaleManagedFields(parent: readonly ManagedFieldsEntry[], paths: ReplicasPaths): ManagedFieldsEntry[] {
  const scale: Managers = new Map();
  for (const [id, { entry: _, ...state }] of managersOf(parent)) {
    const path = paths.get(state.apiVersion);
    if (path === undefined || !hasPath(state.fields, elementsOf(path))) continue;
    scale.set(id, { ...state, apiVersion: SCALE_VERSION, fields: REPLICAS_IN_SCALE });
  }
  return writeManagers(scale);
}

function elementsOf(path: readonly string[]): string[] {
  return path.map((name) => `f:${name}`);
}

/**
 * The managedFields of a parent after a write to its Scale: who lost the replicas there loses them here, who got them there
 * gets an entry.
 *
 * @param scale - of the Scale after the write
 * @param apiVersion - of the parent in this request
 */
export function parentManagedFields(
  parent: readonly ManagedFieldsEntry[],
  scale: readonly ManagedFieldsEntry[],
  { paths, apiVersion }: { readonly paths: ReplicasPaths; readonly apiVersion: string },
): ManagedFieldsEntry[] {
  const owners = managersOf(scale);
  const known = managersOf(parent);
  const next: Managers = new Map();
  for (const [id, state] of known) {
    if (!paths.has(state.apiVersion)) continue;
    const path = paths.get(state.apiVersion);
    if (path === undefined || !hasPath(state.fields, elementsOf(path))) {
      next.set(id, state);
    } else if (owners.delete(id)) {
      next.set(id, state);
    } else {
      const left = differenceOfNodes(state.fields, nodeOf(path));
      if (!isEmptyNode(left)) next.set(id, withFields(state, left));
    }
  }
  const path = paths.get(apiVersion);
  if (path === undefined) return writeManagers(next);
  for (const [id, { entry: _, ...state }] of owners) {
    if (!hasPath(state.fields, SCALE_PATH)) continue;
    // An updater of the Scale has no time in the parent: the original looks it up under the Scale's version.
    next.set(id, { ...state, apiVersion, fields: nodeOf(path), time: known.get(id)?.time });
  }
  return writeManagers(next);
}

function nodeOf(path: readonly string[]): FieldNode {
  return FieldSet.ofFields(path).node;
}
