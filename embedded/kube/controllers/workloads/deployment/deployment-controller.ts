import { isReason } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Requeue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import { type KubeContext, timestamp } from "../../../operations/kube-context.ts";
import type { StoreEvent } from "../../../store/object-store.ts";
import { withCondition } from "../acting/conditions.ts";
import { earliest } from "../acting/control-loop.ts";
import type { Pod, ReplicaSet } from "../acting/object-types.ts";
import { isNamespaceLeaving, messageOf } from "../acting/reasons.ts";
import { type ControllerParts, startWorkloadController } from "../acting/workload-controller.ts";
import { controllerOf, decideClaims, settleClaims } from "../ownership/claim.ts";
import { childrenOf, controllerKey, inNamespace, type OwnerKind } from "../ownership/owner-keys.ts";
import { controllerReference } from "../pods/pod-from-template.ts";
import { isFinished } from "../pods/pod-state.ts";
import { templateHash } from "../pods/template-hash.ts";
import { REPLICA_SETS } from "../replica-set/replica-set-controller.ts";
import { type DeploymentObserved, type DeploymentPlan, decideRollout, type SetChange } from "./decide-rollout.ts";
import { hasDeadline, type Moment, newCondition } from "./deployment-status.ts";
import { type Deployment, type DeploymentStatus, HASH_LABEL, REVISION } from "./deployment-types.ts";
import { isRolling } from "./rolling-arithmetic.ts";

const DEPLOYMENTS: OwnerKind = { bucket: "deployments.apps", kind: "Deployment", apiGroup: "apps" };

/** Rolls Deployments out by way of ReplicaSets. @returns a function that stops it */
export function startDeploymentController(kube: KubeContext, log: Logger): () => Promise<void> {
  return startWorkloadController(kube, log, {
    name: "deployment-controller",
    bucket: DEPLOYMENTS.bucket,
    reconcile,
    related: [
      childrenOf(kube, REPLICA_SETS.bucket, DEPLOYMENTS),
      { bucket: "pods", keys: (event) => waitingForPod(kube, event) },
    ],
  });
}

/** The deployment that may wait for this pod to end: with the strategy Recreate, nothing new starts before. */
function waitingForPod(kube: KubeContext, event: StoreEvent): string[] {
  const pod = event.stored.object as Pod;
  if (event.type !== "DELETED" && !isFinished(pod)) return [];
  const setKey = controllerKey(REPLICA_SETS, pod);
  const set = setKey === undefined ? undefined : kube.store.bucket(REPLICA_SETS.bucket).get(setKey)?.object;
  const key = set === undefined ? undefined : controllerKey(DEPLOYMENTS, set);
  return key === undefined ? [] : [key];
}

async function reconcile(parts: ControllerParts, key: string): Promise<Requeue> {
  const { kube } = parts;
  const deployment = kube.store.latest(DEPLOYMENTS.bucket, key)?.object as Deployment | undefined;
  if (deployment === undefined) return undefined;
  const observed = await gather(parts, deployment);
  const nowMs = kube.now();
  const moment: Moment = { nowMs, now: timestamp(nowMs) };
  const plan = decideRollout(observed, moment);
  if (plan.create !== undefined) {
    await create(parts, deployment, { plan, create: plan.create, moment });
    return undefined;
  }
  for (const change of plan.change) await changeSet(parts, deployment, change);
  for (const set of plan.forget) await parts.hand.remove(REPLICA_SETS.bucket, set);
  await writeStatus(parts, deployment, { status: plan.status, revision: plan.revision });
  return earliest(plan.againMs);
}

async function gather({ kube, hand }: ControllerParts, deployment: Deployment): Promise<DeploymentObserved> {
  const namespace = deployment.metadata.namespace as string;
  const candidates = inNamespace<ReplicaSet>(kube, REPLICA_SETS.bucket, namespace);
  const claims = decideClaims(deployment, candidates, { selector: deployment.spec.selector });
  const sets = await settleClaims(hand, REPLICA_SETS.bucket, { owner: deployment, claims });
  const running = new Set<string>();
  if (!isRolling(deployment)) {
    for (const pod of inNamespace<Pod>(kube, "pods", namespace)) {
      const uid = controllerOf(pod)?.uid;
      if (uid !== undefined && !isFinished(pod)) running.add(uid);
    }
  }
  return { deployment, sets, running };
}

