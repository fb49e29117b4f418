// Server-side apply. https://kubernetes.io/docs/reference/using-api/server-side-apply/

import { jsonEqual } from "../meta/json-equal.ts";
import { isObject } from "../meta/own-members.ts";
import { badRequest, failure } from "../meta/status-error.ts";
import {
  type Json,
  type JsonObject,
  type KubeObject,
  type ManagedFieldsEntry,
  parseApiVersion,
} from "../meta/types.ts";
import { conflictError } from "./conflicts.ts";
import { fieldsLastApplied, KUBECTL, lastAppliedOf, lastAppliedText, withLastApplied } from "./last-applied.ts";
import { emptyObject, managerKey, recordUpdate, type WriteInput, writeVersions } from "./managed-fields.ts";
import {
  dropEmpty,
  type ManagerState,
  type Managers,
  managerId,
  readManagers,
  withFields,
  writeManagers,
} from "./managers.ts";
import { type Conflicts, NEVER_OWNED, reconcileManagers, transferFields, withoutManagedFields } from "./ownership.ts";
import { pruneGivenUp } from "./prune.ts";
import { differenceOfNodes, equalNodes, isEmptyNode, recursiveDifferenceOfNodes } from "./sets/field-node.ts";
import { IncomparableItem } from "./typed/compare.ts";
import { mergeValues } from "./typed/merge.ts";
import { setOfValue } from "./typed/to-field-set.ts";
import { typeProblem } from "./typed/typed-validation.ts";
import { ConversionFailure, type WriteVersions } from "./versions.ts";

export interface ApplyInput extends WriteInput {
  /** The body of the request. */
  readonly config: KubeObject;
  /** Take fields from other managers instead of answering 409. */
  readonly force: boolean;
  /** The kind of the resource. Default: the live object's; when there is none either, any kind is taken. */
  readonly kind?: string;
}

/** The manager of what was there before the first apply. */
export const BEFORE_FIRST_APPLY = "before-first-apply";

/**
 * Applies a configuration: merges it into the live object, removes what this manager applied before and does not any more
 * (unless others own it), and records the ownership in the result's managedFields. Applying the same again changes nothing,
 * not even a time.
 *
 * The result is a new object with new metadata; below, it shares with `live` and `config`.
 *
 * @throws {StatusError} 409 with a cause for each conflict; 400 for another kind or version and for managedFields in the
 *   configuration; 500 for values that do not fit the schema, as the API server answers them
 */
