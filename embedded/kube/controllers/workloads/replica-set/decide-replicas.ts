import { withCondition, withoutCondition } from "../acting/conditions.ts";
import type { Pod, ReplicaSet } from "../acting/object-types.ts";
import { inDeletionOrder } from "../pods/deletion-order.ts";
import { isAvailable, isReady, untilAvailableMs } from "../pods/pod-state.ts";

/** Created or deleted in one go, at the most. */
const BURST = 500;

export interface ReplicasObserved {
  readonly set: ReplicaSet;
  /** Active pods of the set. */
  readonly active: readonly Pod[];
  /** Active pods of all sets with the same controller. */
  readonly related: readonly Pod[];
}

export interface ReplicasPlan {
  readonly create: number;
  readonly remove: readonly Pod[];
}

/** How many pods to create, or which to delete, for a ReplicaSet to have as many as it wants. */
export function decideReplicas({ set, active, related }: ReplicasObserved, nowMs: number): ReplicasPlan {
  if (set.metadata.deletionTimestamp !== undefined) return { create: 0, remove: [] };
  const missing = set.spec.replicas - active.length;
  if (missing >= 0) return { create: Math.min(missing, BURST), remove: [] };
  const surplus = Math.min(-missing, BURST);
  return { create: 0, remove: inDeletionOrder(active, related, nowMs).slice(0, surplus) };
}

/** What went wrong while the plan was carried out. */
export interface ReplicaFailure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly message: string;
}

/** The status of a ReplicaSet with these active pods. */
export function replicaSetStatus(
  { set, active }: Pick<ReplicasObserved, "set" | "active">,
  {
    failure,
    nowMs,
    now,
  }: { readonly failure: ReplicaFailure | undefined; readonly nowMs: number; readonly now: string },
): NonNullable<ReplicaSet["status"]> {
  const labels = Object.entries(set.spec.template.metadata?.labels ?? {});
  const conditions = set.status?.conditions ?? [];
  return {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => labels.every(([key, value]) => pod.metadata.labels?.[key] === value))
      .length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: active.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs)).length,
    observedGeneration: set.metadata.generation ?? 0,
    conditions:
      failure === undefined
        ? withoutCondition(conditions, "ReplicaFailure")
        : withCondition(conditions, { type: "ReplicaFailure", status: "True", lastTransitionTime: now, ...failure }),
  };
}

/** Milliseconds until the status changes without an event: a ready pod becomes available. */
export function nextReplicaChangeMs(
  { set, active }: Pick<ReplicasObserved, "set" | "active">,
  nowMs: number,
): number | undefined {
  return untilAvailableMs(active, set.spec.minReadySeconds ?? 0, nowMs);
}
