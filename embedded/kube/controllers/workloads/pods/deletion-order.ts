import type { Pod } from "../acting/object-types.ts";
import { createdMs, isReady, phaseOf, readySinceMs } from "./pod-state.ts";

const COST = "controller.kubernetes.io/pod-deletion-cost";
const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * The pods in the order in which a ReplicaSet that shrinks lets go of them: those that do the least first. Unassigned before
 * assigned, pending before running, not ready before ready, cheap before dear, from crowded nodes before others, young before old.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset
 *
 * @param related - every active pod of the same workload, by whose number on a node it counts as crowded
 */
export function inDeletionOrder(pods: readonly Pod[], related: readonly Pod[], nowMs: number): Pod[] {
  const onNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec.nodeName ?? "";
    if (node !== "") onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const ranked = pods.map((pod) => ({ pod, rank: rankOf(pod, onNode.get(pod.spec.nodeName ?? "") ?? 0, nowMs) }));
  ranked.sort((a, b) => {
    for (const [i, value] of a.rank.entries()) {
      const other = b.rank[i] as number;
      if (value !== other) return value - other;
    }
    return (a.pod.metadata.name ?? "") < (b.pod.metadata.name ?? "") ? -1 : 1;
  });
  return ranked.map(({ pod }) => pod);
}

/** Smaller goes first, compared from the left. */
function rankOf(pod: Pod, onSameNode: number, nowMs: number): readonly number[] {
  const ready = isReady(pod);
  return [
    (pod.spec.nodeName ?? "") === "" ? 0 : 1,
    PHASES[phaseOf(pod)] ?? 0,
    ready ? 1 : 0,
    deletionCost(pod),
    -onSameNode,
    ready ? ageBucket(readySinceMs(pod) ?? nowMs, nowMs) : 0,
    -restarts(pod),
    ageBucket(createdMs(pod), nowMs),
  ];
}

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[COST];
  return text !== undefined && /^(?:0|-?[1-9]\d{0,9})$/.test(text) ? Number(text) : 0;
}

/** Ages of the same order of magnitude count as the same, so that chance spreads what is deleted. */
function ageBucket(sinceMs: number, nowMs: number): number {
  const seconds = Math.max(0, (nowMs - sinceMs) / 1000);
  return seconds < 1 ? 0 : 1 + Math.floor(Math.log2(seconds));
}

function restarts(pod: Pod): number {
  let most = 0;
  for (const status of pod.status?.containerStatuses ?? []) most = Math.max(most, status.restartCount ?? 0);
  return most;
}
