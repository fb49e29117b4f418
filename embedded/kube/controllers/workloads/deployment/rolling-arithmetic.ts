// How many pods a rolling update may add and take away.
// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
import type { ReplicaSet } from "../acting/object-types.ts";
import { scaledValue } from "../pods/int-or-percent.ts";
import { byAge } from "../pods/pod-state.ts";
import { DESIRED_REPLICAS, type Deployment, MAX_REPLICAS } from "./deployment-types.ts";

/** What a ReplicaSet is to be scaled to. */
export interface ScaleStep {
  readonly set: ReplicaSet;
  readonly to: number;
}

export function isRolling(deployment: Deployment): boolean {
  return deployment.spec.strategy.type === "RollingUpdate";
}

/** Surge rounds up, unavailability rounds down; where both come to nothing, one pod may be unavailable, or nothing would move. */
export function rollingLimits(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  if (!isRolling(deployment)) return { surge: 0, unavailable: 0 };
  const { replicas, strategy } = deployment.spec;
  const surge = scaledValue(strategy.rollingUpdate?.maxSurge, replicas, "up");
  let unavailable = scaledValue(strategy.rollingUpdate?.maxUnavailable, replicas, "down");
  if (surge === 0 && unavailable === 0) unavailable = 1;
  return { surge, unavailable: Math.min(unavailable, replicas) };
}

export function replicasWanted(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + set.spec.replicas, 0);
}

export function replicasAvailable(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0);
}

/** How large the new set may be now. */
export function newSetSize(deployment: Deployment, all: readonly ReplicaSet[], newSetReplicas: number): number {
  const { replicas } = deployment.spec;
  if (!isRolling(deployment)) return replicas;
  if (newSetReplicas >= replicas) return replicas;
  const room = replicas + rollingLimits(deployment).surge - replicasWanted(all);
  return room <= 0 ? newSetReplicas : newSetReplicas + Math.min(room, replicas - newSetReplicas);
}

/** How far the old sets can shrink now: first what does not work anyway, oldest first, then what the limits leave. */
export function shrinkOldSets(
  deployment: Deployment,
  { old, newSet }: { readonly old: readonly ReplicaSet[]; readonly newSet: ReplicaSet },
): ScaleStep[] {
  if (replicasWanted(old) === 0) return [];
  const all = [...old, newSet];
  const leastAvailable = deployment.spec.replicas - rollingLimits(deployment).unavailable;
  const newUnavailable = newSet.spec.replicas - (newSet.status?.availableReplicas ?? 0);
  const most = replicasWanted(all) - leastAvailable - newUnavailable;
  if (most <= 0) return [];
  const sizes = new Map(old.map((set) => [set, set.spec.replicas]));
  const sorted = [...old].sort(byAge);
  let left = most;
  for (const set of sorted) {
    const broken = set.spec.replicas - (set.status?.availableReplicas ?? 0);
    const step = Math.max(0, Math.min(left, broken));
    sizes.set(set, set.spec.replicas - step);
    left -= step;
  }
  let spare = replicasAvailable(all) - leastAvailable;
  for (const set of sorted) {
    const size = sizes.get(set) as number;
    const step = Math.max(0, Math.min(size, spare));
    sizes.set(set, size - step);
    spare -= step;
  }
  return [...sizes].filter(([set, to]) => set.spec.replicas !== to).map(([set, to]) => ({ set, to }));
}

/**
 * How a deployment whose number of replicas changed scales its sets: one set takes it all; several, in the middle of a rolling
 * update, share it by their size. Only sets whose size changes are returned.
 */
export function scaleProportionally(
  deployment: Deployment,
  { old, newSet }: { readonly old: readonly ReplicaSet[]; readonly newSet: ReplicaSet | undefined },
): ScaleStep[] {
  const { replicas } = deployment.spec;
  const all = newSet === undefined ? [...old] : [...old, newSet];
  const active = all.filter((set) => set.spec.replicas > 0);
  if (active.length <= 1) {
    const only = active[0] ?? newSet ?? [...old].sort(byAge).at(-1);
    return only === undefined || only.spec.replicas === replicas ? [] : [{ set: only, to: replicas }];
  }
  if (newSet !== undefined && isSaturated(deployment, newSet)) {
    return old.filter((set) => set.spec.replicas > 0).map((set) => ({ set, to: 0 }));
  }
  if (!isRolling(deployment)) return [];
  const allowed = replicas > 0 ? replicas + rollingLimits(deployment).surge : 0;
  const toAdd = allowed - replicasWanted(active);
  // The largest first; of equals the newest when growing, the oldest when shrinking.
  const sorted = [...active].sort((a, b) => {
    if (a.spec.replicas !== b.spec.replicas) return b.spec.replicas - a.spec.replicas;
    return toAdd > 0 ? byAge(b, a) : byAge(a, b);
  });
  let added = 0;
  const steps = sorted.map((set) => {
    const share = shareOf(deployment, set, { toAdd, added });
    added += share;
    return { set, to: set.spec.replicas + share };
  });
  const rest = toAdd - added;
  if (rest !== 0 && steps[0] !== undefined) steps[0] = { set: steps[0].set, to: Math.max(0, steps[0].to + rest) };
  return steps.filter(({ set, to }) => set.spec.replicas !== to);
}

function isSaturated(deployment: Deployment, set: ReplicaSet): boolean {
  const { replicas } = deployment.spec;
  return (
    set.spec.replicas === replicas &&
    set.metadata.annotations?.[DESIRED_REPLICAS] === String(replicas) &&
    (set.status?.availableReplicas ?? 0) === replicas
  );
}

function shareOf(
  deployment: Deployment,
  set: ReplicaSet,
  { toAdd, added }: { readonly toAdd: number; readonly added: number },
): number {
  if (set.spec.replicas === 0 || toAdd === 0 || toAdd === added) return 0;
  const fraction = fractionOf(deployment, set);
  const left = toAdd - added;
  return toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

function fractionOf(deployment: Deployment, set: ReplicaSet): number {
  const { replicas } = deployment.spec;
  if (replicas === 0) return -set.spec.replicas;
  const most = replicas + rollingLimits(deployment).surge;
  const mostBefore = Number(set.metadata.annotations?.[MAX_REPLICAS] ?? 0) || (deployment.status?.replicas ?? 0);
  if (mostBefore === 0) return 0;
  return Math.round((set.spec.replicas * most) / mostBefore) - set.spec.replicas;
}
