import { type KubeObject, type OwnerReference, parseApiVersion } from "@holdfast/apimachinery/meta/types";
import type { KubeContext } from "../../../operations/kube-context.ts";
import { storeKey } from "../../../resources/resource-type.ts";
import type { Pod } from "../acting/object-types.ts";
import { controllerOf } from "../ownership/claim.ts";
import type { BudgetObserved } from "./decide-budget.ts";

/** How many pods the controllers of these pods want together. Pods without a controller are not counted. */
export function expectedScale(kube: KubeContext, pods: readonly Pod[]): BudgetObserved["scale"] {
  const replicas = new Map<string, number>();
  for (const pod of pods) {
    const direct = controllerOf(pod);
    if (direct === undefined || replicas.has(direct.uid)) continue;
    const namespace = pod.metadata.namespace as string;
    const owner = find(kube, direct, namespace);
    // Gone, or replaced by a namesake: its pods follow.
    if (owner === undefined) continue;
    const upper = controllerOf(owner.object);
    const deployment = direct.kind === "ReplicaSet" && upper !== undefined ? find(kube, upper, namespace) : undefined;
    const { object, path } = deployment ?? owner;
    const wanted = path === undefined ? undefined : valueAt(object, path);
    if (typeof wanted !== "number")
      return { problem: `${object.apiVersion}, Kind=${object.kind} does not implement the scale subresource` };
    replicas.set(object.metadata.uid as string, wanted);
  }
  return { replicas: [...replicas.values()].reduce((sum, own) => sum + own, 0) };
}

interface Found {
  readonly object: KubeObject;
  /** Where its replicas stand; undefined for what cannot be scaled. */
  readonly path: string | undefined;
}

function find(kube: KubeContext, reference: OwnerReference, namespace: string): Found | undefined {
  const gv = parseApiVersion(reference.apiVersion);
  const type = gv === undefined ? undefined : kube.registry.findKind(gv.group, gv.version, reference.kind);
  if (type === undefined) return undefined;
  const object = kube.store.latest(type.bucket, storeKey(type.namespaced ? namespace : "", reference.name))?.object;
  if (object === undefined || object.metadata.uid !== reference.uid) return undefined;
  return { object, path: type.scale?.specReplicas };
}

/** @param path - `.spec.replicas` */
function valueAt(object: KubeObject, path: string): unknown {
  let value: unknown = object;
  for (const part of path.split(".").filter((name) => name !== "")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
