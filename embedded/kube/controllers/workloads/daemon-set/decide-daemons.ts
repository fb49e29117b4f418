import type { Node, Pod } from "../acting/object-types.ts";
import { scaledValue } from "../pods/int-or-percent.ts";
import {
  byAge,
  isAvailable,
  isFinished,
  isReady,
  isTerminating,
  phaseOf,
  untilAvailableMs,
} from "../pods/pod-state.ts";
import { REVISION_LABEL } from "../revisions/controller-revision.ts";
import { judgeNode, nodeOf } from "./daemon-pod.ts";
import type { DaemonSet, DaemonSetStatus } from "./daemon-set-types.ts";

export interface DaemonsObserved {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  /** All its pods, also those that are on their way out. */
  readonly pods: readonly Pod[];
  /** That of the template as it is now. */
  readonly hash: string;
  /** Milliseconds until a pod that failed on that node may be replaced. Default: at once. */
  readonly replaceInMs?: (node: string) => number;
}

export interface DaemonsPlan {
  /** Names of nodes to make a pod for. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Those of {@link remove} that failed. */
  readonly failed: readonly Pod[];
  readonly status: DaemonSetStatus;
  readonly againMs: number | undefined;
}

/** The next step of a DaemonSet: one pod on every node it belongs on, and a few at a time to the new template. */
export function decideDaemons(observed: DaemonsObserved, nowMs: number): DaemonsPlan {
  const { set, pods } = observed;
  const steps: Steps = { create: [], remove: [], failed: [], waitsMs: [] };
  if (set.metadata.deletionTimestamp === undefined) {
    place(observed, steps, nowMs);
    // An update begins when every node is as it should be.
    const settled = steps.create.length + steps.remove.length === 0;
    if (settled && set.spec.updateStrategy?.type === "RollingUpdate") {
      if (surgeOf(observed) > 0) updateWithSurge(observed, steps, nowMs);
      else update(observed, steps, nowMs);
    }
  }
  const { waitsMs, ...plan } = steps;
  const available = untilAvailableMs(pods, set.spec.minReadySeconds ?? 0, nowMs);
  const wishes = available === undefined ? waitsMs : [...waitsMs, available];
  return {
    ...plan,
    status: decideStatus(observed, nowMs),
    againMs: wishes.length === 0 ? undefined : Math.min(...wishes),
  };
}

interface Steps {
  /** Times until failed pods may be replaced. */
  readonly waitsMs: number[];
  readonly create: string[];
  readonly remove: Pod[];
  readonly failed: Pod[];
}

function byNode({ pods }: DaemonsObserved): Map<string, Pod[]> {
  const map = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = nodeOf(pod);
    const list = map.get(node);
    if (list === undefined) map.set(node, [pod]);
    else list.push(pod);
  }
  return map;
}

function place(observed: DaemonsObserved, steps: Steps, nowMs: number): void {
  const { set, nodes } = observed;
  const onNode = byNode(observed);
  for (const node of nodes) {
    const name = node.metadata.name as string;
    const own = onNode.get(name) ?? [];
    onNode.delete(name);
    const { shouldRun, mayStay } = judgeNode(set, node);
    if (!mayStay) steps.remove.push(...own.filter((pod) => !isTerminating(pod)));
    else if (own.length === 0) {
      if (shouldRun) steps.create.push(name);
    } else prune(observed, own, { steps, nowMs });
  }
  // What waits for, or ran on, a node that is gone.
  for (const own of onNode.values()) steps.remove.push(...own.filter((pod) => !isTerminating(pod)));
}

/** Ended pods go, and so do all but one of those that run side by side: two only while one replaces the other. */
function prune(
  observed: DaemonsObserved,
  own: readonly Pod[],
  { steps, nowMs }: { steps: Steps; nowMs: number },
): void {
  const live = own.filter((pod) => !isTerminating(pod));
  for (const pod of live) {
    if (!isFinished(pod)) continue;
    const waitMs = observed.replaceInMs?.(nodeOf(pod)) ?? 0;
    if (waitMs > 0) {
      steps.waitsMs.push(waitMs);
      continue;
    }
    steps.remove.push(pod);
    if (phaseOf(pod) === "Failed") steps.failed.push(pod);
  }
  const running = live.filter((pod) => !isFinished(pod)).sort(byAge);
  if (running.length < 2) return;
  if (surgeOf(observed) === 0) {
    steps.remove.push(...running.slice(1));
    return;
  }
  const { set, hash } = observed;
  const oldestNew = running.find((pod) => isOf(pod, hash));
  const oldestOld = running.find((pod) => !isOf(pod, hash));
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const replaced = oldestNew === undefined || isAvailable(oldestNew, minReadySeconds, nowMs);
  for (const pod of running) {
    if (pod === oldestNew) continue;
    const needed = pod === oldestOld && (oldestNew === undefined || (!replaced && isReady(pod)));
    if (!needed) steps.remove.push(pod);
  }
}

