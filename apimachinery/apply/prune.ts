// What an applier gave up leaves the object, unless somebody else owns it.

import type { Json, JsonObject } from "../meta/types.ts";
import type { ManagerState, Managers } from "./managers.ts";
import {
  differenceOfNodes,
  EMPTY,
  type FieldNode,
  intersectNodes,
  isEmptyNode,
  isSubsetNode,
  unionNodes,
} from "./sets/field-node.ts";
import { removeItems } from "./typed/remove-items.ts";
import { withNamedFields } from "./typed/schema-reconciling.ts";
import { setOfValue } from "./typed/to-field-set.ts";
import { ConversionFailure, type Versioned, type WriteVersions } from "./versions.ts";

interface Applied {
  /** The live object with the new configuration merged in. */
  readonly merged: Versioned;
  /** With the new set of the applier. */
  readonly managers: Managers;
  /** What the applier owned before. */
  readonly last: ManagerState | undefined;
  readonly current: ManagerState;
}

/**
 * The merged object without the fields that the applier owned, does not own any more, and nobody else owns.
 *
 * @throws {ConversionFailure}
 */
export function pruneGivenUp(versions: WriteVersions, applied: Applied): Versioned {
  const { merged, managers, last, current } = applied;
  if (last === undefined || isEmptyNode(last.fields)) return merged;
  if (last.apiVersion === current.apiVersion && isSubsetNode(last.fields, current.fields)) return merged;
  const inLast = convert(versions, merged, { to: last.apiVersion, what: "merged object to last applied version" });
  if (inLast === undefined) return merged;
  const lastFields = withNamedFields(last.fields, inLast.type);
  const without = withValue(inLast, removeItems(inLast.value as Json, lastFields, inLast.type));
  const sets = new NamedSets();
  const owned = addBackOwned(versions, { merged: inLast, pruned: without, sets, managers });
  const result = addBackDangling(versions, { merged: inLast, pruned: owned, sets, lastFields });
  return convert(versions, result, { to: current.apiVersion, what: "pruned object" }) ?? result;
}

interface Conversion {
  readonly to: string;
  readonly what: string;
}

function convert(versions: WriteVersions, object: Versioned, { to, what }: Conversion): Versioned | undefined {
  try {
    return versions.convert(object, to);
  } catch (error) {
    if (!(error instanceof ConversionFailure)) throw error;
    throw new ConversionFailure(`failed to prune fields: failed to convert ${what}: ${error.message}`);
  }
}

function withValue(object: Versioned, value: Json): Versioned {
  return { ...object, value: (value ?? {}) as JsonObject };
}

interface Pruning {
  readonly merged: Versioned;
  readonly pruned: Versioned;
  readonly sets: NamedSets;
}

/** Gives back what any manager owns, version by version; the version of the pruning comes first. */
function addBackOwned(versions: WriteVersions, state: Pruning & { readonly managers: Managers }): Versioned {
  const owned = new Map<string, FieldNode>([[state.merged.apiVersion, EMPTY]]);
  for (const { apiVersion, fields } of state.managers.values()) {
    const version = versions.input.versions === undefined ? state.merged.apiVersion : apiVersion;
    owned.set(version, unionNodes(owned.get(version) ?? EMPTY, fields));
  }
  let { merged, pruned } = state;
  for (const [apiVersion, fields] of owned) {
    const [mergedThere, prunedThere] = [
      convert(versions, merged, { to: apiVersion, what: `merged object at version ${apiVersion}` }),
      convert(versions, pruned, { to: apiVersion, what: `pruned object at version ${apiVersion}` }),
    ];
    if (mergedThere === undefined || prunedThere === undefined) continue;
    merged = mergedThere;
    const kept = unionNodes(state.sets.of(prunedThere), withNamedFields(fields, merged.type));
    pruned = withValue(merged, removeItems(merged.value, differenceOfNodes(state.sets.of(merged), kept), merged.type));
  }
  return pruned;
}

/** The sets of the objects of one pruning, each made once. */
class NamedSets {
  readonly #sets = new Map<JsonObject, FieldNode>();

  of({ value, type }: Versioned): FieldNode {
    let set = this.#sets.get(value);
    if (set === undefined) {
      set = withNamedFields(setOfValue(value, type), type);
      this.#sets.set(value, set);
    }
    return set;
  }
}

/** Gives back what went only because it stood below something that went, and never was the applier's. */
function addBackDangling(versions: WriteVersions, state: Pruning & { readonly lastFields: FieldNode }): Versioned {
  const { merged, lastFields, sets } = state;
  const pruned = convert(versions, state.pruned, {
    to: merged.apiVersion,
    what: "pruned object to last applied version",
  });
  if (pruned === undefined) return merged;
  const gone = intersectNodes(differenceOfNodes(sets.of(merged), sets.of(pruned)), lastFields);
  return withValue(merged, removeItems(merged.value, gone, merged.type));
}
