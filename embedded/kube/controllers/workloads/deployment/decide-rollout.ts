import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { ReplicaSet } from "../acting/object-types.ts";
import {
  countedStatus,
  hasDeadline,
  isComplete,
  type Moment,
  newCondition,
  pausedConditions,
  type Rollout,
  rolloutStatus,
  untilLateMs,
} from "./deployment-status.ts";
import { DESIRED_REPLICAS, type Deployment, type DeploymentStatus, REVISION } from "./deployment-types.ts";
import { findNewSet, newSetAnnotations, setsToForget, sizeAnnotations } from "./revisions.ts";
import { isRolling, newSetSize, scaleProportionally, shrinkOldSets } from "./rolling-arithmetic.ts";

export interface DeploymentObserved {
  readonly deployment: Deployment;
  /** The ReplicaSets it controls. */
  readonly sets: readonly ReplicaSet[];
  /** uids of sets that still have pods which have not ended; only asked for by the strategy Recreate. */
  readonly running: ReadonlySet<string>;
}

/** A change of one ReplicaSet: its annotations are completed, its size is set where one is given. */
export interface SetChange {
  readonly set: ReplicaSet;
  readonly annotations: Readonly<Record<string, string>>;
  readonly replicas?: number;
  readonly minReadySeconds?: number;
}

export interface DeploymentPlan {
  /** The current set has to be made, with this many replicas. */
  readonly create?: { readonly replicas: number; readonly annotations: Readonly<Record<string, string>> };
  readonly change: readonly SetChange[];
  readonly forget: readonly ReplicaSet[];
  readonly status: DeploymentStatus;
  /** The revision that the deployment is at; undefined when it has none yet. */
  readonly revision: string | undefined;
  readonly againMs: number | undefined;
}

/** The next step of a deployment towards its template and size. Each step's effects lead to the next call. */
export function decideRollout(observed: DeploymentObserved, moment: Moment): DeploymentPlan {
  const conditions = pausedConditions(observed.deployment, moment);
  const deployment: Deployment = { ...observed.deployment, status: { ...observed.deployment.status, conditions } };
  const newSet = findNewSet(deployment, observed.sets);
  const old = observed.sets.filter((set) => set !== newSet);
  const rollout: Rollout = { deployment, newSet, old };
  if (deployment.metadata.deletionTimestamp !== undefined) return resting(rollout, moment);
  if (deployment.spec.paused === true || isScaling(rollout)) return scaling(rollout, moment);
  return isRolling(deployment) ? rolling(rollout, moment) : recreating(rollout, observed.running, moment);
}

/** Nothing is to be done; only the counts are told. */
function resting(rollout: Rollout, moment: Moment): DeploymentPlan {
  return {
    change: [],
    forget: [],
    status: countedStatus(rollout, moment),
    revision: rollout.deployment.metadata.annotations?.[REVISION],
    againMs: undefined,
  };
}

/** True when the number of replicas changed since the sets were scaled last. */
function isScaling({ deployment, newSet, old }: Rollout): boolean {
  const all = newSet === undefined ? old : [...old, newSet];
  return all.some((set) => {
    const desired = set.metadata.annotations?.[DESIRED_REPLICAS];
    return set.spec.replicas > 0 && desired !== undefined && desired !== String(deployment.spec.replicas);
  });
}

function scaling(rollout: Rollout, moment: Moment): DeploymentPlan {
  const { deployment, newSet, old } = rollout;
  const sizes = new Map(scaleProportionally(deployment, { old, newSet }).map(({ set, to }) => [set, to]));
  const change: SetChange[] = [];
  for (const set of newSet === undefined ? old : [...old, newSet]) {
    const to = sizes.get(set);
    if (to === undefined && set.spec.replicas === 0) continue;
    // Also of sets that keep their size: it is by this that the change is known to be dealt with.
    change.push({ set, annotations: sizeAnnotations(deployment), ...(to === undefined ? {} : { replicas: to }) });
  }
  return {
    ...resting(rollout, moment),
    ...synced(rollout, change),
    forget: deployment.spec.paused === true ? setsToForget(deployment, old) : [],
  };
}

