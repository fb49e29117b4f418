import { conditionOf } from "../acting/conditions.ts";
import type { Node, Taint } from "../acting/object-types.ts";

/** Condition -> status -> key of the taint that says it to the scheduler. */
const BY_CONDITION: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: "node.kubernetes.io/not-ready", Unknown: "node.kubernetes.io/unreachable" },
  MemoryPressure: { True: "node.kubernetes.io/memory-pressure" },
  DiskPressure: { True: "node.kubernetes.io/disk-pressure" },
  PIDPressure: { True: "node.kubernetes.io/pid-pressure" },
  NetworkUnavailable: { True: "node.kubernetes.io/network-unavailable" },
};
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";
const MANAGED: ReadonlySet<string> = new Set([
  ...Object.values(BY_CONDITION).flatMap((byStatus) => Object.values(byStatus)),
  UNSCHEDULABLE,
]);

/**
 * The taints of a node once its conditions are said in them; undefined when they are right already. A node that has not yet said
 * whether it is ready keeps the taint it came with.
 */
export function decideConditionTaints(node: Node, now: string): readonly Taint[] | undefined {
  const conditions = node.status?.conditions;
  if (conditionOf(conditions, "Ready") === undefined) return undefined;
  const wanted: string[] = [];
  for (const [type, byStatus] of Object.entries(BY_CONDITION)) {
    const key = byStatus[conditionOf(conditions, type)?.status ?? ""];
    if (key !== undefined) wanted.push(key);
  }
  if (node.spec?.unschedulable === true) wanted.push(UNSCHEDULABLE);
  const taints = node.spec?.taints ?? [];
  const isManaged = (taint: Taint) => taint.effect === "NoSchedule" && MANAGED.has(taint.key);
  const kept = taints.filter((taint) => !isManaged(taint) || wanted.includes(taint.key));
  const missing = wanted.filter((key) => !kept.some((taint) => isManaged(taint) && taint.key === key));
  if (missing.length === 0 && kept.length === taints.length) return undefined;
  return [...kept, ...missing.map((key) => ({ key, effect: "NoSchedule", timeAdded: now }))];
}
