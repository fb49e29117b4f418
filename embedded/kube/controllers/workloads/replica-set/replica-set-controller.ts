import type { Requeue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import { type KubeContext, timestamp } from "../../../operations/kube-context.ts";
import { earliest } from "../acting/control-loop.ts";
import type { Pod, ReplicaSet } from "../acting/object-types.ts";
import { isNamespaceLeaving, messageOf } from "../acting/reasons.ts";
import { slowStart } from "../acting/slow-start.ts";
import { type ControllerParts, startWorkloadController } from "../acting/workload-controller.ts";
import { controllerOf, decideClaims, settleClaims } from "../ownership/claim.ts";
import { childrenOf, inNamespace, type OwnerKind } from "../ownership/owner-keys.ts";
import { podFromTemplate } from "../pods/pod-from-template.ts";
import { isActive } from "../pods/pod-state.ts";
import {
  decideReplicas,
  nextReplicaChangeMs,
  type ReplicaFailure,
  type ReplicasObserved,
  type ReplicasPlan,
  replicaSetStatus,
} from "./decide-replicas.ts";

export const REPLICA_SETS: OwnerKind = { bucket: "replicasets.apps", kind: "ReplicaSet", apiGroup: "apps" };

/** Keeps as many pods of every ReplicaSet as it wants. @returns a function that stops it */
export function startReplicaSetController(kube: KubeContext, log: Logger): () => Promise<void> {
  return startWorkloadController(kube, log, {
    name: "replicaset-controller",
    bucket: REPLICA_SETS.bucket,
    reconcile,
    related: [childrenOf(kube, "pods", REPLICA_SETS)],
  });
}

async function reconcile(parts: ControllerParts, key: string): Promise<Requeue> {
  const { kube, hand } = parts;
  const set = kube.store.latest(REPLICA_SETS.bucket, key)?.object as ReplicaSet | undefined;
  if (set === undefined) return undefined;
  const observed = await gather(parts, set);
  const plan = decideReplicas(observed, kube.now());
  const { error, failure } = await act(parts, set, plan);
  // What was done is already visible: the status speaks of it.
  const after = plan.create > 0 || plan.remove.length > 0 ? await gather(parts, set) : observed;
  const nowMs = kube.now();
  await hand.changeStatus(REPLICA_SETS.bucket, set, (live) => {
    const counted = { set: live as ReplicaSet, active: after.active };
    const status = replicaSetStatus(counted, { failure, nowMs, now: timestamp(nowMs) });
    // The generation that was acted upon, not one that came meanwhile.
    live["status"] = { ...status, observedGeneration: set.metadata.generation };
    return undefined;
  });
  if (error !== undefined && !isNamespaceLeaving(error)) throw error;
  return earliest(nextReplicaChangeMs({ set, active: after.active }, nowMs));
}

async function gather({ kube, hand }: ControllerParts, set: ReplicaSet): Promise<ReplicasObserved> {
  const pods = inNamespace<Pod>(kube, "pods", set.metadata.namespace as string).filter(isActive);
  const claims = decideClaims(set, pods, { selector: set.spec.selector });
  const active = await settleClaims(hand, "pods", { owner: set, claims });
  const owner = controllerOf(set);
  if (owner === undefined) return { set, active, related: active };
  const siblings = new Set(
    inNamespace<ReplicaSet>(kube, REPLICA_SETS.bucket, set.metadata.namespace as string)
      .filter((other) => controllerOf(other)?.uid === owner.uid)
      .map((other) => other.metadata.uid),
  );
  return { set, active, related: pods.filter((pod) => siblings.has(controllerOf(pod)?.uid)) };
}

interface Outcome {
  readonly error: unknown;
  readonly failure: ReplicaFailure | undefined;
}

async function act(parts: ControllerParts, set: ReplicaSet, plan: ReplicasPlan): Promise<Outcome> {
  const { hand, events } = parts;
  const creation = await slowStart(plan.create, async () => {
    try {
      const pod = await hand.create("pods", podFromTemplate(set, set.spec.template));
      events.normal(set, "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
    } catch (error) {
      if (!isNamespaceLeaving(error)) events.warning(set, "FailedCreate", `Error creating: ${messageOf(error)}`);
      throw error;
    }
  });
  if (creation.error !== undefined) {
    return { error: creation.error, failure: { reason: "FailedCreate", message: messageOf(creation.error) } };
  }
  const removals = await Promise.allSettled(
    plan.remove.map(async (pod) => {
      try {
        await hand.remove("pods", pod);
        events.normal(set, "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
      } catch (error) {
        events.warning(set, "FailedDelete", `Error deleting: ${messageOf(error)}`);
        throw error;
      }
    }),
  );
  const refused = removals.find((removal) => removal.status === "rejected");
  if (refused === undefined) return { error: undefined, failure: undefined };
  return { error: refused.reason, failure: { reason: "FailedDelete", message: messageOf(refused.reason) } };
}
