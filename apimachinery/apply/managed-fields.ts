// Who owns which fields after a create, an update or a patch that is no apply.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management

import { jsonEqual } from "../meta/json-equal.ts";
import type { Json, JsonObject, KubeObject, ManagedFieldsEntry } from "../meta/types.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import type { FieldSet } from "./field-set.ts";
import {
  capUpdaters,
  type ManagerKey,
  type ManagerState,
  type Managers,
  managerId,
  readManagers,
  writeManagers,
} from "./managers.ts";
import { NEVER_OWNED, reconcileManagers, transferFields, withoutManagedFields } from "./ownership.ts";
import { differenceOfNodes, EMPTY, isEmptyNode, unionNodes } from "./sets/field-node.ts";
import { IncomparableItem } from "./typed/compare.ts";
import { ConversionFailure, type VersionLookup, WriteVersions } from "./versions.ts";

/** What every write that changes ownership says. */
export interface WriteInput {
  /** The stored object; undefined when the write creates it. */
  readonly live: KubeObject | undefined;
  /** `""` becomes `unknown`. */
  readonly manager: string;
  readonly subresource?: string;
  /** Of the request, and of `live` and `next`. */
  readonly apiVersion: string;
  /** Of the kind in `apiVersion`. */
  readonly schema: JsonSchema;
  /** RFC 3339, whole seconds, UTC. */
  readonly now: string;
  /** Fields that this way of writing does not change (`status` for the main resource), with all below them. */
  readonly resetFields?: FieldSet;
  /**
   * Other versions of the kind, for managers that wrote in them. Default: entries of other versions are judged as if they
   * were of this one.
   */
  readonly versions?: VersionLookup;
  /**
   * An object of the kind as the original's zero value encodes: built-in structs that are always there (`{"spec":{}}`) and
   * required lists (`null`). Who creates an object owns what it has beyond this. Default: apiVersion and kind only, as for
   * custom resources.
   */
  readonly empty?: KubeObject;
}

export interface UpdateInput extends WriteInput {
  /** The object as it is to be stored; its managedFields are what the client sent. */
  readonly next: KubeObject;
}

/**
 * The managedFields of the next object: changed fields move to the manager's Update entry, removed ones leave every entry.
 * An entry that does not change stays the same object, its time included; times change only with a change.
 *
 * What the client sent in `next.metadata.managedFields` replaces the stored entries when it is well-formed and not empty;
 * `[]` and `[{}]` clear them; null, nothing and malformed ones leave the stored entries in force. Through a subresource it is
 * ignored. An object whose entries were cleared stays without until the first apply.
 *
 * @returns to be stored; empty means that the object has no managedFields. Never throws for what an object holds: when
 *   ownership cannot be computed (a version that does not convert, list items without keys) the entries are given up, as the
 *   API server does.
 */
export function updateManagedFields(input: UpdateInput): ManagedFieldsEntry[] {
  const { live, next } = input;
  const managers = sentOrLive(input);
  if (managers.size === 0 && live !== undefined && (live.metadata.uid ?? "") !== "") return [];
  try {
    recordUpdate(managers, input, {
      before: (live ?? emptyObject(input, next.kind)) as unknown as JsonObject,
      after: next as unknown as JsonObject,
      manager: input.manager,
    });
  } catch (error) {
    if (error instanceof ConversionFailure || error instanceof IncomparableItem) return [];
    throw error;
  }
  capUpdaters(managers);
  return writeManagers(managers);
}

function sentOrLive({ live, next, subresource = "" }: UpdateInput): Managers {
  const stored = readManagers(live?.metadata.managedFields);
  const usable: Managers = "malformed" in stored ? new Map() : stored;
  if (subresource !== "") return usable;
  const sent: unknown = next.metadata.managedFields;
  if (sent === undefined || sent === null || sent === live?.metadata.managedFields) return usable;
  if (isReset(sent)) return new Map();
  if (jsonEqual(sent as Json, (live?.metadata.managedFields ?? null) as unknown as Json)) return usable;
  const read = readManagers(sent);
  if ("malformed" in read || read.size === 0) return usable;
  // A client may spell paths in its own way: what it sent is encoded anew.
  for (const [id, { entry: _, ...state }] of read) read.set(id, state);
  return read;
}

function isReset(sent: unknown): boolean {
  if (!Array.isArray(sent)) return false;
  const [only] = sent as unknown[];
  if (sent.length === 0) return true;
  return sent.length === 1 && typeof only === "object" && only !== null && Object.keys(only).length === 0;
}

/** What there is before a create. */
export function emptyObject({ apiVersion, empty }: WriteInput, kind: string): KubeObject {
  return empty ?? { apiVersion, kind, metadata: {} };
}

interface Change {
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly manager: string;
}

/** Moves what changed to the manager's Update entry. Changes `managers` in place. */
export function recordUpdate(managers: Managers, input: WriteInput, change: Change): void {
  const versions = writeVersions(input);
  reconcileManagers(versions, managers);
  const { comparison } = transferFields(
    versions,
    {
      before: versions.current(withoutManagedFields(change.before)),
      after: versions.current(withoutManagedFields(change.after)),
      managers,
      self: undefined,
    },
    true,
  );
  const taken = differenceOfNodes(unionNodes(comparison.modified, comparison.added), NEVER_OWNED);
  if (isEmptyNode(taken)) return;
  const key = managerKey(input, change.manager, "Update");
  const id = managerId(key);
  const fields = unionNodes(taken, managers.get(id)?.fields ?? EMPTY);
  managers.set(id, { ...key, fields, time: input.now } satisfies ManagerState);
}

export function managerKey(input: WriteInput, manager: string, operation: ManagerKey["operation"]): ManagerKey {
  return {
    manager: manager === "" ? "unknown" : manager,
    operation,
    apiVersion: input.apiVersion,
    subresource: input.subresource ?? "",
  };
}

export function writeVersions(input: WriteInput): WriteVersions {
  return new WriteVersions({
    apiVersion: input.apiVersion,
    schema: input.schema,
    resetFields: input.resetFields?.node ?? EMPTY,
    versions: input.versions,
  });
}