function isOf(pod: Pod, hash: string): boolean {
  return pod.metadata.labels?.[REVISION_LABEL] === hash;
}

function wanted({ set, nodes }: DaemonsObserved): Node[] {
  return nodes.filter((node) => judgeNode(set, node).shouldRun);
}

function surgeOf(observed: DaemonsObserved): number {
  const { maxSurge } = observed.set.spec.updateStrategy?.rollingUpdate ?? {};
  return scaledValue(maxSurge, wanted(observed).length, "up");
}

interface OnNode {
  readonly node: string;
  readonly fresh: Pod | undefined;
  readonly old: Pod | undefined;
}

/** The one pod of each version on every node that should have one. */
function versions(observed: DaemonsObserved): OnNode[] {
  const onNode = byNode(observed);
  return wanted(observed).map(({ metadata }) => {
    const node = metadata.name as string;
    const live = (onNode.get(node) ?? []).filter((pod) => !isTerminating(pod));
    return {
      node,
      fresh: live.find((pod) => isOf(pod, observed.hash)),
      old: live.find((pod) => !isOf(pod, observed.hash)),
    };
  });
}

/** Deletes old pods: those that do not work, and of the others as many as may be missing at once. */
function update(observed: DaemonsObserved, steps: Steps, nowMs: number): void {
  const { set } = observed;
  const nodes = versions(observed);
  const works = (pod: Pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs);
  const { maxUnavailable } = set.spec.updateStrategy?.rollingUpdate ?? {};
  let left = scaledValue(maxUnavailable, nodes.length, "up");
  const candidates: Pod[] = [];
  for (const { fresh, old } of nodes) {
    if (fresh !== undefined) {
      if (!works(fresh)) left--;
    } else if (old === undefined) left--;
    else if (works(old)) candidates.push(old);
    else {
      steps.remove.push(old);
    }
  }
  steps.remove.push(...candidates.slice(0, Math.max(0, left)));
}

/** Makes new pods beside the old ones, and deletes an old one when the new one beside it works. */
function updateWithSurge(observed: DaemonsObserved, steps: Steps, nowMs: number): void {
  const { set } = observed;
  const works = (pod: Pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs);
  let left = surgeOf(observed);
  const candidates: string[] = [];
  for (const { node, fresh, old } of versions(observed)) {
    if (old === undefined) continue;
    if (fresh === undefined) {
      if (works(old)) candidates.push(node);
      else steps.create.push(node);
    } else if (works(fresh)) steps.remove.push(old);
    else left--;
  }
  steps.create.push(...candidates.slice(0, Math.max(0, left)));
}

function decideStatus(observed: DaemonsObserved, nowMs: number): DaemonSetStatus {
  const { set, nodes, hash } = observed;
  const onNode = byNode(observed);
  const { collisionCount, conditions } = set.status ?? {};
  const counts = { desired: 0, current: 0, misplaced: 0, ready: 0, available: 0, updated: 0 };
  for (const node of nodes) {
    const own = [...(onNode.get(node.metadata.name as string) ?? [])].sort(byAge);
    if (!judgeNode(set, node).shouldRun) {
      if (own.length > 0) counts.misplaced++;
      continue;
    }
    counts.desired++;
    if (own.length === 0) continue;
    counts.current++;
    const live = own.filter((pod) => !isTerminating(pod));
    const shown = live.filter(isReady).at(-1) ?? live[0] ?? (own[0] as Pod);
    if (isReady(shown)) counts.ready++;
    if (isAvailable(shown, set.spec.minReadySeconds ?? 0, nowMs)) counts.available++;
    if (isOf(shown, hash)) counts.updated++;
  }
  return {
    currentNumberScheduled: counts.current,
    numberMisscheduled: counts.misplaced,
    desiredNumberScheduled: counts.desired,
    numberReady: counts.ready,
    observedGeneration: set.metadata.generation ?? 0,
    updatedNumberScheduled: counts.updated,
    numberAvailable: counts.available,
    numberUnavailable: counts.desired - counts.available,
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  };
}
