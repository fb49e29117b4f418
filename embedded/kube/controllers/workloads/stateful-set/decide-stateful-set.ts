import type { Pod } from "../acting/object-types.ts";
import { isAvailable, isFinished, isReady, isTerminating, phaseOf, untilAvailableMs } from "../pods/pod-state.ts";
import { REVISION_LABEL } from "../revisions/controller-revision.ts";
import { firstOrdinal, ordinalOf, type StatefulSet, type StatefulSetStatus } from "./stateful-set-types.ts";

export interface StatefulObserved {
  readonly set: StatefulSet;
  /** All its pods, also those that are on their way out. */
  readonly pods: readonly Pod[];
  /** Names of the revisions that pods below and above the partition are made of. */
  readonly currentRevision: string;
  readonly updateRevision: string;
}

/** A pod to be made. */
export interface NewMember {
  readonly ordinal: number;
  readonly revision: string;
}

export interface StatefulPlan {
  readonly create: readonly NewMember[];
  /** Pods to delete, and why where it is worth a word. */
  readonly remove: readonly { readonly pod: Pod; readonly why: "scale" | "update" | "Failed" | "Succeeded" }[];
  readonly status: StatefulSetStatus;
  readonly againMs: number | undefined;
}

/**
 * The next step of a StatefulSet. With the policy OrderedReady it is one pod at a time: upwards when growing, downwards when
 * shrinking and updating, and no step before all others are healthy.
 */
export function decideStatefulSet(observed: StatefulObserved, nowMs: number): StatefulPlan {
  const { set, pods } = observed;
  const steps = set.metadata.deletionTimestamp === undefined ? decideSteps(observed, nowMs) : NOTHING;
  return {
    ...steps,
    status: decideStatus(observed, nowMs),
    againMs: untilAvailableMs(pods, set.spec.minReadySeconds ?? 0, nowMs),
  };
}

type Steps = Pick<StatefulPlan, "create" | "remove">;
const NOTHING: Steps = { create: [], remove: [] };

interface Members {
  /** In order of their ordinals; undefined where one is missing. */
  readonly slots: readonly (Pod | undefined)[];
  /** Beyond the range, the highest ordinal first. */
  readonly condemned: readonly Pod[];
}

function membersOf({ set, pods }: StatefulObserved): Members {
  const first = firstOrdinal(set);
  const slots: (Pod | undefined)[] = Array.from({ length: set.spec.replicas }, () => undefined);
  const condemned: Pod[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal === undefined) continue;
    if (ordinal >= first && ordinal < first + slots.length) slots[ordinal - first] = pod;
    else condemned.push(pod);
  }
  condemned.sort((a, b) => (ordinalOf(set, b) as number) - (ordinalOf(set, a) as number));
  return { slots, condemned };
}

function decideSteps(observed: StatefulObserved, nowMs: number): Steps {
  const { set } = observed;
  const ordered = set.spec.podManagementPolicy !== "Parallel";
  const members = membersOf(observed);
  const create: NewMember[] = [];
  const remove: StatefulPlan["remove"][number][] = [];
  const steps = { create, remove };
  const works = (pod: Pod) => isRunning(pod) && isAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs);
  for (const [i, pod] of members.slots.entries()) {
    if (pod === undefined) create.push({ ordinal: firstOrdinal(set) + i, revision: revisionFor(observed, i) });
    else if (isFinished(pod) && !isTerminating(pod)) remove.push({ pod, why: phaseOf(pod) as "Failed" | "Succeeded" });
    else if (!isTerminating(pod) && works(pod)) continue;
    if (ordered) return steps;
  }
  const firstUnhealthy = [...members.slots, ...[...members.condemned].reverse()].find(
    (pod) => pod !== undefined && !(works(pod) && !isTerminating(pod)),
  );
  for (const pod of members.condemned) {
    if (!isTerminating(pod)) {
      if (ordered && !works(pod) && pod !== firstUnhealthy) return steps;
      remove.push({ pod, why: "scale" });
    }
    if (ordered) return steps;
  }
  if (set.spec.updateStrategy?.type === "OnDelete") return steps;
  const outdated = nextToUpdate(observed, members);
  if (outdated !== undefined && !remove.some(({ pod }) => pod === outdated))
    remove.push({ pod: outdated, why: "update" });
  return steps;
}

function isRunning(pod: Pod): boolean {
  return phaseOf(pod) === "Running";
}

/** Members below the partition stay of the revision that the set had before. */
function revisionFor({ set, currentRevision, updateRevision }: StatefulObserved, slot: number): string {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  return type !== "OnDelete" && slot < (rollingUpdate?.partition ?? 0) ? currentRevision : updateRevision;
}

/** The highest pod that is not of the new revision, once everything above it is healthy. */
function nextToUpdate({ set, updateRevision }: StatefulObserved, { slots }: Members): Pod | undefined {
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (let i = slots.length - 1; i >= partition; i--) {
    const pod = slots[i];
    if (pod === undefined) return undefined;
    if (pod.metadata.labels?.[REVISION_LABEL] !== updateRevision && !isTerminating(pod)) return pod;
    if (!isRunning(pod) || !isReady(pod) || isTerminating(pod)) return undefined;
  }
  return undefined;
}

function decideStatus(
  { set, pods, currentRevision, updateRevision }: StatefulObserved,
  nowMs: number,
): StatefulSetStatus {
  const { collisionCount, conditions } = set.status ?? {};
  const created = pods.filter((pod) => phaseOf(pod) !== "");
  const staying = created.filter((pod) => !isTerminating(pod));
  const ready = created.filter((pod) => isRunning(pod) && isReady(pod));
  const of = (revision: string) => staying.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] === revision).length;
  const updated = of(updateRevision);
  const { replicas, updateStrategy } = set.spec;
  const complete =
    updateStrategy?.type === "RollingUpdate" &&
    updated === replicas &&
    created.length === replicas &&
    ready.length === replicas;
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: created.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs)).length,
    currentReplicas: complete ? updated : of(currentRevision),
    updatedReplicas: updated,
    currentRevision: complete ? updateRevision : currentRevision,
    updateRevision,
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  };
}