interface Creation {
  readonly plan: DeploymentPlan;
  readonly create: NonNullable<DeploymentPlan["create"]>;
  readonly moment: Moment;
}

async function create(
  parts: ControllerParts,
  deployment: Deployment,
  { plan, create, moment }: Creation,
): Promise<void> {
  const { kube, hand, events } = parts;
  const hash = templateHash(deployment.spec.template, deployment.status?.collisionCount ?? 0);
  const set = newSet(deployment, create, hash);
  const note = (status: string, reason: string, message: string): DeploymentStatus => {
    const { conditions = [] } = plan.status;
    if (!hasDeadline(deployment)) return plan.status;
    return {
      ...plan.status,
      conditions: withCondition(conditions, newCondition("Progressing", status, moment, { reason, message })),
    };
  };
  try {
    const created = await hand.create(REPLICA_SETS.bucket, set);
    const { name } = created.metadata;
    if (create.replicas > 0)
      events.normal(deployment, "ScalingReplicaSet", `Scaled up replica set ${name} from 0 to ${create.replicas}`);
    const status = note("True", "NewReplicaSetCreated", `Created new replica set "${name}"`);
    await writeStatus(parts, deployment, { status, revision: plan.revision });
  } catch (error) {
    if (isNamespaceLeaving(error)) return;
    if (isReason(error, "AlreadyExists")) {
      const taken = kube.store.latest(REPLICA_SETS.bucket, `${deployment.metadata.namespace}/${set.metadata.name}`);
      // Made by this very deployment a moment ago: its event is on the way.
      if (taken !== undefined && controllerOf(taken.object)?.uid === deployment.metadata.uid) throw error;
      const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
      await writeStatus(parts, deployment, { status: { ...plan.status, collisionCount }, revision: undefined });
      return;
    }
    const message = `Failed to create new replica set "${set.metadata.name}": ${messageOf(error)}`;
    await writeStatus(parts, deployment, {
      status: note("False", "ReplicaSetCreateError", message),
      revision: undefined,
    });
    events.warning(deployment, "ReplicaSetCreateError", message);
    throw error;
  }
}

function newSet(deployment: Deployment, { replicas, annotations }: Creation["create"], hash: string): KubeObject {
  const { template, selector, minReadySeconds } = structuredClone(deployment.spec);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  return {
    kind: "ReplicaSet",
    apiVersion: "apps/v1",
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace as string,
      labels: { ...labels },
      annotations: { ...annotations },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

async function changeSet({ hand, events }: ControllerParts, deployment: Deployment, change: SetChange): Promise<void> {
  const { set, annotations, replicas, minReadySeconds } = change;
  const written = await hand.change(REPLICA_SETS.bucket, set, (live) => {
    const spec = live["spec"] as Record<string, unknown>;
    live.metadata.annotations = { ...live.metadata.annotations, ...annotations };
    if (replicas !== undefined) spec["replicas"] = replicas;
    if (minReadySeconds !== undefined) spec["minReadySeconds"] = minReadySeconds;
    return undefined;
  });
  if (written === undefined || replicas === undefined || replicas === set.spec.replicas) return;
  const direction = replicas > set.spec.replicas ? "up" : "down";
  const message = `Scaled ${direction} replica set ${set.metadata.name} from ${set.spec.replicas} to ${replicas}`;
  events.normal(deployment, "ScalingReplicaSet", message);
}

interface Said {
  readonly status: DeploymentStatus;
  readonly revision: string | undefined;
}

async function writeStatus(
  { hand }: ControllerParts,
  deployment: Deployment,
  { status, revision }: Said,
): Promise<void> {
  await hand.changeStatus(DEPLOYMENTS.bucket, deployment, (live) => {
    live["status"] = { ...status };
    if (revision !== undefined) live.metadata.annotations = { ...live.metadata.annotations, [REVISION]: revision };
    return undefined;
  });
}
