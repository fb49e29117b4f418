import { badRequest } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf, type KubeObject } from "@holdfast/apimachinery/meta/types";
import { type Listed, listJson } from "../operations/read.ts";
import { servedJson, toServed } from "../operations/served-version.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import type { Negotiated } from "./media-type.ts";

interface State {
  readonly object: KubeObject;
  readonly json: string;
}

/** One object in the view that was negotiated, as JSON text. */
export function viewObject(
  type: ResourceType,
  negotiated: Negotiated,
  state: State,
  now: number,
  query: URLSearchParams,
): string {
  switch (negotiated.view) {
    case "object":
      return servedJson(type, state);
    case "metadata":
      return JSON.stringify(partial(negotiated.viewVersion, toServed(type, state.object)));
    case "table": {
      const object = toServed(type, state.object);
      return JSON.stringify(
        table(
          type,
          negotiated.viewVersion,
          object.metadata.resourceVersion === undefined ? {} : { resourceVersion: object.metadata.resourceVersion },
          [object],
          now,
          query,
        ),
      );
    }
  }
}

export function viewList(
  type: ResourceType,
  negotiated: Negotiated,
  listed: Listed,
  now: number,
  query: URLSearchParams,
): string {
  if (negotiated.view === "object") {
    return listJson(
      type,
      listed,
      listed.items.map((s) => itemJson(type, servedJson(type, s))),
    );
  }
  const metadata: Record<string, unknown> = { resourceVersion: String(listed.resourceVersion) };
  if (listed.continueToken !== "") metadata["continue"] = listed.continueToken;
  if (listed.remaining !== undefined) metadata["remainingItemCount"] = listed.remaining;
  const objects = listed.items.map((s) => toServed(type, s.object));
  if (negotiated.view === "table")
    return JSON.stringify(table(type, negotiated.viewVersion, metadata, objects, now, query));
  const items = objects.map((object) => partial(negotiated.viewVersion, object));
  return JSON.stringify({
    kind: "PartialObjectMetadataList",
    apiVersion: `meta.k8s.io/${negotiated.viewVersion}`,
    metadata,
    // The original's list is a nil slice when nothing matched.
    items: items.length === 0 ? null : items,
  });
}

/** Items of built-in kinds do not repeat what the list is of. */
function itemJson(type: ResourceType, json: string): string {
  if (type.definition !== undefined) return json;
  const head = `{"kind":"${type.kind}","apiVersion":"${apiVersionOf(type)}",`;
  return json.startsWith(head) ? `{${json.slice(head.length)}` : json;
}

function partial(version: string, object: KubeObject): KubeObject {
  return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}

function table(
  type: ResourceType,
  version: string,
  metadata: Record<string, unknown>,
  objects: readonly KubeObject[],
  now: number,
  query: URLSearchParams,
): unknown {
  const include = query.get("includeObject") ?? "";
  const rows = objects.map((object) => ({
    cells: isBookmark(object)
      ? type.behaviour.columns().map((_, i) => (i === 0 ? "" : null))
      : type.behaviour.cells(object, now),
    object: include === "None" ? null : include === "Object" ? object : partial(version, object),
  }));
  return {
    kind: "Table",
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: type.behaviour.columns(),
    rows,
  };
}

/** @throws StatusError 400 for an includeObject that is none */
export function checkIncludeObject(query: URLSearchParams): void {
  const include = query.get("includeObject") ?? "";
  if (["", "Metadata", "Object", "None"].includes(include)) return;
  const why = `Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: includeObject: ${why}`);
}

function isBookmark(object: KubeObject): boolean {
  return object.metadata.name === undefined && object.metadata.uid === undefined;
}
