import { withoutCondition } from "../acting/conditions.ts";
import type { Condition, Pod } from "../acting/object-types.ts";
import { scaledValue } from "../pods/int-or-percent.ts";
import { isReady, isTerminating, timeMs } from "../pods/pod-state.ts";
import type { BudgetStatus, DisruptionBudget } from "./budget-types.ts";

/** An eviction that was granted and did not happen within this time is taken back. */
const EVICTION_MS = 120_000;

export interface BudgetObserved {
  readonly budget: DisruptionBudget;
  /** The pods that it selects. */
  readonly pods: readonly Pod[];
  /** How many pods their controllers want together, or why nobody can tell. */
  readonly scale: { readonly replicas: number } | { readonly problem: string };
}

export interface BudgetPlan {
  readonly status: BudgetStatus & { readonly conditions: readonly Condition[] };
  readonly againMs: number | undefined;
}

/** How many pods of a budget may be evicted now. @param now - the same time as RFC 3339 */
export function decideBudget({ budget, pods, scale }: BudgetObserved, nowMs: number, now: string): BudgetPlan {
  const observedGeneration = budget.metadata.generation ?? 0;
  const { disruptedPods, againMs } = pendingEvictions(budget, pods, nowMs);
  const before = budget.status?.conditions ?? [];
  const condition = (status: string, reason: string, message: string): Condition[] => {
    const known = before.find((own) => own.type === "DisruptionAllowed");
    const lastTransitionTime = known?.status === status ? (known.lastTransitionTime ?? now) : now;
    const next = { type: "DisruptionAllowed", status, observedGeneration, lastTransitionTime, reason, message };
    return [...withoutCondition(before, "DisruptionAllowed"), next];
  };
  const need = neededPods(budget, pods.length, scale);
  if ("problem" in need) {
    const { currentHealthy = 0, desiredHealthy = 0, expectedPods = 0 } = budget.status ?? {};
    const counts = { disruptionsAllowed: 0, currentHealthy, desiredHealthy, expectedPods };
    return {
      status: { ...counts, observedGeneration, conditions: condition("False", "SyncFailed", need.problem) },
      againMs,
    };
  }
  const currentHealthy = pods.filter(
    (pod) => !isTerminating(pod) && disruptedPods[pod.metadata.name as string] === undefined && isReady(pod),
  ).length;
  const allowed = need.expected > 0 ? Math.max(0, currentHealthy - need.healthy) : 0;
  return {
    status: {
      observedGeneration,
      ...(Object.keys(disruptedPods).length === 0 ? {} : { disruptedPods }),
      disruptionsAllowed: allowed,
      currentHealthy,
      desiredHealthy: need.healthy,
      expectedPods: need.expected,
      conditions: allowed > 0 ? condition("True", "SufficientPods", "") : condition("False", "InsufficientPods", ""),
    },
    againMs,
  };
}

type Need = { readonly expected: number; readonly healthy: number } | { readonly problem: string };

function neededPods({ spec }: DisruptionBudget, selected: number, scale: BudgetObserved["scale"]): Need {
  if (typeof spec.minAvailable === "number") return { expected: selected, healthy: spec.minAvailable };
  if (spec.minAvailable === undefined && spec.maxUnavailable === undefined) return { expected: selected, healthy: 0 };
  if ("problem" in scale) return scale;
  const expected = scale.replicas;
  if (spec.minAvailable !== undefined) return { expected, healthy: scaledValue(spec.minAvailable, expected, "up") };
  return { expected, healthy: Math.max(0, expected - scaledValue(spec.maxUnavailable, expected, "up")) };
}

function pendingEvictions(
  { status }: DisruptionBudget,
  pods: readonly Pod[],
  nowMs: number,
): { readonly disruptedPods: Record<string, string>; readonly againMs: number | undefined } {
  const disruptedPods: Record<string, string> = {};
  let againMs: number | undefined;
  for (const pod of pods) {
    const name = pod.metadata.name as string;
    const since = status?.disruptedPods?.[name];
    if (since === undefined || isTerminating(pod)) continue;
    const left = (timeMs(since) ?? 0) + EVICTION_MS - nowMs;
    if (left <= 0) continue;
    disruptedPods[name] = since;
    againMs = Math.min(againMs ?? left, left);
  }
  return { disruptedPods, againMs };
}
