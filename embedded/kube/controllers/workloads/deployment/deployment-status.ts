// What a deployment says of itself: counts, and how far its rollout is.
import { conditionOf, withCondition, withoutCondition } from "../acting/conditions.ts";
import type { Condition, ReplicaSet } from "../acting/object-types.ts";
import { timeMs } from "../pods/pod-state.ts";
import type { Deployment, DeploymentStatus } from "./deployment-types.ts";
import { replicasAvailable, replicasWanted, rollingLimits } from "./rolling-arithmetic.ts";

const NO_DEADLINE = 2_147_483_647;

export interface Rollout {
  readonly deployment: Deployment;
  readonly newSet: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

export interface Moment {
  readonly nowMs: number;
  /** The same as RFC 3339. */
  readonly now: string;
}

export function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE;
}

/** A condition of a deployment that changes now. */
export function newCondition(
  type: string,
  status: string,
  { now }: Moment,
  said: { reason: string; message: string },
): Condition {
  return { type, status, lastUpdateTime: now, lastTransitionTime: now, ...said };
}

/** The counts and whether enough is available; nothing about progress. */
export function countedStatus({ deployment, newSet, old }: Rollout, moment: Moment): DeploymentStatus {
  const all = newSet === undefined ? old : [...old, newSet];
  const available = replicasAvailable(all);
  const sum = (count: (set: ReplicaSet) => number | undefined) =>
    all.reduce((total, set) => total + (count(set) ?? 0), 0);
  const enough = available >= deployment.spec.replicas - rollingLimits(deployment).unavailable;
  const { collisionCount } = deployment.status ?? {};
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sum((set) => set.status?.replicas),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sum((set) => set.status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, replicasWanted(all) - available),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withCondition(
      deployment.status?.conditions ?? [],
      enough
        ? newCondition("Available", "True", moment, {
            reason: "MinimumReplicasAvailable",
            message: "Deployment has minimum availability.",
          })
        : newCondition("Available", "False", moment, {
            reason: "MinimumReplicasUnavailable",
            message: "Deployment does not have minimum availability.",
          }),
    ),
  };
}

/** True when every replica is of the current template and available. */
export function isComplete({ spec, metadata }: Deployment, status: DeploymentStatus): boolean {
  return (
    (status.updatedReplicas ?? 0) === spec.replicas &&
    (status.replicas ?? 0) === spec.replicas &&
    (status.availableReplicas ?? 0) === spec.replicas &&
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  );
}

function hasMoved(before: DeploymentStatus, next: DeploymentStatus): boolean {
  const count = (
    status: DeploymentStatus,
    name: "replicas" | "updatedReplicas" | "readyReplicas" | "availableReplicas",
  ) => status[name] ?? 0;
  const old = (status: DeploymentStatus) => count(status, "replicas") - count(status, "updatedReplicas");
  return (
    count(next, "updatedReplicas") > count(before, "updatedReplicas") ||
    old(next) < old(before) ||
    count(next, "readyReplicas") > count(before, "readyReplicas") ||
    count(next, "availableReplicas") > count(before, "availableReplicas")
  );
}

function isLate({ status, spec }: Deployment, nowMs: number): boolean {
  const progress = conditionOf(status?.conditions, "Progressing");
  if (progress === undefined || progress.reason === "NewReplicaSetAvailable") return false;
  if (progress.reason === "ProgressDeadlineExceeded") return true;
  const since = timeMs(progress.lastUpdateTime) ?? nowMs;
  return since + (spec.progressDeadlineSeconds as number) * 1000 < nowMs;
}

/** {@link countedStatus} with what is to be said about progress and failures. */
export function rolloutStatus(rollout: Rollout, moment: Moment): DeploymentStatus {
  const { deployment, newSet, old } = rollout;
  const status = countedStatus(rollout, moment);
  let conditions = status.conditions ?? [];
  const current = conditionOf(conditions, "Progressing");
  if (!hasDeadline(deployment)) conditions = withoutCondition(conditions, "Progressing");
  const settled = status.replicas === status.updatedReplicas && current?.reason === "NewReplicaSetAvailable";
  if (hasDeadline(deployment) && !settled) conditions = withProgress(rollout, { status, conditions, moment });
  const failure = [...(newSet === undefined ? [] : [newSet]), ...old]
    .map((set) => conditionOf(set.status?.conditions, "ReplicaFailure"))
    .find((condition) => condition?.status === "True");
  conditions =
    failure === undefined
      ? withoutCondition(conditions, "ReplicaFailure")
      : withCondition(conditions, {
          type: "ReplicaFailure",
          status: "True",
          lastUpdateTime: moment.now,
          lastTransitionTime: failure.lastTransitionTime ?? moment.now,
          reason: failure.reason ?? "",
          message: failure.message ?? "",
        });
  return { ...status, conditions };
}

interface Progress {
  readonly status: DeploymentStatus;
  readonly conditions: readonly Condition[];
  readonly moment: Moment;
}

function withProgress({ deployment, newSet }: Rollout, { status, conditions, moment }: Progress): readonly Condition[] {
  const who =
    newSet === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`;
  const current = conditionOf(conditions, "Progressing");
  const say = (condition: string, reason: string, message: string) =>
    newCondition("Progressing", condition, moment, { reason, message: `${who} ${message}` });
  if (isComplete(deployment, status)) {
    return withCondition(conditions, say("True", "NewReplicaSetAvailable", "has successfully progressed."));
  }
  if (hasMoved(deployment.status ?? {}, status)) {
    const moving = say("True", "ReplicaSetUpdated", "is progressing.");
    const since = current?.status === "True" ? (current.lastTransitionTime ?? moment.now) : moment.now;
    // Every step forward counts the deadline anew.
    return [...withoutCondition(conditions, "Progressing"), { ...moving, lastTransitionTime: since }];
  }
  if (isLate(deployment, moment.nowMs)) {
    return withCondition(conditions, say("False", "ProgressDeadlineExceeded", "has timed out progressing."));
  }
  return conditions;
}

/** Milliseconds until a rollout that does not move is late; undefined when it is done, late already, or never is. */
export function untilLateMs(deployment: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const progress = conditionOf(status.conditions, "Progressing");
  if (!hasDeadline(deployment) || progress === undefined) return undefined;
  if (isComplete(deployment, status) || progress.reason === "ProgressDeadlineExceeded") return undefined;
  const since = timeMs(progress.lastUpdateTime) ?? nowMs;
  return Math.max(1000, since + (deployment.spec.progressDeadlineSeconds as number) * 1000 - nowMs + 1000);
}

/** The conditions with the note that a deployment has been paused or resumed; the same list when there is nothing to note. */
export function pausedConditions(deployment: Deployment, moment: Moment): readonly Condition[] {
  const conditions = deployment.status?.conditions ?? [];
  const progress = conditionOf(conditions, "Progressing");
  if (!hasDeadline(deployment) || progress?.reason === "ProgressDeadlineExceeded") return conditions;
  const noted = progress?.reason === "DeploymentPaused";
  const paused = deployment.spec.paused === true;
  if (paused === noted) return conditions;
  const said = paused
    ? { reason: "DeploymentPaused", message: "Deployment is paused" }
    : { reason: "DeploymentResumed", message: "Deployment is resumed" };
  return withCondition(conditions, newCondition("Progressing", "Unknown", moment, said));
}
