import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { fromLabelSelectorObject, type LabelSelectorObject } from "@holdfast/apimachinery/selectors/label-selector";
import type { KubeContext } from "../../../operations/kube-context.ts";
import type { StoreEvent } from "../../../store/object-store.ts";
import type { Related } from "../acting/control-loop.ts";
import { controllerOf } from "./claim.ts";

/** The controllers that children are watched for. */
export interface OwnerKind {
  /** Bucket of the owners: `replicasets.apps`. */
  readonly bucket: string;
  readonly kind: string;
  readonly apiGroup: string;
}

/**
 * Watches the children of a kind of controller: an event concerns whoever controls or controlled the child, and for an orphan every
 * owner that would select it.
 */
export function childrenOf(kube: KubeContext, childBucket: string, owner: OwnerKind): Related {
  return { bucket: childBucket, keys: (event) => ownersConcerned(kube, owner, event) };
}

function ownersConcerned(kube: KubeContext, owner: OwnerKind, event: StoreEvent): Iterable<string> {
  const keys = new Set<string>();
  const { object } = event.stored;
  for (const state of [event.previous?.object, object]) {
    const key = state === undefined ? undefined : controllerKey(owner, state);
    if (key !== undefined) keys.add(key);
  }
  const changed =
    event.previous === undefined ||
    controllerOf(event.previous.object) !== undefined ||
    JSON.stringify(event.previous.object.metadata.labels) !== JSON.stringify(object.metadata.labels);
  if (event.type !== "DELETED" && changed && controllerOf(object) === undefined)
    for (const key of selecting(kube, owner, object)) keys.add(key);
  return keys;
}

/** Key of the controller of an object, when it is of that kind. */
export function controllerKey(owner: OwnerKind, object: KubeObject): string | undefined {
  const reference = controllerOf(object);
  if (reference === undefined || reference.kind !== owner.kind) return undefined;
  const slash = reference.apiVersion.indexOf("/");
  const group = slash < 0 ? "" : reference.apiVersion.slice(0, slash);
  return group === owner.apiGroup ? `${object.metadata.namespace}/${reference.name}` : undefined;
}

function* selecting(kube: KubeContext, owner: OwnerKind, orphan: KubeObject): Generator<string> {
  const labels = orphan.metadata.labels ?? {};
  if (Object.keys(labels).length === 0) return;
  for (const [key, stored] of kube.store.bucket(owner.bucket).range(orphan.metadata.namespace as string)) {
    const { selector } = (stored.object["spec"] ?? {}) as { readonly selector?: LabelSelectorObject };
    if (selector !== undefined && fromLabelSelectorObject(selector).matches(labels)) yield key;
  }
}

/** The objects of a bucket in one namespace. */
export function inNamespace<T extends KubeObject>(kube: KubeContext, bucket: string, namespace: string): T[] {
  return [...kube.store.bucket(bucket).range(namespace)].map(([, stored]) => stored.object as T);
}
