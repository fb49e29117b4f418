// metadata.managedFields as the server works with it: one state for each manager, read from entries and written back.

import type { JsonObject, ManagedFieldsEntry } from "../meta/types.ts";
import { type FieldNode, isEmptyNode, unionNodes } from "./sets/field-node.ts";
import { decodeFieldsV1, encodeFieldsV1 } from "./sets/fields-v1.ts";
import { compareText } from "./sets/path-element.ts";

export interface ManagerKey {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string;
}

export interface ManagerState extends ManagerKey {
  readonly fields: FieldNode;
  /** RFC 3339 */
  readonly time: string | undefined;
  /** The entry this was read from; it is written back as it is when nothing changed. */
  readonly entry?: ManagedFieldsEntry;
}

/** By {@link managerId}. */
export type Managers = Map<string, ManagerState>;

/**
 * What tells managers apart: an applier is the same in every version, an updater is not. The text is the JSON by which the
 * original sorts managers in conflict messages.
 */
export function managerId(key: ManagerKey): string {
  return JSON.stringify({
    ...(key.manager === "" ? {} : { manager: key.manager }),
    operation: key.operation,
    ...(key.operation === "Apply" || key.apiVersion === "" ? {} : { apiVersion: key.apiVersion }),
    ...(key.subresource === "" ? {} : { subresource: key.subresource }),
  });
}

/** Reads entries. `{ malformed }` says why they cannot be: one wrong entry spoils all. */
export function readManagers(entries: unknown): Managers | { readonly malformed: string } {
  const managers: Managers = new Map();
  if (entries === undefined || entries === null) return managers;
  if (!Array.isArray(entries)) return { malformed: "managedFields is no list" };
  for (let i = 0; i < entries.length; i++) {
    const state = readEntry(entries[i] as ManagedFieldsEntry, i);
    if ("malformed" in state) return state;
    managers.set(managerId(state), state);
  }
  return managers;
}

function readEntry(entry: ManagedFieldsEntry, index: number): ManagerState | { readonly malformed: string } {
  if (typeof entry !== "object" || entry === null) return { malformed: "an entry is no object" };
  const { operation, apiVersion, fieldsType, manager = "", subresource = "", time } = entry;
  if (operation !== "Apply" && operation !== "Update") return { malformed: "operation must be `Apply` or `Update`" };
  if (apiVersion === undefined || apiVersion === "") return { malformed: "apiVersion must not be empty" };
  if (!isText(apiVersion) || !isText(manager) || !isText(subresource)) return { malformed: "a member is no string" };
  if (fieldsType === undefined) return { malformed: `missing fieldsType in managed fields entry ${index}` };
  if (fieldsType !== "FieldsV1") {
    return { malformed: `invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}` };
  }
  if (time !== undefined && time !== null && !(isText(time) && /^\d{4}-\d\d-\d\dT/.test(time))) {
    return { malformed: `invalid time in managed fields entry ${index}` };
  }
  const fields = decodeFieldsV1(entry.fieldsV1 ?? NO_FIELDS);
  if ("malformed" in fields) return { malformed: `error decoding set: ${fields.malformed}` };
  return { manager, operation, apiVersion, subresource, fields, time: time ?? undefined, entry };
}
const NO_FIELDS: JsonObject = {};

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Writes entries in their order: appliers first, then by time, name, version, subresource. Managers of nothing stay. */
export function writeManagers(managers: Managers): ManagedFieldsEntry[] {
  return [...managers.values()].sort(compareStates).map(writeEntry);
}

function writeEntry(state: ManagerState): ManagedFieldsEntry {
  if (state.entry !== undefined) return state.entry;
  return {
    manager: state.manager,
    operation: state.operation,
    apiVersion: state.apiVersion,
    ...(state.time === undefined ? {} : { time: state.time }),
    fieldsType: "FieldsV1",
    fieldsV1: encodeFieldsV1(state.fields),
    ...(state.subresource === "" ? {} : { subresource: state.subresource }),
  };
}

function compareStates(a: ManagerState, b: ManagerState): number {
  if (a.operation !== b.operation) return a.operation < b.operation ? -1 : 1;
  return (
    compareTimes(a.time, b.time) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

/** No time is the oldest. */
function compareTimes(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  return seconds(a) - seconds(b);
}

function seconds(time: string | undefined): number {
  const ms = time === undefined ? 0 : Date.parse(time);
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000);
}

/** The state with other fields: to be encoded anew. The same state when they are the same. */
export function withFields(state: ManagerState, fields: FieldNode): ManagerState {
  if (state.fields === fields) return state;
  const { entry: _, ...rest } = state;
  return { ...rest, fields };
}

/** The oldest updaters beyond the limit become one manager of this name for each version. */
export const ANCIENT_CHANGES = "ancient-changes";
export const MAX_UPDATERS = 10;

/** Merges the oldest updaters until at most {@link MAX_UPDATERS} are left, as far as their versions allow. */
export function capUpdaters(managers: Managers): void {
  const updaters = [...managers].filter(([, state]) => state.operation === "Update");
  if (updaters.length <= MAX_UPDATERS) return;
  updaters.sort(([idA, a], [idB, b]) => compareTimes(a.time, b.time) || compareText(idA, idB));
  const firstOfVersion = new Map<string, string>();
  let count = updaters.length;
  for (const [id, { apiVersion, time }] of updaters) {
    if (count <= MAX_UPDATERS) return;
    const first = firstOfVersion.get(apiVersion);
    if (first === undefined) {
      firstOfVersion.set(apiVersion, id);
      continue;
    }
    const bucket: ManagerKey = { manager: ANCIENT_CHANGES, operation: "Update", apiVersion, subresource: "" };
    const bucketId = managerId(bucket);
    const held = managers.get(bucketId)?.fields ?? managers.get(first)?.fields;
    const taken = managers.get(id)?.fields;
    if (held === undefined || taken === undefined) continue;
    if (!managers.has(bucketId)) managers.delete(first);
    managers.delete(id);
    managers.set(bucketId, { ...bucket, fields: unionNodes(taken, held), time });
    count--;
  }
}

/** Drops managers that own nothing. */
export function dropEmpty(managers: Managers): void {
  for (const [id, state] of managers) if (isEmptyNode(state.fields)) managers.delete(id);
}
