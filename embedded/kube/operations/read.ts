import { badRequest, failure, objectNotFound } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf } from "@holdfast/apimachinery/meta/types";
import { parseJsonStrict } from "@holdfast/apimachinery/schema/strict";
import type { FieldSelector } from "@holdfast/apimachinery/selectors/field-selector";
import type { LabelSelector } from "@holdfast/apimachinery/selectors/label-selector";
import { type ResourceType, storeKey } from "../resources/resource-type.ts";
import type { Store, StoreEvent } from "../store/object-store.ts";
import type { Stored } from "../store/stored.ts";
import { matchesSelection } from "./selection.ts";

export interface Selection {
  /** Undefined selects all. */
  readonly labels: LabelSelector | undefined;
  readonly fields: FieldSelector | undefined;
}

export interface ListInput {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly selection: Selection;
  /** 0: no limit. */
  readonly limit: number;
  readonly continueToken: string;
  /** Undefined: the newest state. */
  readonly resourceVersion: number | undefined;
  readonly resourceVersionMatch: "" | "Exact" | "NotOlderThan";
}

export interface Listed {
  readonly items: Stored[];
  readonly resourceVersion: number;
  readonly continueToken: string;
  /** Undefined when not known: with selectors. */
  readonly remaining: number | undefined;
}

/** @param atLeast - a revision that the reader has seen @throws StatusError 404; 504 for a revision that is yet to come */
export function getObject(store: Store, type: ResourceType, namespace: string, name: string, atLeast = 0): Stored {
  if (atLeast > store.revision) throw tooLargeResourceVersion(atLeast, store.revision);
  const stored = store.bucket(type.bucket).get(storeKey(namespace, name));
  if (stored === undefined) throw objectNotFound({ group: type.group, resource: type.plural }, name);
  return stored;
}

/** Everything that matches, in key order, at one revision; a page of it where a limit is given. */
export function listObjects(store: Store, input: ListInput): Listed {
  const { type, namespace, selection } = input;
  const bucket = store.bucket(type.bucket);
  const token = input.continueToken === "" ? undefined : parseContinue(input.continueToken);
  const exact = token === undefined ? exactRevision(input) : token.revision;
  const limit =
    input.resourceVersion === 0 && token === undefined && input.resourceVersionMatch === "" ? 0 : input.limit;
  const revision = exact ?? store.revision;
  if ((input.resourceVersion ?? 0) > store.revision)
    throw tooLargeResourceVersion(input.resourceVersion as number, store.revision);
  const source =
    exact === undefined || exact === store.revision
      ? bucket.range(namespace, token?.after)
      : rangeAt(store, type, namespace, exact, token?.after ?? "");
  const items: Stored[] = [];
  let last = "";
  const selective = selection.labels !== undefined || selection.fields !== undefined;
  for (const [key, stored] of source) {
    if (limit > 0 && items.length === limit) {
      const remaining =
        selective || (exact !== undefined && exact !== store.revision) ? undefined : bucket.count(namespace, last);
      return { items, resourceVersion: revision, continueToken: formatContinue(revision, last), remaining };
    }
    if (selective && !matchesSelection(type, stored.object, selection)) continue;
    items.push(stored);
    last = key;
  }
  return { items, resourceVersion: revision, continueToken: "", remaining: undefined };
}

/** A version with a limit means that very version, unless told otherwise. */
function exactRevision({ resourceVersion, resourceVersionMatch, limit }: ListInput): number | undefined {
  if (resourceVersionMatch === "Exact") return resourceVersion;
  const pages = resourceVersionMatch === "" && limit > 0 && (resourceVersion ?? 0) > 0;
  return pages ? resourceVersion : undefined;
}

/** The state at an older revision: the newest one with later changes taken back. */
function* rangeAt(
  store: Store,
  type: ResourceType,
  namespace: string,
  revision: number,
  after: string,
): Generator<[string, Stored]> {
  const later = store.eventsSince(type.bucket, revision);
  if (later === undefined)
    throw expired(
      `The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.`,
    );
  const before = new Map<string, Stored | undefined>();
  for (const event of later) {
    const key = keyOf(event);
    if (!before.has(key)) before.set(key, event.previous);
  }
  const keys = new Set<string>();
  for (const [key] of store.bucket(type.bucket).range(namespace, after)) keys.add(key);
  const prefix = namespace === "" ? "" : `${namespace}/`;
  for (const [key, stored] of before) {
    if (stored === undefined) keys.delete(key);
    else if (key.startsWith(prefix) && (after === "" || key > after)) keys.add(key);
  }
  for (const key of [...keys].sort()) {
    const stored = before.get(key) ?? store.bucket(type.bucket).get(key);
    if (stored !== undefined) yield [key, stored];
  }
}

function keyOf(event: StoreEvent): string {
  const { metadata } = event.stored.object;
  return storeKey(metadata.namespace ?? "", metadata.name as string);
}

export function expired(message: string): Error {
  return failure("Expired", message);
}

export function tooLargeResourceVersion(wanted: number, current: number): Error {
  return failure("Timeout", `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    code: 504,
    status: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  });
}

// A continue token is opaque to clients: where the next page starts, and the revision all pages belong to.

function formatContinue(revision: number, after: string): string {
  return Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: `${after}\u0000` })).toString(
    "base64url",
  );
}

function parseContinue(token: string): { revision: number | undefined; after: string } {
  const refuse = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`);
  if (!/^[\w-]*={0,2}$/.test(token)) throw refuse("illegal base64 data at input byte 0");
  // Bytes as characters: the original names the first byte that is no JSON.
  const text = Buffer.from(token, "base64url").toString("latin1");
  let value: unknown;
  try {
    value = parseJsonStrict(text).value;
    value = JSON.parse(Buffer.from(text, "latin1").toString("utf8"));
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
  const { v, rv, start } = (value ?? {}) as { v?: unknown; rv?: unknown; start?: unknown };
  if (v !== "meta.k8s.io/v1") throw refuse(`server does not recognize this encoded version ${String(v ?? "")}`);
  if (typeof rv !== "number" || !Number.isSafeInteger(rv) || rv === 0) {
    throw refuse("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  }
  if (typeof start !== "string" || start === "") throw refuse("encoded start key empty (version meta.k8s.io/v1)");
  // A negative version goes on from here in whatever the state is now.
  return { revision: rv < 0 ? undefined : rv, after: start.endsWith("\u0000") ? start.slice(0, -1) : start };
}

/** The list around its items, as text: items are already JSON. */
export function listJson(type: ResourceType, listed: Listed, items: readonly string[]): string {
  const metadata: Record<string, unknown> = { resourceVersion: String(listed.resourceVersion) };
  // Lists of custom resources always say where they continue, even nowhere.
  if (type.definition !== undefined) metadata["continue"] = "";
  if (listed.continueToken !== "") {
    metadata["continue"] = listed.continueToken;
    if (listed.remaining !== undefined) metadata["remainingItemCount"] = listed.remaining;
  }
  return `{"kind":${JSON.stringify(type.listKind)},"apiVersion":${JSON.stringify(apiVersionOf(type))},"metadata":${JSON.stringify(metadata)},"items":[${items.join(",")}]}`;
}