export function applyConfiguration(input: ApplyInput): { object: KubeObject } {
  checkConfig(input);
  const live = input.live ?? emptyCustomObject(input);
  const managers = liveManagers(input, live);
  try {
    const outcome = applyOrTakeOver(input, live, managers);
    return { object: finished(input, live, outcome) };
  } catch (error) {
    if (error instanceof ConversionFailure) throw failure("", error.message, { cause: error });
    if (error instanceof IncomparableItem) {
      throw failure("", `failed to compare objects: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function emptyCustomObject({ apiVersion, config }: ApplyInput): KubeObject {
  return { apiVersion, kind: config.kind, metadata: {} };
}

function checkConfig({ config, apiVersion, kind, live }: ApplyInput): void {
  const expected = kind ?? live?.kind;
  if (config.apiVersion !== apiVersion || (expected === undefined ? !config.kind : config.kind !== expected)) {
    throw badRequest(`invalid object type: ${kindText(config)}`);
  }
  const sent: unknown = isObject(config.metadata) ? config.metadata["managedFields"] : undefined;
  if (sent !== undefined && sent !== null) throw badRequest("metadata.managedFields must be nil");
}

/** Go's text of a GroupVersionKind: `apps/v1, Kind=Deployment`, `/v1, Kind=Secret`, `/, Kind=` */
function kindText({ apiVersion, kind }: { apiVersion?: unknown; kind?: unknown }): string {
  const version = parseApiVersion(typeof apiVersion === "string" ? apiVersion : "");
  if (version === undefined) return "/, Kind=";
  return `${version.group}/${version.version}, Kind=${typeof kind === "string" ? kind : ""}`;
}

function liveManagers(input: ApplyInput, live: KubeObject): Managers {
  const read = readManagers(live.metadata.managedFields);
  if ("malformed" in read) throw failure("", `failed to decode managed fields: ${read.malformed}`);
  if (read.size > 0 || input.live === undefined) return read;
  recordUpdate(read, input, {
    before: emptyObject(input, live.kind) as unknown as JsonObject,
    after: live as unknown as JsonObject,
    manager: BEFORE_FIRST_APPLY,
  });
  return read;
}

interface Outcome {
  readonly managers: Managers;
  /** Undefined when the apply changes nothing of the object. */
  readonly next: JsonObject | undefined;
}

/** kubectl takes over what its client-side apply has left behind, without a conflict. */
function applyOrTakeOver(input: ApplyInput, live: KubeObject, managers: Managers): Outcome {
  const versions = writeVersions(input);
  const first = applyOnce(versions, { input, live, managers, force: input.force });
  if (!("conflicts" in first)) return first;
  if (input.manager !== KUBECTL) throw conflictError(first.conflicts, first.managers);
  const allowed = fieldsLastApplied(live, input.apiVersion, versions.type);
  if (allowed === undefined) throw conflictError(first.conflicts, first.managers);
  const left: Conflicts = new Map();
  for (const [id, fields] of first.conflicts) {
    const rest = differenceOfNodes(fields, allowed);
    if (!isEmptyNode(rest)) left.set(id, rest);
  }
  if (left.size > 0) throw conflictError(left, first.managers);
  return applyOnce(versions, { input, live, managers, force: true }) as Outcome;
}

interface Attempt {
  readonly input: ApplyInput;
  readonly live: KubeObject;
  readonly managers: Managers;
  readonly force: boolean;
}

function applyOnce(
  versions: WriteVersions,
  { input, live, managers: known, force }: Attempt,
): Outcome | { readonly conflicts: Conflicts; readonly managers: Managers } {
  const managers: Managers = new Map(known);
  const config = input.config as unknown as JsonObject;
  const stored = withoutManagedFields(live as unknown as JsonObject);
  checkTypes(versions, { config, stored });
  reconcileManagers(versions, managers);

  const merged = versions.current(mergeValues(stored, withoutManagedFields(config), versions.type) as JsonObject);
  const id = managerId(managerKey(input, input.manager, "Apply"));
  const last = managers.get(id);
  const current = ownState(versions, { input, config, last });
  managers.set(id, current);
  const after = pruneGivenUp(versions, { merged, managers, last, current });
  const before = versions.current(stored);
  const { conflicts } = transferFields(versions, { before, after, managers, self: id }, force);
  if (conflicts.size > 0 && !force) return { conflicts, managers };

  settleOwn(managers, id, last);
  dropEmpty(managers);
  const isSame = jsonEqual(stored, after.value);
  if (!isSame) touch(managers, id, input.now);
  return { managers, next: isSame ? undefined : after.value };
}

function touch(managers: Managers, id: string, now: string): void {
  const state = managers.get(id);
  if (state === undefined || state.time === now) return;
  const { entry: _, ...rest } = state;
  managers.set(id, { ...rest, time: now });
}

interface Own {
  readonly input: ApplyInput;
  readonly config: JsonObject;
  readonly last: ManagerState | undefined;
}

/** What the applier owns from now on, its name and namespace still included: pruning must not take them away. */
function ownState(versions: WriteVersions, { input, config, last }: Own): ManagerState {
  const all = setOfValue(config as Json, versions.type);
  const fields = recursiveDifferenceOfNodes(all, versions.input.resetFields);
  return { ...managerKey(input, input.manager, "Apply"), fields, time: last?.time };
}

/** Takes what nobody owns out of the applier's set. An entry that says so already stays, and with it its time. */
function settleOwn(managers: Managers, id: string, last: ManagerState | undefined): void {
  const own = managers.get(id);
  if (own === undefined) return;
  const settled = withFields(own, differenceOfNodes(own.fields, NEVER_OWNED));
  const isSame = last?.apiVersion === settled.apiVersion && equalNodes(last.fields, settled.fields);
  managers.set(id, isSame ? last : settled);
}

function checkTypes(versions: WriteVersions, { config, stored }: { config: JsonObject; stored: JsonObject }): void {
  const problem = typeProblem(config, versions.type, false);
  if (problem !== undefined) throw failure("", `failed to create typed patch object (${nameText(config)}): ${problem}`);
  const storedProblem = typeProblem(stored, versions.type, true);
  if (storedProblem !== undefined) {
    throw failure("", `failed to create typed live object (${nameText(stored)}): ${storedProblem}`);
  }
}

/** `namespace/name; kind` as texts of the original name an object. */
function nameText(object: JsonObject): string {
  const metadata = isObject(object["metadata"]) ? object["metadata"] : {};
  const [namespace, name] = [metadata["namespace"], metadata["name"]];
  return `${typeof namespace === "string" ? namespace : ""}/${typeof name === "string" ? name : ""}; ${kindText(object)}`;
}

function finished(input: ApplyInput, live: KubeObject, { managers, next }: Outcome): KubeObject {
  const object = (next ?? live) as unknown as KubeObject;
  const entries = writeManagers(managers);
  const metadata = { ...(isObject(object.metadata) ? object.metadata : {}) } as KubeObject["metadata"];
  if (entries.length > 0) metadata.managedFields = entries as ManagedFieldsEntry[];
  else delete metadata.managedFields;
  const result: KubeObject = { ...object, metadata };
  if (input.manager === KUBECTL && lastAppliedText(result) !== undefined) {
    metadata.annotations = withLastApplied(metadata.annotations ?? {}, lastAppliedOf(input.config));
  }
  return result;
}