function rolling(rollout: Rollout, moment: Moment): DeploymentPlan {
  const { deployment, newSet, old } = rollout;
  if (newSet === undefined) return creating(rollout, newSetSize(deployment, old, 0), moment);
  const size = newSetSize(deployment, [...old, newSet], newSet.spec.replicas);
  if (size !== newSet.spec.replicas) return moving(rollout, [scaled(deployment, newSet, size)], moment);
  const shrinking = shrinkOldSets(deployment, { old, newSet });
  return moving(
    rollout,
    shrinking.map(({ set, to }) => scaled(deployment, set, to)),
    moment,
  );
}

function recreating(rollout: Rollout, running: ReadonlySet<string>, moment: Moment): DeploymentPlan {
  const { deployment, newSet, old } = rollout;
  const shrinking = old.filter((set) => set.spec.replicas > 0).map((set) => scaled(deployment, set, 0));
  if (shrinking.length > 0) return moving(rollout, shrinking, moment);
  const stillThere = old.some((set) => (set.status?.replicas ?? 0) > 0 || running.has(set.metadata.uid as string));
  if (stillThere) return moving(rollout, [], moment);
  if (newSet === undefined) return creating(rollout, deployment.spec.replicas, moment);
  const grown = newSet.spec.replicas !== deployment.spec.replicas;
  return moving(rollout, grown ? [scaled(deployment, newSet, deployment.spec.replicas)] : [], moment);
}

function scaled(deployment: Deployment, set: ReplicaSet, replicas: number): SetChange {
  return { set, replicas, annotations: sizeAnnotations(deployment) };
}

function creating(rollout: Rollout, replicas: number, moment: Moment): DeploymentPlan {
  const { deployment, old } = rollout;
  const annotations = { ...newSetAnnotations(deployment, undefined, old), ...sizeAnnotations(deployment) };
  const status = rolloutStatus(rollout, moment);
  return {
    create: { replicas, annotations },
    change: [],
    forget: [],
    status,
    revision: annotations[REVISION],
    againMs: undefined,
  };
}

function moving(rollout: Rollout, change: readonly SetChange[], moment: Moment): DeploymentPlan {
  const { deployment, old } = rollout;
  const status = withFirstNote(rollout, rolloutStatus(rollout, moment), moment);
  return {
    ...synced(rollout, change),
    forget: change.length === 0 && isComplete(deployment, status) ? setsToForget(deployment, old) : [],
    status,
    againMs: untilLateMs(deployment, status, moment.nowMs),
  };
}

/** A deployment that was there before its progress was watched starts with the set it has. */
function withFirstNote({ deployment, newSet }: Rollout, status: DeploymentStatus, moment: Moment): DeploymentStatus {
  const { conditions = [] } = status;
  const noted = conditions.some((condition) => condition.type === "Progressing");
  if (noted || newSet === undefined || !hasDeadline(deployment)) return status;
  const message = `Found new replica set "${newSet.metadata.name}"`;
  const found = newCondition("Progressing", "True", moment, { reason: "FoundNewReplicaSet", message });
  return { ...status, conditions: [...conditions, found] };
}

/** Changes with what the current set takes over from the deployment: annotations, revision, minReadySeconds. */
function synced(
  { deployment, newSet, old }: Rollout,
  change: readonly SetChange[],
): Pick<DeploymentPlan, "change" | "revision"> {
  if (newSet === undefined) return { change, revision: deployment.metadata.annotations?.[REVISION] };
  const annotations = newSetAnnotations(deployment, newSet, old);
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  const same =
    jsonEqual(annotations, newSet.metadata.annotations ?? {}) && minReadySeconds === (newSet.spec.minReadySeconds ?? 0);
  const revision = annotations[REVISION];
  if (same) return { change, revision };
  const own = change.find((step) => step.set === newSet);
  const merged: SetChange = {
    ...own,
    set: newSet,
    annotations: { ...annotations, ...own?.annotations },
    minReadySeconds,
  };
  return { change: [...change.filter((step) => step.set !== newSet), merged], revision };
}
