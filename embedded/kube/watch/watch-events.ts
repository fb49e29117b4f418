import { failure, type Status } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf, type KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Selection } from "../operations/read.ts";
import { matchesSelection } from "../operations/selection.ts";
import { servedJson } from "../operations/served-version.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import type { StoreEvent } from "../store/object-store.ts";
import type { Stored } from "../store/stored.ts";

export type WatchType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";

/** Turns one state into the text of the watcher's view: plain object, Table or metadata. */
export type Render = (stored: Stored) => string;

/** One line of a watch. */
export function eventLine(type: WatchType, objectJson: string): string {
  return `{"type":"${type}","object":${objectJson}}\n`;
}

/**
 * What a watcher with a selection sees of a change: an object that enters the selection is ADDED, one that leaves it is
 * DELETED with its last matching state at the revision of the change.
 *
 * @returns undefined when the change is none of this watcher's
 */
export function visibleEvent(
  event: StoreEvent,
  type: ResourceType,
  selection: Selection,
): { readonly type: WatchType; readonly stored: Stored; readonly atRevision?: number } | undefined {
  if (selection.labels === undefined && selection.fields === undefined)
    return { type: event.type, stored: event.stored };
  const before = event.previous !== undefined && matchesSelection(type, event.previous.object, selection);
  const after = event.type !== "DELETED" && matchesSelection(type, event.stored.object, selection);
  if (before && after) return { type: "MODIFIED", stored: event.stored };
  if (after) return { type: "ADDED", stored: event.stored };
  if (!before) return undefined;
  return event.type === "DELETED"
    ? { type: "DELETED", stored: event.stored }
    : { type: "DELETED", stored: event.previous as Stored, atRevision: event.revision };
}

const lineCache = new WeakMap<StoreEvent, Map<string, string>>();

/** The line of an unselected event in the plain view, made once for each group and version however many watch. */
export function plainLine(event: StoreEvent, type: ResourceType): string {
  let byVersion = lineCache.get(event);
  if (byVersion === undefined) {
    byVersion = new Map();
    lineCache.set(event, byVersion);
  }
  const apiVersion = apiVersionOf(type);
  let line = byVersion.get(apiVersion);
  if (line === undefined) {
    line = eventLine(event.type, servedJson(type, event.stored));
    byVersion.set(apiVersion, line);
  }
  return line;
}

/** An object of the kind that carries nothing but the revision a watcher has seen. */
export function bookmarkObject(type: ResourceType, revision: number, endsInitialEvents: boolean): KubeObject {
  return {
    kind: type.kind,
    apiVersion: apiVersionOf(type),
    metadata: {
      resourceVersion: String(revision),
      ...(type.definition === undefined ? { creationTimestamp: null } : {}),
      ...(endsInitialEvents ? { annotations: { "k8s.io/initial-events-end": "true" } } : {}),
    },
  };
}

/** The ERROR event of a watch that starts too far back. */
export function expiredStatus(wanted: number, oldest: number): Status {
  return failure("Expired", `too old resource version: ${wanted} (${oldest})`).status;
}
