// Events of events.k8s.io/v1. They are kept as those of the core group, under other names.
import type { KubeObject } from "../../../meta/types.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { newEventProblems } from "./event-rules.ts";

/** Name in events.k8s.io -> name in the core group. */
const NAMES: readonly (readonly [string, string])[] = [
  ["regarding", "involvedObject"],
  ["note", "message"],
  ["reportingController", "reportingComponent"],
  ["deprecatedSource", "source"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedCount", "count"],
];
const TO_CORE: ReadonlyMap<string, string> = new Map(NAMES);
const FROM_CORE: ReadonlyMap<string, string> = new Map(NAMES.map(([own, core]) => [core, own]));

export const newEventBehaviour: KindBehaviour = {
  createOnUpdate: true,
  validate: newEventProblems,
  validateUpdate: newEventProblems,
  convert: (stored) => renamed(stored, "events.k8s.io/v1", FROM_CORE),
  toStorage(served) {
    const core = renamed(served, "v1", TO_CORE);
    core["reportingComponent"] ??= "";
    core["reportingInstance"] ??= "";
    return core;
  },
  selectableFieldNames: ["reason", "reportingController", "type"],
  selectableFields: (event) => ({
    reason: String(event["reason"] ?? ""),
    reportingController: String(event["reportingController"] ?? event["reportingComponent"] ?? ""),
    type: String(event["type"] ?? ""),
  }),
};

function renamed(event: KubeObject, apiVersion: string, names: ReadonlyMap<string, string>): KubeObject {
  if (event.apiVersion === apiVersion) return event;
  const next: KubeObject = { apiVersion, kind: "Event", metadata: event.metadata };
  for (const key of Object.keys(event)) {
    if (key === "apiVersion" || key === "kind") continue;
    const value = event[key];
    const name = names.get(key) ?? key;
    // The two versions disagree about which empty strings are written.
    if (value === "" && apiVersion !== "v1") continue;
    next[name] = value;
  }
  return next;
}
